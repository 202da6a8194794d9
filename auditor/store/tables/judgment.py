"""History of what was judged: the findings, and the agreements, templates and rules that they rest on."""

from typing import Annotated

from sqlalchemy import Index

from auditor.store import forms
from auditor.store.forms import one_of
from auditor.store.tables.columns import At, Day, IntervalRow, indexes
from policies.engine.outcomes import Severity


class FindingRow(IntervalRow, table=True):
    """A finding, from the audit that made it to the audit that found it gone."""

    __tablename__ = "finding"
    __table_args__ = (*indexes("finding"), Index("ix_finding_finding", "finding"))

    finding: Annotated[str, At("id")]
    rule: str
    severity: Annotated[str, one_of(Severity)]
    subject_kind: Annotated[str, At("finding.subject.kind")]
    subject_id: Annotated[str, At("finding.subject.id")]
    subject_name: Annotated[str, At("finding.subject.name")]
    system: str | None = None
    what: str
    title: str
    observed: str
    expected: str
    remedy: str
    path: Annotated[str, forms.STEPS]
    citations: Annotated[str, forms.CITATIONS]
    since: Day | None = None
    vma: str | None = None


class PolicyRow(IntervalRow, table=True):
    """An agreement, a role template, a system or an installed rule that the audits went by (`auditor.store.policy`)."""

    __tablename__ = "term"
    __table_args__ = indexes("term")

    kind: str
    term: str
    body: str

"""What `auditor explain` tells a machine of a finding and of a rule."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from auditor.store import StoredFinding
from policies.engine.outcomes import Severity, Step, Subject

KINDS = {
    "R": "required",
    "A": "addressable: not optional, an equivalent measure must be documented",
    "STD": "standard",
}
"""What the letters of 45 CFR 164 subpart C mean (164.306(d))."""


@dataclass(frozen=True, slots=True)
class CitationData:
    """One provision, with how binding it is in words."""

    id: str
    kind: str
    text: str
    nist: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FindingData:
    """One finding, by which path, and since when."""

    id: str
    open: bool
    practice: str
    first_seen: datetime
    last_seen: datetime
    rule: str
    severity: Severity
    subject: Subject
    vma: str | None
    system: str | None
    title: str
    observed: str
    expected: str
    remedy: str
    since: date | None
    path: tuple[Step, ...]
    citations: tuple[CitationData, ...]


@dataclass(frozen=True, slots=True)
class ExplainedRuleData:
    """One rule, and what it rests on."""

    rule: str
    title: str
    question: str
    text: str
    citations: Mapping[str, tuple[str, ...]]
    """By kind of engagement."""
    wording_not_read: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PackageExplainedRuleData(ExplainedRuleData):
    """A rule of another package."""

    package: str


def finding_data(stored: StoredFinding) -> FindingData:
    """Return a finding for a machine."""
    finding = stored.finding
    return FindingData(
        id=stored.id,
        open=stored.open,
        practice=stored.practice,
        first_seen=stored.first_seen,
        last_seen=stored.last_seen,
        rule=finding.rule,
        severity=finding.severity,
        subject=finding.subject,
        vma=finding.vma,
        system=finding.system,
        title=finding.title,
        observed=finding.observed,
        expected=finding.expected,
        remedy=finding.remedy,
        since=finding.since,
        path=finding.path,
        citations=tuple(CitationData(f"45 CFR {c.id}", KINDS[c.kind], c.paraphrase, c.nist) for c in finding.citations),
    )

"""The public builder of cases, and what only our own tests need: what the store would keep, and the whole audit."""

from collections.abc import Mapping
from typing import Any

from auditor.audit.result import AuditResult, carried_over, identify
from auditor.drift.compare import DriftResult
from auditor.drift.policy_snapshot import policy_snapshot
from auditor.snapshot import AuditSummary, Snapshot, Stored
from auditor.testing import (
    AGENCY,
    HOSTILE,
    SCHEDULER_NEEDS,
    SYSTEMS,
    TODAY,
    ZONE,
    Said,
    ago,
    ahead,
    ask,
    cites,
    identity,
    kinds,
    noon,
    policy,
)
from auditor.testing import Clinic as PublicClinic
from auditor.testing.clinic import AGREED, STARTED
from connectors.facts import Employment, Engagement
from policies.engine.evaluate import judge

__all__ = [
    "AGENCY",
    "AGREED",
    "HOSTILE",
    "SCHEDULER_NEEDS",
    "STARTED",
    "SYSTEMS",
    "TODAY",
    "ZONE",
    "Clinic",
    "Said",
    "ago",
    "ahead",
    "ask",
    "cites",
    "engagements_of",
    "identity",
    "in_step",
    "kinds",
    "noon",
    "policy",
    "stored",
]


class Clinic(PublicClinic):
    """The public builder, with what becomes of an audit."""

    def snapshot(self) -> Snapshot:
        """What the store would keep of this audit."""
        case = self.case()
        return Snapshot(
            people=dict(self.people),
            engagements={v: e for v, e in self.engagements.items() if v not in self.former},
            accounts=case.accounts,
            owners=case.owners,
            entitlements=dict(self.entitlements),
            grants=frozenset(self.grants),
            findings=identify(case, judge(case)),
            policy=policy_snapshot(case),
            known=frozenset(case.systems) - frozenset(case.incomplete),
        )

    def judged(self, before: "Clinic | None" = None, drift: DriftResult | None = None) -> AuditResult:
        """This audit as it goes to the report, after the audit of `before`."""
        case, previous = self.case(), stored(before) if before else None
        judgment = judge(case)
        kept = carried_over(case, judgment, previous.snapshot.findings if previous else {})
        return AuditResult(case, judgment, previous, drift, identify(case, judgment), kept)


def stored(clinic: Clinic) -> Stored:
    """An audit as the store gives it back."""
    at = noon(clinic.today)
    snapshot = clinic.snapshot()
    summary = AuditSummary(1, "lakeside", at, 0, "", {})
    return Stored(summary, snapshot, dict.fromkeys(snapshot.findings, at))


in_step = Clinic.in_step


def engagements_of(**fields: Mapping[str, Any]) -> dict[str, Engagement]:
    """Engagements by VMA id, such as `engagements_of(ana={"roles": ("billing",)})`."""
    plain: dict[str, Any] = {"agency": AGENCY, "employment": Employment.EMPLOYEE, "roles": ("scheduler",)}
    return {vma: Engagement(vma, **{**plain, "start": ago(400), **given}) for vma, given in fields.items()}

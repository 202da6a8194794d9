"""What the gates are asked, what somebody stated before, and what they answer."""

from typing import Any

from auditor.gates.checklist import GateAnswer, load_checklist
from auditor.gates.history import Past
from auditor.gates.offboard import Offboarding, offboard
from auditor.gates.onboard import Onboarding, onboard
from auditor.gates.subject import SubjectFacts
from auditor.lag.controls import By, load_controls
from auditor.ledger.statements import Statement, StatementKind
from policies.engine.case import Case
from policies.engine.evaluate import judge
from tests.builders import Clinic, ago, noon

(CLOCK,) = (control for control in load_controls() if control.by is By.STOPPED)


NO_PAST = Past()


TOPICS = {
    name: [item.attested for item in load_checklist(name).items if item.attested]
    for name in ("onboarding", "offboarding")
}


def attested(*topics: str, vma: str = "ana") -> list[Statement]:
    return [
        Statement("lakeside", StatementKind.ATTESTATION, vma, topic, "Dana Ortiz", ago(3), recorded_at=noon(ago(3)))
        for topic in topics
    ]


def approved(*access: str) -> list[Statement]:
    return [
        Statement(
            "lakeside",
            StatementKind.REQUEST,
            "ana",
            what,
            "Dr. Kim",
            ago(3),
            requested_by="Dana",
            recorded_at=noon(ago(3)),
        )
        for what in access
    ]


def facts(case: Case, statements: list[Statement], vma: str = "ana", audited: Any = None) -> SubjectFacts:
    return SubjectFacts(case, judge(case), vma, tuple(statements), audited)


def gate(clinic: Clinic, statements: list[Statement], *, audited: Any = None) -> Onboarding:
    return onboard(clinic.case(), lambda then: facts(then, statements, audited=audited), "ana")


def leave(clinic: Clinic, statements: list[Statement], vma: str = "ana", past: Past = NO_PAST) -> Offboarding:
    case = clinic.case()
    return offboard(case, facts(case, statements, vma), past, CLOCK)


def answers(result: Onboarding | Offboarding) -> dict[str, GateAnswer]:
    return {answered.item.id: answered.answer for answered in result.items}


ALL = attested(*TOPICS["onboarding"])


NEAR = {"name": "Calloway, Denise M", "last_login": noon(ago(3))}


def near_leaver(**fields: Any) -> Clinic:
    return Clinic().vma("ana", "Denise Calloway", end=ago(30)).account("ehr", "dcalloway", **{**NEAR, **fields})


EVERYTHING_STATED = attested(*TOPICS["offboarding"])

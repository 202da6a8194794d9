"""Each planted fault is a question of its own, with advice that is not `keep`; and how many decisions a review asks."""

from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace

import pytest

from auditor.orders.decided import _things
from auditor.review.asking import Asker
from auditor.review.findings import ASKED, TOLD
from auditor.review.holding_then import Then
from auditor.review_records import Advice, Decision, DecisionKind, HeldThen, QuestionKind, ReviewScope
from auditor.review_settings import ReviewSettings
from auditor.testing.clinic import SCHEDULER_NEEDS, Clinic
from auditor.testing.days import ago, noon
from connectors.facts import DoorKind, PersonKind
from policies.engine.evaluate import judge
from policies.engine.rule import all_rules

REVIEWERS = ReviewSettings.model_validate(
    {"reviewers": {"dana": {"name": "Dana Ortiz", "manager": True}, "sam": {"name": "Sam Kim", "roles": ["officer"]}}}
)


class Nothing(Then):
    """No audit before."""

    def __init__(self) -> None:
        pass

    def grant(self, system, account, entitlement, path):
        return HeldThen.NOT_KNOWN, None

    def account(self, key):
        return HeldThen.NOT_KNOWN, None


def asked(clinic: Clinic, scope=ReviewScope.ALL):
    case = clinic.case()
    findings = {f.identity("lakeside"): f for f in judge(case).findings}
    due = date(2026, 12, 4)
    asker = Asker(case, REVIEWERS, "R-TEST", "Pat Moss", findings, (), {}, Nothing(), due)
    return findings, asker.ask(scope, None, because="opening", at=noon(clinic.today))


def of_rule(findings, found, rule):
    """Return the questions that are about a finding of a rule."""
    ids = {id_ for id_, f in findings.items() if f.rule == rule}
    assert ids, rule
    return [q for q in found.questions if ids & set(q.findings)]


def team() -> Clinic:
    """Three schedulers with what the role needs, in an EHR, a directory and a cloud."""
    clinic = Clinic(systems=("ehr", "directory", "cloud")).agreement("BAA-1")
    for name in ("ana", "ben", "cy"):
        clinic.vma(name, f"{name.title()} Reyes").account("ehr", f"{name}.reyes", name)
        clinic.grant("ehr", f"{name}.reyes", *SCHEDULER_NEEDS, through=["Schedulers"])
    return clinic


def dated(clinic: Clinic, **days: date) -> None:
    """Let Ana's engagement begin or end on another day."""
    clinic.engagements["ana"] = replace(clinic.engagements["ana"], **days)


PLANTED = {
    "excess": lambda c: c.grant("ehr", "ana.reyes", "patients/med:view"),
    "forbidden": lambda c: c.grant("ehr", "ana.reyes", "admin/users"),
    "separation-of-duties": lambda c: c.grant("ehr", "ana.reyes", "acct/bill:write", "acct/disc:write"),
    "dormant-account": lambda c: c.account("ehr", "ana.reyes", "ana", last_login=noon(ago(200))),
    "outside-door": lambda c: c.door("cloud", "stranger@elsewhere.example", DoorKind.FOREIGN_ACCOUNT, names=()),
    "active-after-end": lambda c: dated(c, end=ago(9)),
    "account-before-start": lambda c: dated(c, start=c.today + timedelta(days=9)),
    "unclassified-entitlement": lambda c: c.account("directory", "ana.d", "ana").grant("directory", "ana.d", "Mystery"),
    "account-of-nobody": lambda c: c.account("ehr", "oldfront"),
    "shared-account": lambda c: c.account("ehr", "frontdesk", "ana", "ben"),
}


@pytest.mark.parametrize("rule", PLANTED)
def test_a_planted_fault_is_a_question_of_its_own_with_advice_that_is_not_keep(rule):
    clinic = team()
    PLANTED[rule](clinic)
    findings, found = asked(clinic)
    questions = of_rule(findings, found, rule)
    assert questions
    for q in questions:
        assert q.kind is not QuestionKind.EXPLAINED
        assert q.advice is not Advice.KEEP
        assert not q.bulk
        assert any(findings[id_].title in line for id_ in q.findings for line in q.why)


def test_every_finding_that_asks_is_in_a_question_and_every_item_in_exactly_one():
    clinic = team()
    for plant in PLANTED.values():
        plant(clinic)
    findings, found = asked(clinic)
    placed = {id_ for q in found.questions for id_ in q.findings}
    assert {f.rule for id_, f in findings.items() if f.rule in ASKED and id_ not in placed} == set()
    keys = [(i.system, i.account, i.entitlement, i.path) for i in found.items]
    assert len(keys) == len(set(keys))


def test_every_rule_is_asked_about_or_told_beside():
    shipped = {rule.id for rule in all_rules() if not rule.id.startswith("x-")}
    assert {*ASKED, *TOLD} >= {id_ for id_ in shipped if "." not in id_} - {"badge-color"}
    assert not ASKED.keys() & TOLD


def test_one_decision_counts_in_every_system_that_gives_the_same_capability():
    clinic = team().grant("ehr", "ana.reyes", "patients/med:view")
    clinic.account("cloud", "ana.c", "ana")
    clinic.account("ehr", "ana.second", "ana").grant("ehr", "ana.second", "patients/med:view")
    _, found = asked(clinic)
    excess = [q for q in found.questions if q.person == "ana" and q.kind is QuestionKind.EXCESS]
    assert len(excess) == 1
    held = {i.account for i in found.items if i.question == excess[0].question}
    assert held == {"ana.reyes", "ana.second"}


def test_nobody_decides_about_the_own_access_and_privileged_access_is_for_somebody_without():
    clinic = team()
    clinic.person("STF-1", "Dana Ortiz").account("ehr", "dortiz", "STF-1").grant("ehr", "dortiz", "admin/users")
    clinic.person("SVC-1", "Backup", PersonKind.SERVICE, owner="STF-1").account("ehr", "backup", "SVC-1")
    _, found = asked(clinic)
    own = [q for q in found.questions if q.person == "STF-1"]
    assert [q.reviewer for q in own] == ["sam"]
    assert own[0].privileged
    assert {q.reviewer for q in found.questions if q.person != "STF-1"} == {"dana"}
    assert own[0].advice is Advice.KEEP  # hers by the practice, and used today


def test_the_privileged_alone_are_asked_about_in_a_privileged_review():
    clinic = team().grant("ehr", "ana.reyes", "admin/users")
    clinic.person("STF-1", "Lee Moss").account("ehr", "lmoss", "STF-1").grant("ehr", "lmoss", "admin/users")
    _, found = asked(clinic, ReviewScope.PRIVILEGED)
    assert {q.person for q in found.questions} == {"ana", "STF-1"}
    assert all(q.privileged and not q.bulk for q in found.questions)


def test_fourteen_people_over_three_systems_are_asked_about_once_each_and_once_for_each_fault():
    clinic = Clinic(systems=("ehr", "directory", "cloud")).agreement("BAA-1")
    for n in range(14):
        name = f"vma{n:02}"
        clinic.vma(name, f"Person Number{n}").account("ehr", f"e.{name}", name)
        clinic.grant("ehr", f"e.{name}", *SCHEDULER_NEEDS, "patients/demo:write", through=["Schedulers"])
        clinic.account("directory", f"d.{name}", name).account("cloud", f"c.{name}", name)
    _, clean = asked(clinic)
    assert [q.kind for q in clean.questions] == [QuestionKind.EXPLAINED] * 14
    clinic.grant("ehr", "e.vma03", "admin/users").grant("ehr", "e.vma04", "patients/med:view")
    clinic.account("ehr", "oldfront")
    _, found = asked(clinic)
    assert len(found.questions) == 14 + 3
    assert len(found.items) == len(clean.items) + 3


def test_a_way_in_from_outside_is_no_account_that_an_order_or_a_read_could_prove_gone():
    clinic = team().door("cloud", "stranger@elsewhere.example", DoorKind.FOREIGN_ACCOUNT, names=())
    _, found = asked(clinic)
    [door] = [q for q in found.questions if q.kind is QuestionKind.DOOR]
    items = [i for i in found.items if i.question == door.question]
    decision = Decision(
        campaign="R-TEST",
        question=door.question,
        version=1,
        kind=DecisionKind.REMOVE,
        reason="",
        expires=None,
        compensating="",
        change_to="",
        items=(),
        reviewer="dana",
        reviewer_name="Dana Ortiz",
        signed_in="",
        at=noon(clinic.today),
        served_at=None,
        advice=Advice.REMOVE,
        seen=(),
        amends=False,
        key="k",
    )
    campaign = SimpleNamespace(name="2026-Q4")
    assert list(_things(campaign, door, decision, items)) == []

"""What the gates say of accounts that work no longer, or of which nobody knows whether they work."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from auditor.figures.controls import ControlStanding, controls
from auditor.gates.checklist import GateAnswer, GateItem, load_checklist
from auditor.gates.history import Past
from auditor.gates.leaver import ends_at
from auditor.gates.offboard import OffboardOutcome, offboard, timely
from auditor.gates.onboard import onboard
from auditor.gates.rests_on import rests_on
from auditor.gates.subject import SubjectFacts
from auditor.lag.controls import SHIPPED, By, clock, load_controls
from auditor.ledger.statements import Statement, StatementKind
from auditor.settled import THEIRS
from connectors.errors import AuditorError
from connectors.facts import NEVER, Complete, Evidence, Status
from connectors.unread import STATE_UNEXPLAINED
from policies.engine.evaluate import judge
from tests.builders import SCHEDULER_NEEDS, Clinic, ago, ahead, noon
from tests.written_practice import words


def leaver(clinic: Clinic):
    case = clinic.case()
    due = clock(load_controls(SHIPPED), By.STOPPED)
    return offboard(
        case, SubjectFacts(case, judge(case), "ana", words("ana", case.today, ["ehr"]), case.today), Past(), due
    )


def test_a_disabled_account_that_may_have_been_the_leavers_and_was_used_after_the_end_leaves_it_unproven():
    clinic = Clinic().agreement("BAA").vma("ana", "Ana Santos", end=ago(10))
    clinic.account("ehr", "x77", name="Santos, Ana M", status=Status.DISABLED, last_login=noon(ago(2)))
    result = leaver(clinic)
    assert result.outcome is OffboardOutcome.UNPROVEN
    (item,) = (a for a in result.items if a.item.id == "after-end")
    assert item.answer is GateAnswer.CANNOT_TELL
    assert "x77" in item.evidence[0]


def test_a_disabled_account_that_was_used_only_before_the_end_says_nothing():
    clinic = Clinic().agreement("BAA").vma("ana", "Ana Santos", end=ago(10))
    clinic.account("ehr", "x77", name="Santos, Ana M", status=Status.DISABLED, last_login=noon(ago(20)))
    assert leaver(clinic).outcome is OffboardOutcome.GONE


def test_an_account_of_unknown_state_is_none_to_start_work_with():
    clinic = Clinic().agreement("BAA").vma("ana", "Ana Santos")
    clinic.account("ehr", "asantos", "ana", status=Status.UNKNOWN).grant("ehr", "asantos", *SCHEDULER_NEEDS)
    case = clinic.case()
    said = words("ana", case.today, ["ehr"])
    gate = onboard(case, lambda then: SubjectFacts(then, judge(then), "ana", said, then.today), "ana")
    assert {a.item.id: a.answer for a in gate.items}["accounts"] is GateAnswer.CANNOT_TELL
    assert not gate.ready


@pytest.mark.parametrize("last", [None, NEVER])
def test_a_disabled_account_that_may_have_been_the_leavers_and_of_whose_use_nothing_is_known_leaves_it_unproven(last):
    clinic = Clinic().agreement("BAA").vma("ana", "Ana Santos", end=ago(10))
    clinic.account("ehr", "x77", name="Santos, Ana M", status=Status.DISABLED, last_login=last)
    result = leaver(clinic)
    (item,) = (a for a in result.items if a.item.id == "after-end")
    if last is NEVER:
        assert (result.outcome, item.answer) == (OffboardOutcome.GONE, GateAnswer.PASSED)
    else:
        assert (result.outcome, item.answer) == (OffboardOutcome.UNPROVEN, GateAnswer.CANNOT_TELL)
        assert "is not known" in item.evidence[0]
        assert "auditor confirm ana ehr:x77" in item.todo[0]


def test_a_disabled_account_of_nobody_whose_name_is_another_is_no_question_about_a_leaver():
    clinic = Clinic().agreement("BAA").vma("ana", "Ana Santos", end=ago(10))
    clinic.account("ehr", "x77", name="Zed Quimby", status=Status.DISABLED, last_login=None)
    assert leaver(clinic).outcome is OffboardOutcome.GONE


def test_what_the_role_requires_is_not_there_while_nobody_knows_whether_the_account_works():
    clinic = Clinic().agreement("BAA").vma("ana", "Ana Santos")
    clinic.account("ehr", "asantos", "ana", status=Status.UNKNOWN).grant("ehr", "asantos", *SCHEDULER_NEEDS)
    judged = clinic.judged()
    (said,) = (n for n in judged.judgment.not_evaluated if n.rule == "missing")
    assert "asantos in OpenEMR" in said.reason
    (figure,) = (f for f in controls(judged) if f.control == "Access that the role requires")
    assert figure.of(ControlStanding.UNKNOWN) == ("ana",)
    # A second account, of which it is known that it works, gives the same.
    clinic.account("ehr", "asantos2", "ana").grant("ehr", "asantos2", *SCHEDULER_NEEDS)
    assert not [n for n in clinic.judged().judgment.not_evaluated if n.rule == "missing"]


@pytest.mark.parametrize(("days_before", "told"), [(3, True), (20, False)])
def test_where_sign_ins_are_shown_late_it_is_told_that_one_after_the_end_may_not_be_shown(days_before, told):
    clinic = Clinic().agreement("BAA").vma("ana", "Ana Santos", end=ago(10))
    last = noon(ago(10 + days_before))
    clinic.account("ehr", "asantos", "ana", status=Status.DISABLED, last_login=last, last_login_lag_days=14)
    (item,) = (a for a in leaver(clinic).items if a.item.id == "after-end")
    assert item.answer is GateAnswer.PASSED
    assert [line for line in item.evidence if "up to 14 days late" in line] != [] if told else len(item.evidence) == 1


def test_a_sign_in_in_the_very_second_of_the_end_is_after_it():
    clinic = Clinic().agreement("BAA").vma("ana", "Ana Santos", end=ago(10))
    over = ends_at(clinic.case(), ago(10))
    for at, told in ((over, True), (over - timedelta(seconds=1), False)):
        clinic.account("ehr", "x77", name="Santos, Ana M", last_login=at)
        (item,) = (a for a in leaver(clinic).items if a.item.id == "after-end")
        assert (", after the end" in item.evidence[0]) is told


SAID_ON = ago(3)


def said(about: str, kind: StatementKind = StatementKind.CONFIRMATION, on: date = SAID_ON) -> Statement:
    """What Dana Ortiz states of `x77`: that it is theirs, or that this is taken back."""
    if kind is StatementKind.WITHDRAWAL:
        return Statement("lakeside", kind, about, "", "Dana Ortiz", on, recorded_at=noon(on))
    return Statement("lakeside", kind, about, THEIRS, "Dana Ortiz", on, account="ehr:x77", recorded_at=noon(on))


def rests(*statements: Statement) -> tuple[str, ...]:
    clinic = Clinic().agreement("BAA").vma("V77", "Ana Santos", end=ago(10)).person("zed", "Zed Quimby")
    case = clinic.account("ehr", "x77", name="Zed Quimby", employee_id="V77").case()
    return rests_on(SubjectFacts(case, judge(case), "V77", statements, case.today))


def test_an_answer_rests_on_the_word_of_whoever_says_that_what_carries_the_leavers_id_is_somebody_elses():
    (word,) = rests(said("zed"))
    assert word.startswith("`x77` in OpenEMR could be theirs, because the account carries the id of theirs; by Dana ")


def test_an_answer_rests_on_what_was_taken_back_and_not_on_what_is_said_and_taken_back_only_later():
    theirs, later = said("V77"), said("V77", on=ahead(1))
    (word,) = rests(theirs, said(theirs.id, StatementKind.WITHDRAWAL, ago(2)))
    assert f"that it is theirs ({theirs.id}, Dana Ortiz) was withdrawn on {ago(2)}" in word
    assert rests(later, said(later.id, StatementKind.WITHDRAWAL, ahead(2))) == ()


def test_nobody_who_never_was_there_is_offboarded():
    case = Clinic().vma("ana", "Ana Santos").case()
    due = clock(load_controls(SHIPPED), By.STOPPED)
    with pytest.raises(AuditorError, match="no VMA `zoe`, and there never was"):
        offboard(case, SubjectFacts(case, judge(case), "zoe", (), case.today), Past(), due)


@pytest.mark.parametrize(("least", "said"), [(23, "not proven in time"), (24, "not proven in time"), (24.5, "late")])
def test_what_an_audit_saw_live_at_the_last_second_of_the_clock_is_not_late_for_that(least, said):
    assert timely(least, 30, 24, live=False) == said


def test_whether_an_account_of_the_leaver_works_of_whose_state_only_an_unexplained_word_tells_is_not_known():
    clinic = Clinic().agreement("BAA").vma("ana", "Ana Santos", end=ago(10))
    clinic.account("ehr", "asantos", "ana", status=Status.UNKNOWN)
    case = clinic.case()
    read = Complete((Evidence(STATE_UNEXPLAINED, "nobody has said what `Parked` means"),))
    case = replace(case, collections={"ehr": replace(case.collections["ehr"], completeness=read)})
    due = clock(load_controls(SHIPPED), By.STOPPED)
    result = offboard(case, SubjectFacts(case, judge(case), "ana", (), case.today), Past(), due)
    answers = {a.item.id: a for a in result.items}
    for item in ("disabled", "keys"):
        assert answers[item].answer is GateAnswer.CANNOT_TELL
        assert answers[item].evidence[0].startswith("nobody knows whether asantos still works: nobody has said what")
    assert result.outcome is OffboardOutcome.UNPROVEN


def started(**vma: Any):
    """What the gate says of somebody whose account, if any, ends in two months."""
    clinic = Clinic().agreement("BAA").vma("ana", "Ana Santos", **vma)
    case = clinic.account("ehr", "asantos", "ana", expires=noon(ahead(60))).case()
    gate = onboard(case, lambda then: SubjectFacts(then, judge(then), "ana", (), then.today), "ana")
    return {a.item.id: a for a in gate.items}


def test_an_account_that_would_go_on_after_the_contract_is_told():
    assert started(end=ahead(30))["expiry"].evidence == (f"asantos would go on after {ahead(30)}",)
    assert started(end=ahead(60))["expiry"].answer is GateAnswer.PASSED


def test_an_approval_of_what_nothing_here_is_known_to_give_is_left_to_be_named():
    assert started()["approval"].todo[0].startswith("auditor approve ana 'ehr: …' ")


def test_the_practices_own_people_are_told_what_binds_for_them():
    assert started()["training"].item.source.endswith("which binds the agency for its own workforce")
    assert started(agency=None)["training"].item.source == "45 CFR 164.308(a)(5)(i), 164.530(b)"


@pytest.mark.parametrize("more", [{"rules": ("no-mfa",)}, {"attested": None}])
def test_an_item_is_answered_by_a_word_or_by_what_was_read_and_by_one_of_them(more):
    item = next(i for i in load_checklist("onboarding").items if i.attested)
    with pytest.raises(ValueError, match="`attested`, or `rules` and `check`"):
        GateItem.model_validate({**item.model_dump(), **more})

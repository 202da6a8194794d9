"""What the gates say of accounts that work no longer, or of which nobody knows whether they work."""

from auditor.gates.checklist import Answer
from auditor.gates.history import Past
from auditor.gates.offboard import Outcome, offboard
from auditor.gates.onboard import onboard
from auditor.gates.subject import Facts
from auditor.lag_controls import SHIPPED, By, clock, load_controls
from connectors.facts import Status
from policies.engine import judge
from tests.builders import SCHEDULER_NEEDS, Clinic, ago, noon
from tests.written_practice import words


def leaver(clinic: Clinic):
    case = clinic.case()
    due = clock(load_controls(SHIPPED), By.STOPPED)
    return offboard(case, Facts(case, judge(case), "ana", words("ana", case.today, ["ehr"]), case.today), Past(), due)


def test_a_disabled_account_that_may_have_been_the_leavers_and_was_used_after_the_end_leaves_it_unproven():
    clinic = Clinic().agreement("BAA").vma("ana", "Ana Santos", end=ago(10))
    clinic.account("ehr", "x77", name="Santos, Ana M", status=Status.DISABLED, last_login=noon(ago(2)))
    result = leaver(clinic)
    assert result.outcome is Outcome.UNPROVEN
    (item,) = (a for a in result.items if a.item.id == "after-end")
    assert item.answer is Answer.CANNOT_TELL
    assert "x77" in item.evidence[0]


def test_a_disabled_account_that_was_used_only_before_the_end_says_nothing():
    clinic = Clinic().agreement("BAA").vma("ana", "Ana Santos", end=ago(10))
    clinic.account("ehr", "x77", name="Santos, Ana M", status=Status.DISABLED, last_login=noon(ago(20)))
    assert leaver(clinic).outcome is Outcome.GONE


def test_an_account_of_unknown_state_is_none_to_start_work_with():
    clinic = Clinic().agreement("BAA").vma("ana", "Ana Santos")
    clinic.account("ehr", "asantos", "ana", status=Status.UNKNOWN).grant("ehr", "asantos", *SCHEDULER_NEEDS)
    case = clinic.case()
    said = words("ana", case.today, ["ehr"])
    gate = onboard(case, lambda then: Facts(then, judge(then), "ana", said, then.today), "ana")
    assert {a.item.id: a.answer for a in gate.items}["accounts"] is Answer.CANNOT_TELL
    assert not gate.ready

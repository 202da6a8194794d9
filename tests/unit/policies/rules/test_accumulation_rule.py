"""Access that a VMA gathered on the way from role to role."""

from datetime import date

from auditor.audit.case import earlier_roles
from connectors.facts import Employment, Engagement
from policies.engine.outcomes import Severity
from tests.builders import AGENCY, SCHEDULER_NEEDS, TODAY, Clinic, ago, ahead, ask, cites, in_step, kinds

RULE = "accumulated-access"


def biller(*, kept: bool, earlier: tuple[str, ...] = ("scheduler",)) -> Clinic:
    """A scheduler who became a biller, with or without the access of then."""
    clinic = Clinic().agreement("BAA-1").vma("ana", "Ana Santos", ("billing",)).account("ehr", "asantos", "ana")
    clinic.grant("ehr", "asantos", "acct/bill:view", "patients/demo:view", through=["Billing"])
    if kept:
        clinic.grant("ehr", "asantos", *SCHEDULER_NEEDS, through=["Schedulers"])
    clinic.earlier_roles = {"ana": earlier} if earlier else {}
    return clinic


def test_who_kept_the_access_of_an_earlier_role_is_told_with_what_to_take_away():
    finding = ask(RULE, biller(kept=True)).finding
    assert finding.title == "Ana Santos still holds access of an earlier role in OpenEMR"
    assert finding.severity is Severity.HIGH
    assert "Schedulers, of scheduler: can" in finding.observed
    assert "remove Schedulers" in finding.remedy
    assert "auditor transfer ana" in finding.remedy
    assert cites(finding) == ["164.308(a)(4)(ii)(C)", "164.502(b)(1)"]
    assert kinds(finding)[:2] == ["vma", "account"]


def test_who_gave_it_back_is_in_order_and_who_never_changed_role_is_not_asked():
    assert ask(RULE, biller(kept=False)).counts == (0, 1, 0)
    assert ask(RULE, biller(kept=True, earlier=())).population == 0
    assert ask(RULE, in_step()).population == 0


def test_what_both_roles_allow_is_no_accumulation_and_a_role_without_template_says_nothing():
    shared = biller(kept=False).grant("ehr", "asantos", "patients/demo:view", through=["Reading"])
    assert ask(RULE, shared).counts == (0, 1, 0)
    assert ask(RULE, biller(kept=True, earlier=("gone_role",))).population == 0


def test_it_adds_up_over_several_changes_and_an_unread_system_is_not_evaluated():
    twice = biller(kept=True, earlier=("medical_scribe", "scheduler")).grant("ehr", "asantos", "patients/notes:write")
    assert "of medical_scribe, scheduler" in ask(RULE, twice).finding.observed
    assert ask(RULE, biller(kept=True).unread("ehr")).counts == (0, 0, 1)


def test_earlier_roles_are_those_of_earlier_audits_and_of_earlier_periods_that_today_has_no_more():
    def period(role: str, start: date, end: date | None = None) -> Engagement:
        return Engagement("ana", AGENCY, Employment.EMPLOYEE, (role,), start, end)

    periods = [period("billing", ago(90), ago(31)), period("scheduler", ago(30)), period("front_desk", ahead(9))]
    audited = {"ana": ("medical_scribe", "scheduler"), "ben": ("billing",)}
    assert earlier_roles({"ana": periods[1]}, periods, audited, TODAY) == {"ana": ("medical_scribe", "billing")}


def test_what_could_be_theirs_leaves_open_what_of_an_earlier_role_is_kept_by_whoever_had_one_and_is_here():
    for earlier, end, counts in (
        (("scheduler",), None, (0, 0, 1)),
        ((), None, (0, 0, 0)),
        (("scheduler",), ago(1), (0, 0, 0)),
    ):
        clinic = Clinic().agreement("BAA-1").vma("ana", "Ana Santos", ("billing",), end=end)
        clinic.earlier_roles = {"ana": earlier} if earlier else {}
        assert ask(RULE, clinic.account("ehr", "q7", name="Santos, Ana M")).counts == counts

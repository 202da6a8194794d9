"""Access made for somebody else: who needs an account and has one, and whose account is a copy of whose."""

from dataclasses import replace

from policies.engine.case import EvaluationScope
from policies.rules.copies import ClonedAccess
from tests.builders import SCHEDULER_NEEDS, Clinic, ago, ahead, in_step, noon
from tests.unit.policies.rules.test_work_rules import SIGNING, copied, of_ana
from tests.workmaps import asked

RULE = "fewer-accounts-than-people"


def test_what_could_be_the_account_of_one_does_not_excuse_another_who_lacks_one_for_sure():
    clinic = in_step().vma("bob", "Bob Reyes").account("ehr", "q7", name="Reyes, Bob M")
    clinic.grant("ehr", "q7", *SCHEDULER_NEEDS)
    assert asked(RULE, clinic.case()).counts == (0, 0, 1)
    finding = asked(RULE, clinic.vma("cal", "Cal Tan").case()).finding
    assert finding.title.startswith("3 people work as scheduler with 1 account in OpenEMR")


def test_whoever_has_an_account_with_too_little_on_it_is_not_without_one():
    """Cal holds what the role needs elsewhere; Bob lacks a right, which is another rule's business."""
    clinic = (
        in_step().vma("bob", "Bob Reyes").account("ehr", "breyes", "bob").grant("ehr", "breyes", SCHEDULER_NEEDS[1])
    )
    clinic.system("ehr2").vma("cal", "Cal Tan").account("ehr2", "ctan", "cal").grant("ehr2", "ctan", *SCHEDULER_NEEDS)
    verdicts = asked(RULE, clinic.case())
    assert not [said for said in (*verdicts.findings, *verdicts.not_evaluated) if said.system == "ehr"]


def test_a_shared_account_counts_once_and_two_of_one_person_count_twice():
    shared = in_step().vma("bob", "Bob Reyes")
    shared.people["bob"] = replace(shared.people["bob"], logins=(("ehr", "asantos"),))
    assert asked(RULE, shared.case()).counts == (1, 0, 0)
    assert asked(RULE, shared.account("ehr", "asantos2", "ana").case()).counts == (0, 1, 0)


def test_an_unread_system_excuses_nobody_where_even_those_with_an_account_are_more_than_the_accounts():
    shared = in_step().vma("bob", "Bob Reyes").vma("cal", "Cal Tan").system("directory").unread("directory")
    assert [said.system for said in asked(RULE, shared.case()).not_evaluated] == ["directory", "ehr"]
    shared.people["bob"] = replace(shared.people["bob"], logins=(("ehr", "asantos"),))
    assert [said.system for said in asked(RULE, shared.case()).findings] == ["ehr"]


def test_whose_account_stands_in_a_system_that_was_not_read_is_not_taken_for_a_hire_who_waits_for_one():
    hired = in_step().system("directory").vma("bob", "Bob Reyes", start=ago(2)).account("directory", "breyes", "bob")
    assert [said.system for said in asked(RULE, hired.case()).findings] == ["ehr"]
    (said,) = [one for one in asked(RULE, hired.unread("directory").case()).not_evaluated if one.system == "ehr"]
    assert "was not read, and might give it to bob" in said.reason


def copies() -> Clinic:
    """Two accounts with the same two groups; signing is for the role of neither."""
    clinic = Clinic().vma("ana", "Ana Santos").vma("bob", "Bob Reyes", ("billing",)).vma("cal", "Cal Tan")
    for login, person in (("asantos", "ana"), ("breyes", "bob"), ("ctan", "cal")):
        clinic.account("ehr", login, person)
    for login in ("asantos", "breyes"):
        clinic.grant("ehr", login, "patients/sign:write", through=["Signing"])
    for login in ("asantos", "breyes", "ctan"):
        clinic.grant("ehr", login, "patients/appt:write", through=["Schedulers"])
    return clinic


def test_whoever_holds_more_than_the_role_is_asked_again_when_an_account_that_theirs_may_copy_is_another():
    before, after = copies(), copies()
    after.accounts["ehr", "breyes"] = replace(after.accounts["ehr", "breyes"], login="robert")
    moved = EvaluationScope(frozenset(), frozenset({("ehr", "breyes")}))
    asked_again = {*ClonedAccess().peers(before.case(), after.case(), moved)}
    assert asked_again == {"ana", "bob"}
    assert {*ClonedAccess().peers(before.case(), before.case(), moved)} == set(), "nothing that is told is another"


def test_whoever_holds_only_what_the_role_allows_is_not_asked_again():
    before, after = copies().vma("dan", "Dan Yu"), copies().vma("dan", "Dan Yu")
    for clinic in (before, after):
        clinic.account("ehr", "dyu", "dan").grant("ehr", "dyu", "patients/appt:write", through=["Schedulers"])
        for login in ("ctan", "dyu"):
            clinic.grant("ehr", login, "patients/reminder:view", through=["Alerts"])
    after.accounts["ehr", "ctan"] = replace(after.accounts["ehr", "ctan"], login="cal")
    moved = EvaluationScope(frozenset(), frozenset({("ehr", "ctan")}))
    assert ("ehr", "dyu") in {*before.case().copies.alike({("ehr", "ctan")})}
    assert {*ClonedAccess().peers(before.case(), after.case(), moved)} == set()


def test_it_is_enough_until_the_first_day_on_which_somebody_begins_or_a_hire_has_waited_long_enough():
    hired = in_step().vma("bob", "Bob Reyes", start=ago(2))
    days = hired.case().template("bob").controls.first_login_within_days
    for start, until in ((ahead(1), ahead(1)), (ahead(90), ahead(days - 2))):
        (said,) = asked(RULE, hired.vma("cal", "Cal Tan", start=start).case()).satisfied
        assert said.until == until


def test_of_two_accounts_that_were_made_in_the_same_instant_neither_was_first():
    five = ("Accounting", "Schedulers", "Transactions", "Notes", "Labs")
    roles = ("billing", "referral_coordinator", "front_desk", "prior_authorization")
    clinic = copied(source_roles=roles, copy=five, source=five, made=noon(ago(10)))
    for made, copies_told in ((ago(11), 1), (ago(10), 0)):
        clinic.accounts["ehr", "breyes"] = replace(clinic.accounts["ehr", "breyes"], created=noon(made))
        assert len(of_ana(clinic)) == copies_told


def test_an_account_may_be_a_copy_of_one_of_the_staff_or_of_nobody():
    clinic = copied(**SIGNING)
    del clinic.engagements["bob"]
    (finding,) = of_ana(clinic.person("bob", "Bob Reyes", logins=(("ehr", "breyes"),)))
    assert "; breyes is Bob Reyes's; for a copy speaks" in finding.observed
    clinic.people["bob"] = replace(clinic.people["bob"], logins=(), name="Pia Cruz")
    (finding,) = of_ana(clinic)
    assert "; breyes is nobody's; for a copy speaks" in finding.observed


def test_whoever_may_have_a_copy_is_asked_again_when_the_other_account_is_gone():
    before, after = copies(), copies()
    del after.accounts["ehr", "breyes"]
    after.grants = [grant for grant in after.grants if grant[1].account != "breyes"]
    moved = EvaluationScope(frozenset(), frozenset({("ehr", "breyes")}))
    assert "ana" in {*ClonedAccess().peers(before.case(), after.case(), moved)}

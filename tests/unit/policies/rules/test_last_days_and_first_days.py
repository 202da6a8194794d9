"""What a rule says on the very day on which its answer turns, and since when it says that something is so."""

from dataclasses import replace

import pytest

from connectors.facts import Complete, Employment, Evidence, Status
from connectors.unread import STATE_UNEXPLAINED
from policies.agreements.register import AgreementKind
from tests.builders import AGENCY, SCHEDULER_NEEDS, TODAY, Clinic, ago, ahead, ask, in_step, noon
from tests.workmaps import asked, mapped, one_task

SCHEDULE = frozenset({"schedule"})
"""Less than a scheduler reaches."""


@pytest.mark.parametrize(("start", "counts"), [(ahead(1), (0, 0, 1)), (TODAY, (0, 0, 0)), (ago(1), (0, 0, 0))])
def test_an_account_that_could_be_somebodys_is_open_as_a_hires_until_the_day_before_the_first(start, counts):
    clinic = Clinic().agreement("BAA-1").vma("ana", "Ana Santos", start=start)
    assert ask("account-before-start", clinic.account("ehr", "q7", name="Santos, Ana M")).counts == counts


@pytest.mark.parametrize(
    ("start", "agreed", "created", "since"),
    [
        (ago(90), [ago(50), ago(40)], ago(60), ago(50)),  # from the first of two papers on
        (ago(90), [ago(60)], None, ago(60)),  # no system says when the account was made
    ],
)
def test_reach_beyond_an_agreement_is_so_since_work_paper_and_account_were_all_there(start, agreed, created, since):
    clinic = in_step(start=start).account("ehr", "asantos", created=noon(created) if created else None)
    clinic.agreements.clear()
    for number, day in enumerate(agreed):
        clinic.agreement(f"BAA-{number}", start=day, phi=SCHEDULE)
    assert ask("agreement-phi", clinic).finding.since == since


def test_what_no_catalog_knows_might_be_the_other_half_of_two_duties():
    unknown = in_step().grant("ehr", "asantos", "custom/own")
    (said,) = ask("separation-of-duties", unknown).not_evaluated
    assert said.reason == "no catalog says what custom/own gives, which might be the other half"
    assert ask("separation-of-duties", in_step()).counts == (0, 1, 0)


def test_only_where_the_map_ties_access_an_account_that_could_be_somebodys_leaves_their_scope_open():
    scoped = (
        "locations: [Lakeside, Hillcrest]\nscoped: [{system: ehr, entitlement: Schedulers, locations: [Hillcrest]}]\n"
    )

    def practice(system: str) -> Clinic:
        clinic = in_step(locations=("Lakeside", "Hillcrest")).person("boss", "Laura Pettersen").system("directory")
        return clinic.account(system, "q7", name="Santos, Ana M").grant(system, "q7", *SCHEDULER_NEEDS)

    for system, counts in (("ehr", (0, 0, 1)), ("directory", (0, 1, 0))):
        assert asked("outside-scope", mapped(practice(system), one_task(top=scoped))).counts == counts
    none_yet = practice("ehr")
    none_yet.accounts.pop(("ehr", "asantos"))
    none_yet.grants.clear()
    assert asked("outside-scope", mapped(none_yet, one_task(top=scoped))).counts == (0, 0, 1)


def test_an_entitlement_that_no_catalog_knows_is_compared_with_the_scope_by_its_name():
    scoped = (
        "locations: [Lakeside, Hillcrest]\nscoped: [{system: ehr, entitlement: custom/own, locations: [Hillcrest]}]\n"
    )
    clinic = in_step(locations=("Lakeside",)).person("boss", "Laura Pettersen")
    other = clinic.grant("ehr", "asantos", "custom/other")
    assert asked("outside-scope", mapped(other, one_task(top=scoped))).counts == (0, 1, 0)
    assert asked("outside-scope", mapped(other.grant("ehr", "asantos", "custom/own"), one_task(top=scoped))).findings


def test_a_paper_of_another_kind_is_not_proposed_for_the_one_that_is_missing():
    clinic = Clinic().vma("ana", "Ana Santos", employment=Employment.CONTRACTOR).agreement("BAA-1")
    clinic.agreement("S", "Harbor Manila Staffing", "Harbor Assists LLC", kind=AgreementKind.SUBCONTRACTOR_BAA)
    assert "did you mean" not in ask("no-agreement", clinic).finding.remedy


def test_through_whom_somebody_works_is_asked_before_a_missing_paper_is_told():
    clinic = Clinic().vma("ana", "Ana Santos")
    for name in ("North", "South"):
        clinic.agreement(f"BAA-{name}", name)
        clinic.agreement(f"S-{name}", AGENCY, name, kind=AgreementKind.SUBCONTRACTOR_BAA)
    assert ask("no-agreement", clinic).counts == (0, 0, 1)


def test_what_a_paper_covers_is_asked_where_one_of_two_legs_is_in_force_and_of_systems_with_phi_only():
    contractor = in_step(employment=Employment.CONTRACTOR)  # the paper with the person is missing
    for rule in ("agreement-system", "agreement-phi"):
        assert ask(rule, contractor).counts == (0, 1, 0)
        for id_, agreed, counts in (
            ("ehr", True, (0, 0, 1)),
            ("directory", True, (0, 0, 0)),
            ("ehr", False, (0, 0, 0)),  # that there is none is the finding
        ):
            clinic = Clinic(systems=("ehr", "directory")).vma("ana", "Ana Santos")
            clinic.account(id_, "q7", name="Santos, Ana M")
            assert ask(rule, clinic.agreement("BAA-1") if agreed else clinic).counts == counts


@pytest.mark.parametrize(
    ("vma", "counts"), [({}, (0, 0, 1)), ({"end": ago(1)}, (0, 0, 0)), ({"start": ahead(1)}, (0, 0, 0))]
)
def test_a_second_factor_is_asked_of_what_could_be_the_account_of_whoever_is_at_work(vma, counts):
    clinic = Clinic().agreement("BAA-1").vma("ana", "Ana Santos", **vma).account("ehr", "q7", name="Santos, Ana M")
    assert ask("no-mfa", clinic).counts == counts


@pytest.mark.parametrize(("used", "counts"), [(ago(31), (0, 0, 2)), (ago(30), (0, 0, 2)), (ago(29), (1, 0, 1))])
def test_a_leavers_account_of_a_state_that_nobody_explained_is_open_unless_it_was_used_after_the_end(used, counts):
    """The system is told as well, once, for the word that nobody explained."""
    clinic = in_step(end=ago(30)).account("ehr", "asantos", status=Status.UNKNOWN, last_login=noon(used))
    case = clinic.case()
    read = replace(case.collections["ehr"], completeness=Complete((Evidence(STATE_UNEXPLAINED, "what is `Parked`?"),)))
    assert asked("active-after-end", replace(case, collections={"ehr": read})).counts == counts

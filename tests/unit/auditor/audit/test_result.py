"""What an audit may close, and what stays open because it could not be judged."""

from copy import deepcopy
from dataclasses import replace

import pytest

from auditor.audit.result import carried_over, identify
from auditor.figures.controls import ControlStanding, controls
from auditor.reporting.headline import tiles
from auditor.reporting.people import matrix
from policies.engine.evaluate import Judgment, judge
from tests.builders import Clinic, ago, identity, in_step


def troubled() -> Clinic:
    """Findings of every kind: in the EHR, in the cloud, across both, and about agreements."""
    clinic = in_step().system("cloud").account("cloud", "ana", "ana", mfa=False)
    clinic.grant("ehr", "asantos", "acct/eob", "acct/disc", "custom/thing", through=["Accounting"])
    clinic.account("ehr", "ghost").account("ehr", "frontdesk", "ana", mfa=False)
    clinic.vma("lea", end=ago(9)).account("ehr", "lcruz", "lea").account("cloud", "lea", "lea")
    clinic.vma("bea", agency="Nobody Inc").account("ehr", "blim", "bea")
    return clinic


def open_before(clinic: Clinic) -> dict:
    case = clinic.case()
    return identify(case, judge(case))


def kept(now: Clinic, before: Clinic) -> set[str]:
    case = now.case()
    return set(carried_over(case, judge(case), open_before(before)))


def found(clinic: Clinic) -> set[str]:
    return set(open_before(clinic))


@pytest.mark.parametrize("systems", [("ehr",), ("cloud",), ("ehr", "cloud")])
def test_an_incomplete_collection_never_closes_a_finding(systems):
    before, now = troubled(), troubled().unread(*systems)
    assert open_before(before).keys() == found(now) | kept(now, before)


@pytest.mark.parametrize("system", ["ehr", "cloud"])
def test_what_was_read_whole_is_still_found_and_only_the_rest_is_kept(system):
    before, now = troubled(), troubled().unread(system)
    other = {"ehr": "cloud", "cloud": "ehr"}[system]
    assert {i for i, f in open_before(before).items() if f.system == other} <= found(now)
    assert all(open_before(before)[i].system in (system, None) for i in kept(now, before))


def test_a_finding_that_is_found_again_is_not_kept_as_well():
    before, now = troubled(), troubled().unread("cloud")
    assert not found(now) & kept(now, before)


def test_findings_that_were_remedied_in_a_system_read_whole_are_closed():
    before, now = troubled(), in_step().system("cloud")
    assert kept(now, before) == set()
    assert found(now) == set()


def test_an_entitlement_that_no_catalog_reads_any_more_keeps_its_findings_open():
    before = in_step().grant("ehr", "asantos", "patients/med:write", through=["Clinicians"])
    now = in_step().grant("ehr", "asantos", "custom/unknown", through=["Clinicians"])
    excess = {i for i, f in open_before(before).items() if f.rule == "excess"}
    assert excess
    assert excess <= kept(now, before)


def test_forbidden_access_beside_an_unknown_entitlement_keeps_older_findings_open():
    before = in_step().grant("ehr", "asantos", "admin/users", through=["Old"])
    now = in_step().grant("ehr", "asantos", "custom/unknown", through=["Old"])
    now.grant("ehr", "asantos", "admin/acl", through=["New"])
    old = {i for i, f in open_before(before).items() if f.rule == "forbidden"}
    assert old <= kept(now, before)


def test_a_second_factor_that_could_not_be_asked_about_keeps_its_finding_open():
    def clinic():
        through = in_step().system("directory").system("ehr", sign_in="directory").account("ehr", "asantos", mfa=None)
        return through.account("directory", "ana", "ana", mfa=False)

    before, now = clinic(), clinic().unread("directory")
    assert {i for i, f in open_before(before).items() if f.rule == "no-mfa"} <= kept(now, before)


def test_separated_duties_stay_open_while_one_of_the_systems_is_not_read():
    before = in_step().grant("ehr", "asantos", "acct/eob").system("old", title="Old EHR")
    before.account("old", "ana", "ana").grant("old", "ana", "acct/disc")
    now = deepcopy(before).unread("old")
    assert {i for i, f in open_before(before).items() if f.rule == "separation-of-duties"} <= kept(now, before)


def test_access_that_was_given_where_everything_was_read_closes_its_finding_whatever_else_was_not_read():
    before = in_step().system("cloud").account("cloud", "ghost")
    before.grants.clear()
    assert "missing" in {f.rule for f in open_before(before).values()}
    now = in_step().system("cloud").unread("cloud")
    assert not {open_before(before)[i].rule for i in kept(now, before)} & {"missing"}


def test_findings_about_agreements_need_no_system_and_are_closed_by_the_register():
    before = in_step()
    before.agreements.clear()
    assert kept(in_step().unread("ehr"), before) == set()


def test_every_finding_has_an_identity_of_its_own():
    assert len(found(troubled())) == len(troubled().judge().findings) > 10


def test_two_findings_of_one_identity_would_hide_each_other_and_are_an_error():
    case = troubled().case()
    judgment = judge(case)
    twice = Judgment((*judgment.findings, replace(judgment.findings[0], title="again")), (), (), ())
    with pytest.raises(AssertionError, match="two findings share the identity"):
        identify(case, twice)


def test_a_finding_of_a_shared_account_concerns_each_of_its_users():
    clinic = in_step().vma("bea").account("ehr", "both", "ana", "bea")
    judged = clinic.judged()
    (shared,) = (f for f in clinic.judge().findings if f.rule == "shared-account")
    for vma in ("ana", "bea"):
        assert identity(shared) in {i for i, _ in judged.of_vma(vma)}
    assert judged.of_vma("nobody") == []


def test_a_finding_is_first_seen_when_it_was_first_found():
    before, now = in_step(), in_step().account("ehr", "ghost")
    before.today = ago(30)
    later = in_step().account("ehr", "ghost")
    (ghost,) = (f for f in now.judge().findings if f.rule == "account-of-nobody")
    assert now.judged(before).first_seen(identity(ghost)) == now.case().at
    now.today = ago(9)
    assert later.judged(now).first_seen(identity(ghost)) == now.case().at


def test_a_finding_of_a_leavers_account_is_not_closed_by_another_spelling_of_the_name():
    before = Clinic().vma("lea", "Lea Cruz", end=ago(9)).account("ehr", "q7", name="Lea Cruz")
    now = Clinic().vma("lea", "Lea Cruz", end=ago(9)).account("ehr", "q7", name="Cruz, Lea M")
    (finding,) = (i for i, f in open_before(before).items() if f.rule == "active-after-end")
    assert finding in kept(now, before)
    gone = Clinic().vma("lea", "Lea Cruz", end=ago(9)).account("ehr", "lee", name="Mark Lee")
    assert finding not in kept(gone, before)


def test_the_page_shows_a_leaver_whose_account_may_be_open_and_calls_no_number_good_because_of_it():
    clinic = Clinic().vma("ana").vma("lea", "Lea Cruz", end=ago(9)).account("ehr", "q7", name="Cruz, Lea M")
    judged = clinic.judged()
    (row,) = (row for row in matrix(judged) if row.vma == "lea")
    assert [cell.state for cell in row.cells] == ["unknown"]
    (tile,) = (tile for tile in tiles(judged) if tile.label == "leavers' accounts that still work")
    assert (tile.value, tile.state, tile.note) == (
        "0",
        "unknown",
        "of 1 more it is not settled which accounts are theirs",
    )


def test_nobody_is_covered_or_has_least_privilege_for_sure_while_an_account_could_be_theirs():
    judged = in_step().account("ehr", "asantos2", name="Santos, Ana M").judged()
    standing = {figure.control: figure.standings["ana"] for figure in controls(judged)}
    assert standing.pop("Access that the role requires") is ControlStanding.IN_PLACE  # more can only add
    assert (
        standing.pop("BAA in force for the person, system and PHI") is ControlStanding.IN_PLACE
    )  # it is for all there is
    assert set(standing.values()) == {ControlStanding.UNKNOWN}
    narrow = in_step().account("ehr", "asantos2", name="Santos, Ana M")
    narrow.agreements.clear()
    narrow.agreement("BAA-1", phi=frozenset({"demographics", "appointments", "contact"}))
    assert controls(narrow.judged())[0].standings["ana"] is not ControlStanding.IN_PLACE

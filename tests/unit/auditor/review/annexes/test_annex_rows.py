"""Single annexes on built practices: what is not known is never told as nothing, or as enough."""

from dataclasses import replace
from typing import Any

import pytest

from auditor.lag.controls import By, clock, load_controls
from auditor.ledger.statements import Statement, StatementKind
from auditor.review.annexes.administrators import administrators
from auditor.review.annexes.build import build_annexes, canonical_annexes
from auditor.review.annexes.campaigns import NO_CAMPAIGN, Reviews
from auditor.review.annexes.dormant import dormant_accounts
from auditor.review.annexes.exceptions import exceptions
from auditor.review.annexes.facts import AnnexFacts
from auditor.review.annexes.privileged import privileged_users
from auditor.review.annexes.second_factor import second_factor
from auditor.review.annexes.special_accounts import special_accounts
from auditor.review.annexes.tie_out import tie_out
from connectors.facts import NEVER, Complete, Evidence, PersonKind, Status
from reports.annex_csv import as_csv
from reports.annexes import Annex, AnnexOutcome, Instead, RowState
from tests.builders import HOSTILE, Clinic, ago, ahead, in_step, noon
from tests.builders_aws import CloudClinic

ADMIN = "admin/super"
NO_REVIEWS = Reviews((), (NO_CAMPAIGN,))


def facts_of(clinic: Clinic, *statements: Statement, **fields: Any) -> AnnexFacts:
    judged = clinic.judged()
    controls = load_controls()
    facts = AnnexFacts(
        case=judged.case,
        judgment=judged.judgment,
        findings=judged.findings,
        kept_open=frozenset(),
        accepted={s.about: s for s in statements if s.about in judged.findings and s.holds_on(judged.case.today)},
        statements=statements,
        changes=None,
        pasts={},
        clock_end=clock(controls, By.STOPPED),
        clock_move=clock(controls, By.AUDITS),
    )
    return replace(facts, **fields)


def exceptions_of(facts: AnnexFacts) -> Annex:
    return exceptions(facts, NO_REVIEWS)


def staffed(*people: str, **account: Any) -> Clinic:
    """A practice in step with these people of its own, each of whom can give access in the EHR."""
    clinic = in_step()
    for person in people:
        clinic.person(person).account("ehr", f"{person}-adm", person, **account).grant("ehr", f"{person}-adm", ADMIN)
    return clinic


def system(annex: Annex) -> Any:
    (row,) = annex.rows
    return row


@pytest.mark.parametrize(
    ("clinic", "state", "count", "why"),
    [
        (staffed("dana", "kim"), RowState.IN_ORDER, 2, ""),
        (staffed("dana"), RowState.OPEN, 1, "1 person can give access here"),
        (staffed(), RowState.OPEN, 0, "nobody is known who can"),
        # Whether the second one's account works is not known, so neither is whether there are two.
        (staffed("dana").person("kim").account("ehr", "k", "kim", status=Status.UNKNOWN).grant("ehr", "k", ADMIN),
         RowState.UNKNOWN, None, "whether the accounts of Kim (kim) can be used is not known"),
        (staffed("dana").person("kim").account("ehr", "k", "kim", status=Status.DISABLED).grant("ehr", "k", ADMIN),
         RowState.OPEN, 1, "1 person"),
        # Somebody holds what no catalog knows: that may be the right to give access.
        (staffed("dana").person("kim").account("ehr", "k", "kim").grant("ehr", "k", "made/up"),
         RowState.UNKNOWN, None, "no catalog says what k may do"),
        # A VMA may not have it, a service and a vendor are nobody to turn to, and two names of one person are one.
        (staffed("dana").grant("ehr", "asantos", ADMIN), RowState.OPEN, 1, "1 person"),
        (staffed("dana").person("svc", kind=PersonKind.SERVICE, owner="dana").account("ehr", "svc", "svc")
         .grant("ehr", "svc", ADMIN), RowState.OPEN, 1, "1 person"),
        (staffed("dana").account("ehr", "dana2", "dana").grant("ehr", "dana2", ADMIN), RowState.OPEN, 1, "1 person"),
        (staffed("dana", "kim").unread("ehr", reason="it did not answer"), RowState.UNKNOWN, None, "did not answer"),
    ],
)  # fmt: skip
def test_a_system_has_two_administrators_only_where_two_people_of_the_practice_are_known_to_work_there(
    clinic, state, count, why
):
    row = system(administrators(facts_of(clinic)))
    assert (row.state, row.count) == (state, count)
    assert why in row.why


def test_a_system_of_which_no_right_was_read_is_not_said_to_lack_administrators():
    clinic = Clinic(systems=("ehr", "directory")).agreement("BAA-1").vma("ana").account("ehr", "asantos", "ana")
    clinic.grant("ehr", "asantos", "patients/appt:write").person("dana").account("directory", "dana", "dana")
    rows = {row.system: row for row in administrators(facts_of(clinic)).rows}
    assert rows["Active Directory"].state is RowState.UNKNOWN
    assert "no right of anybody was read" in rows["Active Directory"].why


@pytest.mark.parametrize(
    ("evidence", "state"),
    [
        (Evidence("not read", "whether there are more groups; every user may be in some"), RowState.UNKNOWN),
        (Evidence("filter", "(department=care)"), RowState.UNKNOWN),
        (Evidence("not read", "mfa-devices: there is no file `iam.ListMFADevices.json`"), RowState.OPEN),
    ],
)
def test_where_rights_were_not_read_fewer_than_two_administrators_is_not_evaluated(evidence, state):
    facts = facts_of(staffed("dana"))
    read = facts.case.collections["ehr"]
    proved = replace(read, completeness=Complete((Evidence("end", "said so"), evidence)))
    facts = replace(facts, case=replace(facts.case, collections={"ehr": proved}))
    assert system(administrators(facts)).state is state
    assert bool(privileged_users(facts).not_evaluated) is (state is RowState.UNKNOWN)


def test_privileged_are_those_who_can_give_access_and_nobodys_needs_action():
    clinic = staffed("dana").account("ehr", "old-admin").grant("ehr", "old-admin", ADMIN)
    annex = privileged_users(facts_of(clinic))
    states = {row.login: (row.state, row.kind) for row in annex.rows}
    assert states == {"dana-adm": (RowState.TOLD, "staff"), "old-admin": (RowState.OPEN, "nobody")}
    assert annex.sentence == ("2 privileged of 3 live accounts: 1 of nobody known, 1 of the practice's own people.")


def test_an_account_with_rights_that_nobody_knows_is_not_told_as_unprivileged():
    clinic = in_step().grant("ehr", "asantos", "made/up")
    annex = privileged_users(facts_of(clinic))
    assert (annex.outcome, annex.rows) == (AnnexOutcome.NOT_EVALUATED, ())
    assert "asantos" in annex.not_evaluated[0].why


def test_a_way_in_from_outside_to_an_administrators_rights_is_among_the_privileged():
    annex = privileged_users(facts_of(in_step().door("ehr", "whoever has the link", anybody=True)))
    (row,) = annex.rows
    assert (row.kind, row.state, row.last_used) == ("door", RowState.OPEN, Instead.BLANK)
    assert row.findings[0].startswith("F-")
    assert annex.sentence.endswith("and 1 way in from outside to the most.")
    known = in_step().door("ehr", "somebody at a lab")  # whom nobody answers for: a finding, and no administrator
    assert privileged_users(facts_of(known)).rows == ()


def test_of_a_recalled_cloud_nobody_says_how_many_administer_it():
    clinic = CloudClinic().without_estate()
    (row,) = administrators(facts_of(clinic, recalled=True)).rows
    assert row.state is RowState.UNKNOWN
    assert "only the report of that day tells" in row.why
    assert privileged_users(facts_of(clinic, recalled=True)).outcome is AnnexOutcome.NOT_EVALUATED


def test_default_shared_service_and_nobodys_accounts_are_told_apart_with_who_answers():
    clinic = in_step().vma("bea").person("dana").account("ehr", "frontdesk", "ana", "bea")
    clinic.person("fax", "Fax ingest", PersonKind.SERVICE, owner="dana").account("ehr", "fax", "fax")
    clinic.account("ehr", "admin", status=Status.DISABLED).account("ehr", "x17").account(
        "ehr", "off", status=Status.DISABLED
    )
    annex = special_accounts(facts_of(clinic))
    rows = {row.login: row for row in annex.rows}
    assert rows["frontdesk"].kinds == ("shared", "named for a job")
    assert (rows["fax"].kinds[-1], rows["fax"].answers_for_it) == ("service", ("dana",))
    assert (rows["admin"].works, rows["admin"].state) == (False, RowState.TOLD)  # disabled, as it should be
    assert (rows["x17"].kinds, rows["x17"].state) == (("of nobody known",), RowState.OPEN)
    assert "off" not in rows
    assert "asantos" not in rows


def test_a_dormant_account_is_the_rules_finding_and_one_whose_use_is_not_told_is_not_evaluated():
    clinic = in_step().vma("bea").account("ehr", "brey", "bea", last_login=None)
    clinic.account("ehr", "asantos2", "ana", last_login=noon(ago(200)), created=noon(ago(300)))
    annex = dormant_accounts(facts_of(clinic))
    assert [(row.login, row.state) for row in annex.rows] == [("asantos2", RowState.OPEN)]
    assert [one.what for one in annex.not_evaluated] == ["the last use of brey in OpenEMR"]
    never = dormant_accounts(facts_of(in_step().account("ehr", "n", "ana", last_login=NEVER, created=noon(ago(90)))))
    assert {row.last_used for row in never.rows} == {Instead.NEVER}


def accepted(finding: str, **fields: Any) -> Statement:
    facts = {"on": ago(60), "expires": ahead(10), "reason": "scanned by hand meanwhile", "requested_by": "Dana Ortiz"}
    return Statement("lakeside", StatementKind.EXCEPTION, finding, "", "Dr. Kim", **{**facts, **fields})


def test_an_exception_that_is_over_while_the_finding_stands_needs_action():
    clinic = in_step().account("ehr", "x17")
    (nobodys,) = [id_ for id_, f in clinic.judged().findings.items() if f.rule == "account-of-nobody"]
    over, gone = accepted(nobodys, expires=ago(1)), accepted("F-AAAAAAAAAA")
    annex = exceptions_of(facts_of(clinic, over, gone))
    states = {row.finding: (row.state, row.standing) for row in annex.rows}
    assert states == {
        nobodys: (RowState.OPEN, "expired"),
        "F-AAAAAAAAAA": (RowState.TOLD, "in force, and the finding is gone"),
    }
    renewed = exceptions_of(facts_of(clinic, over, accepted(nobodys)))
    assert {row.standing: row.state for row in renewed.rows} == {
        "expired": RowState.TOLD,
        "in force": RowState.IN_ORDER,
    }
    taken_back = Statement("lakeside", StatementKind.WITHDRAWAL, accepted(nobodys).id, "", "Dr. Kim", ago(2))
    (row,) = exceptions_of(facts_of(clinic, accepted(nobodys), taken_back)).rows
    assert (row.state, row.standing) == (RowState.OPEN, f"withdrawn on {ago(2)}")


def test_the_second_factor_is_in_order_only_where_every_account_is_known_to_have_one():
    assert system(second_factor(facts_of(in_step()))).state is RowState.IN_ORDER
    silent = second_factor(facts_of(in_step().account("ehr", "asantos2", "ana", mfa=None)))
    assert (system(silent).state, system(silent).not_said) == (RowState.UNKNOWN, 1)
    without = second_factor(facts_of(in_step().account("ehr", "asantos2", "ana", mfa=False)))
    assert system(without).state is RowState.OPEN
    assert system(without).vmas_without[0].startswith("asantos2 (F-")
    # Of the practice's own people no rule asks for it: told, and not called in order.
    staff = second_factor(facts_of(in_step().person("dana").account("ehr", "dana", "dana", mfa=False)))
    assert (system(staff).state, system(staff).without) == (RowState.TOLD, 1)


def test_every_vma_is_seen_or_explained_and_every_account_has_its_person():
    clinic = in_step().vma("bea").vma("cal", on_leave=True).account("ehr", "x17")
    annex = tie_out(facts_of(clinic))
    rows = {row.person or row.login: row for row in annex.rows}
    assert rows["Bea (bea)"].state is RowState.OPEN
    assert (rows["Cal (cal)"].state, rows["Cal (cal)"].why) == (
        RowState.IN_ORDER,
        "on leave, and every account is disabled or gone",
    )
    assert rows["x17"].state is RowState.OPEN
    counts = {one.what: one.count for one in annex.looked_at}
    assert counts["accounts in the systems that were read whole"] == 2
    assert counts["active VMAs"] == 3


CONCERNED = ("A", "B", "C", "D", "E", "H", "I", "outside-offboarding", "administrators", "second-factor")
"""The annexes in which a system that was not read has to be named, whatever else there is."""


def test_a_system_that_was_not_read_is_named_in_every_annex_that_it_concerns():
    clinic = Clinic(systems=("ehr", "directory")).agreement("BAA-1").vma("ana", "Ana Santos")
    clinic.vma("lee", end=ago(10)).account("directory", "asantos", "ana").unread("ehr", reason="the disk is full")
    facts = facts_of(clinic)
    told = {one.id: one for one in build_annexes(facts, NO_REVIEWS, "").annexes}
    for id_ in (*CONCERNED, "population", "tie-out"):
        one = told[id_]
        assert one.unknown, id_
        assert one.outcome is not AnnexOutcome.NOTHING, id_
        assert "Not evaluated" in one.sentence, id_
        if id_ not in ("A", "H", "outside-offboarding"):  # a first audit has no changes of any system
            assert "OpenEMR" in [missing.what for missing in one.not_evaluated], id_


def test_nothing_is_said_with_what_was_looked_at():
    annex = exceptions_of(facts_of(in_step()))
    assert annex.outcome is AnnexOutcome.NOTHING
    assert annex.looked_at[0].count == 0


def test_the_same_facts_give_the_same_bytes_without_a_fraction():
    facts = facts_of(in_step().account("ehr", "x17"))
    one, other = (canonical_annexes(build_annexes(facts, NO_REVIEWS, "a period")) for _ in range(2))
    assert one == other
    assert one.startswith(b'{"annexes":[{"columns":["state",')
    changed = facts_of(in_step().account("ehr", "x18"))
    assert canonical_annexes(build_annexes(changed, NO_REVIEWS, "a period")) != one


def test_hostile_names_run_in_no_spreadsheet():
    clinic = in_step().account("ehr", "=HYPERLINK(1)", name="@SUM(A1)").account("ehr", "+1", name=HOSTILE)
    text = as_csv([special_accounts(facts_of(clinic))], "UTC")
    assert "'=HYPERLINK(1)" in text
    assert "'+1" in text
    assert "'@SUM(A1)" in text
    assert ",=" not in text
    assert ",+" not in text

"""How people, agreements, systems and owners are told."""

import pytest

from auditor.reporting import build_report
from connectors.facts import Employment, PersonKind
from policies.engine.outcomes import Severity
from reports.model import Report
from tests.builders import AGENCY, Clinic, ago, ahead, in_step


def report(clinic: Clinic) -> Report:
    return build_report(clinic.judged())


def busy() -> Clinic:
    """A bit of everything: findings, satisfied, not evaluated, staff, a leaver, a starter, a system not read."""
    clinic = in_step().system("cloud").unread("cloud").person("lee", "Dr. Lee").account("ehr", "lee", "lee")
    clinic.grant("ehr", "asantos", "patients/med:write", "acct/eob", "acct/disc", through=["Accounting"])
    clinic.vma("lea", "Lea Cruz", end=ago(9)).account("ehr", "lcruz", "lea")
    clinic.vma("joy", "Joy Reyes", start=ahead(9)).vma("bea", "Bea Lim", agency=None)
    return clinic.account("ehr", "blim", "bea", mfa=None).account("ehr", "ghost")


def test_the_matrix_has_everybody_who_is_here_who_comes_and_who_left_something_behind():
    rows = {row.vma: row for row in report(busy().vma("max", end=ago(9))).matrix}
    assert {vma: row.status for vma, row in rows.items()} == {
        "ana": "active", "bea": "active", "joy": f"starts {ahead(9)}", "lea": f"ended {ago(9)}"
    }  # fmt: skip
    cells = dict(zip([s.id for s in report(busy()).systems], rows["ana"].cells, strict=True))
    assert cells["cloud"].state == "unknown"
    assert (cells["ehr"].state, cells["ehr"].accounts) == ("finding", ("asantos",))
    assert cells["ehr"].worst in Severity
    assert rows["bea"].agency == "the practice"


def test_a_vma_without_an_account_in_a_system_has_none_there():
    told = report(in_step().system("cloud").account("cloud", "ghost"))
    assert [cell.state for cell in told.matrix[0].cells] == ["none", "ok"]


def test_the_coverage_picture_shows_each_engaged_day_once_covered_or_not():
    clinic = in_step(start=ago(100), end=ahead(20))
    clinic.agreements.clear()
    clinic.agreement("A", start=ago(500), end=ago(60)).agreement("B", start=ago(50), end=ahead(5))
    told = report(clinic)
    (row,) = told.coverage
    assert [(s.start, s.end, s.state) for s in row.spans] == [
        (ago(100), ago(60), "covered"),
        (ago(59), ago(51), "uncovered"),
        (ago(50), ahead(5), "covered"),
        (ahead(6), ahead(20), "uncovered"),
    ]
    assert told.coverage_from <= row.spans[0].start
    assert row.spans[-1].end <= told.coverage_to
    assert row.chain == (
        f"in place: BAA between the practice and Harbor Assist LLC (A ended on {ago(60)}; B in force until {ahead(5)})",
    )  # fmt: skip


def test_the_workforce_of_the_practice_is_shown_as_needing_no_agreement():
    (row,) = report(in_step(agency=None)).coverage
    assert row.chain == ("none needed: workforce of the practice",)
    assert {span.label for span in row.spans} == {"no agreement needed"}


def test_a_chain_says_of_each_agreement_why_it_does_not_cover_this_vma():
    clinic = in_step(employment=Employment.CONTRACTOR)
    clinic.agreements.clear()
    clinic.agreement("FULL", headcount=1).vma("abe", start=ago(900)).agreement("OTHERS", people=frozenset({"abe"}))
    rows, parties = {row.vma: row for row in report(clinic).coverage}, f"the practice and {AGENCY}"
    lacking = f"{AGENCY} and Ana Santos (none in the register)"
    assert rows["ana"].chain == (
        f"not in place: BAA between {parties} (FULL has no seat left (1 in all); OTHERS does not name this person)",
        f"not in place: subcontractor BAA or workforce attestation between {lacking}",
    )


@pytest.mark.parametrize(
    ("terms", "state"),
    [
        ({}, "in force"),
        ({"end": ago(1)}, "ended"),
        ({"start": ahead(1)}, "not yet"),
        ({"signed": False}, "unsigned"),
        ({"start": ahead(9), "end": ahead(3)}, "ended"),  # terminated before it began
    ],
)
def test_the_register_says_of_each_agreement_whether_it_is_in_force(terms, state):
    (line,) = (a for a in report(in_step().agreement("X", "Other Inc", **terms)).agreements if a.id == "X")
    assert line.state == state
    assert line.parties == "Lakeside Family Medicine → Other Inc"
    assert line.seats == "no cap"


def test_the_register_counts_the_seats_in_use():
    clinic = in_step().agreement("X", headcount=4, people=frozenset({"ana", "bea"}))
    (line,) = (a for a in report(clinic).agreements if a.id == "X")
    assert line.seats == "1 of 4 used, named: 2"


def test_every_system_says_whether_it_was_read_whole_and_by_which_proof():
    systems = {s.id: s for s in report(busy()).systems}
    assert systems["ehr"].evidence == (("end", "said so"),)
    assert (systems["ehr"].accounts, systems["ehr"].of_vmas, systems["ehr"].of_others, systems["ehr"].of_nobody) == (
        5, 3, 1, 1
    )  # fmt: skip
    cloud = systems["cloud"]
    assert (cloud.complete, cloud.reason, cloud.hint, cloud.accounts) == (False, "it did not answer", "try again", 0)


def test_every_account_is_listed_with_its_owner_and_the_reason_those_of_nobody_first():
    owners = report(busy()).owners
    assert len(owners) == 5
    assert (owners[0].login, owners[0].owner, owners[0].reason) == ("ghost", "nobody", "no rule names an owner")
    by_login = {o.login: o for o in owners}
    assert by_login["lee"].owner_kind == PersonKind.STAFF
    assert by_login["asantos"].owner == "Ana Santos (ana)"

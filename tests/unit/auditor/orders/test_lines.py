"""What the report of an audit says of orders and claims: the same as the commands, as that audit leaves them."""

from dataclasses import replace
from datetime import datetime

import pytest

from auditor.clocks import Clocks
from auditor.config import load_config
from auditor.orders.lines import claims_of
from auditor.pipeline import Options, audit
from policies.notices import Announcements
from reports import html
from reports.model import Report
from tests.builders import TODAY, ago
from tests.builders import noon as noon_of
from tests.small_practice import Small, account, answer, noon, row
from tests.unit.policies.rules.test_notice_rules import ana, at, claim

HERE, BEN = row("ben", "2026-01-01"), account("ben", "Scheduling")
LEFT, GONE = row("ana", "2026-01-01", "2026-11-02"), account("ana", Status="Disabled")
CLOCKS = Clocks((), ())


def audited(small: Small, at: str, *accounts: str) -> Report:
    small.write(noon(at), [LEFT, HERE], accounts)
    return audit(load_config(small.config), Options(at=datetime.fromisoformat(noon(at)))).report


@pytest.fixture
def small(tmp_path):
    return Small(tmp_path / "small")


def test_the_report_lists_the_orders_that_the_command_lists_as_soon_as_its_audit_finds_them(small, capsys):
    report = audited(small, "2026-11-05", account("ana"), BEN)
    told = answer(capsys, "orders", str(small.config), "--at", "2026-11-05T18:00:00Z")
    assert [one.id for one in report.orders.open] == [one["id"] for one in told["orders"]]
    (one,) = report.orders.open
    assert (one.state, report.orders.overdue, told["overdue"]) == ("overdue", 1, 1)
    assert (list(one.steps), list(one.clocks), one.who) == tuple(
        told["orders"][0][key] for key in ("steps", "clocks", "who")
    )
    assert one.opened == "by this audit"
    assert one.id in html.render(report)


def test_what_an_audit_finds_done_is_in_its_own_report_with_the_proof_and_for_a_quarter_after(small):
    first = audited(small, "2026-11-05", account("ana"), BEN)
    second = audited(small, "2026-11-06", GONE, BEN)
    assert second.orders.open == ()
    (one,) = second.orders.ended
    assert (one.id, one.state) == (first.orders.open[0].id, "done")
    assert one.proof == "EHR was read whole: the account ana is disabled; found by this audit"
    assert one.timely == "late"
    third = audited(small, "2026-11-09", GONE, BEN)
    assert third.orders.ended[0].proof.endswith("found by audit 2")
    assert audited(small, "2027-03-09", GONE, BEN).orders.ended == ()


def test_one_that_comes_back_is_opened_for_the_second_time(small):
    audited(small, "2026-11-05", account("ana"), BEN)
    audited(small, "2026-11-06", GONE, BEN)
    again = audited(small, "2026-11-09", account("ana"), BEN)
    assert again.orders.open[0].opened == "by this audit, for the 2. time"
    assert [one.state for one in again.orders.ended] == ["done"]


def told(clinic, *claims):
    case = replace(clinic.case(), announced=Announcements(claims, (), 7))
    return claims_of(case, CLOCKS)


def test_claims_stand_by_how_long_the_roster_has_owed_an_answer():
    late, soon = claim(), claim(id="N-0000000002", effective=at(ago(2)), received_at=noon_of(ago(2)))
    (one, other) = told(ana(), soon, late)
    assert [(line.id, line.overdue) for line in (one, other)] == [("N-0000000001", True), ("N-0000000002", False)]
    assert one.confirm_by < TODAY <= other.confirm_by
    assert one.roster.startswith("the roster has them at work after")
    assert (one.sender, one.by, one.whom) == ("Harbor Assist LLC", "Rosa Lim", "ana")


def test_what_the_roster_confirms_comes_last_and_goes_after_a_quarter():
    confirmed = claim()
    assert [(line.roster, line.overdue) for line in told(ana(end=ago(20)), confirmed)] == [("", False)]
    old = claim(effective=at(ago(200)), received_at=noon_of(ago(200)))
    assert told(ana(end=ago(200)), old) == ()
    assert len(told(ana(), old)) == 1  # the roster still says otherwise


def test_what_cannot_be_so_together_is_told_of_both():
    first = claim(effective=at(ago(20)))
    second = claim(id="N-0000000002", effective=at(ago(10)), received_at=noon_of(ago(19)), number=2)
    found = {line.id: line.against for line in told(ana(end=ago(20)), first, second)}
    assert found == {"N-0000000001": ("N-0000000002",), "N-0000000002": ("N-0000000001",)}


def test_what_was_taken_back_is_no_claim():
    assert told(ana(), claim(taken_back=True)) == ()

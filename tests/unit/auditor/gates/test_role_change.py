"""How many hours the access of an earlier role outlived it: exact where a roster dates the change, else between two."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from auditor.gates.history import EarlierGrant, Past
from auditor.gates.offboard import Timely
from auditor.gates.role_change import Changed
from auditor.gates.transfer import Transfer, transfer
from connectors.facts import Entitlement, EntitlementKind
from policies.engine.evaluate import judge
from tests.builders import SCHEDULER_NEEDS, TODAY, Clinic, ago, in_step, noon

KEY = ("ehr", "asantos")
LEDGER = Entitlement("ehr", "acct/bill:view", "acct/bill:view", EntitlementKind.PRIVILEGE)
HOURS = 24


def clinic(*held: str) -> Clinic:
    """A scheduler of today, who was in billing before."""
    made = in_step().grant("ehr", "asantos", *held)
    made.earlier_roles = {"ana": ("billing",)}
    return made


def line(made: Clinic, first: date, last: date, *roles: str, start: date | None = None):
    """A line of the roster, as audits saw it from one day to another."""
    engagement = replace(made.engagements["ana"], roles=roles)
    return noon(first), noon(last), replace(engagement, start=start) if start else engagement


def given(first: date, last: date, gone: date | None = None) -> dict:
    return {(KEY, LEDGER.id): EarlierGrant(noon(first), noon(last), noon(gone) if gone else None, (LEDGER,))}


def answer(made: Clinic, past: Past, *to: str, periods=()) -> Transfer:
    case = replace(made.case(), periods=tuple(periods))
    return transfer(case, "ana", to, judge(case).findings, past=past, due_hours=HOURS)


def told(result: Transfer) -> list[tuple]:
    return [(k.name, k.held, k.at_least, k.hours, k.timely) for k in result.kept]


def test_what_is_held_still_grows_between_the_two_audits_that_saw_the_change():
    made = clinic(LEDGER.id)
    seen = (line(made, ago(40), ago(10), "billing"), line(made, ago(8), TODAY, "scheduler"))
    result = answer(made, Past(given=given(ago(40), TODAY), engagements=seen))
    assert result.changed == Changed(noon(ago(10)), noon(ago(8)))
    assert not result.changed.dated
    assert told(result) == [(LEDGER.id, True, 8 * 24, 10 * 24, Timely.LATE)]


def test_what_was_taken_away_was_gone_between_four_instants():
    made = clinic()
    seen = (line(made, ago(40), ago(10), "billing"), line(made, ago(8), TODAY, "scheduler"))
    result = answer(made, Past(given=given(ago(40), ago(8), ago(5)), engagements=seen))
    assert told(result) == [(LEDGER.id, False, 0, 5 * 24, Timely.UNPROVEN)]


@pytest.mark.parametrize(
    ("first", "last", "gone"),
    [
        (ago(40), ago(20), ago(15)),  # taken away before the role changed
        (ago(40), ago(20), ago(10)),  # and at the latest by the audit that saw the old role last
        (ago(3), TODAY, None),  # given after it: that is no access of the earlier role
    ],
)
def test_only_what_was_held_when_the_role_changed_counts(first, last, gone):
    made = clinic(LEDGER.id)
    seen = (line(made, ago(40), ago(10), "billing"), line(made, ago(8), TODAY, "scheduler"))
    assert told(answer(made, Past(given=given(first, last, gone), engagements=seen))) == []


def test_what_the_new_role_allows_is_nothing_to_be_done():
    made = clinic()
    needed = Entitlement("ehr", SCHEDULER_NEEDS[0], SCHEDULER_NEEDS[0], EntitlementKind.PRIVILEGE)
    seen = (line(made, ago(40), ago(10), "billing"), line(made, ago(8), TODAY, "scheduler"))
    past = Past(given={(KEY, needed.id): EarlierGrant(noon(ago(40)), noon(TODAY), None, (needed,))}, engagements=seen)
    assert told(answer(made, past)) == []


CLOCKS_BACK, MIDNIGHT = date(2026, 11, 1), datetime(2026, 11, 1, 5, tzinfo=UTC)
"""In Chicago this day had 25 hours, and began at 05:00 UTC."""


@pytest.mark.parametrize("dated_by", ["two lines", "a new line"])
def test_a_change_that_the_roster_dates_counts_from_the_first_instant_of_that_day_on_the_practices_clock(dated_by):
    made = clinic()
    now = replace(made.engagements["ana"], start=CLOCKS_BACK)
    before = replace(now, roles=("billing",), start=ago(400), end=CLOCKS_BACK - timedelta(days=1))
    made.engagements["ana"] = now
    periods = (before, now) if dated_by == "two lines" else (now,)
    seen = (line(made, ago(40), ago(30), "billing", start=ago(400)), line(made, ago(20), TODAY, "scheduler"))
    gone = {(KEY, LEDGER.id): EarlierGrant(noon(ago(40)), MIDNIGHT, MIDNIGHT + timedelta(hours=25), (LEDGER,))}
    result = answer(made, Past(given=gone, engagements=seen), periods=periods)
    assert result.changed == Changed(MIDNIGHT, MIDNIGHT)
    # Until the same time of the next day it is 25 hours, and therefore more than the clock's 24.
    assert told(result) == [(LEDGER.id, False, 0, 25, Timely.UNPROVEN)]


def test_where_nothing_tells_when_the_role_changed_no_hours_are_made_up():
    result = answer(clinic(LEDGER.id), Past())
    assert (result.changed, result.kept) == (None, ())
    assert [h.name for h in result.go] == [LEDGER.id]


def test_a_change_that_is_only_asked_about_has_no_hours():
    made = clinic(LEDGER.id)
    seen = (line(made, ago(40), ago(10), "billing"), line(made, ago(8), TODAY, "scheduler"))
    assert answer(made, Past(given=given(ago(40), TODAY), engagements=seen), "front_desk").kept == ()


def test_access_through_an_account_that_was_disabled_is_of_no_use_from_then_on():
    made = clinic()
    seen = (line(made, ago(40), ago(10), "billing"), line(made, ago(8), TODAY, "scheduler"))
    past = Past(
        given=given(ago(40), TODAY), engagements=seen, stopped={KEY: noon(ago(9))}, last_live={KEY: noon(ago(10))}
    )
    assert told(answer(made, past)) == [(LEDGER.id, False, 0, 24, Timely.IN_TIME)]


def test_what_the_audit_that_first_saw_the_new_role_saw_first_counts_as_held_before_it():
    made = clinic(LEDGER.id)
    seen = (line(made, ago(40), ago(10), "billing"), line(made, ago(8), TODAY, "scheduler"))
    assert [name for name, *_ in told(answer(made, Past(given=given(ago(8), TODAY), engagements=seen)))] == [LEDGER.id]
    assert told(answer(made, Past(given=given(ago(7), TODAY), engagements=seen))) == []


def test_of_two_lines_with_the_same_roles_neither_dates_a_change():
    made = clinic(LEDGER.id)
    now = replace(made.engagements["ana"], start=ago(5))
    made.engagements["ana"] = now
    same = replace(now, start=ago(400), end=ago(6))
    assert answer(made, Past(), periods=(same, now)).changed is None

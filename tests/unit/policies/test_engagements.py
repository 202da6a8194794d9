"""Stretches: one answer for each day, however a roster writes a history down."""

from datetime import date
from typing import Any

import pytest

from connectors.facts import Employment, Engagement
from policies.agreements.chain import legs
from policies.engagements import known, on, stretches, touching
from tests.builders import AGENCY, TODAY, Clinic, ago


def row(first: int, last: int | None, *roles: str, vma: str = "ana", **fields: Any) -> Engagement:
    """Return a row from one day of November to another."""
    end = None if last is None else date(2026, 11, last)
    facts = {"agency": AGENCY, "employment": Employment.EMPLOYEE} | fields
    return Engagement(vma=vma, roles=roles or ("scheduler",), start=date(2026, 11, first), end=end, **facts)


def shown(rows: tuple[Engagement, ...]) -> list[tuple[int, int | None, tuple[str, ...]]]:
    return [(r.start.day, r.end and r.end.day, r.roles) for r in rows]


def test_rows_that_touch_and_say_the_same_are_one():
    assert stretches([row(13, None), row(1, 5), row(6, 12)]) == (row(1, None),)


@pytest.mark.parametrize(
    "other",
    [
        row(13, None, "billing"),
        row(13, None, agency="Other Inc"),
        row(13, None, employment=Employment.CONTRACTOR),
        row(13, None, locations=("Lakeside",)),
        row(13, None, hours=20.0),
        row(13, None, on_leave=True),
        row(14, None),  # a day between
    ],
)
def test_rows_that_differ_or_leave_a_day_out_stay_two(other):
    assert stretches([other, row(1, 12)]) == (row(1, 12), other)


def test_the_order_of_roles_and_places_makes_no_second_engagement():
    one = row(1, 12, "scheduler", "billing", locations=("a", "b"))
    assert len(stretches([one, row(13, None, "billing", "scheduler", locations=("b", "a"))])) == 1


def test_rows_that_run_at_once_come_to_one_on_the_days_they_share():
    rows = [row(1, 30, "scheduler", locations=("Lakeside",), hours=20.0), row(10, 20, "billing", hours=10.0)]
    found = stretches(rows)
    both = ("scheduler", "billing")
    assert shown(found) == [(1, 9, ("scheduler",)), (10, 20, both), (21, 30, ("scheduler",))]
    assert found[1].hours == 30.0
    assert found[1].locations == ()  # one of them has no limit
    assert stretches([row(1, 30), row(10, 20, "billing", hours=10.0)])[1].hours is None


def test_nobody_is_on_leave_who_works_in_one_of_two():
    assert [e.on_leave for e in stretches([row(1, 9, on_leave=True), row(5, 9, "billing")])] == [True, False]


def test_each_day_has_at_most_one_engagement():
    found = stretches([row(1, None), row(5, 9, "billing"), row(8, 20, "prior_auth"), row(2, 3, vma="bea")])
    for day in range(1, 31):
        running = [e for e in found if e.vma == "ana" and e.active_on(date(2026, 11, day))]
        assert running == [on([e for e in found if e.vma == "ana"], date(2026, 11, day))]


def test_a_run_ends_where_a_day_is_left_out():
    mine = [row(1, 5), row(6, 9, "billing"), row(11, None)]
    assert list(touching(mine)) == [mine[:2], mine[2:]]


def test_what_an_audit_knew_of_a_day_counts_before_the_roster():
    found = known([row(1, 9, "billing")], [row(1, None)], {"ana": row(1, None)})
    assert shown(found["ana"]) == [(1, 9, ("billing",)), (10, None, ("scheduler",))]
    assert known([], [], {"ana": row(1, 9)}) == {"ana": (row(1, 9),)}


def changed(before: dict[str, Any], after: dict[str, Any]) -> Clinic:
    """Return a clinic in which Ana's engagement is another since ten days."""
    clinic = Clinic().agreement("A", headcount=1)
    clinic.vma("ana", start=ago(90), end=ago(11), **before)
    first = clinic.engagements["ana"]
    clinic.vma("ana", start=ago(10), **after)
    clinic.periods = (first, clinic.engagements["ana"])
    return clinic


def test_a_change_of_role_takes_nobody_the_seat():
    clinic = changed({}, {"roles": ("billing",)}).vma("bea", start=ago(40))
    coverage, ana = clinic.case().coverage, clinic.engagements["ana"]
    assert coverage.seat_from(clinic.agreements[0], ana) == ago(90)
    assert coverage.seat_from(clinic.agreements[0], clinic.engagements["bea"]) is None
    assert coverage.seats_used(clinic.agreements[0], ago(11)) == coverage.seats_used(clinic.agreements[0], TODAY) == 2


def test_an_earlier_engagement_had_its_seat_and_is_covered_by_its_own_agency():
    clinic = changed({}, {"agency": "Other Inc"}).vma("bea", start=ago(40))
    coverage, (first, second) = clinic.case().coverage, clinic.periods
    assert coverage.chain_days(first) == ((ago(90), ago(11)),)
    assert coverage.chain_days(second) == ()
    assert coverage.seat_from(clinic.agreements[0], clinic.engagements["bea"]) == ago(10)


def test_who_works_without_agreement_has_done_so_since_the_first_day_with_that_employer():
    clinic = changed({}, {"roles": ("billing",)})
    clinic.agreements = []
    (finding,) = (f for f in clinic.judge().findings if f.rule == "no-agreement")
    assert finding.since == ago(90)
    other = changed({"agency": None}, {})
    other.agreements = []
    (finding,) = (f for f in other.judge().findings if f.rule == "no-agreement")
    assert finding.since == ago(10)


def test_an_account_that_is_used_is_not_dormant_anew_at_each_change_of_role():
    clinic = changed({}, {"roles": ("billing",)}).account("ehr", "ana", "ana", created=None, last_login=None)
    assert clinic.case().here_since("ana") == ago(90)
    assert legs(clinic.case().stay("ana"))
    assert clinic.case().stay("ana").start == ago(90)

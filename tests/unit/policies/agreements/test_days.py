"""Sets of days."""

from datetime import date, timedelta

import pytest

from policies import intervals
from policies.agreements.days import (
    ALWAYS,
    FOREVER,
    after,
    before,
    contains,
    difference,
    intersection,
    since,
    union,
    until,
)


def day(number: int) -> date:
    return date(2026, 1, 1) + timedelta(days=number - 1)


def days(*pairs: tuple[int, int]) -> tuple[tuple[date, date], ...]:
    return tuple((day(a), day(b)) for a, b in pairs)


@pytest.mark.parametrize(
    ("pieces", "joined"),
    [
        ([], []),
        ([(1, 3), (4, 6)], [(1, 6)]),  # adjacent days leave no gap
        ([(1, 3), (5, 6)], [(1, 3), (5, 6)]),
        ([(5, 6), (1, 9), (2, 3)], [(1, 9)]),
        ([(4, 2)], []),  # a last day before the first is no day at all
        ([(1, 1), (1, 1)], [(1, 1)]),
    ],
)
def test_joined_intervals_hold_each_day_once(pieces, joined):
    assert union(days(*pieces)) == days(*joined)


def test_an_interval_without_end_joins_with_everything_after_it():
    assert union([(day(3), FOREVER), (day(9), FOREVER), (day(1), day(2))]) == ((day(1), FOREVER),)


@pytest.mark.parametrize(
    ("a", "b", "both"),
    [
        ([(1, 9)], [(5, 20)], [(5, 9)]),
        ([(1, 4)], [(4, 9)], [(4, 4)]),  # both ends count
        ([(1, 4)], [(5, 9)], []),
        ([(1, 3), (6, 9)], [(2, 7)], [(2, 3), (6, 7)]),
    ],
)
def test_the_days_in_both(a, b, both):
    assert intersection(days(*a), days(*b)) == days(*both)


@pytest.mark.parametrize(
    ("a", "b", "rest"),
    [
        ([(1, 9)], [], [(1, 9)]),
        ([(1, 9)], [(1, 9)], []),
        ([(1, 9)], [(3, 4)], [(1, 2), (5, 9)]),
        ([(1, 9)], [(1, 1), (9, 9)], [(2, 8)]),
        ([(1, 3), (6, 9)], [(2, 7)], [(1, 1), (8, 9)]),
    ],
)
def test_the_days_that_are_left(a, b, rest):
    assert difference(days(*a), days(*b)) == days(*rest)


def test_what_never_ends_leaves_nothing_after_it():
    assert difference(((day(1), FOREVER),), ((day(5), FOREVER),)) == days((1, 4))
    assert difference(((day(1), FOREVER),), days((5, 6))) == ((day(1), day(4)), (day(7), FOREVER))
    assert difference(ALWAYS, ALWAYS) == ()


def test_both_ends_are_in():
    assert [contains(days((2, 4)), day(n)) for n in range(1, 6)] == [False, True, True, True, False]


def test_a_day_is_in_where_one_of_several_spans_has_it():
    assert [contains(days((2, 3), (5, 5)), day(n)) for n in range(1, 7)] == [False, True, True, False, True, False]


def test_the_first_day_after_is_that_after_the_span_which_has_the_day():
    for inside in (5, 6, 8):
        assert until(days((1, 3), (5, 8), (10, 12)), day(inside)) == day(9)


def test_the_first_day_of_a_gap_is_that_of_the_gap_which_has_the_day():
    for inside in (5, 6, 8):
        assert since(days((1, 20)), days((3, 4), (9, 15)), day(inside)) == day(5)


def test_the_first_day_after_and_never():
    assert until(days((2, 4)), day(3)) == day(5)
    assert until(((day(2), FOREVER),), day(3)) is None


def test_a_gap_is_known_by_its_first_day():
    assert since(days((1, 20)), days((1, 4), (15, 20)), day(9)) == day(5)
    assert since(days((1, 20)), (), day(9)) == day(1)
    assert since(ALWAYS, (), day(9)) == date.min


def test_the_first_and_the_last_day_there_are_stay():
    assert (after(FOREVER), before(date.min)) == (FOREVER, date.min)
    assert (after(day(1)), before(day(2))) == (day(2), day(1))


def test_an_interval_from_a_number_to_itself_holds_nothing():
    assert intervals.union([(4, 4)]) == ()
    assert intervals.union([(4, 4), (7, 9), (8, 8)]) == ((7, 9),)


def test_nothing_has_no_gaps_and_what_lies_outside_leaves_none():
    assert intervals.difference((), ((1, 5),)) == intervals.difference((), ()) == ()
    assert intervals.difference(((10, 20),), ((1, 5), (6, 8))) == ((10, 20),)
    assert intervals.difference(((10, 20), (30, 40)), ((1, 12), (40, 50))) == ((12, 20), (30, 40))

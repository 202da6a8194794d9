"""
Days as intervals: sorted, disjoint, both ends inclusive.

`FOREVER` stands for "no end". Sets of days are tuples of (first, last), so that "was every day covered" is algebra,
not sampling.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from policies import intervals

FOREVER = date.max
DAY = timedelta(days=1)

Interval = tuple[date, date]
Days = tuple[Interval, ...]

ALWAYS: Days = ((date.min, date.max),)


def after(day: date) -> date:
    """Return the next day; `FOREVER` stays."""
    return day if day == FOREVER else day + DAY


def before(day: date) -> date:
    """Return the day before; the first day there is stays."""
    return day if day == date.min else day - DAY


def union(of: Iterable[Interval]) -> Days:
    """Join intervals in any order into disjoint ones; adjacent days join, empty intervals vanish."""
    return _days(intervals.union(_numbers(of)))


def intersection(a: Days, b: Days) -> Days:
    """Return the days that are in both."""
    return _days(intervals.intersection(_numbers(a), _numbers(b)))


def difference(a: Days, b: Days) -> Days:
    """Return the days of `a` that are not in `b`."""
    return _days(intervals.difference(_numbers(a), _numbers(b)))


def _numbers(of: Iterable[Interval]) -> intervals.Intervals:
    return tuple((first.toordinal(), last.toordinal() + 1) for first, last in of)


def _days(of: intervals.Intervals) -> Days:
    return tuple((date.fromordinal(start), date.fromordinal(end - 1)) for start, end in of)


def contains(days: Days, day: date) -> bool:
    """Whether a day is in the set."""
    return any(first <= day <= last for first, last in days)


def until(days: Days, day: date) -> date | None:
    """Return the first day after `day` that is not in the set; `None` when it never ends; `day` must be in it."""
    last = next(last for first, last in days if first <= day <= last)
    return None if last == FOREVER else after(last)


def since(days: Days, covered: Days, day: date) -> date:
    """Return the first day of the gap in `days` that `covered` leaves around `day`, which must lie in one."""
    return next(first for first, last in difference(days, covered) if first <= day <= last)

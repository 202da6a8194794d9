"""
Instants as whole seconds, sets of them as spans, and VMA-days.

Spans are half-open intervals. Whole
seconds and fractions, because a share that is computed from floats would depend on the order of the sum.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from functools import lru_cache
from zoneinfo import ZoneInfo

from policies.intervals import Interval, Intervals

Span = Interval
"""From the first second to the one after the last, since 1970 in UTC."""
Spans = Intervals
"""Sorted and disjoint; `policies.intervals` joins and compares them."""

HOUR = 3600
_FIRST, _LAST = date(1960, 1, 1), date(9000, 1, 1)


def seconds(moment: datetime) -> int:
    """Return an instant as seconds; the part of a second is cut off."""
    return int(moment.timestamp() // 1)


def moment(second: int) -> datetime:
    """Return seconds as an instant in UTC."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=second)


class Calendar:
    """A practice's days: when each begins, and how many of them lie between two instants."""

    def __init__(self, timezone: str) -> None:
        self._zone = ZoneInfo(timezone)
        self._start = lru_cache(maxsize=8192)(self._start_of)

    def start(self, day: date) -> int:
        """Return the first instant of a day; days before 1960 and after the year 9000 are as those."""
        return self._start(min(max(day, _FIRST), _LAST))

    def end(self, day: date) -> int:
        """Return the first instant after a day."""
        return self.start(min(day, _LAST) + timedelta(days=1))

    def day(self, second: int) -> date:
        """Return the practice's day of an instant."""
        return moment(second).astimezone(self._zone).date()

    def reckon(self, second: int) -> Fraction:
        """
        Return how many days have passed at an instant, since a fixed one.

        A day counts as one, however many hours the clocks make of it: 23, 24 or 25. Within a day, time counts evenly.
        """
        day = self.day(second)
        first, after = self.start(day), self.end(day)
        return day.toordinal() + Fraction(second - first, after - first)

    def days(self, spans: Iterable[Span]) -> Fraction:
        """Return the length of spans in days."""
        return sum((self.reckon(end) - self.reckon(start) for start, end in spans), Fraction(0))

    def _start_of(self, day: date) -> int:
        return seconds(datetime(day.year, day.month, day.day, tzinfo=self._zone))

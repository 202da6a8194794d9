"""
Sets of whole numbers as half-open intervals: from the first in it to before the one after the last.

So intervals that touch share nothing and add up. Seconds since 1970 (`auditor.lag.spans`) and days
(`policies.agreements.days`) are such numbers, and "was it covered all the time" is algebra, not sampling.
"""

from collections.abc import Iterable

Interval = tuple[int, int]
Intervals = tuple[Interval, ...]
"""Sorted and disjoint."""


def union(intervals: Iterable[Interval]) -> Intervals:
    """Join intervals in any order; those that touch become one, empty ones vanish."""
    found: list[Interval] = []
    for start, end in sorted(i for i in intervals if i[0] < i[1]):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return tuple(found)


def intersection(a: Intervals, b: Intervals) -> Intervals:
    """Return what is in both."""
    found: list[Interval] = []
    i = j = 0
    while i < len(a) and j < len(b):
        start, end = max(a[i][0], b[j][0]), min(a[i][1], b[j][1])
        if start < end:
            found.append((start, end))
        if a[i][1] < b[j][1]:
            i += 1
        else:
            j += 1
    return tuple(found)


def difference(a: Intervals, b: Intervals) -> Intervals:
    """Return what is in `a` and not in `b`."""
    if not a:
        return ()
    gaps: list[Interval] = []
    at = a[0][0]
    for start, end in b:
        gaps.append((at, start))
        at = max(at, end)
    gaps.append((at, max(at, a[-1][1])))
    return intersection(a, tuple(g for g in gaps if g[0] < g[1]))

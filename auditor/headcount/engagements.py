"""
What became of each engagement, from the rosters that audits saw, one after the other.

A roster may be written again at any time. Its dates are believed: a row that begins later, or an earlier period that is
entered afterwards, tells of the days that it names. What it no longer tells is not lost: a row that was taken out, or
written over with another role or agency, was true as long as audits saw it. Two rows are one and the same, and a date
was corrected, when all else is equal and they begin, or end, on the same day.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise

from connectors.facts import Engagement
from policies.engagements import days_of, known, outside, same_terms

DAY = timedelta(days=1)


class Became(StrEnum):
    """What became of a row from one roster to the next."""

    SAME = "same"
    CORRECTED = "corrected"
    """Another start or end, and all else equal."""
    WRITTEN_OVER = "written over"
    """It begins on the same day and says something else."""
    GONE = "gone"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Pair:
    """A row of one roster and what it is in the next."""

    became: Became
    old: Engagement | None
    new: Engagement | None


@dataclass(frozen=True, slots=True)
class RosterSpan:
    """What rosters said of one VMA while they said the same."""

    first: date
    """The day of the first audit that saw it."""
    last: date
    """The day of the last audit that saw it."""
    rows: tuple[Engagement, ...]
    """Stretches (`policies.engagements`); none while the roster did not have the VMA."""


def pairs(old: Iterable[Engagement], new: Iterable[Engagement]) -> tuple[Pair, ...]:
    """Match the rows of one VMA in two rosters, each with one at most."""
    before, after = list(old), list(new)
    found: list[Pair] = []
    tests = (
        (Became.SAME, lambda a, b: same_terms(a, b) and (a.start, a.end) == (b.start, b.end)),
        (Became.CORRECTED, lambda a, b: same_terms(a, b) and (a.start == b.start or a.end == b.end)),
        (Became.WRITTEN_OVER, lambda a, b: a.start == b.start),
    )
    for became, test in tests:
        for row in list(before):
            partner = next((other for other in after if test(row, other)), None)
            if partner is not None:
                found.append(Pair(became, row, partner))
                before.remove(row)
                after.remove(partner)
    found += [Pair(Became.GONE, row, None) for row in before]
    found += [Pair(Became.NEW, None, row) for row in after]
    return tuple(found)


def past_of(told: Sequence[RosterSpan]) -> tuple[Engagement, ...]:
    """Return what the rosters of one VMA said of days past that the last of them does not tell."""
    past: tuple[Engagement, ...] = ()
    for before, after in pairwise(told):
        past = _past(past, before, after)
    return past


def history(told: Sequence[RosterSpan]) -> tuple[Engagement, ...]:
    """Return every engagement of one VMA by day, as it is known after those rosters."""
    if not told:
        return ()
    rows = told[-1].rows
    past = past_of(told)
    vma = next((e.vma for e in (*past, *rows)), "")
    return known(past, rows, {}).get(vma, ())


def _past(past: tuple[Engagement, ...], before: RosterSpan, after: RosterSpan) -> tuple[Engagement, ...]:
    matched = pairs(before.rows, after.rows)
    # The dates that the new roster states anew are believed, whatever was remembered of these days.
    dated = [p.new for p in matched if p.new and (p.old is None or p.old.start != p.new.start)]
    kept = list(outside(past, days_of(dated)))
    taken = days_of(past)
    for pair in matched:
        if pair.old is None or pair.became in (Became.SAME, Became.CORRECTED) or pair.old.start > before.last:
            continue
        if pair.new is not None:
            last = _written_over(pair.new, before, after) - DAY
        else:
            last = _gone(pair.old, dated, before, after)
        end = last if pair.old.end is None else min(pair.old.end, last)
        if pair.old.start <= end:
            ended = outside([replace(pair.old, end=end)], taken)
            kept += outside(ended, days_of(dated if pair.new else after.rows))
    return tuple(sorted(kept, key=lambda e: e.start))


def _written_over(new: Engagement, before: RosterSpan, after: RosterSpan) -> date:
    """Return the first day of what a row says now: not later than the audit that saw it, after the one that did not."""
    first = after.first if new.end is None else min(after.first, new.end)
    return max(first, before.last + DAY) if before.last < after.first else first


def _gone(old: Engagement, dated: Iterable[Engagement], before: RosterSpan, after: RosterSpan) -> date:
    """Return the last day of a row that is no longer there: until another follows it, or as long as audits saw it."""
    following = [e.start for e in dated if old.start < e.start <= after.first]
    return min(following) - DAY if following else before.last


def with_roster(
    told: Mapping[str, Sequence[RosterSpan]], rows: Iterable[Engagement], today: date
) -> dict[str, tuple[RosterSpan, ...]]:
    """Add what the roster of a day says to what the audits before saw; of who is not on it, it says nothing."""
    now: dict[str, list[Engagement]] = {vma: [] for vma in told}
    for row in rows:
        now.setdefault(row.vma, []).append(row)
    return {vma: (*told.get(vma, ()), RosterSpan(today, today, tuple(mine))) for vma, mine in now.items()}

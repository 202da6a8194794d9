"""The rosters that the store's audits saw, VMA by VMA, for `auditor.headcount.engagements` to make a history of."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from auditor.headcount.engagements import RosterSpan
from auditor.store import Store
from auditor.store.records import ENGAGEMENT, PERIOD
from connectors.facts import Engagement
from connectors.inputs.dates import day_of


def told_by(store: Store, practice: str, timezone: str, until: int | None = None) -> dict[str, tuple[RosterSpan, ...]]:
    """Return what the audits' rosters said of each VMA, oldest first; up to an audit, or to the last one."""
    days = {a.id: day_of(a.at, timezone) for a in store.audits(practice) if until is None or a.id <= until}
    seen = [(first, after, line.engagement) for first, after, line in store.intervals(practice, ENGAGEMENT)]
    known: dict[str, list[tuple[int, int | None, Engagement]]] = {}
    for one in (*seen, *store.intervals(practice, PERIOD)):
        if one[0] in days:
            known.setdefault(one[2].vma, []).append(one)
    return {vma: tuple(_told(mine, days)) for vma, mine in sorted(known.items())}


def _told(mine: Sequence[tuple[int, int | None, Engagement]], days: Mapping[int, date]) -> Iterator[RosterSpan]:
    audits = list(days)
    marks = sorted({first for first, _, _ in mine} | {after for _, after, _ in mine if after is not None} & days.keys())
    said: RosterSpan | None = None
    for number, mark in enumerate(marks):
        after = bisect_left(audits, marks[number + 1]) if number + 1 < len(marks) else len(audits)
        here = [e for first, until, e in mine if first <= mark and (until is None or mark < until)]
        rows = tuple(sorted(here, key=lambda e: e.start))
        if said is not None and said.rows == rows:
            said = replace(said, last=days[audits[after - 1]])  # another one counts, and the roster says the same
            continue
        if said is not None:
            yield said
        said = RosterSpan(days[mark], days[audits[after - 1]], rows)
    if said is not None:
        yield said

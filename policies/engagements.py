"""
The engagements of a VMA, as dated stretches: on each day at most one, and what nothing changed is one stretch.

A roster may state one history in one row or in several. Rows that touch and say the same are one engagement; rows that
run at the same time (another role, another location) come to one on the days that they share. So every question about
a day has one answer, however the roster is written. `docs/decisions/0009-all-engagements-dated.md` says why.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from connectors.facts import Engagement
from policies.agreements.days import FOREVER, Days, after, before, difference, union


def stretches(rows: Iterable[Engagement]) -> tuple[Engagement, ...]:
    """Return the dated stretches of every VMA: VMAs in the order of their first row, each one's stretches by day."""
    return tuple(stretch for mine in _by_vma(rows).values() for stretch in (_of_one(mine) if len(mine) > 1 else mine))


def days_of(mine: Iterable[Engagement]) -> Days:
    """Return the days on which one of these engagements runs."""
    return union((e.start, e.end or FOREVER) for e in mine)


def outside(mine: Iterable[Engagement], taken: Days) -> Iterator[Engagement]:
    """Yield these engagements without the days that are taken."""
    for e in mine:
        for first, last in difference(((e.start, e.end or FOREVER),), taken):
            yield replace(e, start=first, end=None if last == FOREVER else last)


def known(
    past: Iterable[Engagement], periods: Iterable[Engagement], present: Mapping[str, Engagement]
) -> dict[str, tuple[Engagement, ...]]:
    """
    Return every engagement that is known of each VMA, by day.

    `past` is what earlier audits knew: on its days it counts. For the others, the roster (`periods`) does; of a VMA
    whom the roster does not name, the engagement that is `present`.
    """
    before_, rows = _by_vma(past), _by_vma(periods)
    found = {}
    for vma in dict.fromkeys((*present, *rows, *before_)):
        earlier = before_.get(vma, [])
        mine = rows.get(vma) or ([present[vma]] if vma in present else [])
        if earlier:
            mine = sorted((*earlier, *outside(mine, days_of(earlier))), key=lambda e: e.start)
        found[vma] = tuple(mine)
    return found


def _by_vma(rows: Iterable[Engagement]) -> dict[str, list[Engagement]]:
    found: dict[str, list[Engagement]] = {}
    for row in rows:
        found.setdefault(row.vma, []).append(row)
    return found


def on(mine: Iterable[Engagement], day: date) -> Engagement | None:
    """Return the engagement of one VMA that runs on a day, if one does."""
    return next((e for e in mine if e.active_on(day)), None)


def same_terms(one: Engagement, other: Engagement) -> bool:
    """Whether two engagements differ in their dates only; the order of roles and locations says nothing."""
    return _terms(one) == _terms(other)


def touches(one: Engagement, other: Engagement) -> bool:
    """Whether the other begins on the day after this one ends."""
    return one.end is not None and after(one.end) == other.start


def touching(mine: Iterable[Engagement]) -> Iterator[list[Engagement]]:
    """Yield the stretches of one VMA in runs without a day between them: somebody who never left is in one run."""
    run: list[Engagement] = []
    for stretch in sorted(mine, key=lambda e: e.start):
        if run and not touches(run[-1], stretch):
            yield run
            run = []
        run.append(stretch)
    if run:
        yield run


def _terms(e: Engagement) -> tuple[object, ...]:
    return e.agency, e.employment, frozenset(e.roles), frozenset(e.locations), e.hours, e.on_leave


def _of_one(rows: Sequence[Engagement]) -> Iterator[Engagement]:
    """Cut the rows of one VMA where one begins or is over, put together what runs at once, join what is the same."""
    edges = sorted({row.start for row in rows} | {after(row.end) for row in rows if row.end is not None})
    last: Engagement | None = None
    for number, first in enumerate(edges):
        running = sorted((row for row in rows if row.active_on(first)), key=lambda row: row.start)
        if not running:
            continue
        until = before(edges[number + 1]) if number + 1 < len(edges) else FOREVER
        piece = replace(_together(running), start=first, end=None if until == FOREVER else until)
        if last is not None and touches(last, piece) and same_terms(last, piece):
            last = replace(last, end=piece.end)
            continue
        if last is not None:
            yield last
        last = piece
    if last is not None:
        yield last


def _together(running: Sequence[Engagement]) -> Engagement:
    """
    Put engagements of one day together.

    Nobody is on leave who works in one of them; the hours are known when all of them are; no location means no limit.
    """
    if len(running) == 1:
        return running[0]
    roles = tuple(dict.fromkeys(role for row in running for role in row.roles))
    places = tuple(dict.fromkeys(place for row in running for place in row.locations))
    hours = [row.hours for row in running]
    return replace(
        running[0],
        roles=roles,
        locations=places if all(row.locations for row in running) else (),
        hours=None if None in hours else sum(h for h in hours if h is not None),
        on_leave=all(row.on_leave for row in running),
    )

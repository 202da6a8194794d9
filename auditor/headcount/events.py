"""Headcount events: the difference between two rosters, in the words of the people who hire."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from auditor.headcount.engagements import DAY, Became, Pair, RosterSpan, history, pairs
from auditor.headcount.renamed import same_person
from connectors.facts import Engagement, Person
from policies.engagements import on, touches


class EventKind(StrEnum):
    """What happened to one engagement, or, from `agreement-signed` on, to the controls without headcount."""

    JOINED = "joined"
    REHIRED = "rehired"
    LEFT = "left"
    ROLE_CHANGED = "role-changed"
    SCOPE_CHANGED = "scope-changed"
    HOURS_CHANGED = "hours-changed"
    AGENCY_CHANGED = "agency-changed"
    ON_LEAVE = "on-leave"
    RETURNED = "returned"
    CORRECTED = "corrected"
    """The roster now says another start or end than it did; nobody came or went."""
    RENAMED = "renamed"
    ID_REUSED = "id-reused"
    """The id was one person's and is another's now, so that two histories run together (NIST SP 800-53 IA-4)."""
    AGREEMENT_SIGNED = "agreement-signed"
    AGREEMENT_AMENDED = "agreement-amended"
    AGREEMENT_ENDED = "agreement-ended"
    TEMPLATE_CHANGED = "template-changed"
    SYSTEM_ADDED = "system-added"
    SYSTEM_REMOVED = "system-removed"
    RULE_ADDED = "rule-added"
    RULE_REMOVED = "rule-removed"
    RULE_CHANGED = "rule-changed"


@dataclass(frozen=True, slots=True)
class Event:
    """One headcount event, or one change that is not headcount and moves controls (`auditor.drift.policy_changes`)."""

    kind: EventKind
    vma: str
    """Empty where it is about no one VMA: then `about` says what it is about."""
    before: Engagement | None
    """`None` for somebody who was not on the roster before."""
    after: Engagement | None
    """`None` for somebody who is no longer on the roster."""
    detail: str
    about: str = ""
    """The agreement, role template, system or rule; empty for a VMA."""

    @property
    def subject(self) -> str:
        """The id of whom or what it is about."""
        return self.vma or self.about


COMING = (EventKind.JOINED, EventKind.REHIRED)

Dated = tuple[date, Event]
"""An event and its first day."""
_Rows = tuple[Engagement, ...]


def applying(engagements: Iterable[Engagement], day: date) -> dict[str, Engagement]:
    """
    Return the engagement that counts for each VMA on a day, by VMA id.

    The one that runs then; otherwise the next to come; otherwise the last that ended.
    """
    found: dict[str, Engagement] = {}
    for engagement in sorted(engagements, key=lambda e: e.start):
        known = found.get(engagement.vma)
        if known is None or (known.end is not None and known.end < day):
            found[engagement.vma] = engagement
    return found


def events(
    before: Iterable[Engagement],
    after: Iterable[Engagement],
    then: date,
    today: date,
    *,
    people: tuple[Mapping[str, Person], Mapping[str, Person]] = ({}, {}),
) -> tuple[Event, ...]:
    """
    Compare the roster of the day `then` with that of `today`, each with every engagement that it has (`stretches`).

    Dates count, not only rows: a VMA who was listed all along joins on the day the engagement starts, and leaves on
    the day after it ends; where another one begins on that day, nobody left, and what is different is the event. What
    was entered afterwards, of days before `then`, is told too, with how late. `people` are those before and after, by
    VMA id: `auditor.headcount.renamed` tells a new name from another person.
    """
    old, new = _by_vma(before), _by_vma(after)
    found: list[Event] = []
    for vma in sorted({*old, *new}):
        mine = old.get(vma, ()), new.get(vma, ())
        found += (event for _, event in sorted(_of_vma(*mine, then, today), key=lambda told: told[0]))
        was, is_ = people[0].get(vma), people[1].get(vma)
        if all(mine) and was is not None and is_ is not None and was.name != is_.name:
            kept = any(p.old and p.new and p.old.start == p.new.start for p in pairs(*mine))
            same, unclear = same_person(was, is_, kept=kept)
            kind = EventKind.RENAMED if same else EventKind.ID_REUSED
            found.append(Event(kind, vma, mine[0][-1], mine[1][-1], f"{was.name} → {is_.name}{unclear}"))
    return tuple(found)


def coming(periods: Iterable[Engagement], today: date, until: date) -> tuple[tuple[date, Event], ...]:
    """Return the events that the roster already dates, after `today` and up to `until`, in the order of their days."""
    dated = (told for mine in _by_vma(periods).values() for told in along(mine) if today < told[0] <= until)
    return tuple(sorted(dated, key=lambda told: (told[0], told[1].vma, told[1].kind.value)))


def along(line: Iterable[Engagement]) -> Iterator[Dated]:
    """Yield what happens along the engagements of one VMA, each with its first day."""
    last: Engagement | None = None
    for one in line:
        if last is not None and touches(last, one):
            yield from ((one.start, event) for event in _changes(one.vma, last, one))
        else:
            if last is not None:
                yield _left(last)
            kind = EventKind.JOINED if last is None else EventKind.REHIRED
            yield one.start, Event(kind, one.vma, last, one, _joining(one))
        last = one
    if last is not None and last.end is not None:
        yield _left(last)


def _by_vma(rows: Iterable[Engagement]) -> dict[str, _Rows]:
    found: dict[str, _Rows] = {}
    for row in sorted(rows, key=lambda e: e.start):
        found[row.vma] = (*found.get(row.vma, ()), row)
    return found


def _left(last: Engagement) -> Dated:
    assert last.end is not None  # noqa: S101 - only asked of what ended
    return last.end + DAY, Event(EventKind.LEFT, last.vma, last, last, f"last day {last.end}")


def _of_vma(old: _Rows, new: _Rows, then: date, today: date) -> Iterator[Dated]:
    """Yield what happened to one VMA: along what is known now, without what was known and had happened before."""
    line = history((RosterSpan(then, then, old), RosterSpan(today, today, new)))
    told_before = {_key(told) for told in along(old) if told[0] <= then}
    matched = pairs(old, new)
    fresh = []
    for day, event in along(line):
        if day <= today and _key((day, event)) not in told_before and not _is_correction(day, event, matched, then):
            fresh.append((day, _worded(day, event, old, new, (then, today))))
    yield from fresh
    was, is_ = on(old, then), on(new, today)
    if was is not None and is_ is None and all(event.kind is not EventKind.LEFT for _, event in fresh):
        yield today, Event(EventKind.LEFT, was.vma, was, new[-1] if new else None, _leaving(was, new, then, today))
    for pair in matched:
        if pair.old is not None and pair.new is not None:
            yield from ((today, event) for event in _corrected(pair.old, pair.new, new, then, today))


def _key(told: Dated) -> tuple[object, ...]:
    day, event = told
    match event.kind:
        case EventKind.JOINED | EventKind.REHIRED:
            return day, EventKind.JOINED
        case EventKind.LEFT:
            return day, EventKind.LEFT
    return day, event.kind, event.detail


def _is_correction(day: date, event: Event, matched: Iterable[Pair], then: date) -> bool:
    """Whether a coming or going of before is only dated anew: `_corrected` tells it."""
    for p in matched:
        if p.became is not Became.CORRECTED or p.old is None or p.new is None:
            continue
        if event.kind in COMING and p.new.start == day and p.old.start <= then:
            return True
        ended = p.new.end is not None and p.new.end + DAY == day
        if event.kind is EventKind.LEFT and ended and day <= then and p.old.end is not None and p.old.end < then:
            return True
    return False


def _worded(day: date, event: Event, old: _Rows, new: _Rows, days: tuple[date, date]) -> Event:
    """Add what the rosters themselves say: the row, whether it is there still, and how late it was entered."""
    then, today = days
    late = f", told {(then - day).days} days or more after it" if day < then else ""
    if event.kind is EventKind.LEFT:
        was = on(old, min(then, day - DAY)) or event.before
        row = next((r for r in new if r.end == day - DAY), None)
        known = next((r for r in old if r.end == day - DAY), None)
        if row is None and known is None:
            detail = _leaving(was, new, then, today)
        else:
            # The last day is counted, not the day after it.
            late = f", told {(then - day + DAY).days} days or more after it" if day <= then else ""
            detail = f"{event.detail}{late}" + ("" if new else "; no longer on the roster")
        return replace(event, before=was, after=row, detail=detail)
    if event.kind in COMING:
        return replace(event, detail=event.detail + late)
    dated = f", from {day}" if any(r.start == day for r in new) else ""
    return replace(event, detail=event.detail + dated + (late if dated else ""))


def _corrected(old: Engagement, now: Engagement, new: _Rows, then: date, today: date) -> Iterator[Event]:
    """Yield another first or last day of a row, unless that is a coming, a going, or a change to come."""
    if old.start != now.start and old.start <= then and now.start <= today:
        yield Event(EventKind.CORRECTED, old.vma, old, now, f"first day {old.start} → {now.start}")
    if old.end == now.end or any(touches(now, other) for other in new):
        return
    was_over = old.end is not None and old.end < then
    is_over = now.end is not None and now.end < today
    if is_over and not (was_over and now.end is not None and now.end < then):
        return  # it is the day on which the VMA left
    if was_over or (old.active_on(then) and now.active_on(today)):
        detail = f"last day {old.end or 'not known'} → {now.end or 'not known'}"
        yield Event(EventKind.CORRECTED, old.vma, old, now, detail)


def _changes(vma: str, old: Engagement, new: Engagement) -> list[Event]:
    found = []

    def changed(kind: EventKind, was: object, is_: object) -> None:
        found.append(Event(kind, vma, old, new, f"{was} → {is_}"))

    if set(old.roles) != set(new.roles):
        changed(EventKind.ROLE_CHANGED, ", ".join(old.roles), ", ".join(new.roles))
    if set(old.locations) != set(new.locations):
        changed(EventKind.SCOPE_CHANGED, ", ".join(old.locations) or "none", ", ".join(new.locations) or "none")
    if old.hours != new.hours:
        changed(EventKind.HOURS_CHANGED, _hours(old), _hours(new))
    if (old.agency, old.employment) != (new.agency, new.employment):
        changed(EventKind.AGENCY_CHANGED, _employer(old), _employer(new))
    if old.on_leave != new.on_leave:
        kind = EventKind.ON_LEAVE if new.on_leave else EventKind.RETURNED
        found.append(Event(kind, vma, old, new, "on leave" if new.on_leave else "back from leave"))
    return found


def _joining(new: Engagement) -> str:
    return f"{', '.join(new.roles)}, from {new.start}{_through(new)}"


def _leaving(was: Engagement | None, new: _Rows, then: date, today: date) -> str:
    """Word a leaving that no row dates: the row is gone, or begins on another day."""
    coming = next((row for row in new if row.start > today), None)
    if coming is not None:
        return f"now starts on {coming.start}"
    if was is not None and was.end is not None and was.end < today:
        late = f", told {(then - was.end).days} days or more after it" if was.end < then else ""
        return f"last day {was.end}{late}" + ("" if new else "; no longer on the roster")
    return "no longer on the roster, without an end date"


def _hours(engagement: Engagement) -> str:
    return "not stated" if engagement.hours is None else f"{engagement.hours:g} hours a week"


def _employer(engagement: Engagement) -> str:
    return f"{engagement.employment.value} of {engagement.agency or 'the practice'}"


def _through(engagement: Engagement) -> str:
    return f", through {engagement.agency}" if engagement.agency else ", engaged by the practice"

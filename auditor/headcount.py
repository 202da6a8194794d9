"""Headcount events: the difference between two rosters, in the words of the people who hire."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from connectors.facts import Engagement, Person


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


@dataclass(frozen=True, slots=True)
class Event:
    """One headcount event, or one change that is not headcount and moves the controls (`auditor.terms`)."""

    kind: EventKind
    vma: str
    """Empty where it is about no one VMA: then `about` says what it is about."""
    before: Engagement | None
    """`None` for somebody who was not on the roster before."""
    after: Engagement | None
    """`None` for somebody who is no longer on the roster."""
    detail: str
    about: str = ""
    """The agreement, role template or system; empty for a VMA."""

    @property
    def subject(self) -> str:
        """The id of whom or what it is about."""
        return self.vma or self.about


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
    before: Mapping[str, Engagement],
    after: Mapping[str, Engagement],
    then: date,
    today: date,
    *,
    periods: Iterable[Engagement] = (),
    people: tuple[Mapping[str, Person], Mapping[str, Person]] = ({}, {}),
) -> tuple[Event, ...]:
    """
    Compare the roster as it applied on the day `then` with the roster as it applies `today`.

    Dates count, not only rows: a VMA who was listed all along joins on the day the engagement starts, and leaves on
    the day after it ends. `periods` are all engagements of the new roster: somebody who came and went between the two
    days is told too. `people` are those before and after, by VMA id: a new name with the same id is the same person,
    unless the e-mail address is another one too.
    """
    found: list[Event] = []
    between = _between(periods, then, today)
    for vma in sorted({*before, *after, *between}):
        old, new = before.get(vma), after.get(vma)
        found.extend(_of_vma(vma, old, new, then, today))
        if not _is_told(found, vma):
            found.extend(between.get(vma, ()))
        was, is_ = people[0].get(vma), people[1].get(vma)
        if old is not None and new is not None and was is not None and is_ is not None and was.name != is_.name:
            mails = {p.email.casefold() for p in (was, is_) if p.email}
            kind = EventKind.ID_REUSED if len(mails) == 2 else EventKind.RENAMED
            found.append(Event(kind, vma, old, new, f"{was.name} → {is_.name}"))
    return tuple(found)


def coming(periods: Iterable[Engagement], today: date, until: date) -> tuple[tuple[date, Event], ...]:
    """Return the events that the roster already dates, after `today` and up to `until`, in the order of their days."""
    found: list[tuple[date, Event]] = []
    seen: set[str] = set()
    for engagement in sorted(periods, key=lambda e: (e.vma, e.start)):
        if today < engagement.start <= until:
            kind = EventKind.REHIRED if engagement.vma in seen else EventKind.JOINED
            found.append((engagement.start, Event(kind, engagement.vma, None, engagement, _joining(engagement))))
        seen.add(engagement.vma)
        if engagement.end is not None and today <= engagement.end < until:
            left = Event(EventKind.LEFT, engagement.vma, engagement, engagement, f"last day {engagement.end}")
            found.append((engagement.end + timedelta(days=1), left))
    return tuple(sorted(found, key=lambda item: (item[0], item[1].vma, item[1].kind.value)))


def _between(periods: Iterable[Engagement], then: date, today: date) -> dict[str, list[Event]]:
    """Return join and leave of whoever came after `then` and was gone again before `today`."""
    found: dict[str, list[Event]] = {}
    for e in sorted(periods, key=lambda e: e.start):
        if then < e.start and e.end is not None and e.end < today:
            told = found.setdefault(e.vma, [])
            told.append(Event(EventKind.JOINED, e.vma, None, e, _joining(e)))
            told.append(Event(EventKind.LEFT, e.vma, e, e, f"last day {e.end}"))
    return found


def _is_told(found: list[Event], vma: str) -> bool:
    return any(e.vma == vma and e.kind in (EventKind.JOINED, EventKind.REHIRED, EventKind.LEFT) for e in found)


def _of_vma(vma: str, old: Engagement | None, new: Engagement | None, then: date, today: date) -> list[Event]:
    was = old is not None and old.active_on(then)
    is_ = new is not None and new.active_on(today)
    if not was and not is_:
        return []
    if not was:
        assert new is not None  # noqa: S101 - it is active
        again = old is not None and old.end is not None and old.end < new.start
        return [Event(EventKind.REHIRED if again else EventKind.JOINED, vma, old, new, _joining(new))]
    if not is_:
        return [Event(EventKind.LEFT, vma, old, new, _leaving(old, new, then, today))]
    assert old is not None and new is not None  # noqa: S101, PT018 - both are active
    if old.end is not None and old.end < new.start:
        left = Event(EventKind.LEFT, vma, old, new, f"last day {old.end}")
        return [left, Event(EventKind.REHIRED, vma, old, new, _joining(new))]
    return _changes(vma, old, new)


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
    if old.start != new.start:
        changed(EventKind.CORRECTED, f"first day {old.start}", new.start)
    if old.end != new.end:
        changed(EventKind.CORRECTED, f"last day {old.end or 'not known'}", new.end or "not known")
    if old.on_leave != new.on_leave:
        kind = EventKind.ON_LEAVE if new.on_leave else EventKind.RETURNED
        found.append(Event(kind, vma, old, new, "on leave" if new.on_leave else "back from leave"))
    return found


def _joining(new: Engagement) -> str:
    return f"{', '.join(new.roles)}, from {new.start}{_through(new)}"


def _leaving(old: Engagement | None, new: Engagement | None, then: date, today: date) -> str:
    known = new or old
    if known is not None and known.end is not None and known.end < today:
        late = f", told {(then - known.end).days} days or more after it" if known.end < then else ""
        return f"last day {known.end}{late}" + ("" if new else "; no longer on the roster")
    return f"now starts on {new.start}" if new else "no longer on the roster, without an end date"


def _hours(engagement: Engagement) -> str:
    return "not stated" if engagement.hours is None else f"{engagement.hours:g} hours a week"


def _employer(engagement: Engagement) -> str:
    return f"{engagement.employment.value} of {engagement.agency or 'the practice'}"


def _through(engagement: Engagement) -> str:
    return f", through {engagement.agency}" if engagement.agency else ", engaged by the practice"

"""Headcount events: the difference between two rosters, in the words of the people who hire."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from connectors.facts import Engagement


class EventKind(StrEnum):
    """What happened to one engagement."""

    JOINED = "joined"
    LEFT = "left"
    ROLE_CHANGED = "role-changed"
    SCOPE_CHANGED = "scope-changed"
    HOURS_CHANGED = "hours-changed"
    AGENCY_CHANGED = "agency-changed"
    ON_LEAVE = "on-leave"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class Event:
    """One headcount event."""

    kind: EventKind
    vma: str
    before: Engagement | None
    """`None` for somebody who was not on the roster before."""
    after: Engagement | None
    """`None` for somebody who is no longer on the roster."""
    detail: str


def events(
    before: Mapping[str, Engagement],
    after: Mapping[str, Engagement],
    then: date,
    today: date,
) -> tuple[Event, ...]:
    """
    Compare the roster as it applied on the day `then` with the roster as it applies `today`.

    Dates count, not only rows: a VMA who was listed all along joins on the day the engagement starts, and leaves on
    the day after it ends.
    """
    found: list[Event] = []
    for vma in sorted({*before, *after}):
        found.extend(_of_vma(vma, before.get(vma), after.get(vma), then, today))
    return tuple(found)


def _of_vma(vma: str, old: Engagement | None, new: Engagement | None, then: date, today: date) -> list[Event]:
    was = old is not None and old.active_on(then)
    is_ = new is not None and new.active_on(today)
    if not was and not is_:
        return []
    if not was:
        assert new is not None  # noqa: S101 - it is active
        return [Event(EventKind.JOINED, vma, old, new, f"{', '.join(new.roles)}, from {new.start}{_through(new)}")]
    if not is_:
        return [Event(EventKind.LEFT, vma, old, new, _leaving(old, new, today))]
    assert old is not None and new is not None  # noqa: S101, PT018 - both are active
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
    if old.on_leave != new.on_leave:
        kind = EventKind.ON_LEAVE if new.on_leave else EventKind.RETURNED
        found.append(Event(kind, vma, old, new, "on leave" if new.on_leave else "back from leave"))
    return found


def _leaving(old: Engagement | None, new: Engagement | None, today: date) -> str:
    known = new or old
    if known is not None and known.end is not None and known.end < today:
        return f"last day {known.end}" + ("" if new else "; no longer on the roster")
    return f"now starts on {new.start}" if new else "no longer on the roster, without an end date"


def _hours(engagement: Engagement) -> str:
    return "not stated" if engagement.hours is None else f"{engagement.hours:g} hours a week"


def _employer(engagement: Engagement) -> str:
    return f"{engagement.employment.value} of {engagement.agency or 'the practice'}"


def _through(engagement: Engagement) -> str:
    return f", through {engagement.agency}" if engagement.agency else ", engaged by the practice"

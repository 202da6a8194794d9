"""
Lag and lockstep: how far the controls of each VMA trail behind the headcount. Pure: spans in, lags and shares out.

`docs/lag.md` defines every number of this page.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from auditor.lag.spans import HOUR, Calendar, Spans
from policies.intervals import difference, intersection, union


@dataclass(frozen=True, slots=True)
class Obligation:
    """One control that must be in place for one VMA in one engagement, and when it was."""

    vma: str
    control: str
    due: int
    until: int
    """The first instant at which it is no longer asked: the engagement is over, or the present."""
    in_place: Spans
    """When it was shown to be in place; also before it was due."""
    broken: Spans = ()
    """When it was shown not to be; counts even before it is due."""
    system: str = ""
    """The system, where the duty is told for one; empty for all together."""
    agency: str | None = None
    roles: tuple[str, ...] = ()
    after_end: bool = False
    """It begins when the engagement has ended."""

    @property
    def gap(self) -> Spans:
        """When it was due and not shown to be in place, or shown not to be."""
        asked = difference(((self.due, self.until),) if self.due < self.until else (), self.in_place)
        return union((*asked, *self.broken))


class LagState(StrEnum):
    """How a lag stands."""

    IN_PLACE = "in place"
    OPEN = "open"
    """Due, not in place, and still growing."""
    NEVER = "never in place"
    """The engagement ended first."""
    NOT_DUE = "not due yet"


@dataclass(frozen=True, slots=True)
class Lag:
    """From when a control was due until it was in place."""

    duty: Obligation
    state: LagState
    in_place: int | None
    """When it came to be in place; before it was due when it was early."""
    seconds: int
    """Negative when early; what has grown so far when it is open."""
    broken: bool
    """A finding stands against it now, or stood at the end, so that it is not merely unproven."""
    owed_since: int | None
    """Since when it has not been in place, if it is not now; also where it was in place before, and lapsed."""

    @property
    def hours(self) -> float:
        """The lag in hours."""
        return self.seconds / HOUR


@dataclass(frozen=True, slots=True)
class Presence:
    """One VMA: when on the practice's headcount, and every duty that came with it."""

    vma: str
    engaged: Spans
    duties: tuple[Obligation, ...]

    @property
    def counted(self) -> Spans:
        """The time that is weighed: the engagements, and what follows until access is shown to have ended."""
        return union((*self.engaged, *(s for d in self.duties if d.after_end for s in d.gap)))

    @property
    def gap(self) -> Spans:
        """The part of `counted` in which a control was not in place."""
        within = (s for d in self.duties if not d.after_end for s in intersection(d.gap, self.engaged))
        return union((*within, *(s for d in self.duties if d.after_end for s in d.gap)))


@dataclass(frozen=True, slots=True)
class LockstepPoint:
    """From this instant on, until the next step."""

    at: int
    headcount: int
    controlled: int


@dataclass(frozen=True, slots=True)
class Lockstep:
    """Two step lines, the area between them, and the one number."""

    since: int
    until: int
    vma_days: Fraction
    exposure: Fraction
    """VMA-days in which a control was not in place: the area between the two lines."""
    steps: tuple[LockstepPoint, ...]

    @property
    def share(self) -> Fraction | None:
        """The share of VMA-days in which every control was in place, 0 to 1; `None` when there was nobody."""
        return None if self.vma_days == 0 else (self.vma_days - self.exposure) / self.vma_days


def lag_of(duty: Obligation, now: int) -> Lag:
    """Return the lag of one duty at an instant."""
    started = next((s for s, e in duty.in_place if s <= duty.due < e), None)
    if started is None:
        started = next((s for s, _ in duty.in_place if duty.due < s), None)
    end = min(duty.until, now)
    broken = any(s <= now < e or s < duty.until == e for s, e in duty.broken)
    owed = next((s for s, e in duty.gap if s <= now < e), None)
    if started is not None and started <= now:
        return Lag(duty, LagState.IN_PLACE, started, started - duty.due, broken, owed)
    if duty.due > now or duty.due >= duty.until:
        return Lag(duty, LagState.NOT_DUE, None, 0, broken, owed)
    state = LagState.OPEN if duty.until >= now else LagState.NEVER
    return Lag(duty, state, None, end - duty.due, broken, owed)


def counts(lag: Lag, since: int) -> bool:
    """Whether a lag is weighed: due since then, or not over by then. What is open is never dropped."""
    if lag.state is LagState.NOT_DUE:
        return False
    over = lag.in_place if lag.state is LagState.IN_PLACE else lag.duty.due + lag.seconds
    return lag.duty.due >= since or lag.state is LagState.OPEN or (over is not None and over > since)


def lockstep(presences: Iterable[Presence], since: int, until: int, calendar: Calendar) -> Lockstep:
    """Weigh all VMAs from one instant to another, exactly."""
    window = ((since, until),) if since < until else ()
    counted = {p.vma: intersection(p.counted, window) for p in presences_by_vma(presences)}
    gaps = {p.vma: intersection(p.gap, window) for p in presences_by_vma(presences)}
    return Lockstep(
        since=since,
        until=until,
        vma_days=sum((calendar.days(s) for s in counted.values()), Fraction(0)),
        exposure=sum((calendar.days(s) for s in gaps.values()), Fraction(0)),
        steps=_steps(counted, gaps, since, until),
    )


def presences_by_vma(presences: Iterable[Presence]) -> Sequence[Presence]:
    """Return one presence for each VMA, so that nobody is counted twice."""
    found: dict[str, Presence] = {}
    for p in presences:
        known = found.get(p.vma)
        if known is not None:
            p = Presence(p.vma, union((*known.engaged, *p.engaged)), (*known.duties, *p.duties))  # noqa: PLW2901
        found[p.vma] = p
    return list(found.values())


def area(steps: Sequence[LockstepPoint], until: int, calendar: Calendar) -> Fraction:
    """Return the area between the two lines, in VMA-days."""
    ends = [step.at for step in steps[1:]] + [until]
    return sum(
        (
            (step.headcount - step.controlled) * (calendar.reckon(end) - calendar.reckon(step.at))
            for step, end in zip(steps, ends, strict=True)
        ),
        Fraction(0),
    )


def worst(step: Lockstep, number: int, columns: int) -> tuple[int, int]:
    """
    Return headcount and controlled headcount at the moment of one column at which they are farthest apart.

    For a picture of so many columns from the first instant to the last: a short gap is not lost between two of them.
    """
    length = step.until - step.since
    begin = step.since + length * number // columns
    end = max(begin + 1, step.since + length * (number + 1) // columns)
    ends = [s.at for s in step.steps[1:]] + [step.until]
    inside = [s for s, after in zip(step.steps, ends, strict=True) if s.at < end and begin < after and s.at < after]
    found = max(inside, key=lambda s: (s.headcount - s.controlled, s.headcount), default=LockstepPoint(begin, 0, 0))
    return found.headcount, found.controlled


def _steps(
    counted: Mapping[str, Spans], gaps: Mapping[str, Spans], since: int, until: int
) -> tuple[LockstepPoint, ...]:
    changes: dict[int, list[int]] = {since: [0, 0]}
    for number, lines in enumerate((counted, gaps)):
        for start, end in (span for spans in lines.values() for span in spans):
            changes.setdefault(start, [0, 0])[number] += 1
            changes.setdefault(end, [0, 0])[number] -= 1
    found: list[LockstepPoint] = []
    heads = missing = 0
    for at in sorted(changes):
        if since < at >= until:
            break  # all spans end where the window does, and that is no leaving
        heads, missing = heads + changes[at][0], missing + changes[at][1]
        step = LockstepPoint(at, heads, heads - missing)
        if not found or (found[-1].headcount, found[-1].controlled) != (step.headcount, step.controlled):
            found.append(step)
    return tuple(found)

"""From signals to advice: is it a ceiling, which role comes first by what it costs, which lever fits. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from math import ceil
from shlex import quote
from statistics import median

from auditor.capacity.checklist import CapacityChecklist, Test
from auditor.capacity.figures import Figures
from auditor.capacity.hires import Effect, effect, hires
from auditor.capacity.measure import MeasuredSignal, ceiling, measure
from connectors.facts import Engagement

EVEN = 1.25
"""Up to so many times the average, the dearest role is no bottleneck of its own. Our proposal."""


class Lever(StrEnum):
    """What can be changed."""

    NONE = "none"
    HOURS = "hours"
    VMAS = "VMAs"
    ROLES = "roles"


@dataclass(frozen=True, slots=True)
class Cost:
    """What a role's bottleneck costs each week, in hours of work that is lost or left behind."""

    role: str
    """Empty: the whole practice."""
    hours: float
    parts: tuple[tuple[str, float, float], ...]
    """Column, its median of the last weeks, and hours for one."""


@dataclass(frozen=True, slots=True)
class CapacityAdvice:
    """Which lever, and why."""

    lever: Lever
    why: str
    role: str
    """Which role first; empty when the file does not tell."""
    count: int
    """How many VMAs, where that is the lever."""
    plan: str
    """The command that says which controls must be in place first; empty when nobody is to be hired."""
    hire: str = ""
    """The same hire in the words of `auditor plan --hire`; empty when the figures do not tell the role."""


@dataclass(frozen=True, slots=True)
class Capacity:
    """The whole answer."""

    source: str
    weeks: tuple[date, ...]
    practice: tuple[MeasuredSignal, ...]
    roles: tuple[tuple[str, tuple[MeasuredSignal, ...]], ...]
    ceiling: bool
    ceilings: tuple[str, ...]
    """The roles that have a ceiling of their own."""
    costs: tuple[Cost, ...]
    """The dearest first."""
    effects: tuple[Effect, ...]
    """The last hire; and before it, where that is too fresh, the last one that can be judged."""
    advice: CapacityAdvice

    @property
    def measured(self) -> bool:
        """Whether enough signals could be measured to tell a ceiling from none."""
        return sum(m.trend is not None for m in self.practice) >= 2


def assess(
    figures: Figures,
    checklist: CapacityChecklist,
    engagements: Sequence[Engagement] | None = None,
    *,
    hours: Mapping[str, float] | None = None,
    config: str = "auditor.yaml",
    today: date | None = None,
) -> Capacity:
    """
    Answer for a file of figures.

    `engagements` is the roster, `hours` what one of a figure costs, by column; nobody is hired for a day before
    `today`.
    """
    practice = measure(figures, checklist)
    roles = tuple((role, measure(figures, checklist, role)) for role in figures.roles)
    each = {name: column.hours for name, column in checklist.columns.items() if column.hours is not None}
    costs = _costs(figures, checklist, {**each, **(hours or {})})
    effects = _effects(figures, checklist, engagements)
    is_ceiling = ceiling(practice, checklist)
    ceilings = tuple(role for role, measured in roles if ceiling(measured, checklist))
    if is_ceiling or ceilings:
        advice = _advise(figures, checklist.test, engagements, costs, effects)
    else:
        advice = CapacityAdvice(Lever.NONE, "fewer than two signals are on at once: this is no ceiling", "", 0, "")
    if advice.lever is Lever.VMAS:
        day = figures.weeks[-1] + timedelta(days=7)
        advice = _with_plan(advice, max(day, today or day), config)
    return Capacity(figures.source, figures.weeks, practice, roles, is_ceiling, ceilings, costs, effects, advice)


def _costs(figures: Figures, checklist: CapacityChecklist, hours: Mapping[str, float]) -> tuple[Cost, ...]:
    found = []
    for role in figures.roles or ("",):
        parts = tuple(
            (name, median(figures.values[role, name][-checklist.test.recent :]), hours[name])
            for name in figures.columns
            if name in hours
        )
        found.append(Cost(role, sum(count * each for _, count, each in parts), parts))
    return tuple(sorted(found, key=lambda cost: (-cost.hours, cost.role)))


def _effects(
    figures: Figures, checklist: CapacityChecklist, engagements: Sequence[Engagement] | None
) -> tuple[Effect, ...]:
    found: list[Effect] = []
    for hire in hires(figures, engagements):
        found.append(effect(figures, checklist, hire))
        if found[-1].compared:
            break
    return tuple([*found[:1], *found[-1:]] if len(found) > 1 else found)


def _structural(first: Cost, costs: Sequence[Cost], effects: Sequence[Effect]) -> CapacityAdvice | None:
    """Return the advice to change roles and lanes first, where a further VMA would not help."""
    judged = next((e for e in effects if e.compared), None)
    if judged is not None and judged.structural and judged.hire.role in ("", first.role):
        who = judged.hire.vma or "the last VMA"
        why = (
            f"{who} was added on {judged.hire.start} and the figures are {judged.verdict.value}: that is a problem of "
            "structure, not of capacity, and one more will not help before lanes and owners are clear (`auditor work`)"
        )
        return CapacityAdvice(Lever.ROLES, why, first.role, 0, "")
    total = sum(cost.hours for cost in costs)
    if len(costs) > 2 and total > 0 and first.hours < total / len(costs) * EVEN:
        why = (
            f"no role stands out: the dearest, {first.role}, costs {first.hours:.1f} of {total:.1f} hours a week; work "
            "that is late everywhere is divided wrongly, so divide it by lanes before anybody is hired"
        )
        return CapacityAdvice(Lever.ROLES, why, first.role, 0, "")
    return None


def _advise(
    figures: Figures, test: Test, roster: Sequence[Engagement] | None, costs: Sequence[Cost], effects: Sequence[Effect]
) -> CapacityAdvice:
    """Return the lever that fits a ceiling."""
    first = costs[0]
    if (structural := _structural(first, costs, effects)) is not None:
        return structural
    if first.hours == 0:
        return CapacityAdvice(
            Lever.HOURS, "nothing is left behind yet, but the load grows: add hours before anybody", "", 0, ""
        )
    working = _working(roster, first.role, figures.weeks[-1] + timedelta(days=6))
    missing = f"{first.hours:.1f} hours a week are missing{f' for {first.role}' if first.role else ''}"
    if working is None:
        count = max(1, ceil(first.hours / test.full_time))
        return CapacityAdvice(Lever.VMAS, f"{missing}; the roster would say who could work more", first.role, count, "")
    if first.role and not working:
        why = f"{missing}, and nobody at work has that role: others do its work, without a lane of its own"
        return CapacityAdvice(Lever.VMAS, why, first.role, 1, "")
    return _by_hours(figures, test, working, first, missing)


def _by_hours(figures: Figures, test: Test, working: Sequence[Engagement], first: Cost, missing: str) -> CapacityAdvice:
    """Choose between more hours and more VMAs by what those who are there can still give."""
    fresh = [e for e in working if _is_fresh(e, figures, test)]
    spare = {e.vma: test.full_time - e.hours for e in working if e.hours is not None and e.hours < test.full_time}
    need = first.hours - sum(test.full_time if e.hours is None else e.hours for e in fresh)
    if fresh:
        names = ", ".join(f"{e.vma} (from {e.start})" for e in fresh)
        missing += f"; {names} cannot be seen in the figures yet, and should take {first.hours - need:.0f} of them"
    if need <= 0:
        weeks = test.settling + test.after
        return CapacityAdvice(Lever.NONE, f"{missing}: look again {weeks} weeks after the start", first.role, 0, "")
    if sum(spare.values()) >= need:
        why = (
            f"{missing}; {', '.join(spare)} could work {sum(spare.values()):.0f} hours more: no new account, no new "
            "agreement, no new risk"
        )
        return CapacityAdvice(Lever.HOURS, why, first.role, 0, "")
    if spare:
        missing += f"; {', '.join(spare)} could work only {sum(spare.values()):.0f} hours more"
    return CapacityAdvice(
        Lever.VMAS, missing, first.role, max(1, ceil((need - sum(spare.values())) / test.full_time)), ""
    )


def _is_fresh(engagement: Engagement, figures: Figures, test: Test) -> bool:
    """Whether somebody joined so late, or is still to come, that the figures cannot show it."""
    start = (engagement.start - figures.weeks[0]).days // 7
    return start + test.settling + test.after > len(figures.weeks)


def _working(engagements: Sequence[Engagement] | None, role: str, day: date) -> list[Engagement] | None:
    """Return who works in a role on a day, or will; `None` without a roster."""
    if engagements is None:
        return None
    able = (e for e in engagements if not e.on_leave and (not role or role in e.roles))
    return [e for e in able if e.active_on(day) or e.start > day]


def _with_plan(advice: CapacityAdvice, day: date, config: str) -> CapacityAdvice:
    """Add the command that shows the controls on the day of the hire: the first of a month, two weeks away or more."""
    soonest = day + timedelta(days=14)
    start = soonest if soonest.day == 1 else date(soonest.year + soonest.month // 12, soonest.month % 12 + 1, 1)
    plan = plan_command(config, advice.count, advice.role or "ROLE", start)
    hire = f"{advice.count}:{advice.role}:{start}" if advice.role else ""
    why = advice.why if advice.role else f"{advice.why}; a column `role` would say which role comes first"
    return CapacityAdvice(advice.lever, why, advice.role, advice.count, plan, hire)


def plan_command(config: str, count: int, role: str, start: date) -> str:
    """Return the command line of `auditor plan` for a hire."""
    return f"auditor plan {quote(config)} --hire {count}:{quote(role)}:{start}"

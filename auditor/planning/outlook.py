"""What a plan does to every control, day by day, and what to do first. Pure: no clock, no file, no network."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from auditor.planning.model import Plan
from auditor.planning.team import Team
from auditor.planning.todo import Todo, todo_list
from policies.agreements.days import contains
from policies.engine.case import Case
from policies.engine.evaluate import Judgment, judge
from policies.engine.incremental import reevaluate
from policies.engine.outcomes import Finding
from policies.engine.ownership import Lost, lost
from policies.engine.rule import all_rules


@dataclass(frozen=True, slots=True)
class Seats:
    """An agreement for a number of people, on one day."""

    agreement: str
    cap: int
    before: int
    """How many would work under it without the plan."""
    after: int
    tipping: tuple[str, ...]
    """VMAs without a seat, in the order in which they start; the first of them tips the number."""


@dataclass(frozen=True, slots=True)
class RuleOutlook:
    """What one rule says on one day."""

    rule: str
    question: str
    before: tuple[int, int]
    """Findings and what could not be evaluated, without the plan."""
    after: tuple[int, int]
    checked: int
    """How many the rule looked at, with the plan."""


@dataclass(frozen=True, slots=True)
class Load:
    """How many VMAs somebody coordinates."""

    coordinator: str
    before: int
    after: int
    limit: int


@dataclass(frozen=True, slots=True)
class DayState:
    """Every control on the day of a change."""

    day: date
    changes: tuple[str, ...]
    active: tuple[int, int]
    """How many VMAs work, without the plan and with it."""
    controls: tuple[RuleOutlook, ...]
    new: tuple[Finding, ...]
    """What is found because of the plan; each on the first day only."""
    settled: tuple[Finding, ...]
    """What the plan puts right; each on the first day only."""
    seats: tuple[Seats, ...]
    loads: tuple[Load, ...]
    """Empty without a work map."""
    unowned: tuple[Lost, ...] = ()
    """The work that loses its owner by the plan; each on the first day only."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """A plan, judged."""

    plan: Plan
    team: Team
    days: tuple[DayState, ...]
    todos: tuple[Todo, ...]
    not_read: dict[str, str]


def look(case: Case, plan: Plan, today: date) -> Outlook:
    """Judge a plan on every day on which one of its changes begins, with it and without it."""
    team = Team(case, plan)
    seen: set[str] = set()
    days: list[DayState] = []
    for day in team.days():
        state = _state(team, day, seen)
        seen |= {f.identity(case.practice.id) for f in (*state.new, *state.settled)} | {w.key for w in state.unowned}
        days.append(state)
    caps = {s.agreement: s for s in sorted((s for d in days for s in d.seats), key=lambda s: s.after)}
    spans = {load.coordinator: (d.day, load.after, load.limit) for d in reversed(days) for load in crowded([d])}
    unowned = [(d.day, work) for d in days for work in d.unowned]
    todos = todo_list(team, [(d.day, d.new) for d in days], caps, spans, unowned, today=today)
    return Outlook(plan, team, tuple(days), todos, {s: p.reason for s, p in case.incomplete.items()})


def _state(team: Team, day: date, seen: set[str]) -> DayState:
    without, planned = team.without(day), team.on(day)
    before = judge(without)
    after = reevaluate(without, before, planned)
    practice = planned.practice.id
    ids_before = {f.identity(practice) for f in before.findings}
    ids_after = {f.identity(practice) for f in after.findings}
    return DayState(
        day=day,
        changes=tuple(_changes(team, day)),
        active=(len(without.active), len(planned.active)),
        controls=tuple(_controls(before, after)),
        new=tuple(f for f in after.findings if f.identity(practice) not in ids_before | seen),
        settled=tuple(f for f in before.findings if f.identity(practice) not in ids_after | seen),
        seats=tuple(_seats(without, planned)),
        loads=tuple(_loads(without, planned)),
        unowned=tuple(work for work in lost(without, planned) if work.key not in seen),
    )


def _changes(team: Team, day: date) -> Iterator[str]:
    for entry in team.plan.hires:
        if entry[0].start == day:
            one = entry[0]
            through = one.agency or "the practice itself"
            where = f" at {', '.join(one.locations)}" if one.locations else ""
            ids = ", ".join(e.vma for e in entry)
            yield f"{len(entry)} × {', '.join(one.roles)}{where} start, {one.employment.value} of {through}: {ids}"
    for change in team.plan.roles:
        if change.start == day:
            yield f"{change.vma} becomes {', '.join(change.roles)}"
    for leave in team.plan.leaves:
        if leave.end.toordinal() + 1 == day.toordinal():
            yield f"{leave.vma} is gone, last day {leave.end}"


def _controls(before: Judgment, after: Judgment) -> Iterator[RuleOutlook]:
    earlier = {t.rule: t for t in before.tallies}
    for rule, tally in zip(all_rules(), after.tallies, strict=True):
        was = earlier[rule.id]
        yield RuleOutlook(
            rule.id,
            rule.question,
            (was.findings, was.not_evaluated),
            (tally.findings, tally.not_evaluated),
            tally.population,
        )


def _seats(without: Case, planned: Case) -> Iterator[Seats]:
    for agreement in planned.agreements:
        if agreement.headcount is None or not contains(agreement.days, planned.today):
            continue
        tipping = []
        for e in sorted(planned.active, key=lambda e: (e.start, e.vma)):
            through = planned.coverage.works_under(agreement, e)
            seat = planned.coverage.seat_from(agreement, e)
            if through and planned.coverage.names(agreement, e.vma) and (seat is None or seat > planned.today):
                tipping.append(e.vma)
        yield Seats(
            agreement.id,
            agreement.headcount,
            without.coverage.seats_used(agreement, without.today),
            planned.coverage.seats_used(agreement, planned.today),
            tuple(tipping),
        )


def _loads(without: Case, planned: Case) -> Iterator[Load]:
    if planned.duties is None:
        return
    before, after = _spans(without), _spans(planned)
    for coordinator in sorted({*before, *after}):
        led = before.get(coordinator, set()), after.get(coordinator, set())
        yield Load(coordinator, len(led[0]), len(led[1]), planned.duties.work.limits.span)


def _spans(case: Case) -> Mapping[str, set[str]]:
    """Return whom each coordinator of the work map coordinates that day."""
    found: dict[str, set[str]] = {}
    duties = case.duties
    assert duties is not None  # noqa: S101 - both cases have the map
    for engagement in case.active:
        for duty in duties.of(engagement.vma):
            coordinator = duties.work.cluster(duty.task.cluster).coordinator or duties.work.coordinator
            if coordinator is not None and coordinator != engagement.vma and not duty.backup:
                found.setdefault(coordinator, set()).add(engagement.vma)
    return found


def crowded(days: Sequence[DayState]) -> tuple[Load, ...]:
    """Return the coordinators whom the plan puts above the limit."""
    return tuple(load for day in days for load in day.loads if load.after > max(load.limit, load.before))

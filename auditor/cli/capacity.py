"""`auditor capacity`."""

from collections.abc import Iterable, Sequence
from math import isfinite
from pathlib import Path

from auditor.capacity.advise import Capacity, Lever, assess
from auditor.capacity.checklist import CapacityChecklist, load_checklist
from auditor.capacity.figures import Figures, read_figures
from auditor.capacity.hires import Effect
from auditor.capacity.measure import MeasuredSignal, chance
from auditor.cli.console import indented, joined, print_lines, styled
from auditor.cli.data.capacity import KEYS, CapacityData, capacity_data
from auditor.cli.formats import Format
from auditor.cli.output import emit
from auditor.cli.plan import Planned, plan_of, show_plan
from auditor.cli.statements import parse_day
from auditor.config import load_config
from auditor.exit_codes import FINDINGS, IN_STEP, NOT_EVALUABLE
from connectors.collect import utc_now
from connectors.errors import AuditorError, InputError
from connectors.facts import Engagement
from policies.engagements import stretches
from policies.policy import load_policy


def run_capacity(
    path: Path,
    config: Path | None,
    *,
    costs: Sequence[str],
    as_of: str | None = None,
    store: Path | None,
    output: Format,
) -> int:
    """
    Print what the figures say; nothing is stored. With `as_of`, weeks that were not over by that day are left out.

    Returns 0 for no ceiling, 1 for a ceiling, 2 when too few signals could be measured to tell. Raises `AuditorError`
    for figures, a configuration or a cost that cannot be used.
    """
    checklist = load_checklist()
    figures = read_figures(path, checklist)
    roster = _roster(config, figures) if config is not None else None
    day = parse_day(as_of, "--as-of")
    if day is not None:
        figures = figures.until(day)
    hours, today = _hours(costs, checklist), day or utc_now().date()
    found = assess(figures, checklist, roster, hours=hours, config=str(config or "auditor.yaml"), today=today)
    planned = _plan(found.advice.hire, config, as_of, store)
    emit(output, text=lambda: _print(found, checklist, planned), data=lambda: _data(found, planned), keys=KEYS)
    if found.ceiling or found.ceilings:
        return FINDINGS
    return IN_STEP if found.measured else NOT_EVALUABLE


def _plan(hire: str, config: Path | None, as_of: str | None, store: Path | None) -> Planned | str:
    """Judge the hire that is advised, so that capacity and controls are one answer; or say why that cannot be done."""
    if not hire or config is None:
        return "with a configuration, and a column `role` in the figures, the plan of that hire stands here"
    try:
        return plan_of(config, (hire,), as_of, store)
    except AuditorError as error:
        return str(error)


def _roster(path: Path, figures: Figures) -> tuple[Engagement, ...]:
    """Read the roster, and refuse figures of a role that no template describes."""
    config = load_config(path)
    known = load_policy(config.catalogs, config.roles).templates.ids
    for role in figures.roles:
        if role not in known:
            raise InputError(
                figures.source,
                "there is no template for this role",
                field="role",
                found=role,
                expected=f"one of: {', '.join(known)}",
            )
    return stretches(config.roster.read().roster.engagements)


def _hours(costs: Iterable[str], checklist: CapacityChecklist) -> dict[str, float]:
    found = {}
    for text in costs:
        name, sign, number = text.partition("=")
        try:
            hours = float(number)
        except ValueError:
            hours = -1
        if name not in checklist.columns or not sign or not isfinite(hours) or hours < 0:
            known = ", ".join(name for name, column in checklist.columns.items() if column.hours is not None)
            raise AuditorError(
                f"`--cost {text}` is no cost", hint=f"give a column and hours, such as abandoned=0.3; columns: {known}"
            )
        found[name] = hours
    return found


def _print(found: Capacity, checklist: CapacityChecklist, planned: Planned | str) -> None:
    on = [m for m in found.practice if m.on]
    test = checklist.test
    verdict = _verdict(found, len(on))
    style = "bold red" if found.ceiling or found.ceilings else ("bold green" if found.measured else "bold yellow")
    print_lines(styled(f"{found.source}, {found.weeks[0]} to {found.weeks[-1]}, {len(found.weeks)} weeks", style="dim"))
    print_lines(styled(verdict, style=style), "")
    print_lines(f"Signals of the practice ({test.ceiling} at once are a ceiling):")
    for measured in found.practice:
        _print_signal(measured)
    for role, signals in found.roles:
        their = [m for m in signals if m.on]
        if their:
            mark = "ceiling" if role in found.ceilings else "one signal"
            print_lines("", f"{role}: {mark}")
            for measured in their:
                _print_signal(measured)
    print_lines("", "What the bottleneck costs, in hours a week:")
    for cost in found.costs:
        parts = " + ".join(f"{count:g} {name} × {each:g}" for name, count, each in cost.parts if count)
        _fold(f"{cost.role or 'the practice'}: {cost.hours:.1f} = {parts or 'nothing is left behind'}", "  ")
    if found.effects:
        print_lines("", "Did the last VMA help?")
        for effect in found.effects:
            _print_effect(effect)
    _print_advice(found)
    _print_plan(found.advice.plan, planned)


def _verdict(found: Capacity, on: int) -> str:
    if found.ceiling:
        return f"A ceiling: {on} signals at once" + (f"; {', '.join(found.ceilings)} too" if found.ceilings else "")
    if found.ceilings:
        return (
            f"A ceiling of {', '.join(found.ceilings)}; not yet of the practice ({on} signal{'' if on == 1 else 's'})"
        )
    if not found.measured:
        return "Too few figures to tell"
    return f"No ceiling: {on} signal{'' if on == 1 else 's'}"


def _print_signal(measured: MeasuredSignal) -> None:
    if measured.trend is None:
        mark, style = "–", "dim"
    else:
        mark, style = ("✗", "bold red") if measured.on else ("✓", "green")
    name = f"{measured.signal.title} ({measured.signal.formula})"
    print_lines(joined((f"  {mark} ", style), name))
    _fold(measured.text, "      ", "" if measured.on else "dim")
    if measured.on:
        _fold(f"why it counts: {measured.signal.why}", "      ", "dim")


def _print_effect(effect: Effect) -> None:
    who = effect.hire.vma or "a VMA"
    role = f", {effect.hire.role}" if effect.hire.role else ""
    _fold(f"{who}{role}, since {effect.hire.start}: {effect.verdict.value} ({effect.reason})", "  ")
    for compared in effect.compared:
        signal = compared.signal
        text = f"{signal.title}: {signal.show(compared.before)} → {signal.show(compared.after)}"
        _fold(f"{text}, {compared.verdict.value} ({chance(compared.p)})", "      ", "dim")


def _print_advice(found: Capacity) -> None:
    advice = found.advice
    lever = "nothing to pull" if advice.lever is Lever.NONE else advice.lever.value
    count = f" {advice.count}" if advice.count else ""
    role = f", {advice.role} first" if advice.role else ""
    print_lines("", styled(f"Lever: {lever}{count}{role}", style="bold"))
    _fold(advice.why, "  ")


def _print_plan(command: str, planned: Planned | str) -> None:
    if not command:
        return
    print_lines("", styled("What that hire does to the controls", style="bold"), f"  {command}")
    if isinstance(planned, Planned):
        print_lines("")
        show_plan(planned)
    else:
        _fold(planned, "  ", "yellow")


def _fold(text: str, lead: str, style: str = "") -> None:
    print_lines(*(styled(line, style=style) for line in indented(text, lead, " " * (len(lead) + 2), margin=4)))


def _data(found: Capacity, planned: Planned | str) -> CapacityData:
    return capacity_data(found, planned.data() if isinstance(planned, Planned) else None)

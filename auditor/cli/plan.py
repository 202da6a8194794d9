"""`auditor plan`."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from auditor.audit.inputs import read_inputs
from auditor.cli.console import folded, joined, print_lines, styled
from auditor.cli.data.plan import KEYS, PlanData, plan_data
from auditor.cli.formats import Format
from auditor.cli.output import emit
from auditor.config import load_config
from auditor.exit_codes import FINDINGS, IN_STEP, NOT_EVALUABLE
from auditor.history.projection import asked_day, load_baseline, require_store
from auditor.planning.changes import load_plan, parse_hires
from auditor.planning.outlook import DayState, Outlook, crowded, look
from auditor.snapshot import AuditSummary
from auditor.store import Store
from connectors.collect import utc_now
from connectors.errors import AuditorError
from connectors.inputs.dates import day_of
from policies.engine.case import Case
from reports.words import plural

CONFIG = Path("auditor.yaml")


def run_plan(
    files: tuple[Path, ...], hires: tuple[str, ...], as_of: str | None, *, store: Path | None, output: Format
) -> int:
    """
    Print what a plan does to every control, and what to do first; nothing is stored.

    With `as_of` it is planned on that day, or on that of an audit, with what was known then.
    Returns 0 when nothing new would be found, 1 when something would, 2 when the last audit had not read a system.
    """
    path, chosen = _files(files, by_option=bool(hires))
    planned = plan_of(path, chosen or hires, as_of, store)
    emit(output, text=lambda: show_plan(planned), data=planned.data, keys=KEYS)
    if planned.outlook.not_read:
        return NOT_EVALUABLE
    days = planned.outlook.days
    return FINDINGS if crowded(days) or any(day.new or day.unowned for day in days) else IN_STEP


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, judged, with what it was judged on."""

    outlook: Outlook
    audit: AuditSummary
    case: Case
    today: date

    def data(self) -> PlanData:
        """Return it for a machine."""
        return plan_data(self.outlook, self.audit, self.today)


def plan_of(path: Path, changes: Path | tuple[str, ...], as_of: str | None, store: Path | None) -> Planned:
    """
    Judge a plan, given as a file or as hires, on what the last audit saw, or the one that `as_of` names.

    Raises `AuditorError` for a configuration or a plan that cannot be used, and where there is no audit yet.
    """
    config = load_config(path, store=store)
    require_store(config)
    inputs = read_inputs(config)
    with Store.look(config.store) as opened:
        base = load_baseline(config, inputs, opened, as_of)
    case = base.case
    today = max(case.today, asked_day(as_of) or day_of(utc_now(), config.practice.timezone))
    if as_of is not None and as_of.isdecimal():
        today = case.today
    plan = load_plan(changes, case, today) if isinstance(changes, Path) else parse_hires(changes, case, today)
    return Planned(look(case, plan, today), base.audit, case, today)


def _files(files: tuple[Path, ...], *, by_option: bool) -> tuple[Path, Path | None]:
    """Return the configuration and the plan."""
    if by_option and len(files) < 2:
        return (files[0] if files else CONFIG), None
    if not by_option and 1 <= len(files) <= 2:
        return (files[1] if len(files) == 2 else CONFIG), files[0]
    raise AuditorError(
        "which plan, and of which practice?",
        hint="`auditor plan plan.yaml auditor.yaml`, or `auditor plan auditor.yaml --hire 2:scheduler:2027-03-01`",
    )


def show_plan(planned: Planned) -> None:
    """Print a plan, judged."""
    outlook, audit, case, today = planned.outlook, planned.audit, planned.case, planned.today
    count = len({f.identity(case.practice.id) for day in outlook.days for f in day.new})
    unowned = sum(len(day.unowned) for day in outlook.days)
    # Of what cannot be evaluated nobody can say that it brings nothing new.
    unknown = max((sum(control.after[1] for control in day.controls) for day in outlook.days), default=0)
    head = "as planned, " + (
        f"{plural(count, 'finding is', 'findings are')} to come"
        if count
        else f"nothing new is known, but {plural(unknown, 'check')} cannot be evaluated"
        if unknown
        else "nothing new is found"
    )
    head += f", and {plural(unowned, 'piece')} of work will have no owner" if unowned else ""
    seen = f"on {today}, as audit {audit.id} saw the systems on {case.today}; nothing is stored"
    print_lines(styled(head, "bold red" if count or unowned else "bold yellow" if unknown else "bold green"), seen)
    print_lines(*(styled(f"  assumed: {text}", "yellow") for text in outlook.plan.assumed))
    for day in outlook.days:
        _show_day(day, case)
    print_lines("", styled("to do, in this order", "bold"))
    for todo in outlook.todos:
        late = f" (late: due on {todo.late})" if todo.late else ""
        whom = f" [{', '.join(todo.whom)}]" if todo.whom else ""
        first, *more = folded(f"{todo.text}{whom}{late}")
        print_lines(joined(f"  {todo.day}  ", (first, "yellow" if todo.late else "")), *(f"{'':14}{m}" for m in more))
    for system, reason in outlook.not_read.items():
        print_lines("", styled(f"not read: {case.systems[system].title}: {reason}", "yellow"))


def _show_day(day: DayState, case: Case) -> None:
    print_lines("", styled(f"{day.day}: {day.active[0]} → {day.active[1]} active VMAs", "bold"))
    print_lines(*(f"  {change}" for change in day.changes))
    for seats in day.seats:
        tips = f"; {seats.tipping[0]} tips it, without a seat: {', '.join(seats.tipping)}" if seats.tipping else ""
        style = "red" if seats.tipping else ""
        numbers = f"{seats.agreement} covers {seats.cap}: {seats.before} → {seats.after} work under it"
        print_lines(styled(f"  {numbers}{tips}", style))
    for load in (load for load in day.loads if load.before != load.after or load.after > load.limit):
        name = case.people[load.coordinator].name if load.coordinator in case.people else load.coordinator
        over = load.after > load.limit
        text = f"  {name} coordinates {load.before} → {load.after} VMAs, at most {load.limit}"
        print_lines(styled(text, "red" if over else ""))
    for work in day.unowned:
        first, *more = folded(f"{work.what}; {work.stands_in}")
        print_lines(styled(f"  {first}", "red"), *(f"    {line}" for line in more))
    for control in day.controls:
        if control.before != control.after or control.rule == "separation-of-duties":
            print_lines(f"  {control.question} {_counts(*control.before)} → {_counts(*control.after)}")
    quiet = sum(c.before == c.after for c in day.controls)
    print_lines(f"  {quiet} of {len(day.controls)} controls say the same as without the plan")
    for mark, style, findings in (("✗", "red", day.new), ("✓ settled:", "green", day.settled)):
        for finding in findings:
            first, *more = folded(f"{mark} {finding.title}: {finding.observed}")
            print_lines(styled(f"    {first}", style), *(f"      {line}" for line in more))


def _counts(findings: int, unknown: int) -> str:
    return plural(findings, "finding") + (f", {unknown} not evaluated" if unknown else "")

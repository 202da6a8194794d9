"""`auditor offboard`."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from auditor.cli.console import folded, joined, print_lines, styled
from auditor.cli.data.gates import ClockData, offboarding_data, orders_data
from auditor.cli.formats import Format
from auditor.cli.gate_gather import Gathered, gather
from auditor.cli.gate_items import print_announced, print_items, timely_text
from auditor.cli.gate_orders import orders_of, print_orders
from auditor.cli.output import emit
from auditor.clocks import clocks_of
from auditor.config import Config, load_config
from auditor.exit_codes import FINDINGS, IN_STEP, NOT_EVALUABLE
from auditor.gates.announced import Announced, announced
from auditor.gates.checklist import GateAnswer
from auditor.gates.leaver import ends_at
from auditor.gates.offboard import AccountLag, Offboarding, OffboardOutcome, offboard
from auditor.instants.instant import InstantKind
from auditor.instants.log import AccessLog
from auditor.instants.wording import source, told
from auditor.lag.controls import SHIPPED, By, Control, clock, load_controls
from auditor.snapshot import WorkOrder
from connectors.errors import AuditorError
from policies.clocks import Clock, Matter
from policies.engine.case import Case


def run_offboard(vma: str, path: Path, as_of: str | None, *, store: Path | None, output: Format) -> int:
    """
    Say whether a leaver is gone, and print what proves it; nothing is stored.

    Returns 0 for GONE, 1 for NOT GONE, 2 for UNPROVEN.
    """
    config = load_config(path, store=store)
    due = end_clock(config)
    gathered = gather(config, vma, as_of)
    result = offboard(gathered.case, gathered.facts(gathered.case, vma), gathered.past, due)
    clocks = clocks_of(config)
    orders = orders_of(gathered, vma)
    due_by, claimed = clocks.told_for(Matter.ACCESS_END), announced(gathered.case, vma, clocks)
    emit(
        output,
        text=lambda: _print(gathered, result, due_by, claimed, orders),
        data=lambda: offboarding_data(
            result, (_clock(result, gathered.case, c) for c in due_by), claimed, orders_data(orders)
        ),
    )
    return {OffboardOutcome.GONE: IN_STEP, OffboardOutcome.NOT_GONE: FINDINGS, OffboardOutcome.UNPROVEN: NOT_EVALUABLE}[
        result.outcome
    ]


def end_clock(config: Config) -> Control:
    """Return the control whose hours count from the end; raises `AuditorError` where the practice has none."""
    controls = config.controls or SHIPPED
    due = clock(load_controls(controls), By.STOPPED)
    if due is None:
        raise AuditorError(
            f"`{controls.name}` has no control `by: stopped`", hint="its `due_hours` are the clock of an offboarding"
        )
    return due


def _print(
    gathered: Gathered,
    result: Offboarding,
    clocks: Sequence[Clock],
    claimed: Sequence[Announced],
    orders: Sequence[WorkOrder],
) -> None:
    _show(result, gathered.case, clocks, gathered.past.records, claimed)
    print_orders(orders, gathered.case, result.vma)


def _show(
    result: Offboarding,
    case: Case,
    clocks: Sequence[Clock],
    records: Mapping[str, AccessLog],
    claimed: Sequence[Announced],
) -> None:
    end = f"last day {result.end}" if result.end else "no end on the roster"
    print_lines(styled(f"{result.name} ({result.vma}): {end}", style="bold"), "")
    print_items(result.items)
    if result.lags:
        head = f"from the end of the last day until disabled; the practice's clock gives {result.due_hours} h"
        print_lines("", styled(head, style="bold"))
        for one in (f"{c.says(_due(result, case, c))}; {c.source}" for c in clocks):
            print_lines(*(styled(f"  {line}", style="dim") for line in folded(one)))
    for lag in result.lags:
        print_lines(joined(f"  {case.systems[lag.system].title}: {_hours(lag)}: ", timely_text(lag.timely)))
        if lag.instant is not None:
            log = records.get(lag.system)
            when = f"{told(lag.instant, case.practice.timezone)}; {source(lag.instant, log)}"
            print_lines(*(styled(f"    {line}", style="dim") for line in folded(when)))
            print_lines(*(styled(f"    {line}", style="dim") for one in _on(log) for line in folded(one)))
    print_announced(claimed, case.practice.timezone)
    style = {
        OffboardOutcome.GONE: "bold green",
        OffboardOutcome.NOT_GONE: "bold red",
        OffboardOutcome.UNPROVEN: "bold yellow",
    }[result.outcome]
    print_lines("", styled(result.outcome.value, style=style))
    for answered in result.items:
        if answered.answer not in (GateAnswer.PASSED, GateAnswer.NOT_DUE):
            print_lines(f"  {answered.item.id}: {'; '.join(answered.todo or answered.evidence)}")


def _on(log: AccessLog | None) -> tuple[str, ...]:
    """Return what may live on after the end, and what of the record was not believed."""
    return () if log is None else (*log.lives_on, *(f"not believed: {one}" for one in log.doubted))


def _hours(lag: AccountLag) -> str:
    if lag.live:
        return f"{lag.login} is still live after {lag.hours:.1f} h"
    if lag.hours == 0:
        return f"{lag.login} was disabled before the last day was over"
    if lag.instant is not None and lag.instant.kind is InstantKind.NOT_LATER:
        return f"{lag.login} was disabled not later than {lag.hours:.1f} h after it"
    least, most = f"{max(lag.at_least, 0):.1f}", f"{lag.hours:.1f}"
    if least == most:
        return f"{lag.login} was disabled {most} h after it"
    by = "" if lag.instant is not None and lag.instant.kind is InstantKind.EXACT else ", as audits saw it"
    return f"{lag.login} was disabled between {least} and {most} h after it{by}"


def _due(result: Offboarding, case: Case, clock: Clock) -> str:
    """Say by when every account is to be disabled, on the practice's clock."""
    if result.end is None:
        return "the roster gives no end from which it could count"
    due = clock.due(ends_at(case, result.end)).astimezone(ZoneInfo(case.practice.timezone))
    return f"every account is to be disabled by {due:%Y-%m-%d %H:%M} {case.practice.timezone}"


def _clock(result: Offboarding, case: Case, clock: Clock) -> ClockData:
    """Return a clock for a machine."""
    due = clock.due(ends_at(case, result.end)) if result.end else None
    return ClockData(
        clock.matter, clock.hours, clock.source, clock.proposed, due, clock.says(_due(result, case, clock))
    )

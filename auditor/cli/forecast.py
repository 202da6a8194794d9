"""`auditor forecast`."""

from datetime import date, timedelta
from pathlib import Path

from auditor.audit.inputs import read_inputs
from auditor.cli.console import folded, joined, print_lines, styled
from auditor.cli.data.forecast import KEYS, forecast_data
from auditor.cli.formats import Format
from auditor.cli.output import emit
from auditor.config import load_config
from auditor.exit_codes import FINDINGS, IN_STEP, NOT_EVALUABLE
from auditor.forecast.forecast import Forecast, ForeseenItem, forecast
from auditor.history.projection import asked_day, load_baseline, require_store
from auditor.lag.controls import SHIPPED, load_controls
from auditor.snapshot import AuditSummary
from auditor.store import Store
from connectors.collect import utc_now
from connectors.errors import AuditorError
from connectors.inputs.dates import day_of
from policies.engine.case import Case
from reports.words import plural

MAX_DAYS = 1100
"""Three years: beyond that, what the last audit saw says nothing any more."""


def run_forecast(
    path: Path, days: int, as_of: str | None, ics: Path | None, *, store: Path | None, output: Format
) -> int:
    """
    Print what falls out of step in the days to come; works on what is stored, and reads no system.

    The days are counted from today; with `as_of`, from that audit or day. What fell out of step between the last audit
    and today is told too. Returns 0 for nothing, 1 for something, 2 when the audit had not read a system whole, or
    nothing is foreseen and something could not be judged.
    """
    if not 1 <= days <= MAX_DAYS:
        raise AuditorError(f"`--days {days}` cannot be looked at", hint=f"a number from 1 to {MAX_DAYS}")
    config = load_config(path, store=store)
    require_store(config)
    inputs = read_inputs(config)
    with Store.look(config.store) as opened:
        base = load_baseline(config, inputs, opened, as_of)
    first = base.case.today
    today = max(first, asked_day(as_of) or (first if as_of else day_of(utc_now(), config.practice.timezone)))
    result = forecast(
        base.case, base.statements, first, today + timedelta(days=days), load_controls(config.controls or SHIPPED)
    )
    if ics is not None:
        from auditor.forecast.calendar import as_calendar, write_calendar  # noqa: PLC0415 - icalendar is only needed here

        write_calendar(ics, as_calendar(result, config.practice, base.audit.at, today))
    emit(
        output,
        text=lambda: _show(result, base.audit, today, base.case),
        data=lambda: forecast_data(result, base.audit, today),
        keys=KEYS,
    )
    if result.not_read or (result.not_judged and not result.items):
        return NOT_EVALUABLE
    return FINDINGS if result.items else IN_STEP


def _show(result: Forecast, audit: AuditSummary, today: date, case: Case) -> None:
    seen = f"as audit {audit.id} saw the systems on {result.first}"
    what = plural(len(result.items), "thing falls", "things fall")
    print_lines(styled(f"{what} out of step by {result.last} if nobody acts", style="bold"), seen)
    past = [i for i in result.items if i.day <= today]
    ahead = [i for i in result.items if i.day > today]
    if past:
        print_lines("", styled(f"already: {len(past)}", style="bold red"))
    for item in past:
        _show_item(item)
    if past and ahead:
        print_lines("", styled(f"to come: {len(ahead)}", style="bold"))
    for item in ahead:
        _show_item(item)
    for system, reason in result.not_read.items():
        told = f"not read: {case.systems[system].title}: {reason}; what falls out of step there is not foreseen"
        print_lines("", styled(told, style="yellow"))
    if result.not_judged and not result.not_read:
        checks = plural(result.not_judged, "check")
        print_lines(
            "", styled(f"{checks} could not be judged: what falls out of step there is not foreseen", style="yellow")
        )


def _show_item(item: ForeseenItem) -> None:
    whom = f" [{', '.join(item.whom)}]" if item.whom else ""
    print_lines("", joined((f"{item.day}  ", "bold"), (f"{item.kind.value}{whom}", "bold")))
    lines = [item.what, *(f"then: {title}" for title in item.follows), f"→ {item.todo}"]
    print_lines(*(f"{'':12}{line}" for text in lines for line in folded(text)))

"""`auditor lag`."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from auditor.audit.inputs import read_inputs
from auditor.audit.output_path import write_report
from auditor.cli.console import folded, print_lines, styled, width
from auditor.cli.formats import Format
from auditor.cli.lag_chart import chart
from auditor.cli.output import emit
from auditor.cli.statements import parse_day
from auditor.config import Config, load_config
from auditor.exit_codes import FINDINGS, IN_STEP, NOT_EVALUABLE
from auditor.figures.owed import owed
from auditor.history.load import select_audit
from auditor.lag.lag import Lockstep
from auditor.lag.report import LagReport, lag_report
from auditor.lag.spans import Calendar, moment
from auditor.reporting.lag_data import KEYS, lag_data
from auditor.reporting.lag_page import lag_page
from auditor.store import Store
from connectors.errors import AuditorError
from reports.lag_page import LagPage, LagTable

LISTED = 40
"""How many open lags the text lists; JSON has all."""


def run_lag(
    path: Path,
    since: str | None,
    as_of: str | None,
    controls: Path | None,
    *,
    html: Path | None = None,
    store: Path | None,
    output: Format,
) -> int:
    """
    Print lags and lockstep; nothing is read from the systems, nothing is stored. With `html` it is also a page there.

    Returns 0 when nothing is owed, 1 when something is late or out of order, 2 when it is merely not proven.
    """
    config = load_config(path, store=store)
    if not config.store.exists():
        raise AuditorError(
            f"there is no store `{config.store}`", hint="`auditor audit` makes one; lag is told from audits"
        )
    inputs = read_inputs(config)
    calendar = Calendar(config.practice.timezone)
    first = parse_day(since, "--since")
    with Store.look(config.store) as opened:
        now = _now(config, opened, as_of, calendar)
        begin = None if first is None else calendar.start(first)
        if begin is not None and moment(begin) > now:
            raise AuditorError(f"`--since {first}` is after {now:%Y-%m-%d %H:%M} UTC", hint="name an earlier day")
        report = lag_report(config, inputs, opened, now=now, since=begin, controls=controls)
    page = lag_page(report, config.practice)
    if html is not None:
        from reports.lag_page import render  # noqa: PLC0415 - jinja2 is only needed here

        write_report(html, render(page))
    emit(
        output,
        text=lambda: _show(page, report.lockstep, calendar),
        data=lambda: lag_data(report),
        keys=KEYS,
    )
    return _exit_code(report)


def _exit_code(report: LagReport) -> int:
    now = owed(report)
    if any(one.missing for one in now) or report.out_of_order:
        return FINDINGS
    return NOT_EVALUABLE if now or report.unread else IN_STEP


def _now(config: Config, store: Store, as_of: str | None, calendar: Calendar) -> datetime:
    now = datetime.now(UTC)
    if as_of is None:
        return now
    audit = select_audit(store.audits(config.practice.id), as_of, config.practice.timezone)
    if as_of.isdecimal():
        return audit.at
    day = parse_day(as_of, "--as-of")
    assert day is not None  # noqa: S101 - it was given
    if moment(calendar.start(day)) > now:
        raise AuditorError(f"`--as-of {day}` is still to come", hint="name a day that has begun, or an audit")
    return min(now, moment(calendar.end(day)) - timedelta(seconds=1))


def _show(page: LagPage, step: Lockstep, calendar: Calendar) -> None:
    style = "bold green" if page.whole else "bold red"
    print_lines(styled(f"lockstep {page.lockstep}, {page.first} to {page.last}", style=style))
    print_lines(f"{page.exposure} of {page.vma_days} VMA-days with a control not in place", "")
    print_lines(*chart(step, calendar, width()))
    print_lines("", styled("lockstep of each control alone", style="bold"))
    for title, share in page.alone:
        print_lines(f"  {title:<38}{share:>13}")
    for table in page.tables:
        _show_table(table)
    if page.owed:
        print_lines("", styled(f"owed now: {len(page.owed)}", style="bold red"))
    for one in page.owed[:LISTED]:
        print_lines(f"  {one.name} ({one.id}): {one.control}, {one.hours} h and growing, {one.why}")
    if len(page.owed) > LISTED:
        print_lines(f"  and {len(page.owed) - LISTED} more: `--format json` has all")
    if page.early:
        print_lines("", styled("account before its agreement", style="bold red"))
    for early in page.early:
        print_lines(f"  {early.name} ({early.id}): {early.account}, since {early.since}, {early.until}")
    _show_notes(page)


def _show_notes(page: LagPage) -> None:
    for title in page.left_out:
        print_lines("", f"not counted: {title}, because nobody has recorded one yet")
    for note in page.notes:
        print_lines("", *folded(note))
    if page.not_read:
        print_lines("", styled(f"not read whole by the last audit: {', '.join(page.not_read)}", style="bold yellow"))


def _show_table(table: LagTable) -> None:
    if not table.rows:
        return
    title = f"{table.title}, in hours"
    print_lines("", styled(f"{title:<40}{'median':>13}{'p90':>13}{'maximum':>11}{'open':>8}", style="bold"))
    for r in table.rows:
        print_lines(f"  {r.name[:36]:<38}{r.median:>13}{r.p90:>13}{r.maximum:>11}{f'{r.open}/{r.count}':>8}")

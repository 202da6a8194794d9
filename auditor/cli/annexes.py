"""`auditor review annexes`."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import assert_never

from auditor.audit.inputs import read_inputs
from auditor.cli.console import folded, print_lines, styled, write_stdout
from auditor.cli.formats import TableFormat
from auditor.cli.output import write_json
from auditor.config import load_config
from auditor.exit_codes import FINDINGS, IN_STEP, NOT_EVALUABLE
from auditor.history.load import select_audit
from auditor.history.projection import require_store
from auditor.history.quarters import Quarter
from auditor.review.annexes.recalled import Period, recalled_annexes
from auditor.snapshot import AuditSummary
from auditor.store import Store
from connectors.collect import utc_now
from connectors.errors import AuditorError, shorten
from connectors.inputs.dates import day_of
from reports.annex_cells import cells, label
from reports.annex_csv import as_csv
from reports.annexes import Annex, Annexes, AnnexOutcome, AnnexRow, RowState
from reports.as_json import in_utc

LISTED = 40
"""How many rows of an annex the text lists; JSON and CSV have all."""
_STYLES = {RowState.OPEN: "red", RowState.UNKNOWN: "yellow", RowState.IN_ORDER: "", RowState.TOLD: ""}
_MARKS = {RowState.OPEN: "✗", RowState.UNKNOWN: "?", RowState.IN_ORDER: "✓", RowState.TOLD: "·"}


def run_annexes(
    path: Path,
    *,
    quarter: str | None,
    since: str | None,
    until: str | None,
    only: Sequence[str],
    store: Path | None,
    output: TableFormat,
) -> int:
    """
    Print the annexes; nothing is read from the systems, nothing is stored.

    Returns 0 when nothing needs action, 1 when something does, 2 when something could not be evaluated. Raises
    `AuditorError` for a period without an audit, and for an annex that there is not.
    """
    config = load_config(path, store=store)
    require_store(config)
    with Store.look(config.store) as opened:
        period = _chosen(opened.audits(config.practice.id), quarter, since, until, config.practice.timezone)
        inputs = read_inputs(config)
        annexes = recalled_annexes(config, inputs, opened, period, now=utc_now())
    annexes = replace(annexes, annexes=_wanted(annexes, only))
    _print(output, annexes)
    if any(annex.unknown for annex in annexes.annexes):
        return NOT_EVALUABLE
    return FINDINGS if any(annex.open for annex in annexes.annexes) else IN_STEP


def _chosen(
    audits: Sequence[AuditSummary], quarter: str | None, since: str | None, until: str | None, zone: str
) -> Period:
    """Return the audits of the period, with the one before it first where there is one."""
    if not audits:
        raise AuditorError("there is no audit in the store yet", hint="`auditor audit` makes one")
    if quarter is not None:
        if since is not None or until is not None:
            raise AuditorError("`--quarter` and `--from` or `--to` say two things", hint="give one of them")
        return _of_quarter(audits, Quarter.parse(quarter), zone)
    last = select_audit(audits, until, zone) if until else audits[-1]
    earlier = [audit for audit in audits if audit.id < last.id]
    if since is None and not earlier:
        return Period(f"{_named(last, zone)}, with none before it", (last,), since_before=False)
    first = select_audit(audits, since, zone) if since else earlier[-1]
    if first.id >= last.id:
        raise AuditorError(
            f"`--from` is audit {first.id} and `--to` is audit {last.id}", hint="name two audits, the earlier one first"
        )
    told = f"{_named(last, zone)}, and what changed since {_named(first, zone)}"
    return Period(told, [audit for audit in audits if first.id <= audit.id <= last.id], since_before=True)


def _of_quarter(audits: Sequence[AuditSummary], quarter: Quarter, zone: str) -> Period:
    days = {audit.id: day_of(audit.at, zone) for audit in audits}
    mine = [audit for audit in audits if quarter.first <= days[audit.id] <= quarter.last]
    if not mine:
        there = ", ".join(f"{audit.id} ({days[audit.id]})" for audit in audits[-12:])
        raise AuditorError(f"there is no audit in {quarter}", hint=f"the audits are: {there}")
    before = [audit for audit in audits if days[audit.id] < quarter.first][-1:]
    told = f"{quarter}: {_named(mine[-1], zone)}"
    if before:
        told += f", and what changed since {_named(before[0], zone)}"
    elif len(mine) > 1:
        told += f", and what changed since {_named(mine[0], zone)}, the first of all"
    else:
        told += ", with none before it"
    return Period(told, [*before, *mine], since_before=bool(before), begun=None if before else quarter.first)


def _named(audit: AuditSummary, zone: str) -> str:
    return f"audit {audit.id} of {day_of(audit.at, zone)}"


def _wanted(annexes: Annexes, only: Sequence[str]) -> tuple[Annex, ...]:
    ids = {annex.id.casefold(): annex for annex in annexes.annexes}
    for one in only:
        if one.casefold() not in ids:
            known = ", ".join(annex.id for annex in annexes.annexes)
            raise AuditorError(f"there is no annex {shorten(one)}", hint=f"one of: {known}")
    wanted = {one.casefold() for one in only}
    return tuple(annex for id_, annex in ids.items() if not wanted or id_ in wanted)


def _print(output: TableFormat, annexes: Annexes) -> None:
    match output:
        case TableFormat.TEXT:
            _show(annexes)
        case TableFormat.JSON:
            write_json(annexes, instant=in_utc)  # as the report has them
        case TableFormat.CSV:
            write_stdout(as_csv(annexes.annexes, annexes.timezone))
        case _:
            assert_never(output)


def _show(annexes: Annexes) -> None:
    print_lines(styled(f"{annexes.practice_name}: {annexes.period}", "bold"))
    for annex in annexes.annexes:
        _show_annex(annex, annexes.timezone)


def _show_annex(annex: Annex, zone: str) -> None:
    style = "bold red" if annex.open else "bold yellow" if annex.unknown else "bold green"
    print_lines("", styled(annex.name, style))
    _folded(annex.sentence, "  ", "  ")
    if annex.outcome is AnnexOutcome.NOTHING:
        _folded("nothing; looked at " + _counted(annex), "  ", "  ")
    for row in annex.rows[:LISTED]:
        _show_row(annex, row, zone)
    if len(annex.rows) > LISTED:
        print_lines(f"  and {len(annex.rows) - LISTED} more: `--format csv` or `json` has all")
    for one in annex.not_evaluated:
        _folded(f"not evaluated: {one.what}: {one.why}", "  ? ", "    ", "yellow")
    for note in annex.notes:
        _folded(note, "  ", "  ", "dim")


def _counted(annex: Annex) -> str:
    return ", ".join(f"{one.what}: {one.count}" for one in annex.looked_at)


def _show_row(annex: Annex, row: AnnexRow, zone: str) -> None:
    """Print what a row says, column by column; what is empty is left out."""
    columns = tuple(column for column in annex.columns if column != "state")
    told = (f"{label(name)}: {text}" for name, text in zip(columns, cells(row, columns, zone), strict=True) if text)
    _folded(" · ".join(told), f"  {_MARKS[row.state]} ", "    ", _STYLES[row.state])


def _folded(text: str, lead: str, hang: str, style: str = "") -> None:
    first, *more = folded(text)
    print_lines(styled(f"{lead}{first}", style), *(styled(f"{hang}{line}", style) for line in more))

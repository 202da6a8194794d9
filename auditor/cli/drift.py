"""`auditor drift`."""

from datetime import timedelta
from pathlib import Path

from auditor.audit.inputs import read_inputs
from auditor.audit.output_path import write_report
from auditor.cli.console import print_lines, styled
from auditor.cli.formats import Format
from auditor.cli.output import emit
from auditor.config import load_config
from auditor.drift.attribution import Cause, compare
from auditor.drift.moments import Moments
from auditor.exit_codes import FINDINGS, IN_STEP, NOT_EVALUABLE
from auditor.figures.owed import owed_at
from auditor.history.load import last_quarter, load_audit_case, select_audit
from auditor.instants.known import logs_of
from auditor.reporting.drift_data import KEYS, drift_data
from auditor.reporting.drift_page import drift_page
from auditor.snapshot import AuditSummary
from auditor.store import Store
from connectors.collect import utc_now
from connectors.errors import AuditorError
from connectors.inputs.dates import day_of
from policies.engine.evidence import listing
from reports.drift_page import DriftLine, DriftPage, DriftRow, HappenedLine

BREAK = "\n    "
"""Before what explains a line."""


def run_drift(
    path: Path,
    since: str | None,
    until: str | None,
    html: Path | None,
    *,
    store: Path | None,
    quarter: bool,
    output: Format,
) -> int:
    """
    Compare two stored audits and print every change with its one cause; nothing is read from the systems.

    With `html` it is also written there as a page.

    Returns 0 when all is explained and all that events call for is done, 1 when not, 2 when a system was not read.
    """
    config = load_config(path, store=store)
    if not config.store.exists():
        hint = "`auditor audit` makes one; drift needs two audits"
        raise AuditorError(f"there is no store `{config.store}`", hint=hint)
    inputs = read_inputs(config)
    with Store.look(config.store) as opened:
        audits = opened.audits(config.practice.id)
        first, last = _chosen(audits, since, until, config.practice.timezone, quarter=quarter)
        before, case_before = load_audit_case(config, inputs, opened, first.id)
        later, after = load_audit_case(config, inputs, opened, last.id)
        statements = opened.statements(config.practice.id)
        owed = owed_at(config, inputs, opened, last.at)
        records = logs_of(opened, config.practice.id, last.id)
        moments = Moments(records, opened.read_whole(first.id), opened.read_whole(last.id), before.snapshot)
    result = compare(before, case_before, after, statements, later.snapshot.policy)
    page = drift_page(result, first, last, after, owed, moments=moments)
    if html is not None:
        from reports.drift_page import render  # noqa: PLC0415 - jinja2 is only needed here

        write_report(html, render(page))
    emit(
        output,
        text=lambda: _show(page),
        data=lambda: drift_data(result, first, last, after, owed, moments=moments),
        keys=KEYS,
    )
    if result.not_read:
        return NOT_EVALUABLE
    open_ = result.not_done or moments.unseen() or any(t.cause is Cause.UNEXPLAINED for t in result.attributed)
    return FINDINGS if open_ else IN_STEP


def _chosen(
    audits: tuple[AuditSummary, ...], since: str | None, until: str | None, timezone: str, *, quarter: bool
) -> tuple[AuditSummary, AuditSummary]:
    if len(audits) < 2:
        raise AuditorError(f"there are {len(audits)} audits in the store", hint="drift is the difference of two")
    if quarter:
        start, end = last_quarter(day_of(utc_now(), timezone))
        if not any(start < day_of(a.at, timezone) <= end for a in audits):
            there = ", ".join(f"{a.id} ({day_of(a.at, timezone)})" for a in audits[-12:])
            raise AuditorError(
                f"there is no audit in the last quarter, {start + timedelta(days=1)} to {end}",
                hint=f"name two with `--from` and `--to`; the audits are: {there}",
            )
        since, until = since or start.isoformat(), until or end.isoformat()
    last = select_audit(audits, until, timezone) if until else audits[-1]
    earlier = tuple(a for a in audits if a.id < last.id)
    if since is None and not earlier:
        raise AuditorError(f"audit {last.id} is the first", hint="there is nothing to compare it with")
    first = select_audit(audits, since, timezone) if since else earlier[-1]
    if first.id >= last.id:
        raise AuditorError(
            f"`--from` is audit {first.id} and `--to` is audit {last.id}", hint="name two audits, the earlier one first"
        )
    return first, last


def _show(page: DriftPage) -> None:
    first, last = page.first, page.last
    ends = (f"audit {one.number} ({day_of(one.at, page.timezone)})" for one in (first, last))
    print_lines(styled(" to ".join(ends), style="bold"))
    print_lines(page.sentence)
    _section("headcount", "bold", [_happened(e) for e in page.headcount])
    _section("agreements, templates and systems", "bold", [_happened(e) for e in page.controls])
    for group in page.groups:
        lines = [_with_cause(line) for line in group.lines]
        _section(f"{group.cause}: {len(lines)}", "bold red" if group.state == "bad" else "bold", lines)
    _section(f"called for and not done: {len(page.not_done)}", "bold red", list(page.not_done))
    hint = f"each with its hours: `auditor lag --as-of {last.number}`"
    _section(f"owed now: {page.owed}", "bold red", [*page.owing, hint] if page.owed else [])
    outside = [f"{line.text} — {'; '.join(w for w in (line.by, line.note) if w)}" for line in page.outside]
    _section("removed or changed outside a normal offboarding, and why", "bold", outside)
    _section("by VMA and system", "bold", [_row(page, row) for row in page.rows])
    for title, reason in page.not_read:
        told = ["what changed there is not known; nothing counts as removed"]
        _section(f"not read: {title}: {reason}", "bold yellow", told)


def _section(title: str, style: str, lines: list[str]) -> None:
    if lines:
        print_lines("", styled(title, style=style), *(f"  {line}" for line in lines))


def _with_cause(line: DriftLine) -> str:
    return line.text + "".join(f"{BREAK}← {why}" for why in (line.by, line.note) if why)


def _happened(event: HappenedLine) -> str:
    name = event.name if event.name == event.id else f"{event.name} ({event.id})"
    return f"{name} {event.kind}: {event.detail}"


def _row(page: DriftPage, row: DriftRow) -> str:
    """Return the sums of one VMA in one system in one line."""
    parts = list(row.counted)
    if row.gained or row.lost:
        parts.append(f"capabilities +{len(row.gained)} −{len(row.lost)}")
    if row.phi:
        parts.append(f"PHI {listing(row.phi)}")
    name = f"{row.name} ({row.id})" if row.id else row.name
    return f"{name} in {row.system}: {', '.join(parts) or 'no more and no less than before'}{BREAK}= {page.causes(row)}"

"""`auditor orders`."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from auditor.audit.inputs import read_inputs
from auditor.cli.console import folded, joined, print_lines, styled
from auditor.cli.data.orders import KEYS, OrdersData
from auditor.cli.data.unsettled import vma_unsettled_data
from auditor.cli.formats import Format
from auditor.cli.options import instant
from auditor.cli.output import emit
from auditor.clocks import clocks_of
from auditor.config import Config, load_config
from auditor.exit_codes import FINDINGS, IN_STEP, NOT_EVALUABLE
from auditor.history.projection import load_baseline, project, require_store
from auditor.orders.called_for import last_day
from auditor.orders.decided import decided_in
from auditor.orders.sheets import sheets_of, write_csv, write_sheets
from auditor.orders.state import order_book
from auditor.orders.tell import Teller
from auditor.snapshot import AuditSummary
from auditor.store import Store
from connectors.collect import utc_now
from connectors.errors import AuditorError, shorten
from connectors.inputs.dates import day_of
from policies.engine.candidates import Open, candidates_of
from policies.engine.candidates_wording import how_to_settle, seems
from policies.engine.case import Case
from reports.order_lines import CLOSES, SheetOrder
from reports.words import clock_span, plural

ELSEWHERE = (
    "What only a person can state (shared secrets, sessions, devices, training) is no order: `auditor offboard`, "
    "`transfer` and `onboard` list it. An account under another name is found by an audit alone."
)


@dataclass(frozen=True, slots=True)
class _OrdersFound:
    """The orders that were asked for."""

    audit: AuditSummary
    case: Case
    now: datetime
    open: tuple[SheetOrder, ...]
    ended: tuple[SheetOrder, ...]
    unsettled: tuple[Open, ...] = ()
    """Accounts that could be theirs who left, or whose order it is: what is to be done with them is not known."""
    closed_only: bool = False

    @property
    def all(self) -> tuple[SheetOrder, ...]:
        return self.ended if self.closed_only else (*self.open, *self.ended)

    @property
    def overdue(self) -> int:
        return sum(order.hours_over is not None for order in self.open)


def run_orders(
    vma: str | None,
    path: Path,
    *,
    closed: bool,
    every: bool,
    print_to: Path | None,
    csv: Path | None,
    at: str | None,
    store: Path | None,
    output: Format,
) -> int:
    """
    Print the orders; works on what is stored and on the roster of today, reads no system, and stores nothing.

    Returns 0 when nothing is overdue, 1 when something is, 2 when something open could not be looked at.
    """
    config = load_config(path, store=store)
    told = _ask(config, vma, instant(at))
    told = replace(told, ended=told.ended if closed or every else (), closed_only=closed)
    if print_to is not None:
        write_sheets(print_to, sheets_of(told.case, told.audit, told.now, told.open))
    if csv is not None:
        write_csv(csv, told.all)
    emit(output, text=lambda: _show(told), data=lambda: _data(told), keys=KEYS)
    if told.unsettled or told.case.incomplete or any(order.note for order in told.open):
        return NOT_EVALUABLE
    return FINDINGS if told.overdue else IN_STEP


def _ask(config: Config, vma: str | None, at: datetime | None) -> _OrdersFound:
    require_store(config)
    inputs = read_inputs(config)
    with Store.look(config.store) as store:
        base = load_baseline(config, inputs, store, None)
        now = at or max(utc_now(), base.audit.at)
        if now < base.audit.at:
            raise AuditorError(
                f"`--at {now.isoformat()}` is before the last audit, {base.audit.at.isoformat()}",
                hint="orders are told as they stand since the last audit; `--closed` tells what was before",
            )
        case = project(base.case, day_of(now, config.practice.timezone))
        book = order_book(store, case, now)
        decided = decided_in(store, config.practice.id)
    ordered = {one.order.vma for one in book.open} | {one.order.vma for one in book.ended}
    known = case.engagements.keys() | ordered
    if vma is not None and vma not in known:
        raise AuditorError(f"there is no VMA {shorten(vma)}, and there never was", hint="check the id on the roster")
    administrators = {id_: source.administrator for id_, source in config.sources.items() if source.administrator}
    teller = Teller(case, clocks_of(config), administrators, now, decided)

    def wanted(orders: Sequence[SheetOrder]) -> tuple[SheetOrder, ...]:
        return tuple(order for order in orders if vma in (None, order.vma))

    open_ = wanted(teller.open(book))
    asked = {vma} if vma is not None else {o.vma for o in open_} | {v for v in case.engagements if last_day(case, v)}
    unsettled = tuple(question for one in sorted(asked) for question in candidates_of(case).of(one))
    return _OrdersFound(base.audit, case, now, open_, wanted(teller.ended(book)), unsettled)


def _show(told: _OrdersFound) -> None:
    zone = told.case.practice.timezone
    when = f"{told.audit.at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M} {zone}"
    counted = f"{plural(len(told.open), 'order')} open, {told.overdue} overdue"
    print_lines(styled(f"{told.case.practice.name}: {counted}, since audit {told.audit.id} of {when}", "bold"))
    for order in told.all:
        print_lines("")
        _show_ended(order, zone) if order.proof else _show_open(order)
    _show_unknown(told)
    print_lines("", *(styled(line, "dim") for text in (CLOSES, ELSEWHERE) for line in folded(text)))


def _show_unknown(told: _OrdersFound) -> None:
    """Say of what no order can tell: systems that were not read, and accounts whose owner is not settled."""
    for system, why in told.case.incomplete.items():
        print_lines("", styled(f"? {told.case.systems[system].title} was not read whole: {why.reason}", "yellow"))
        _line("  ", "what is to be done there now is not known; orders that were open there stay open")
    for question in told.unsettled:
        print_lines("", styled(f"? {question.person}: {seems(told.case, question)}", "yellow"))
        _line("  ", f"until it is settled it is no order: {how_to_settle(question)}")


def _show_open(order: SheetOrder) -> None:
    mark = (f"overdue by {order.over}", "bold red") if order.over else ("open", "yellow")
    print_lines(joined((f"{order.id}  ", "bold"), mark, f"  {order.person} ({order.vma}) {order.why}"))
    for number, step in enumerate(order.steps):
        _line("→ " if number == 0 else "  ", step)
    if order.before:
        _line("! ", order.before, "yellow")
    _line("  ", f"who: {order.who}")
    for said, source in zip(order.clocks, order.sources, strict=True):
        _line("  ", f"{said}; {source}", "dim")
    if not order.clocks:
        _line("  ", "the practice has no clock for it", "dim")
    _line("  ", f"opened {order.opened}", "dim")
    if order.note:
        _line("? ", order.note, "yellow")


def _show_ended(order: SheetOrder, zone: str) -> None:
    style = "green" if order.state == "done" else "dim"
    print_lines(joined((f"{order.id}  ", "bold"), (order.state, style), f"  {order.person} ({order.vma}) {order.why}"))
    _line("  ", order.steps[0])
    if order.earliest is not None and order.latest is not None:
        verdict = f": {order.timely}" if order.timely else ""
        _line("✓ " if order.state == "done" else "  ", f"{clock_span(order.earliest, order.latest, zone)}{verdict}")
    _line("  ", order.proof)
    if order.record_source is not None:
        _line("  ", f"{order.record_source} {order.record_id}" + (f", by {order.actor}" if order.actor else ""), "dim")
    _line("  ", f"opened {order.opened}", "dim")


def _line(lead: str, text: str, style: str = "") -> None:
    first, *more = folded(text)
    print_lines(styled(f"    {lead}{first}", style), *(styled(f"      {line}", style) for line in more))


def _data(told: _OrdersFound) -> OrdersData:
    return OrdersData(
        practice=told.case.practice.id,
        at=told.now,
        audit=told.audit.id,
        open=len(told.open),
        overdue=told.overdue,
        orders=told.all,
        not_read={system: why.reason for system, why in told.case.incomplete.items()},
        not_settled=tuple(vma_unsettled_data(question) for question in told.unsettled),
    )

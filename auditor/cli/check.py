"""`auditor check`."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from auditor.cli.console import folded, joined, print_lines, styled
from auditor.cli.data.check import seen_data
from auditor.cli.formats import Format
from auditor.cli.output import emit
from auditor.config import load_config
from auditor.exit_codes import FINDINGS, IN_STEP, NOT_EVALUABLE
from auditor.history.projection import require_store
from auditor.orders.check import AccountsCheck, AccountSeen, OrderSeen, SeenState, check
from auditor.orders.tell import in_short
from auditor.store import Store
from connectors.audit_log import LogEvent, LogKind
from connectors.collect import utc_now
from reports.words import clock_span, clock_time, plain_kind

NO_PROOF = (
    "This is no proof that somebody is gone: an account under another name is not looked for, and a session may live "
    "on. `auditor audit` reads everything, and closes what it shows to be done."
)
_MARKS = {
    SeenState.STOPPED: ("✓", "green"),
    SeenState.WORKS: ("✗", "bold red"),
    SeenState.UNCLEAR: ("?", "yellow"),
    SeenState.NOT_SHOWN: ("?", "yellow"),
    SeenState.NOT_ASKED: ("?", "yellow"),
}
_STANDS = {
    OrderSeen.LOOKS_DONE: "green",
    OrderSeen.NOT_SEEN: "green",
    OrderSeen.NOT_DONE: "bold red",
    OrderSeen.CANNOT_TELL: "yellow",
}
_NOT_SHOWN = "deleted, moved or hidden: only an audit tells which"


def run_check(vma: str, path: Path, *, store: Path | None, output: Format) -> int:
    """
    Look at the known accounts of one person, and print how they are; nothing is stored.

    Returns 0 when nothing is left to do, 1 when something is, 2 when something could not be looked at.
    """
    config = load_config(path, store=store)
    require_store(config)
    with Store.look(config.store) as opened:
        found = check(config, opened, vma, utc_now)
    zone = config.practice.timezone
    emit(output, text=lambda: _show(found, zone), data=lambda: seen_data(found))
    return exit_code(found)


def exit_code(found: AccountsCheck) -> int:
    """Return the exit code: what could not be looked at outranks what is left to do."""
    asked = [a.seen for a in found.accounts]
    if {SeenState.NOT_ASKED, SeenState.NOT_SHOWN, SeenState.UNCLEAR} & set(asked):
        return NOT_EVALUABLE
    left = found.last_day is not None and SeenState.WORKS in asked
    stands = {one.stands for one in found.orders}
    if left or OrderSeen.NOT_DONE in stands:
        return FINDINGS
    return NOT_EVALUABLE if OrderSeen.CANNOT_TELL in stands or not asked else IN_STEP


def _show(found: AccountsCheck, zone: str) -> None:
    left = f": left, last day {found.last_day}" if found.last_day else ": works here by the roster"
    print_lines(styled(f"{found.name} ({found.vma}){left}", "bold"), "")
    for seen in found.accounts:
        _show_account(seen, zone, left=found.last_day is not None)
    if not found.accounts:
        print_lines("no account of theirs is known from any audit: nothing was asked")
    if found.none_known:
        _line("not asked, because no account of theirs is known there: " + ", ".join(found.none_known))
    if found.orders:
        print_lines("", styled("orders", "bold"))
    for one in found.orders:
        style = _STANDS[one.stands]
        what = f"{in_short(one.order)} in {one.order.system}"
        print_lines(joined(f"  {one.order.id}  {what}: ", (one.stands.value, style)))
    print_lines("", *(styled(line, "dim") for line in folded(NO_PROOF)))


def _show_account(seen: AccountSeen, zone: str, *, left: bool) -> None:
    mark, style = _MARKS[seen.seen]
    if seen.seen is SeenState.WORKS and not left:
        mark, style = "·", ""
    when = f", as of {_clock(seen.as_of, zone)}" if seen.as_of else ""
    print_lines(joined((f"{mark} ", style), (seen.seen.value, style), f": {seen.login} in {seen.title}{when}"))
    for line in _more(seen, zone):
        _line(line)


def _more(seen: AccountSeen, zone: str) -> Iterator[str]:
    if seen.seen is SeenState.NOT_SHOWN:
        yield _NOT_SHOWN
    if seen.why:
        yield seen.why
    if seen.seen is SeenState.WORKS and seen.status is not None and seen.status.value != "active":
        yield f"it is {seen.status.value}, and comes back by itself"
    for event in seen.events:
        yield f"its own record: {_event(event, zone)}"


_WRITTEN = {
    LogKind.TOUCHED: "something of it was written",
    LogKind.STATUS_SET: "whether it works was written",
    LogKind.HOLDINGS_SET: "what it holds was written",
    LogKind.EXPIRY_SET: "the day on which it ends was written",
}
"""What a record says without saying what it became."""


def _event(event: LogEvent, zone: str) -> str:
    """Say what a record tells, and when: never earlier than it can have been."""
    last = event.at + event.resolution
    when = f"not later than {clock_time(last, zone)}" if event.upper_bound else clock_span(event.at, last, zone)
    what = f"{_WRITTEN.get(event.kind, plain_kind(event.kind.value))} {event.entitlement or ''}".strip()
    by = f", by {event.actor}" if event.actor else ""
    return f"{what}, {when}{by} ({event.record.source}, {event.record.id})"


def _clock(at: datetime, zone: str) -> str:
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S} {zone}"


def _line(text: str) -> None:
    print_lines(*(styled(f"    {line}", "dim") for line in folded(text)))

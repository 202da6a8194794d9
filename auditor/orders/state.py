"""The orders of a practice as they stand: what the state calls for, with what only the store knows of each."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from auditor.gates.history import RosterSpan, roster_spans
from auditor.instants.log import AccessLog
from auditor.orders.decided import decided_in
from auditor.orders.follow import Earlier, Followed, follow, waiting
from auditor.snapshot import AuditSummary, OrderEnd, Stored, WorkOrder
from auditor.store import Store
from auditor.store.intervals import Interval
from auditor.store.records import WORK_ORDER
from policies.engine.case import Case

_NO_RECORDS: Mapping[str, AccessLog] = {}


@dataclass(frozen=True, slots=True)
class OrderOpened:
    """Since when an order has been open."""

    audit: int | None
    """The audit that opened it; `None`: none has recorded it yet, the next one will."""
    at: datetime
    times: int = 1
    """How often it was opened so far: more than once where the access came back."""


@dataclass(frozen=True, slots=True)
class OpenOrder:
    """An order that is to be done."""

    order: WorkOrder
    opened: OrderOpened
    waiting: str
    """Why nothing could show just now that it is done; empty where a whole read says that it is not."""


@dataclass(frozen=True, slots=True)
class EndedOrder:
    """An order that is no longer open."""

    order: WorkOrder
    opened: OrderOpened
    end: OrderEnd
    audit: int | None
    """The audit that found it; `None`: the one that is being made."""
    at: datetime


@dataclass(frozen=True, slots=True)
class OrderBook:
    """Every order of a practice: those that are open, and those that were."""

    open: tuple[OpenOrder, ...]
    ended: tuple[EndedOrder, ...]
    """Latest first."""


def follow_in(
    store: Store,
    case: Case,
    previous: Stored | None,
    retired: Collection[str] = (),
    records: Mapping[str, AccessLog] = _NO_RECORDS,
) -> Followed:
    """Return the orders of a case, going on from an audit in the store; `records` are the systems' own, as read now."""
    practice = case.practice.id

    def rosters(vmas: Collection[str]) -> Mapping[str, tuple[RosterSpan, ...]]:
        return roster_spans(store, practice, vmas)

    decided = decided_in(store, practice)
    if previous is None:
        return follow(case, None, rosters, retired, decided)
    systems = {order.system for order in previous.snapshot.orders.values()}
    reads = whole_reads(store, practice, previous.audit.id, systems)
    earlier = Earlier(previous.snapshot, previous.audit.at, reads, records)
    return follow(case, earlier, rosters, retired, decided)


def whole_reads(store: Store, practice: str, until: int, systems: Collection[str]) -> dict[str, datetime]:
    """Return of when the facts are that the last whole read of each system saw, up to an audit."""
    found: dict[str, datetime] = {}
    for audit in reversed(store.audits(practice)):
        if audit.id > until:
            continue
        if not set(systems) - found.keys():
            break
        for system, as_of in store.read_whole(audit.id).items():
            if system in systems:
                found.setdefault(system, as_of)
    return found


def order_book(store: Store, case: Case, now: datetime, being_made: Followed | None = None) -> OrderBook:
    """
    Return every order: the open ones by the case, which may be newer than the last audit, and all that ended.

    `being_made`: what an audit that is not stored yet has found.
    """
    practice = case.practice.id
    audits = store.audits(practice)
    followed = being_made or follow_in(store, case, store.last(practice))
    spans = _spans(store.intervals(practice, WORK_ORDER), audits)
    reasons = dict(waiting(case, followed.open))
    open_ = [
        OpenOrder(order, _opened(spans.get(id_, []), None, now), reasons.get(id_, ""))
        for id_, order in followed.open.items()
    ]
    at = {audit.id: audit.at for audit in audits}
    just = [
        EndedOrder(spans[end.order][-1].order, _opened(spans[end.order], None, now), end, None, now)
        for end in (being_made.ended if being_made else ())
        if spans.get(end.order)
    ]
    ended = [
        EndedOrder(span.order, _opened(spans[end.order], audit, at[audit]), end, audit, at[audit])
        for audit, end in reversed(store.order_ends(practice))
        for span in spans[end.order]
        if span.after == audit
    ]
    return OrderBook(tuple(open_), (*just, *ended))


@dataclass(slots=True)
class _Span:
    """An order from when it was opened until it was no longer open, however often its words changed meanwhile."""

    first: int
    after: int | None
    at: datetime
    order: WorkOrder


def _spans(intervals: Iterable[Interval[WorkOrder]], audits: Iterable[AuditSummary]) -> dict[str, list[_Span]]:
    at = {audit.id: audit.at for audit in audits}
    found: dict[str, list[_Span]] = {}
    for first, after, order in intervals:
        mine = found.setdefault(order.id, [])
        if mine and mine[-1].after == first:
            mine[-1].after, mine[-1].order = after, order
        else:
            mine.append(_Span(first, after, at[first], order))
    return found


def _opened(spans: list[_Span], until: int | None, now: datetime) -> OrderOpened:
    """Return the opening of the span that ends at an audit, or of the one that has no end."""
    for number, span in enumerate(spans, 1):
        if span.after == until:
            return OrderOpened(span.first, span.at, number)
    return OrderOpened(None, now, len(spans) + 1)

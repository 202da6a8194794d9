"""What the systems' own records of changes said: each event once, with the audit that read it first."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, exists, insert, select

from auditor.ledger.entries import Changes
from auditor.snapshot import AuditRecord
from auditor.store.earlier import batches
from auditor.store.records import LOG_EVENT, LOG_READ, LogRead
from auditor.store.tables import METADATA
from connectors.audit_log import LogAnswer, LogEvent

EventIdentity = tuple[str, str, str, str | None, str, str]
_AUDIT = METADATA.tables["audit"]


def identity(event: LogEvent) -> EventIdentity:
    """Return what makes an event the same in two reads: its record, and what that says of whom."""
    record = event.record
    return event.system, event.account, event.kind.value, event.entitlement, record.source, record.id


def record(connection: Connection, record: AuditRecord, audit: int, changes: Changes) -> None:
    """Write how each record was read, and the events that no audit of the practice has told yet."""
    answers = [answer for _, answer in sorted(record.logs.items())]
    reads = [{"audit": audit, **LOG_READ.values(LogRead.of(answer))} for answer in answers]
    events = [event for answer in answers if isinstance(answer, LogAnswer) for event in answer.events]
    new = list(_unknown(connection, record.practice, events)) if events else []
    rows = [{"audit": audit, "n": n, **LOG_EVENT.values(event)} for n, event in enumerate(new)]
    for kind, complete in ((LOG_READ, reads), (LOG_EVENT, rows)):
        for row in complete:
            changes.recorded(kind.name, row)
        if complete:
            connection.execute(insert(kind.table), complete)


def _unknown(connection: Connection, practice: str, events: Sequence[LogEvent]) -> Iterator[LogEvent]:
    known = _stored(connection, practice, events)
    for event in events:
        if (key := identity(event)) not in known:
            known.add(key)
            yield event


def _stored(connection: Connection, practice: str, events: Sequence[LogEvent]) -> set[EventIdentity]:
    """Return which of these the store holds, by an index: the cost follows what was read now, not what is kept."""
    c = LOG_EVENT.table.c
    query = select(c.system, c.account, c.kind, c.entitlement, c.record_source, c.record_id)
    # Not a join: that may begin with the practice's audits, and go through all that they told.
    query = query.where(exists().where(_AUDIT.c.id == c.audit, _AUDIT.c.practice == practice))
    asked: dict[tuple[str, str], set[str]] = defaultdict(set)
    for event in events:
        asked[event.system, event.account].add(event.record.id)
    found: set[EventIdentity] = set()
    for (system, account), ids in asked.items():
        one = query.where(c.system == system, c.account == account)
        for some in batches(sorted(ids)):
            rows = connection.execute(one.where(c.record_id.in_(some)))
            found |= {(row[0], row[1], row[2], row[3], row[4], row[5]) for row in rows}
    return found


def events_of(connection: Connection, practice: str, until: int | None = None) -> Iterator[tuple[int, LogEvent]]:
    """Yield the events that a practice's audits read, each with the audit, in their order; up to an audit."""
    c = LOG_EVENT.table.c
    query = select(c.audit, *LOG_EVENT.columns).join(_AUDIT, _AUDIT.c.id == c.audit).order_by(c.audit, c.n)
    query = query.where(_AUDIT.c.practice == practice)
    for audit, *row in connection.execute(query if until is None else query.where(c.audit <= until)):
        yield audit, LOG_EVENT.read(row)


def reads_of(connection: Connection, practice: str, until: int | None = None) -> Iterator[tuple[int, LogRead]]:
    """Yield how the records were read, each with the audit, in their order; up to an audit."""
    c = LOG_READ.table.c
    query = select(c.audit, *LOG_READ.columns).join(_AUDIT, _AUDIT.c.id == c.audit).order_by(c.audit, c.system)
    query = query.where(_AUDIT.c.practice == practice)
    for audit, *row in connection.execute(query if until is None else query.where(c.audit <= until)):
        yield audit, LOG_READ.read(row)

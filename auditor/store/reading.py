"""Questions to the history: what was true at an audit, since when, and until when."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, Select, func, or_, select
from sqlmodel import col

from auditor.ledger.entries import LedgerEntry
from auditor.ledger.notices import NoticeRecord
from auditor.snapshot import AuditSummary, OrderEnd, Snapshot, Stored
from auditor.store import statements
from auditor.store.policy import policy_of
from auditor.store.record import StoredRecord
from auditor.store.records import (
    ACCOUNT,
    AUDIT,
    COLLECTION,
    ENGAGEMENT,
    ENTITLEMENT,
    FINDING,
    GRANT,
    NOTICE,
    ORDER_END,
    OWNER,
    PERIOD,
    POLICY,
    SIGN_IN,
    WORK_ORDER,
    SystemRead,
)
from auditor.store.sync import CHUNK
from auditor.store.tables import AuditRow, CollectionRow, FindingRow, LedgerRow, NoticeRow
from connectors.errors import AuditorError
from connectors.facts import Evidence, Partial
from policies.engine.outcomes import Finding

T = TypeVar("T")
_Row = Row[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class StoredFinding:
    """A finding from when until when."""

    id: str
    practice: str
    finding: Finding
    """As it was worded last."""
    first_seen: datetime
    """The instant of the first audit that ever found it."""
    last_seen: datetime
    """The instant of the last audit in which it stood open."""
    open: bool


def summaries(connection: Connection, practice: str | None) -> tuple[AuditSummary, ...]:
    """Return all audits, oldest first."""
    query = select(*AUDIT.columns).order_by(col(AuditRow.id))
    if practice is not None:
        query = query.where(col(AuditRow.practice) == practice)
    corrected = statements.corrections(connection)
    return tuple(_summary(row, corrected) for row in connection.execute(query))


def last_audit(connection: Connection, practice: str) -> int | None:
    """Return the id of a practice's latest audit."""
    query = select(func.max(col(AuditRow.id))).where(col(AuditRow.practice) == practice)
    latest: int | None = connection.scalar(query)
    return latest


def stored(connection: Connection, practice: str, audit: int) -> Stored:
    """Return an audit with what was true then; raises `AuditorError` when the practice has no such audit."""
    query = select(*AUDIT.columns).where(col(AuditRow.practice) == practice, col(AuditRow.id) == audit)
    row = connection.execute(query).first()
    if row is None:
        raise AuditorError(
            f"the practice `{practice}` has no audit {audit}",
            hint="list the audits of the practice to see their numbers",
        )
    latest = last_audit(connection, practice) == audit
    snapshot = replace(
        _snapshot(connection, practice, None if latest else audit), known=_known(connection, practice, audit)
    )
    corrected = statements.corrections(connection)
    return Stored(_summary(row, corrected), snapshot, _first_seen(connection, practice, snapshot.findings))


def _known(connection: Connection, practice: str, audit: int) -> frozenset[str]:
    """Return the systems that an audit, or one of the practice before it, had read whole."""
    c = CollectionRow
    query = select(col(c.system)).join(AuditRow, col(AuditRow.id) == col(c.audit)).distinct()
    query = query.where(col(AuditRow.practice) == practice, col(c.audit) <= audit, col(c.complete))
    return frozenset(connection.scalars(query))


def reads(connection: Connection, audit: int) -> dict[str, tuple[str, datetime, Partial | None]]:
    """Return how each system was read in an audit: from where, when, and why not whole."""
    latest = statements.corrections(connection).get(audit, datetime.max.replace(tzinfo=UTC))
    return {one.system: (one.source, min(one.as_of, latest), one.partial) for one in _reads(connection, audit)}


def whole_reads(connection: Connection, practice: str) -> Iterator[tuple[int, str, datetime]]:
    """Yield each whole read of each system by the audits of a practice, oldest first, with as of when its facts are."""
    corrected, c = statements.corrections(connection), CollectionRow
    latest = datetime.max.replace(tzinfo=UTC)
    query = select(col(c.audit), *COLLECTION.columns).join(AuditRow, col(AuditRow.id) == col(c.audit))
    query = query.where(col(AuditRow.practice) == practice, col(c.complete)).order_by(col(c.audit), col(c.system))
    for audit, *row in connection.execute(query):
        one = COLLECTION.read(row)
        yield audit, one.system, min(one.as_of, corrected.get(audit, latest))


def proofs(connection: Connection, audit: int) -> dict[str, tuple[Evidence, ...]]:
    """Return, of each system that an audit read whole, what its source told of that."""
    return {one.system: one.evidence for one in _reads(connection, audit) if one.complete}


def _reads(connection: Connection, audit: int) -> Iterator[SystemRead]:
    query = select(*COLLECTION.columns).where(col(CollectionRow.audit) == audit)
    return map(COLLECTION.read, connection.execute(query.order_by(col(CollectionRow.system))))


def _summary(row: _Row, corrected: Mapping[int, datetime]) -> AuditSummary:
    summary = AUDIT.read(row)
    return replace(summary, at=corrected[summary.id]) if summary.id in corrected else summary


def _records(connection: Connection, kind: StoredRecord[T], practice: str, audit: int | None) -> Iterator[T]:
    """Yield the records that were true at an audit; `None` asks for those that are true now, which is quicker."""
    c = kind.table.c
    query = select(*kind.columns).where(c.practice == practice)
    if audit is None:
        query = query.where(c.to_audit.is_(None))
    else:
        query = query.where(c.from_audit <= audit, or_(c.to_audit.is_(None), c.to_audit > audit))
    yield from map(kind.read, connection.execute(query.execution_options(yield_per=CHUNK)))


def _snapshot(connection: Connection, practice: str, audit: int | None) -> Snapshot:
    def records(kind: StoredRecord[T]) -> Iterator[T]:
        return _records(connection, kind, practice, audit)

    accounts = {(one.system, one.id): one for one in records(ACCOUNT)}
    for one in records(SIGN_IN):
        if (key := (one.system, one.account)) in accounts:
            accounts[key] = replace(accounts[key], last_login=one.last_login)
    lines = tuple(records(ENGAGEMENT))
    return Snapshot(
        people={line.person.id: line.person for line in lines},
        engagements={line.engagement.vma: line.engagement for line in lines},
        accounts=accounts,
        owners={(one.system, one.account): one.owner for one in records(OWNER)},
        entitlements={(one.system, one.id): one for one in records(ENTITLEMENT)},
        grants=frozenset((one.system, one.grant) for one in records(GRANT)),
        findings={one.id: one.finding for one in records(FINDING)},
        others=tuple(sorted(records(PERIOD), key=lambda e: (e.vma, e.start))),
        policy=policy_of(records(POLICY)),
        orders={one.id: one for one in records(WORK_ORDER)},
    )


def _first_seen(connection: Connection, practice: str, among: Collection[str]) -> Mapping[str, datetime]:
    first = func.min(col(FindingRow.from_audit)).label("audit")
    query = select(col(FindingRow.finding), first).where(col(FindingRow.practice) == practice)
    since = query.group_by(col(FindingRow.finding)).subquery().c
    instants = select(since.finding, col(AuditRow.id), col(AuditRow.at)).join(AuditRow, col(AuditRow.id) == since.audit)
    corrected = statements.corrections(connection)
    return {
        id_: corrected.get(audit) or datetime.fromisoformat(at)
        for id_, audit, at in connection.execute(instants)
        if id_ in among
    }


def finding(connection: Connection, id_: str, practice: str | None) -> StoredFinding | None:
    """Return the latest version of a finding."""
    c = FINDING.table.c
    query = select(c.practice, c.from_audit, c.to_audit, *FINDING.columns).where(c.finding == id_)
    if practice is not None:
        query = query.where(c.practice == practice)
    versions = connection.execute(query.order_by(c.from_audit)).all()
    if not versions:
        return None
    owner, _, to_audit, *latest = versions[-1]
    first = min(version.from_audit for version in versions if version.practice == owner)
    return StoredFinding(
        id=id_,
        practice=owner,
        finding=FINDING.read(latest).finding,
        first_seen=_at(connection, select(col(AuditRow.id), col(AuditRow.at)).where(col(AuditRow.id) == first)),
        last_seen=last_before(connection, owner, to_audit),
        open=to_audit is None,
    )


def last_before(connection: Connection, practice: str, to_audit: int | None) -> datetime:
    """Return the instant of the last audit in which a row that ends at `to_audit` was still true."""
    query = select(col(AuditRow.id), col(AuditRow.at)).where(col(AuditRow.practice) == practice)
    query = query.order_by(col(AuditRow.id).desc()).limit(1)
    return _at(connection, query if to_audit is None else query.where(col(AuditRow.id) < to_audit))


def _at(connection: Connection, query: Select[Any, Any]) -> datetime:
    audit, at = connection.execute(query).one()
    return statements.corrections(connection).get(audit) or datetime.fromisoformat(at)


def notices(connection: Connection, party: str) -> tuple[NoticeRecord, ...]:
    """Return the records of a practice or agency, in the order in which things happened."""
    query = select(*NOTICE.columns).where(col(NoticeRow.practice) == party).order_by(col(NoticeRow.id))
    return tuple(NOTICE.read(row) for row in connection.execute(query))


def last_notice(connection: Connection, party: str) -> int:
    """Return the number of the last record of a practice or agency; 0 for none."""
    last = select(func.max(col(NoticeRow.id))).where(col(NoticeRow.practice) == party)
    return connection.scalar(last) or 0


def order_ends(connection: Connection, practice: str) -> tuple[tuple[int, OrderEnd], ...]:
    """Return how the orders of a practice ended, each with the audit that found it, oldest first."""
    c = ORDER_END.table.c
    query = select(c.audit, *ORDER_END.columns).join(AuditRow, col(AuditRow.id) == c.audit)
    rows = connection.execute(query.where(col(AuditRow.practice) == practice).order_by(c.audit, c.work_order))
    return tuple((audit, ORDER_END.read(row)) for audit, *row in rows)


def entry_of(connection: Connection, record: str, row: int, among: int) -> int | None:
    """Return the number of the entry about one row, if it is one of so many newest ones; nothing is verified here."""
    ledger = LedgerRow
    newest = select(func.max(col(ledger.n)) - among).scalar_subquery()
    query = select(col(ledger.n), col(ledger.body), col(ledger.signature)).order_by(col(ledger.n).desc())
    query = query.where(col(ledger.n) > newest, col(ledger.body).contains(record, autoescape=True))
    for n, body, signature in connection.execute(query):
        with suppress(ValueError):  # what cannot be read is nobody's entry here; `auditor verify` names it
            entry = LedgerEntry.parse(body.encode(), signature)
            if (entry.record, entry.row) == (record, row):
                return int(n)
    return None


def entries(connection: Connection) -> Iterator[LedgerEntry]:
    """Yield the ledger, oldest first; raises `AuditorError` at an entry that cannot be read."""
    ledger = LedgerRow
    query = select(col(ledger.n), col(ledger.body), col(ledger.signature)).order_by(col(ledger.n))
    for n, body, signature in connection.execute(query):
        try:
            yield LedgerEntry.parse(body.encode(), signature)
        except ValueError as error:
            raise AuditorError(
                f"entry {n} of the ledger cannot be read: {error}", hint="run `auditor verify`"
            ) from None

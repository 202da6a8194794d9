"""Writing one audit: its rows, what it changes in the history, and its entry in the ledger."""

import base64
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Generic, TypeVar

from sqlalchemy import Connection, insert, select
from sqlmodel import col

from auditor.ledger.entries import KEYS, NO_ENTRY, RECORDS, SEALED, Changes, LedgerEntry, hash_body, sign, signed_text
from auditor.ledger.keys import PublicKey, Signer
from auditor.ledger.notices import NoticeRecord
from auditor.ledger.seals import CampaignDigest
from auditor.review_records import Seal
from auditor.snapshot import AuditRecord
from auditor.store import logs, statements
from auditor.store.record import StoredRecord
from auditor.store.records import ACCEPTED_DROP, AUDIT, COLLECTION, NOTICE, ORDER_END, SystemRead, held
from auditor.store.reviews import SEAL
from auditor.store.sync import IntervalWriter
from auditor.store.tables import AuditRow, LedgerRow
from connectors.errors import AuditorError

T = TypeVar("T")
_BY_SYSTEM = frozenset(table for table, key in KEYS.items() if key[0] == "system")


def check(record: AuditRecord) -> None:
    """
    Refuse a record that contradicts itself.

    Raises `AuditorError` when it holds facts of a system that was not read whole: they would look like history.
    """
    facts = record.snapshot
    complete = {system for system, collection in record.collections.items() if collection.complete}
    seen = {key[0] for keys in (facts.accounts, facts.owners, facts.entitlements, facts.grants) for key in keys}
    if seen - complete:
        raise AuditorError(f"the audit holds facts of `{min(seen - complete)}`, which was not read whole")
    if facts.people.keys() != facts.engagements.keys():
        raise AuditorError("the audit's roster has a person without engagement, or an engagement without person")
    if {e.vma for e in facts.others} - facts.people.keys():
        raise AuditorError("the audit's roster has an engagement of nobody on it")


def save(connection: Connection, record: AuditRecord, signer: Signer) -> tuple[int, LedgerEntry]:
    """Write an audit inside the transaction of the caller; return its id and its signed entry."""
    changes = Changes()
    audit = _record_audit(connection, record, changes)
    logs.record(connection, record, audit, changes)
    intervals = IntervalWriter(connection, record.practice, audit, changes)
    partial = {system for system, collection in record.collections.items() if not collection.complete}
    kept = set(record.keep_open - record.snapshot.findings.keys())

    out_of_sight: dict[str, set[str]] = dict.fromkeys(_BY_SYSTEM, partial) | {"finding": kept}
    for kind, records in held(record.snapshot):
        intervals.sync(kind, records, untouched=out_of_sight.get(kind.name, set()))
    statements.cover(connection, record.practice, audit, changes)
    return audit, _append(connection, record, audit, changes, signer)


def _record_audit(connection: Connection, record: AuditRecord, changes: Changes) -> int:
    audit = AUDIT.values(record)
    id_: int = connection.execute(insert(AuditRow), audit).inserted_primary_key_rows[0][0]  # type: ignore[index]
    changes.recorded(AUDIT.name, {"id": id_, **audit})
    _record(connection, ACCEPTED_DROP, id_, record.accepted_drops, changes)
    reads = (SystemRead.of(system, c) for system, c in sorted(record.collections.items()))
    _record(connection, COLLECTION, id_, reads, changes)
    _record(connection, ORDER_END, id_, record.order_ends, changes)
    return id_


def _record(connection: Connection, kind: StoredRecord[T], audit: int, records: Iterable[T], changes: Changes) -> None:
    complete = [{RECORDS[kind.name]: audit, **kind.values(record)} for record in records]
    for row in complete:
        changes.recorded(kind.name, row)
    if complete:
        connection.execute(insert(kind.table), complete)


def _append(connection: Connection, record: AuditRecord, audit: int, changes: Changes, signer: Signer) -> LedgerEntry:
    n, prev = _end(connection, signer)
    entry = LedgerEntry(
        n=n + 1,
        prev=prev,
        practice=record.practice,
        audit=audit,
        at=record.at,
        tool_version=record.tool_version,
        policy=record.policy_digest,
        result=record.result_digest,
        changes=changes.digest(),
        rows=changes.rows,
    )
    return _signed(connection, entry, signer)


def add_notice(connection: Connection, record: NoticeRecord, tool_version: str, signer: Signer) -> LedgerEntry:
    """Write a record that has an entry of its own, and the entry; raises `AuditorError` as `own_key` does."""
    row = _Alone(NOTICE, record, record.party, record.at)
    return _add_alone(connection, row, tool_version, signer)


def add_seal(connection: Connection, seal: Seal, tool_version: str, signer: Signer) -> LedgerEntry:
    """
    Seal a review as it stands in this transaction, with an entry of its own; `digest` and `upto` are filled in.

    Raises `AuditorError` as `own_key` does.
    """
    found = CampaignDigest()
    for table in SEALED:
        # As the bytes that stand there: a converted flag would have another digest.
        rows = connection.exec_driver_sql(f'SELECT * FROM "{table}" WHERE campaign = ?', (seal.campaign,))  # noqa: S608
        for row in rows.mappings():
            found.add(table, dict(row))
    seal = replace(seal, digest=found.digest(), upto=found.upto())
    return _add_alone(connection, _Alone(SEAL, seal, seal.practice, seal.at), tool_version, signer)


@dataclass(frozen=True, slots=True)
class _Alone(Generic[T]):
    """A record that has an entry of its own."""

    kind: StoredRecord[T]
    record: T
    practice: str
    at: datetime


def _add_alone(connection: Connection, row: _Alone[T], tool_version: str, signer: Signer) -> LedgerEntry:
    n, prev = _end(connection, signer)
    kind, values = row.kind, row.kind.values(row.record)
    id_: int = connection.execute(insert(kind.table), values).inserted_primary_key[0]  # type: ignore[index]
    changes = Changes()
    changes.recorded(kind.name, {"id": id_, **values})
    entry = LedgerEntry(
        n=n + 1,
        prev=prev,
        practice=row.practice,
        at=row.at,
        tool_version=tool_version,
        record=kind.name,
        row=id_,
        changes=changes.digest(),
        rows=changes.rows,
    )
    return _signed(connection, entry, signer)


def _signed(connection: Connection, entry: LedgerEntry, signer: Signer) -> LedgerEntry:
    entry = replace(entry, signature=sign(entry, signer))
    row = LedgerRow(n=entry.n, body=entry.body().decode(), hash=entry.hash, signature=entry.signature)
    connection.execute(insert(LedgerRow), row.model_dump())
    return entry


def own_key(connection: Connection, signer: Signer) -> None:
    """Raise `AuditorError` when the ledger was signed by another key."""
    _end(connection, signer)


def _end(connection: Connection, signer: Signer) -> tuple[int, str]:
    """Return the number and hash of the last entry; raises `AuditorError` unless this signer signed it."""
    last = select(col(LedgerRow.n), col(LedgerRow.body), col(LedgerRow.signature)).order_by(col(LedgerRow.n).desc())
    row = connection.execute(last.limit(1)).first()
    if row is None:
        return 0, NO_ENTRY
    hash_ = hash_body(row.body.encode())
    key = PublicKey.parse(signer.public)
    if not key.verifies(signed_text(row.n, hash_), base64.b64decode(row.signature)):
        raise AuditorError(
            f"entry {row.n}, the last of the ledger, is not signed by this key",
            hint="nothing was saved; put back the key that belongs to this store, and run `auditor verify`",
        )
    return row.n, hash_

"""Writing one audit: its rows, what it changes in the history, and its entry in the ledger."""

import base64
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, insert, select

from auditor.ledger.entries import KEYS, NO_ENTRY, RECORDS, Changes, LedgerEntry, hash_body, instant, sign, signed_text
from auditor.ledger.keys import PublicKey, Signer
from auditor.snapshot import AuditRecord
from auditor.store import statements
from auditor.store.codec import rows_of, to_json
from auditor.store.sync import IntervalWriter
from auditor.store.tables import table_of
from connectors.errors import AuditorError
from connectors.facts import Collection, Complete, Partial

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
    intervals = IntervalWriter(connection, record.practice, audit, changes)
    partial = {system for system, collection in record.collections.items() if not collection.complete}
    kept = set(record.keep_open - record.snapshot.findings.keys())

    out_of_sight: dict[str, set[str]] = dict.fromkeys(_BY_SYSTEM, partial) | {"finding": kept}
    for table in KEYS:
        intervals.sync(table, rows_of(table, record.snapshot), untouched=out_of_sight.get(table, set()))
    statements.cover(connection, record.practice, audit, changes)
    return audit, _append(connection, record, audit, changes, signer)


def _record_audit(connection: Connection, record: AuditRecord, changes: Changes) -> int:
    audit = {
        "practice": record.practice,
        "at": instant(record.at),
        "tool_version": record.tool_version,
        "policy_digest": record.policy_digest,
        "result_digest": record.result_digest,
        "exit_code": record.exit_code,
        "headline": record.headline,
        "counts": to_json(dict(record.counts)),
    }
    id_ = int(connection.execute(insert(table_of("audit")), audit).lastrowid)
    changes.recorded("audit", {"id": id_, **audit})
    drops = ({f: getattr(drop, f) for f in drop.__slots__} for drop in record.accepted_drops)
    _record(connection, "accepted_drop", id_, drops, changes)
    collections = (_collection(system, c) for system, c in sorted(record.collections.items()))
    _record(connection, "collection", id_, collections, changes)
    return id_


def _record(
    connection: Connection, table: str, audit: int, rows: Iterable[Mapping[str, Any]], changes: Changes
) -> None:
    complete = [{RECORDS[table]: audit, **row} for row in rows]
    for row in complete:
        changes.recorded(table, row)
    if complete:
        connection.execute(insert(table_of(table)), complete)


def _collection(system: str, c: Collection) -> dict[str, Any]:
    evidence = c.completeness.evidence if isinstance(c.completeness, Complete) else ()
    partial = c.completeness if isinstance(c.completeness, Partial) else None
    return {
        "system": system,
        "complete": int(c.complete),
        "source": c.source,
        "as_of": instant(c.as_of),
        "evidence": to_json([[e.name, e.detail] for e in evidence]),
        "reason": partial and partial.reason,
        "hint": partial and partial.hint,
        "accounts": len(c.accounts),
    }


def _append(connection: Connection, record: AuditRecord, audit: int, changes: Changes, signer: Signer) -> LedgerEntry:
    before = _end(connection, signer)
    entry = LedgerEntry(
        n=before[0] + 1,
        prev=before[1],
        practice=record.practice,
        audit=audit,
        at=record.at,
        tool_version=record.tool_version,
        policy=record.policy_digest,
        result=record.result_digest,
        changes=changes.digest(),
        rows=changes.rows,
    )
    entry = replace(entry, signature=sign(entry, signer))
    row = {"n": entry.n, "body": entry.body().decode(), "hash": entry.hash, "signature": entry.signature}
    connection.execute(insert(table_of("ledger")), row)
    return entry


def own_key(connection: Connection, signer: Signer) -> None:
    """Raise `AuditorError` when the ledger was signed by another key."""
    _end(connection, signer)


def _end(connection: Connection, signer: Signer) -> tuple[int, str]:
    """Return the number and hash of the last entry; raises `AuditorError` unless this signer signed it."""
    t = table_of("ledger")
    row = connection.execute(select(t).order_by(t.c.n.desc()).limit(1)).first()
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

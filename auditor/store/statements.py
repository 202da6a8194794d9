"""Statements in the store: taken down signed, and covered by the ledger entry of the next audit."""

import base64
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from auditor.ledger.entries import Changes
from auditor.ledger.keys import Signer
from auditor.ledger.statements import Statement, StatementKind, parse
from auditor.store.tables import table_of
from connectors.errors import AuditorError


def add(connection: Connection, statement: Statement, signer: Signer) -> None:
    """Write one statement; raises `AuditorError` when the very same one is there already."""
    t = table_of("statement")
    if connection.execute(select(t.c.statement).where(t.c.statement == statement.id)).first():
        raise AuditorError(f"`{statement.id}` is recorded already", hint="nothing was saved; nothing needs to be")
    row = {
        "statement": statement.id,
        "practice": statement.practice,
        "body": statement.body().decode(),
        "signature": base64.b64encode(signer.sign(statement.signed_text())).decode(),
    }
    connection.execute(insert(t), row)


def of_practice(connection: Connection, practice: str) -> tuple[Statement, ...]:
    """Return the statements of a practice, in the order in which they were made."""
    t = table_of("statement")
    found = [_read(row) for row in connection.execute(select(t).where(t.c.practice == practice))]
    return tuple(sorted(found, key=lambda s: (s.recorded_at or s.on, s.id)))


def corrections(connection: Connection) -> dict[int, datetime]:
    """Return by audit when it really was, where a person has stated that its clock ran ahead."""
    t = table_of("statement")
    spoken = t.c.body.contains(f'"kind":"{StatementKind.CORRECTION.value}"', autoescape=True)
    practices = connection.scalars(select(t.c.practice).where(spoken).distinct()).all()
    found: dict[int, datetime] = {}
    for practice in practices:
        statements = of_practice(connection, practice)
        withdrawn = {s.about for s in statements if s.kind is StatementKind.WITHDRAWAL}
        for s in statements:
            if s.kind is StatementKind.CORRECTION and s.id not in withdrawn:
                found[int(s.about)] = datetime.fromisoformat(s.topic)
    return found


def _read(row: Row[*tuple[Any, ...]]) -> Statement:
    """Return a statement as it was signed; raises `AuditorError` where a column says something else."""
    try:
        statement = parse(row.body.encode())
        if (statement.id, statement.practice) != (row.statement, row.practice):
            raise ValueError
    except ValueError:
        raise AuditorError("the store holds a statement that was changed", hint="run `auditor verify`") from None
    return statement


def cover(connection: Connection, practice: str, audit: int, changes: Changes) -> None:
    """
    Bind the statements that no audit covers yet to this one.

    Raises `AuditorError` for one that was moved to this practice: the ledger would vouch for the move.
    """
    t = table_of("statement")
    waiting = (t.c.practice == practice) & t.c.audit.is_(None)
    for row in connection.execute(select(t).where(waiting).order_by(t.c.statement)):
        _read(row)
        covered: dict[str, Any] = {**row._mapping, "audit": audit}
        changes.recorded("statement", covered)
    connection.execute(update(t).where(waiting).values(audit=audit))

"""Statements in the store: taken down signed, and covered by the ledger entry of the next audit."""

import base64
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, insert, select, update
from sqlmodel import col

from auditor.ledger.entries import Changes
from auditor.ledger.keys import Signer
from auditor.ledger.statements import Statement, StatementKind, parse
from auditor.store.tables import StatementRow
from connectors.errors import AuditorError


def add(connection: Connection, statement: Statement, signer: Signer) -> None:
    """Write one statement; raises `AuditorError` when the very same one is there already."""
    known = select(col(StatementRow.statement)).where(col(StatementRow.statement) == statement.id)
    if connection.execute(known).first():
        raise AuditorError(f"`{statement.id}` is recorded already", hint="nothing was saved; nothing needs to be")
    row = StatementRow(
        statement=statement.id,
        practice=statement.practice,
        body=statement.body().decode(),
        signature=base64.b64encode(signer.sign(statement.signed_text())).decode(),
    )
    connection.execute(insert(StatementRow), row.model_dump())


def of_practice(connection: Connection, practice: str) -> tuple[Statement, ...]:
    """Return the statements of a practice, in the order in which they were made."""
    found = [_read(row) for row in _rows(connection, col(StatementRow.practice) == practice)]
    return tuple(sorted(found, key=lambda s: (s.recorded_at or s.on, s.id)))


def corrections(connection: Connection) -> dict[int, datetime]:
    """Return by audit when it really was, where a person has stated that its clock ran ahead."""
    spoken = col(StatementRow.body).contains(f'"kind":"{StatementKind.CORRECTION.value}"', autoescape=True)
    practices = connection.scalars(select(col(StatementRow.practice)).where(spoken).distinct()).all()
    found: dict[int, datetime] = {}
    for practice in practices:
        statements = of_practice(connection, practice)
        withdrawn = {s.about for s in statements if s.kind is StatementKind.WITHDRAWAL}
        for s in statements:
            if s.kind is StatementKind.CORRECTION and s.id not in withdrawn:
                found[int(s.about)] = datetime.fromisoformat(s.topic)
    return found


def _rows(connection: Connection, which: ColumnElement[bool]) -> Iterator[StatementRow]:
    """Yield the rows of which something is true, by their ids."""
    query = select(StatementRow).where(which).order_by(col(StatementRow.statement))
    for row in connection.execute(query):
        yield StatementRow(**row._mapping)


def _read(row: StatementRow) -> Statement:
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
    waiting = (col(StatementRow.practice) == practice) & col(StatementRow.audit).is_(None)
    for row in _rows(connection, waiting):
        _read(row)
        changes.recorded("statement", {**row.model_dump(), "audit": audit})
    connection.execute(update(StatementRow).where(waiting).values(audit=audit))

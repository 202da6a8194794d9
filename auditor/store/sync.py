"""
The store's one way to write history: close what is no longer true, open what is new, leave the rest untouched.
"""

from collections.abc import Collection, Iterable
from typing import Any, TypeVar

from sqlalchemy import Connection, bindparam, insert, select, update

from auditor.ledger.entries import KEYS, Changes, Value
from auditor.store.record import Row, StoredRecord

CHUNK = 2_000
"""Rows that are written, or read, at a time: more is no quicker and needs more memory."""

T = TypeVar("T")
_Old = tuple[int, int, Row]
"""Row id, `from_audit`, and what is not part of the key."""


class IntervalWriter:
    """Writes what one audit found, and adds every row that it opens or closes to the audit's changes."""

    def __init__(self, connection: Connection, practice: str, audit: int, changes: Changes) -> None:
        self._connection = connection
        self._practice = practice
        self._audit = audit
        self._changes = changes

    def sync(self, kind: StoredRecord[T], records: Iterable[T], untouched: Collection[Value]) -> None:
        """
        Make `records` what is true from this audit on.

        What is true now and whose key begins with one of `untouched` stays as it is: the part of the world that this
        audit could not see.
        """
        old = self._open_rows(kind, untouched)
        writer = _TableWriter(self._connection, kind, self._practice, self._audit, self._changes)
        width = len(KEYS[kind.name])
        for row in map(kind.row, records):
            key = row[:width]
            before = old.pop(key, None)
            if before is None:
                writer.open(row)
            elif before[2] != row[width:]:
                writer.close(key, before)
                writer.open(row)
        for key, before in old.items():
            writer.close(key, before)
        writer.flush()

    def _open_rows(self, kind: StoredRecord[Any], untouched: Collection[Value]) -> dict[Row, _Old]:
        c, width = kind.table.c, len(KEYS[kind.name])
        query = select(c.id, c.from_audit, *kind.columns).where(c.practice == self._practice, c.to_audit.is_(None))
        # The same few thousand texts make up hundreds of thousands of keys: keep one of each.
        one: dict[Any, Any] = {}
        found: dict[Row, _Old] = {}
        for id_, since, *values in self._connection.execute(query.execution_options(yield_per=CHUNK)):
            key = tuple([one.setdefault(v, v) for v in values[:width]])
            if key[0] not in untouched:
                found[key] = (id_, since, tuple(values[width:]))
        return found


class _TableWriter:
    """Collects rows of one table and writes them by the thousand."""

    def __init__(
        self, connection: Connection, kind: StoredRecord[Any], practice: str, audit: int, changes: Changes
    ) -> None:
        self._connection, self._name, self._audit, self._changes = connection, kind.name, audit, changes
        self._table = kind.table
        self._columns = ("practice", "from_audit", *kind.names)
        self._prefix = (practice, audit)
        self._closed: list[dict[str, int]] = []
        self._opened: list[dict[str, Any]] = []

    def open(self, row: Row) -> None:
        values = dict(zip(self._columns, (*self._prefix, *row), strict=True))
        self._changes.opened(self._name, values)
        self._opened.append(values)
        if len(self._opened) >= CHUNK:
            self.flush()

    def close(self, key: Row, old: _Old) -> None:
        id_, since, _ = old
        named = dict(zip(KEYS[self._name], key, strict=True))
        self._changes.closed(self._name, {"practice": self._prefix[0], "from_audit": since, **named})
        self._closed.append({"row": id_})
        if len(self._closed) >= CHUNK:
            self.flush()

    def flush(self) -> None:
        # Closing comes first: of one thing, only one row may be true at a time.
        if self._closed:
            t = self._table
            statement = update(t).where(t.c.id == bindparam("row")).values(to_audit=self._audit)
            self._connection.execute(statement, self._closed)
            self._closed = []
        if self._opened:
            self._connection.execute(insert(self._table), self._opened)
            self._opened = []

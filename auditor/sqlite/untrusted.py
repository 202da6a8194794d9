"""
A file as somebody hands it over: read without writing as much as a lock beside it, and without trusting what answers.

Needs the standard library only. Whatever stands in a file, asking it raises nothing but `UNREADABLE`.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

from connectors.errors import AuditorError, shorten

UNREADABLE = (sqlite3.Error, UnicodeError, OverflowError, MemoryError)
"""What a damaged file can make SQLite's driver raise; not even its messages are text for certain."""


class NoTableError(sqlite3.DatabaseError):
    """A file lacks the table without which nothing can be said of it."""


MAX_DAMAGES = 10
"""How many faults of the file itself are listed: after these, the file is beyond discussion."""

Bytes = bytes | None
_TABLE = "TABLE CREATE TABLE"


class UntrustedFile:
    """An open file; all names of tables and columns are the caller's own."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @cached_property
    def _kinds(self) -> dict[str, object]:
        query = "SELECT name, type || ' ' || substr(sql, 1, 14) FROM sqlite_master"
        return dict(self._connection.execute(query))

    def faults(self, ours: Iterable[str]) -> Iterator[str]:
        """Yield what is wrong below the tables, and what answers in their place: triggers, views, tables of others."""
        for (said,) in self._connection.execute(f"PRAGMA integrity_check({MAX_DAMAGES})"):
            if said != "ok":
                yield f"the file is damaged: {shorten(said)}"
        known = set(ours)
        for name, kind in self._kinds.items():
            if str(kind).startswith("trigger"):
                yield f"somebody added the trigger {shorten(name)}, which changes what is saved"
            elif str(kind).startswith("view"):
                yield f"somebody added the view {shorten(name)}: no version of this program makes one"
            elif str(kind).startswith("table") and name not in known and not str(name).startswith("sqlite_"):
                yield f"somebody added the table {shorten(name)}: this version of the program has none"

    def names(self, table: str) -> bool:
        """Whether the file names a table, whatever answers to it."""
        return table in self._kinds

    def has(self, table: str) -> bool:
        """Whether a table is one: a view, or a virtual table, may answer anything, or never."""
        return str(self._kinds.get(table)).upper().startswith(_TABLE)

    def all(self, table: str) -> list[tuple[object, ...]]:
        """Return every row of a small table."""
        return self._connection.execute(f'SELECT * FROM "{table}"').fetchall()  # noqa: S608

    def rows(self, table: str, column: str, value: int | str) -> Iterator[Mapping[str, object]]:
        """Yield the rows in which a column has a value."""
        cursor = self._connection.execute(f'SELECT * FROM "{table}" WHERE "{column}" = ?', (value,))  # noqa: S608
        names = [name for name, *_ in cursor.description]
        for row in cursor:
            yield dict(zip(names, row, strict=True))

    def values(self, table: str, column: str, *, null: bool = True) -> set[object]:
        """Return what stands in a column, nonsense included, and null unless it is not asked for."""
        query = f'SELECT DISTINCT "{column}" FROM "{table}"'  # noqa: S608
        return {v for (v,) in self._connection.execute(query if null else f'{query} WHERE "{column}" IS NOT NULL')}

    def ledger(self) -> Iterator[tuple[object, Bytes, Bytes, Bytes]]:
        """Yield number, body, hash and signature of each entry, the three as the bytes that they are."""
        blobs = "CAST(body AS BLOB), CAST(hash AS BLOB), CAST(signature AS BLOB)"
        yield from self._connection.execute(f"SELECT n, {blobs} FROM ledger ORDER BY n, rowid")  # noqa: S608

    def statements(self) -> Iterator[tuple[object, object, Bytes, Bytes]]:
        """Yield id, practice, body and signature of each statement, the last two as the bytes that they are."""
        query = "SELECT statement, practice, CAST(body AS BLOB), CAST(signature AS BLOB) FROM statement"
        yield from self._connection.execute(query)


@contextmanager
def untrusted(path: Path) -> Iterator[UntrustedFile]:
    """
    Open a file for reading only; one that nobody is writing is read without leaving a lock.

    Raises `AuditorError` when what is pending beside it cannot be read without the right to write.
    """
    connection = _open(path)
    try:
        yield UntrustedFile(connection)
    finally:
        connection.close()


def state_of(path: Path) -> tuple[int, int, bool]:
    """Return when the file was written last, its size, and whether changes are pending beside it."""
    beside = [path.with_name(path.name + end) for end in ("-wal", "-journal")]
    status = path.stat()
    return status.st_mtime_ns, status.st_size, any(file.exists() and file.stat().st_size > 0 for file in beside)


def _open(path: Path) -> sqlite3.Connection:
    uri = f"file:{quote(str(path.resolve()))}"
    if not state_of(path)[2]:
        return _prepare(sqlite3.connect(f"{uri}?immutable=1", uri=True, isolation_level=None))
    try:
        return _prepare(sqlite3.connect(f"{uri}?mode=ro", uri=True, isolation_level=None))
    except sqlite3.OperationalError as error:
        raise AuditorError(
            f"the changes pending beside `{path.name}` cannot be read here: {shorten(error)}",
            hint="copy the file and those beside it to a folder that you may write to, and verify there",
        ) from None


def _prepare(connection: sqlite3.Connection) -> sqlite3.Connection:
    # A byte that is not UTF-8 must neither raise nor turn into a character that could have stood there.
    connection.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
    try:
        for statement in ("PRAGMA trusted_schema = OFF", "PRAGMA busy_timeout = 10000", "BEGIN"):
            connection.execute(statement)
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.Error:
        connection.close()
        raise
    return connection

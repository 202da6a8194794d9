"""A small database beside the store, by the standard library alone: what a process must not forget, and no evidence."""

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from auditor.sqlite.files import make_private, plain_errors
from connectors.errors import AuditorError

Row = sqlite3.Row


@dataclass(frozen=True, slots=True)
class WorkFileKind:
    """What such files hold."""

    what: str
    """In the words of an error."""
    damaged: str
    """What to do with a damaged one."""
    version: int
    tables: str
    """The statements that make version `version`, each with a semicolon."""


class WorkFile:
    """An open file; all methods raise `AuditorError` when it cannot be used."""

    def __init__(self, connection: sqlite3.Connection, path: Path, kind: WorkFileKind) -> None:
        self._db, self._path, self._kind = connection, path, kind
        self._db.row_factory = sqlite3.Row

    @classmethod
    def look(cls, path: Path, kind: WorkFileKind) -> "WorkFile | None":
        """Open it for reading only; `None` where there is none."""
        if not path.exists():
            return None
        with _plain(path, kind):
            uri = f"{path.absolute().as_uri()}?mode=ro"
            file = cls(sqlite3.connect(uri, uri=True, timeout=30, isolation_level=None), path, kind)
            if file._version() == 0:
                file.close()  # killed while it was being made
                return None
            return file

    @classmethod
    def open(cls, path: Path, kind: WorkFileKind) -> "WorkFile":
        """Open it, making it where there is none."""
        with _plain(path, kind):
            with suppress(FileNotFoundError, PermissionError):
                make_private(path)
            file = cls(sqlite3.connect(path, timeout=30, isolation_level=None), path, kind)
            try:
                file._db.execute("PRAGMA synchronous = FULL")
                file._prepare()
            except BaseException:
                file.close()
                raise
            return file

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Give one transaction: written whole, or undone by any exception."""
        with _plain(self._path, self._kind):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    def rows(self, query: str, *values: Any) -> list[Row]:
        """Return what a statement answers."""
        with _plain(self._path, self._kind):
            return self._db.execute(query, values).fetchall()

    def _version(self) -> int:
        version = int(self._db.execute("PRAGMA user_version").fetchone()[0])
        if version > self._kind.version:
            raise AuditorError(
                f"`{self._path.name}` was written by a newer version of this program", hint="install that version"
            )
        return version

    def _prepare(self) -> None:
        with self.writing():
            if self._version() == 0:
                for statement in self._kind.tables.split(";"):
                    self._db.execute(statement)
                self._db.execute(f"PRAGMA user_version = {self._kind.version}")


def _plain(path: Path, kind: WorkFileKind) -> AbstractContextManager[None]:
    return plain_errors(path, f"{kind.what} in `{path.name}`", kind.damaged)

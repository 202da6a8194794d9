"""Opening the file: SQLite with the settings that make a save whole or absent, and its schema at this version."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError

from connectors.errors import AuditorError

REVISIONS = ("0001", "0002", "0003", "0004")
"""Every schema that there ever was, oldest first; the last is the one that this program reads and writes."""

MIGRATIONS = Path(__file__).parent / "migrations"

IMMEDIATE = "auditor_immediate"
"""Execution option of a connection that is going to write: it takes the lock before it reads, not after."""


def open_engine(path: Path, wait_s: float) -> Engine:
    """
    Open the store's file, making it and its folder where there is none, and bring its schema to this version.

    Raises `AuditorError` when it is not a store, is read-only, is locked for longer than `wait_s`, or was written by a
    newer version of the program.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Names and addresses are nobody else's business; SQLite gives its side files the rights of this one.
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise AuditorError(
            f"the store `{path}` cannot be made: `{error.strerror}`", hint="choose a folder that you may write to"
        ) from None
    if not writable(path):
        raise AuditorError(
            f"the store `{path}` is read-only",
            hint="give the auditor the right to write the file and its folder; `auditor verify` needs no such right",
        )
    engine = create_engine(URL.create("sqlite", database=str(path)))
    _configure(engine, wait_s)
    try:
        with plain_errors(path):
            with engine.connect() as connection:
                ready = _version(connection, path) == REVISIONS[-1]
            if not ready:
                with writing(engine) as connection:
                    _migrate(connection, path)
            _use_write_ahead_log(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


def writable(path: Path) -> bool:
    """Whether a store can be written: its file, and the folder in which SQLite makes files beside it."""
    effective = os.access in os.supports_effective_ids
    return all(os.access(place, os.W_OK, effective_ids=effective) for place in (path, path.parent))


def copied(path: Path, folder: Path) -> Path:
    """Copy a store, with what is pending beside it, into a folder; raises `AuditorError` when it cannot be read."""
    try:
        for name in (path.name, f"{path.name}-wal"):
            if (source := path.with_name(name)).exists():
                shutil.copyfile(source, folder / name)
    except OSError as error:
        raise AuditorError(
            f"the store `{path}` cannot be read: `{error.strerror}`", hint="give the auditor the right to read it"
        ) from None
    return folder / path.name


def _configure(engine: Engine, wait_s: float) -> None:
    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # or the driver begins, and commits, when it likes
        for pragma in (f"busy_timeout = {int(wait_s * 1000)}", "foreign_keys = ON", "synchronous = FULL"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        immediate = connection.get_execution_options().get(IMMEDIATE)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Give a transaction that holds the only write lock: it is committed whole, or undone by any exception."""
    with engine.connect().execution_options(**{IMMEDIATE: True}) as connection, connection.begin():
        yield connection


@contextmanager
def plain_errors(path: Path, what: str = "", damaged: str = "") -> Iterator[None]:
    """
    Turn what the database says into an error for people, without the values that were being written.

    `what` it is and what to do when it is `damaged`, where it is not the store.
    """
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        said = str(error.orig if isinstance(error, DBAPIError) else error)
        hint = damaged if damaged and ("not a database" in said or "malformed" in said) else _hint(said)
        raise AuditorError(f"{what or f'the store `{path}`'} cannot be used: `{said}`", hint=hint) from None


def _hint(said: str) -> str:
    for words, hint in {
        "not a database": "this file is something else, or damaged: choose another path, or restore the backup",
        "malformed": "the file is damaged: restore the backup, then run `auditor verify`",
        "readonly": "nothing was saved; give the auditor the right to write the file and its folder",
        "locked": "nothing was saved; another auditor is writing: run again when it has finished",
        "full": "nothing was saved; make room on the disk and run again",
        "unable to open": "check that the path is a file, and that you may write to its folder",
    }.items():
        if words in said:
            return hint
    return "nothing was saved; check the disk, run `auditor verify`, and run again"


def _use_write_ahead_log(engine: Engine) -> None:
    """Let readers read while an audit is saved; the setting stays in the file."""
    connection = engine.raw_connection()  # refused inside a transaction
    try:
        connection.cursor().execute("PRAGMA journal_mode = WAL")
    finally:
        connection.close()


def _migrate(connection: Connection, path: Path) -> None:
    if _version(connection, path) == REVISIONS[-1]:
        return  # another process was quicker
    # Slow to import, and needed once in the life of a store.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _version(connection: Connection, path: Path) -> str | None:
    """Return the schema of a store, `None` for a new file; raises `AuditorError` for what this program cannot use."""
    tables = set(connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table'")))
    if "alembic_version" in tables and "ledger" in tables:
        version = str(connection.scalar(text("SELECT version_num FROM alembic_version")))
        if version not in REVISIONS:
            raise AuditorError(
                f"the store `{path}` has the schema `{version}`, which is newer than this program",
                hint="install the version of the program that wrote it, or a later one",
            )
        return version
    if tables:
        raise AuditorError(
            f"`{path}` is a database of another program", hint="choose another path for the auditor's store"
        )
    return None

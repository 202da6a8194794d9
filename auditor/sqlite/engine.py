"""SQLAlchemy on a SQLite file, with the settings that make a save whole or absent."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event

IMMEDIATE = "auditor_immediate"
"""Execution option of a connection that is going to write: it takes the lock before it reads, not after."""


def engine_of(path: Path, wait_s: float) -> Engine:
    """Return an engine on a file, which waits so long for whoever has locked it."""
    engine = create_engine(URL.create("sqlite", database=str(path)))
    configure(engine, wait_s)
    return engine


def configure(engine: Engine, wait_s: float) -> None:
    """Let every connection of an engine check references, wait for locks, and lose nothing with the power."""

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


def use_write_ahead_log(engine: Engine) -> None:
    """Let readers read while somebody writes; the setting stays in the file."""
    connection = engine.raw_connection()  # refused inside a transaction
    try:
        connection.cursor().execute("PRAGMA journal_mode = WAL")
    finally:
        connection.close()

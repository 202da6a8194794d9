"""SQLAlchemy on a SQLite file, with the settings that make a save whole or absent."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event

IMMEDIATE = "auditor_immediate"
"""Execution option of a connection that is going to write: it takes the lock before it reads, not after."""


_IDLE: list[Engine] = []
_OPENED: dict[Engine, tuple[Path, float]] = {}


def engine_of(path: Path, wait_s: float) -> Engine:
    """
    Return an engine on a file, which waits so long for whoever has locked it; to be given back with `let_go`.

    One that was given back serves the next file: what SQLAlchemy has compiled for it takes longer than most questions.
    """
    engine = _IDLE.pop() if _IDLE else _new_engine()
    _OPENED[engine] = path, wait_s
    return engine


def let_go(engine: Engine) -> None:
    """Close the connections of an engine, and take its file from it: whoever still holds it can connect to nothing."""
    engine.dispose()
    if _OPENED.pop(engine, None):
        _IDLE.append(engine)


def _new_engine() -> Engine:
    engine = create_engine(URL.create("sqlite", database="the file that is opened"))

    @event.listens_for(engine, "do_connect")
    def to_the_file(_dialect: object, _record: object, given: list[str], _options: object) -> None:
        path, _ = _OPENED[engine]
        given[0] = str(path)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # or the driver begins, and commits, when it likes
        wait_ms = int(_OPENED[engine][1] * 1000)
        for pragma in (f"busy_timeout = {wait_ms}", "foreign_keys = ON", "synchronous = FULL"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        immediate = connection.get_execution_options().get(IMMEDIATE)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


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

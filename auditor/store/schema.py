"""The schema of the store at this version: opening a store brings it along."""

from functools import cache
from pathlib import Path

from sqlalchemy import Column, Connection, Dialect, Engine, MetaData, PrimaryKeyConstraint, String, Table, inspect, text
from sqlalchemy.schema import CreateIndex, CreateTable, DDLElement

from auditor.sqlite.engine import engine_of, let_go, use_write_ahead_log, writing
from auditor.sqlite.files import make, plain_errors
from auditor.store.tables import METADATA
from connectors.errors import AuditorError

REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009", "0010", "0011")
"""Every schema that there ever was, oldest first; the last is the one that this program reads and writes."""

MIGRATIONS = Path(__file__).parent / "migrations"


def open_engine(path: Path, wait_s: float) -> Engine:
    """
    Open the store's file, making it and its folder where there is none, and bring its schema to this version.

    Raises `AuditorError` when it is not a store, is read-only, is locked for longer than `wait_s`, or was written by a
    newer version of the program.
    """
    make(path)
    engine = engine_of(path, wait_s)
    try:
        with plain_errors(path):
            with engine.connect() as connection:
                ready = _version(connection, path) == REVISIONS[-1]
            if not ready:
                with writing(engine) as connection:
                    _bring_along(connection, path)
            use_write_ahead_log(engine)
    except BaseException:
        let_go(engine)
        raise
    return engine


def _bring_along(connection: Connection, path: Path) -> None:
    version = _version(connection, path)
    if version is None:
        _make_tables(connection)
    elif version != REVISIONS[-1]:  # or another process was quicker
        migrate(connection)


def _make_tables(connection: Connection) -> None:
    """Make what all migrations lead to, from nothing; which a test compares."""
    for statement in _making(connection.dialect):
        connection.exec_driver_sql(statement)
    connection.execute(_STAMP.insert().values(version_num=REVISIONS[-1]))


@cache
def _making(dialect: Dialect) -> tuple[str, ...]:
    """Return what makes all tables and their indexes; put into words once, which takes longer than carrying it out."""
    made: list[DDLElement] = []
    for table in (*METADATA.sorted_tables, _STAMP):
        made += CreateTable(table), *map(CreateIndex, sorted(table.indexes, key=lambda index: str(index.name)))
    return tuple(str(each.compile(dialect=dialect)) for each in made)


_STAMP = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)
"""As alembic itself makes it."""


def migrate(connection: Connection) -> None:
    """Bring a schema of any version, or of none, to this one, step by step."""
    # Slow to import, and needed once in the life of a store.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _version(connection: Connection, path: Path) -> str | None:
    """Return the schema of a store, `None` for a new file; raises `AuditorError` for what this program cannot use."""
    tables = inspect(connection).get_table_names()
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

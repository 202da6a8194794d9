"""
Rosters and lists of staff as CSV or XLSX: one row a VMA, one row a person.

`connectors.roster.record` names the columns. Columns that begin with `x_` are the owner's own; any other name is
refused, because a mistyped `end` would keep a leaver. Where the file has names of its own, `columns` translates them.
"""

from collections.abc import Collection, Iterator
from pathlib import Path

from connectors.facts import Person
from connectors.inputs.files import sha256_of
from connectors.inputs.strict import Settings as StrictSettings
from connectors.inputs.tables import read_table, refuse_unknown, require
from connectors.roster.columns import RosterColumns, record_of
from connectors.roster.people import RosterRead, build_roster, build_staff
from connectors.roster.record import ROSTER_OPTIONAL, ROSTER_REQUIRED, STAFF_OPTIONAL, STAFF_REQUIRED, Record


class Settings(StrictSettings):
    """Which file."""

    file: Path
    """The file, relative to the configuration."""
    sheet: str | None = None
    """The sheet of a workbook that has several."""
    delimiter: str = ","
    """What separates the values of a CSV file."""
    skip_rows: int = 0
    """Lines above the header."""
    columns: RosterColumns | None = None
    """Where each column of a roster comes from; left out: the file names its columns as the documentation does."""


def read(settings: Settings, folder: Path) -> RosterRead:
    """Read a roster; raises `InputError` naming file, line and column."""
    path = folder / settings.file
    table = read_table(path, delimiter=settings.delimiter, sheet=settings.sheet, skip_rows=settings.skip_rows)
    if settings.columns is None:
        require(table, ROSTER_REQUIRED)
        refuse_unknown(table, (*ROSTER_REQUIRED, *ROSTER_OPTIONAL))
        records: Iterator[Record] = (Record(str(path), line, row) for line, row in table.rows)
    else:
        columns = settings.columns
        require(table, columns.fields())
        records = (record_of(columns, str(path), line, row, line=True) for line, row in table.rows)
    return build_roster(str(path), records, source=path.name, sha256=sha256_of(path))


def read_staff(path: Path, systems: Collection[str] | None = None) -> tuple[Person, ...]:
    """
    Read the practice's own people, services and vendors; raises `InputError` naming file, line and column.

    With `systems`, a log-in of any other is refused.
    """
    table = read_table(path)
    require(table, STAFF_REQUIRED)
    refuse_unknown(table, (*STAFF_REQUIRED, *STAFF_OPTIONAL))
    return build_staff(str(path), (Record(str(path), line, row) for line, row in table.rows), systems)

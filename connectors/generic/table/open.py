"""Opens one file of a report by its mapping, whatever its layout."""

from pathlib import Path

from connectors.generic.table.fixed import read_fixed
from connectors.generic.table.mapping import FileFormat
from connectors.generic.table.trailer import TableTrailer
from connectors.inputs.tables import Table, read_table


def open_report(path: Path, how: FileFormat, sheet: str | None, trailer: TableTrailer, first: str = "") -> Table:
    """
    Return the header and the rows; `first` names the first column where the header leaves it empty.

    Raises `InputError` naming file and line.
    """
    if how.layout == "fixed":
        return read_fixed(path, how, trailer)
    return read_table(
        path,
        delimiter=how.delimiter,
        sheet=sheet or how.sheet,
        skip_rows=how.skip_rows,
        encoding=how.encoding,
        skip=trailer.takes,
        first=first,
        header_rows=how.header_rows,
    )

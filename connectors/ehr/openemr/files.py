"""The files of an OpenEMR export: one CSV a table, checked to hold only what may leave OpenEMR, and to be whole."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

from connectors.ehr.openemr.tables import FILES, Shape, TableRow, Tables, is_secret
from connectors.errors import InputError
from connectors.inputs.files import sha256_of
from connectors.inputs.tables import read_table, refuse_unknown, require

NULLS = (r"\N", "NULL")
"""How the MySQL tools write an absent value."""
AGAIN = "export all files again, together and without a limit"


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """One file; nothing but its own rows proves that it is whole, so a row that names nothing means that it is not."""

    path: Path

    def refuse(self, line: int, column: str, problem: str, *, found: object, expected: str, hint: str) -> NoReturn:
        """Raise the `InputError` that names file, line and column."""
        raise InputError(self.path, problem, line=line, field=column, found=found, expected=expected, hint=hint)

    def stray(self, line: int, column: str, what: str, found: str) -> None:
        """Raise: the row that it names was cut off."""
        self.refuse(
            line,
            column,
            f"this names {what} that is not in the export",
            found=found,
            expected=f"{what} of the export",
            hint=AGAIN,
        )

    def hollow(self, line: int, column: str, problem: str, found: str) -> None:
        """Raise: the rows that belong to it were cut off, for all that a file can prove."""
        hint = f"{AGAIN}; if OpenEMR itself has none, mend that there, or read it live with `openemr`"
        self.refuse(line, column, problem, found=found, expected="at least one", hint=hint)


class Export(Tables):
    """All files of an export."""

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise InputError(folder, "there is no such folder", expected="the folder with the exported CSV files")
        _refuse_other_files(folder)
        tables: dict[str, list[TableRow]] = {}
        self.files: dict[str, str] = {}
        """File name and SHA-256 of each file that was read."""
        times: list[float] = []
        for name, shape in FILES.items():
            path = folder / f"{name}.csv"
            if shape.may_be_absent and not path.exists():
                continue
            tables[name] = _read(path, shape)
            self.files[path.name] = sha256_of(path)
            times.append(path.stat().st_mtime)
        # Only the oldest time is used: copying and version control change times, so they prove nothing; that the
        # files refer only to each other does.
        super().__init__(tables, read_at=datetime.fromtimestamp(int(min(times)), UTC))


def _read(path: Path, shape: Shape) -> list[TableRow]:
    table = read_table(path)
    for column in table.header:
        if is_secret(column):
            table.refuse(
                table.header_line,
                column,
                "the export holds a secret",
                expected=f"only: {', '.join((*shape.required, *shape.optional))}",
                hint="delete this file, and export it again without password, password history, var1 and var2",
            )
    require(table, shape.required)
    refuse_unknown(
        table,
        (*shape.required, *shape.optional),
        hint="export only the columns that the connector documents; more data than needed must not leave OpenEMR",
    )
    file = ExportedFile(path)
    records = []
    for line, row in table.rows:
        values = {column: _plain(table.value(line, row, column)) for column in row}
        records.append(TableRow(file, line, values))
    if not records and not shape.may_be_empty:
        raise InputError(
            path,
            "the file has a header only",
            expected="at least one row",
            hint=shape.why_absent or "the export was cut, or its account may not read this table; export it again",
        )
    return records


def _plain(text: str) -> str:
    return "" if text in NULLS else text


def _refuse_other_files(folder: Path) -> None:
    # A mistyped optional file would otherwise be ignored without a word.
    for path in sorted(folder.iterdir()):
        if path.suffix.casefold() == ".csv" and path.name.removesuffix(".csv") not in FILES:
            raise InputError(
                path,
                "unknown file",
                expected=f"only: {', '.join(f'{name}.csv' for name in FILES)}",
                hint="correct its name, or move it out of the folder",
            )

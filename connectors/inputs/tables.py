"""
Rows of CSV and XLSX files: streamed, bounded, and strict about everything that would shift or lose a value.

A row that is too short, a header that stands twice or a quote that never closes is refused with its line, because
a guess would put one person's rights under another person's name. Values stay text: `=1+1` is four characters.
"""

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import NoReturn

from connectors.errors import InputError
from connectors.inputs import xlsx
from connectors.inputs.files import opened
from connectors.inputs.text_lines import Encoding, TextLines

MAX_FIELD = 2**20
"""Longest value, in characters."""
MAX_ROWS = 1_000_000
MAX_COLUMNS = 500
MAX_NAME = 200
"""Longest name of a column."""
MAX_VALUE = 1_000
"""Longest value that is kept as a name, login or entitlement."""

OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
"""Start of an OLE file: the old `.xls`, or a new workbook that is protected with a password."""

Row = dict[str, str]
Cells = Iterator[tuple[int, list[str]]]
Skip = Callable[[int, list[str]], bool]
"""Says of a line and its values that it is no row, such as a total below the table."""


@dataclass(frozen=True, slots=True)
class Table:
    """
    A header and its rows, which can be read once.

    `rows` gives (line, values by column name); it raises `InputError` at the first row that cannot be trusted.
    """

    path: Path
    header: tuple[str, ...]
    header_line: int
    rows: Iterator[tuple[int, Row]]

    def refuse(
        self, line: int, column: str, problem: str, *, found: object = None, expected: str = "", hint: str = ""
    ) -> NoReturn:
        """Raise the `InputError` that names file, line and column."""
        raise InputError(self.path, problem, line=line, field=column, found=found, expected=expected, hint=hint)

    def value(self, line: int, row: Row, column: str, *, required: bool = False) -> str:
        """Return one value, stripped; raises `InputError` when it is too long, or required and empty."""
        text = row[column].strip()
        if not text and required:
            self.refuse(line, column, "the value is empty", expected="a value")
        if len(text) > MAX_VALUE:
            self.refuse(
                line,
                column,
                "the value is too long",
                found=text,
                expected=f"at most {MAX_VALUE} characters",
                hint="check that this is the right column",
            )
        return text


def read_table(
    path: Path,
    *,
    delimiter: str = ",",
    sheet: str | None = None,
    skip_rows: int = 0,
    encoding: Encoding = "utf-8",
    skip: Skip | None = None,
    first: str = "",
    header_rows: int = 1,
) -> Table:
    """
    Open a CSV or XLSX file, told apart by their first bytes, and read its header.

    `sheet` names the sheet of a workbook that has several; `skip_rows` jumps over title lines above the header; `skip`
    says which lines below it are no rows; `first` names the first column where the header leaves it empty; with two
    `header_rows` the first of them names groups of columns. Rows without any value are skipped. Raises `InputError`
    naming file, line and column.
    """
    cells = read_cells(path, delimiter=delimiter, sheet=sheet, skip_rows=skip_rows, encoding=encoding)
    line, names = next(cells, (0, []))
    if not names:
        raise InputError(path, "the file is empty", expected="a header and rows", hint="export it again")
    if header_rows > 1:
        line, below = next(cells, (line, []))
        names = joined_names(names, below)
    if first and not names[0].strip():
        names = [first, *names[1:]]
    header = _header(path, line, names)
    if skip is not None:
        cells = ((line, values) for line, values in cells if not skip(line, values))
    return Table(path, header, line, _rows(path, header, len(names), cells))


def joined_names(groups: list[str], names: list[str]) -> list[str]:
    """Put the group that stands above it, or further left, before the name of each column."""
    joined, group = [], ""
    for place, name in enumerate(names):
        above = groups[place].strip() if place < len(groups) else ""
        group = above or group
        joined.append(": ".join(part for part in (group, name.strip()) if part))
    return joined


def read_cells(
    path: Path, *, delimiter: str = ",", sheet: str | None = None, skip_rows: int = 0, encoding: Encoding = "utf-8"
) -> Cells:
    """
    Give (line, values) of everything in a CSV or XLSX file that is not blank; the header is the first of them.

    Raises `InputError` naming file and line.
    """
    head = _head(path)
    cells: Cells
    if head.startswith(xlsx.ZIP):
        cells = ((n, cells) for n, cells in xlsx.read_sheet(path, sheet, MAX_ROWS, MAX_COLUMNS) if n > skip_rows)
    elif head.startswith(OLD_WORKBOOK):
        raise InputError(
            path,
            "this is an old or a password-protected workbook",
            expected="CSV or XLSX",
            hint="save it as `CSV UTF-8` or as XLSX without a password",
        )
    elif sheet is not None:
        raise InputError(path, "a CSV file has no sheets", found=sheet, expected="no `sheet`", hint="remove `sheet`")
    else:
        cells = _csv_cells(path, delimiter, skip_rows, encoding)
    return ((line, values) for line, values in cells if any(map(str.strip, values)))


def require(table: Table, columns: Iterable[str]) -> None:
    """Raise `InputError` for the first column that the table does not have, with the nearest one that it has."""
    for column in columns:
        if column in table.header:
            continue
        names = {name.casefold(): name for name in table.header}
        near = get_close_matches(column.casefold(), names, n=1, cutoff=0.6)
        hint = f"the columns are: {', '.join(f'`{name}`' for name in table.header[:40])}"
        if len(table.header) == 1 and any(mark in table.header[0] for mark in ",;\t|"):
            hint = f"the values seem to be separated by something else; {hint}"
        elif near:
            hint = f"did you mean `{names[near[0]]}`? {hint}"
        table.refuse(
            table.header_line,
            column,
            "a column is missing",
            expected=f"a column named exactly `{column}`",
            hint=hint,
        )


def refuse_unknown(table: Table, known: Iterable[str], *, hint: str = "") -> None:
    """
    Raise `InputError` for the first column that is not known.

    Columns that begin with `x_` are the owner's own and are ignored.
    """
    names = list(known)
    for column in table.header:
        if column not in names and not column.startswith("x_"):
            near = get_close_matches(column.casefold(), names, n=1, cutoff=0.6)
            table.refuse(
                table.header_line,
                column,
                "unknown column",
                expected=f"`{near[0]}`" if near else f"only: {', '.join(names)}",
                hint=hint or "correct the name, remove the column, or begin its name with `x_`",
            )


def _head(path: Path) -> bytes:
    with opened(path) as file:
        head = file.read(8)
    if not head:
        raise InputError(path, "the file is empty", expected="a header and rows", hint="export it again")
    return head


def _header(path: Path, line: int, cells: list[str]) -> tuple[str, ...]:
    if len(cells) > MAX_COLUMNS:
        raise InputError(path, "too many columns", line=line, found=len(cells), expected=f"at most {MAX_COLUMNS}")
    names = [cell.strip() for cell in cells]
    while not names[-1]:  # a trailing comma; the rows must be empty there too
        names.pop()
    seen: dict[str, int] = {}
    for number, name in enumerate(names, 1):
        if not name:
            raise InputError(
                path,
                f"column {number} has no name",
                line=line,
                expected="a name for each column",
                hint="if the header is further down, set `skip_rows` to the number of lines above it",
            )
        if len(name) > MAX_NAME:
            raise InputError(path, "the name of a column is too long", line=line, found=name, expected="a header")
        if name in seen:
            raise InputError(
                path,
                f"columns {seen[name]} and {number} have the same name",
                line=line,
                field=name,
                expected="each name once",
                hint="rename or remove one of them",
            )
        seen[name] = number
    return tuple(names)


def _rows(path: Path, header: tuple[str, ...], width: int, cells: Cells) -> Iterator[tuple[int, Row]]:
    for number, (line, values) in enumerate(cells, 1):
        if number > MAX_ROWS:
            raise InputError(path, "too many rows", line=line, expected=f"at most {MAX_ROWS}")
        if len(values) != width or (width > len(header) and any(map(str.strip, values[len(header) :]))):
            raise InputError(
                path,
                f"the row is {'shorter' if len(values) < width else 'longer'} than the header",
                line=line,
                found=f"{len(values)} values",
                expected=f"{len(header)} values",
                hint="quote values that hold the separator, remove a total below the table, or export again",
            )
        yield line, dict(zip(header, values, strict=False))


def _csv_cells(path: Path, delimiter: str, skip_rows: int, encoding: Encoding) -> Cells:
    csv.field_size_limit(MAX_FIELD)
    with opened(path) as file:
        lines = TextLines(path, file, encoding)
        for _ in range(skip_rows):
            next(lines, None)
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        while True:
            start, lines.row_bytes = lines.number + 1, 0
            try:
                values = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                _refuse_csv(path, start, str(error))
            yield start, [_text_of(value) for value in values]


def _text_of(value: str) -> str:
    """Return what a spreadsheet shows for `="00123"`, which keeps a text a text; nothing else is worked out."""
    if not value.startswith('="') or not value.endswith('"') or len(value) < 3:
        return value
    inner = value[2:-1]
    return value if '"' in inner else inner


def _refuse_csv(path: Path, line: int, message: str) -> NoReturn:
    """Say in our words what the csv module found; its own text never holds a value from the file."""
    problem, hint = "this is not CSV", f"the reader said: {message}"
    if "field limit" in message:
        problem, hint = "a value is too long", "look for a quote that is never closed, in this row or just above"
    elif "end of data" in message:
        problem, hint = "a quote is never closed", "close it, or write a quote inside a value twice"
    elif "expected after" in message:
        problem, hint = "there is text after a closing quote", "write a quote inside a value twice"
    elif "new-line" in message:
        problem, hint = "the line ends are neither LF nor CRLF", "save the file again as `CSV UTF-8`"
    expected = f"at most {MAX_FIELD} characters" if "limit" in message else "RFC 4180 CSV"
    raise InputError(path, problem, line=line, expected=expected, hint=hint)

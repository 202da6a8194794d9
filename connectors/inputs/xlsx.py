"""
Rows of an XLSX workbook, after a check that opening it cannot exhaust the machine.

A few kilobytes of XLSX can ask for terabytes in three ways: parts that unpack to far more than they are, one cell in
the farthest corner (the reader fills the rectangle), and a long shared string that a million cells repeat. So every
part is read once, streaming, and measured before the real reader sees the file.
"""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from io import BytesIO
from pathlib import Path
from typing import IO, Any
from xml.parsers import expat
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile
from zlib import error as ZlibError  # noqa: N812 - the name of the module says nothing here

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from connectors.errors import InputError, shorten
from connectors.inputs.files import read_bytes

ZIP = b"PK\x03\x04"
MAX_FILE_BYTES = 64 * 2**20
MAX_UNPACKED_BYTES = 256 * 2**20
MAX_PARTS = 2_000
MAX_CELLS = 10_000_000
MAX_SHARED_TEXT = 256 * 2**20
"""Characters of all cells together, shared strings counted as often as they are shown."""
MAX_DEPTH = 100
LONGEST_TAG = 2**20
"""Bytes of one tag with its attributes, or of one comment: no sheet comes near it."""
BLOCK = 2**16
FEW_FORMULAS = 20

_REFERENCE = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})", re.ASCII)


def read_sheet(path: Path, sheet: str | None, max_rows: int, max_columns: int) -> Iterator[tuple[int, list[str]]]:
    """
    Give (row number, values as text) of one sheet.

    `sheet` may be left out when the workbook has only one that can be seen. A date cell is given in ISO 8601, whole
    numbers without a decimal point, formulas by their saved result. Raises `InputError`.
    """
    with _opened(path, max_rows, max_columns) as book:
        name = _choose(path, book, sheet)
        for number, cells in enumerate(book.get_sheet_by_name(name).iter_rows(), 1):
            yield number, [_text(cell) for cell in cells]


def visible_sheets(path: Path, max_rows: int, max_columns: int) -> tuple[str, ...]:
    """Name the sheets that hold cells and can be seen; raises `InputError`."""
    with _opened(path, max_rows, max_columns) as book:
        return _visible(book)


def hidden_sheets(path: Path, max_rows: int, max_columns: int) -> tuple[str, ...]:
    """Name the sheets that hold cells and are hidden; raises `InputError`."""
    with _opened(path, max_rows, max_columns) as book:
        shown = set(_visible(book))
        return tuple(
            str(s.name) for s in book.sheets_metadata if s.typ == SheetTypeEnum.WorkSheet and s.name not in shown
        )


def formula_cells(path: Path, max_rows: int, max_columns: int) -> tuple[str, ...]:
    """
    Name the cells that hold a formula, as `part!B7`, at most a few of them; raises `InputError`.

    `read_sheet` gives the saved result of a formula as if somebody had typed it: whoever reads what a person was to
    fill in, looks here first.
    """
    return tuple(_measure(path, read_bytes(path, max_bytes=MAX_FILE_BYTES), max_rows, max_columns).formulas)


@contextmanager
def _opened(path: Path, max_rows: int, max_columns: int) -> Iterator[CalamineWorkbook]:
    data = read_bytes(path, max_bytes=MAX_FILE_BYTES)
    _measure(path, data, max_rows, max_columns)
    try:
        with CalamineWorkbook.from_filelike(BytesIO(data)) as book:
            yield book
    except CalamineError:
        raise _broken(path) from None
    except BaseException as error:
        # A panic of the reader is not an `Exception`; it says that the file is broken, and nothing else.
        if type(error).__name__ == "PanicException":
            raise _broken(path) from None
        raise


def _visible(book: CalamineWorkbook) -> tuple[str, ...]:
    return tuple(
        str(s.name)
        for s in book.sheets_metadata
        if s.typ == SheetTypeEnum.WorkSheet and s.visible == SheetVisibleEnum.Visible
    )


def _choose(path: Path, book: CalamineWorkbook, sheet: str | None) -> str:
    visible = _visible(book)
    names = ", ".join(shorten(name, 40) for name in visible[:20])
    if sheet is not None:
        if sheet not in book.sheet_names:
            raise InputError(path, "there is no such sheet", field="sheet", found=sheet, expected=f"one of {names}")
        return sheet
    if len(visible) != 1:
        raise InputError(
            path,
            f"the workbook has {len(visible)} sheets",
            expected="one sheet, or the name of the one to read",
            hint=f"set `sheet` to one of {names}, or save that sheet alone" if visible else "show the sheet",
        )
    return visible[0]


def _text(cell: Any) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, date | datetime | time):
        return cell.isoformat()
    return str(cell)


def _broken(path: Path) -> InputError:
    return InputError(
        path,
        "this is not an XLSX workbook that can be read",
        expected="XLSX",
        hint="open it in a spreadsheet program and save it again, or save it as `CSV UTF-8`",
    )


def _too_big(path: Path, problem: str, found: object, limit: int) -> InputError:
    return InputError(
        path,
        problem,
        found=found,
        expected=f"at most {limit}",
        hint="save only the table, as `CSV UTF-8`",
    )


def _measure(path: Path, data: bytes, max_rows: int, max_columns: int) -> "_Scan":
    """Read every part of the workbook; raises `InputError` unless all are of a size that can be read."""
    if data.count(b"PK\x01\x02") > MAX_PARTS:  # before a directory of a million entries is built in memory
        raise _too_big(path, "the workbook has too many parts", "more", MAX_PARTS)
    scan = _Scan(path, max_rows, max_columns)
    try:
        with ZipFile(BytesIO(data)) as archive:
            parts = archive.infolist()
            names = [part.filename.casefold() for part in parts]
            if len(set(names)) != len(names) or "xl/workbook.xml" not in names:
                raise _broken(path)
            if not {"xl/workbook.bin", "content.xml"}.isdisjoint(names):
                raise _broken(path)
            unpacked = sum(part.file_size for part in parts)
            if unpacked > MAX_UNPACKED_BYTES:
                raise _too_big(path, "the workbook unpacks to too many bytes", unpacked, MAX_UNPACKED_BYTES)
            for part in parts:
                if part.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
                    raise _broken(path)
                # Reading to the end also proves the stated size: the zip module compares size and CRC.
                with archive.open(part) as stream:
                    scan.part(part.filename, stream)
    except (BadZipFile, ZlibError, EOFError, NotImplementedError, RuntimeError, expat.ExpatError, ValueError):
        raise _broken(path) from None
    scan.check_shared_text()
    return scan


class _Scan:
    """How far the cells of each part reach, which hold formulas, and how long the shared strings are, written out."""

    def __init__(self, path: Path, max_rows: int, max_columns: int) -> None:
        self.path, self.max_rows, self.max_columns = path, max_rows, max_columns
        self.lengths: list[int] = []
        self.uses: Counter[int] = Counter()
        self.formulas: list[str] = []

    def part(self, name: str, stream: IO[bytes]) -> None:
        """Read one part to its end."""
        if not name.casefold().endswith((".xml", ".rels")):
            tail = b""
            while block := stream.read(BLOCK):
                if b"sheetData" in tail + block:  # cells outside of XML parts would not be measured
                    raise _broken(self.path)
                tail = block[-16:]
            return
        self.name = name.rpartition("/")[2]
        self.depth = self.row = self.column = self.last_row = self.last_column = 0
        self.at = (0, 0)
        self.shared = self.in_string = self.in_value = False
        self.index = ""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.characters
        parser.StartDoctypeDeclHandler = self.doctype
        fed = 0
        while block := stream.read(BLOCK):
            parser.Parse(block, False)
            fed += len(block)
            # An unfinished tag is read again with each block (CVE-2023-52425), which takes time by its square.
            if fed - parser.CurrentByteIndex > LONGEST_TAG + BLOCK:
                raise _broken(self.path)
        parser.Parse(b"", True)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _broken(self.path)
        tag = name.rpartition(":")[2]
        if tag == "c":
            self._cell(attributes)
        elif tag in ("v", "is", "f"):
            self._reach()
            self.in_value = tag == "v" and self.shared
            if tag == "f" and len(self.formulas) < FEW_FORMULAS:
                self.formulas.append(f"{self.name}!{_letters(self.at[1])}{self.at[0]}")
        elif tag == "row":
            self.row = max(self.row + 1, int(attributes.get("r", 0)))
            self.column = 0
        elif tag == "si":
            self.in_string = True
            self.lengths.append(0)

    def end(self, name: str) -> None:
        self.depth -= 1
        if self.in_value:
            self.uses[int(self.index or -1)] += 1
            self.in_value, self.index = False, ""
        elif self.in_string and name.rpartition(":")[2] == "si":
            self.in_string = False

    def characters(self, text: str) -> None:
        if self.in_value:
            self.index += text[:20]
        elif self.in_string:
            self.lengths[-1] += len(text)

    def doctype(self, *_: object) -> None:
        raise _broken(self.path)

    def _cell(self, attributes: dict[str, str]) -> None:
        self.shared = attributes.get("t") == "s"
        self.column += 1
        row = self.row
        if reference := attributes.get("r"):
            match = _REFERENCE.fullmatch(reference)
            if not match:
                raise _broken(self.path)
            column = 0
            for letter in match[1].upper():
                column = column * 26 + ord(letter) - 64
            self.column = max(self.column, column)
            row = max(row, int(match[2]))
        self.at = (row, self.column)

    def _reach(self) -> None:
        row, column = self.at
        if row <= self.last_row and column <= self.last_column:
            return
        self.last_row, self.last_column = max(row, self.last_row), max(column, self.last_column)
        if self.last_row > self.max_rows:
            raise _too_big(self.path, "too many rows", self.last_row, self.max_rows)
        if self.last_column > self.max_columns:
            raise _too_big(self.path, "too many columns", self.last_column, self.max_columns)
        if self.last_row * self.last_column > MAX_CELLS:
            raise _too_big(self.path, "too many cells", self.last_row * self.last_column, MAX_CELLS)

    def check_shared_text(self) -> None:
        """Raise `InputError` when the cells together would show more text than may be read."""
        total = 0
        for index, times in self.uses.items():
            if not 0 <= index < len(self.lengths):
                raise _broken(self.path)
            total += times * self.lengths[index]
        if total > MAX_SHARED_TEXT:
            raise _too_big(self.path, "the cells hold too much text", total, MAX_SHARED_TEXT)


def _letters(column: int) -> str:
    """Name a column as spreadsheets do: 1 is `A`, 27 is `AA`."""
    text = ""
    while column:
        column, letter = divmod(column - 1, 26)
        text = chr(65 + letter) + text
    return text

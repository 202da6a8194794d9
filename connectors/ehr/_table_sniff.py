"""What kind of file somebody exported: text or workbook, its encoding, its separator, and where its table begins."""

import codecs
import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connectors import xlsx
from connectors.ehr._table_fixed import is_ruler
from connectors.ehr._table_words import words
from connectors.errors import InputError, shorten
from connectors.files import MAX_TEXT_BYTES, opened
from connectors.tables import MAX_COLUMNS, MAX_FIELD, MAX_ROWS, OLD_WORKBOOK, read_cells
from connectors.text_lines import BOM_UTF8, BOMS_UTF16, MAX_ROW_BYTES, Encoding, TextLines

LINES_LOOKED_AT = 400
"""So many lines tell how a text is built."""
TITLES = 60
"""A header stands no further down than this."""
SHEETS = 10
"""So many sheets of a workbook are looked at."""
SEPARATORS = (",", ";", "\t", "|", "~", "^")
_NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}

_SAVE_AS = "open it in a spreadsheet program and save it as `CSV UTF-8`"
_WEB_PAGE = ("this is a web page, whatever its name says", _SAVE_AS)
_STRANGE = {
    b"%PDF": ("this is a PDF", "a PDF cannot be read without guessing: export CSV, XLSX or plain text"),
    b"<htm": _WEB_PAGE,
    b"<!do": _WEB_PAGE,
    b"<tab": _WEB_PAGE,
    b"<?xm": ("this is XML", _SAVE_AS),
    b"{\\rt": ("this is RTF", "save it as plain text"),
    OLD_WORKBOOK[:4]: ("this is an old or a password-protected workbook", f"{_SAVE_AS}, without a password"),
}
_BEATS = 1.5
"""So many more known headings make a later row the header: the first row as wide as the table is likelier."""


@dataclass(frozen=True, slots=True)
class Sniffed:
    """How a file is built, as settings of a mapping, and in words."""

    settings: dict[str, Any]
    told: tuple[str, ...]
    header: tuple[str, ...] = ()
    """Of a delimited file: the names of the columns."""
    lines: tuple[str, ...] = ()
    """Of a text in fixed layout: its first lines."""

    @property
    def fixed(self) -> bool:
        """Whether the columns stand at fixed places."""
        return self.settings.get("layout") == "fixed"


def sniff(path: Path) -> Sniffed:
    """Look at a file; raises `InputError` when it holds no table that could be read."""
    with opened(path) as file:
        head = file.read(4096)
        size = file.seek(0, 2)
    if size > MAX_TEXT_BYTES:
        raise InputError(
            path, "the file is too large", found=f"{size} bytes", expected=f"at most {MAX_TEXT_BYTES} bytes"
        )
    start = head.removeprefix(BOM_UTF8).lstrip()[:4].lower()
    for mark, (problem, hint) in _STRANGE.items():
        if start.startswith(mark.lower()) or head.startswith(mark):
            raise InputError(path, problem, expected="CSV, XLSX or plain text", hint=hint)
    if head.startswith(xlsx.ZIP):
        return _sniff_workbook(path)
    if not head.strip():
        raise InputError(path, "the file is empty", expected="a table", hint="export it again")
    return _sniff_text(path, _encoding(path, head))


def _encoding(path: Path, head: bytes) -> Encoding:
    if head.startswith(BOMS_UTF16):
        return "utf-16"
    decoder = codecs.getincrementaldecoder("utf-8")()
    with opened(path) as file:
        try:
            while block := file.read(2**20):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "windows-1252"
    return "utf-8"


def _sniff_text(path: Path, encoding: Encoding) -> Sniffed:
    lines = tuple(_first_lines(path, encoding))
    settings: dict[str, Any] = {} if encoding == "utf-8" else {"encoding": encoding}
    told = [f"text, {encoding}"]
    delimiter = None if any(map(is_ruler, lines[:TITLES])) else _delimiter(lines)
    if delimiter is None:
        return Sniffed({**settings, "layout": "fixed"}, (*told, "columns at fixed places"), lines=lines)
    if delimiter != ",":
        settings["delimiter"] = delimiter
    rows = _head_rows(path, delimiter=delimiter, encoding=encoding)
    place, header = _header(path, rows)
    if place > 1:
        settings["skip_rows"] = place - 1
    name = _NAMES.get(delimiter, f"`{delimiter}`")
    return Sniffed(settings, (*told, f"values separated by {name}", f"header on line {place}"), _trimmed(header))


def _first_lines(path: Path, encoding: Encoding) -> Iterator[str]:
    with opened(path) as file:
        lines = TextLines(path, file, encoding)
        size = 0
        for line in lines:
            lines.row_bytes = 0
            yield line.rstrip("\r\n")
            size += len(line)
            if lines.number >= LINES_LOOKED_AT or size > MAX_ROW_BYTES:
                return


def _delimiter(lines: Sequence[str]) -> str | None:
    """Return the separator by which most lines have the same number of values; `None` when none does."""
    best: tuple[float, str | None] = (0.0, None)
    printed = _looks_printed(lines)
    for separator in SEPARATORS:
        widths = _widths(lines, separator)
        common = Counter(width for width in widths if width > 1).most_common(1)
        if not common:
            continue
        width, times = common[0]
        share = times / len(widths)
        if printed and not _has_header(lines, separator):
            continue  # the comma in `Reyes, Ana`
        score = share * (1 + min(width, 10) / 10)
        if share >= 0.5 and score > best[0]:
            best = (score, separator)
    return best[1]


def _looks_printed(lines: Sequence[str]) -> bool:
    """Whether most lines have wide gaps, as columns at fixed places have."""
    filled = [line.strip() for line in lines if line.strip()]
    return sum(len(re.findall(r"\S {2,}(?=\S)", line)) >= 2 for line in filled) > 0.6 * len(filled)


def _has_header(lines: Sequence[str], separator: str) -> bool:
    """Whether some line, cut at a separator, holds headings that are known."""
    return any(separator in line and _known(line.split(separator)) >= 1 for line in lines[:TITLES])


def _widths(lines: Sequence[str], separator: str) -> list[int]:
    csv.field_size_limit(MAX_FIELD)
    widths: list[int] = []
    reader = csv.reader((f"{line}\n" for line in lines), delimiter=separator, strict=True)
    with suppress(csv.Error):  # the last row may be cut where we stopped; what is wrong is told when it is read
        widths.extend(len(values) for values in reader if any(map(str.strip, values)))
    return widths


def _head_rows(path: Path, **how: Any) -> list[tuple[int, list[str]]]:
    rows = []
    for line, values in read_cells(path, **how):
        if len(values) > MAX_COLUMNS:
            raise InputError(path, "too many columns", line=line, found=len(values), expected=f"at most {MAX_COLUMNS}")
        rows.append((line, values))
        if len(rows) >= TITLES + 40:
            break
    return rows


def _sniff_workbook(path: Path) -> Sniffed:
    sheets = xlsx.visible_sheets(path, MAX_ROWS, MAX_COLUMNS)
    best: tuple[float, str, int, list[str]] | None = None
    for name in sheets[:SHEETS]:
        rows = _head_rows(path, sheet=name)
        if not rows:
            continue
        place, header = _header(path, rows)
        score = _known(header) + len(rows) / 1000
        if best is None or score > best[0]:
            best = (score, name, place, header)
    if best is None:
        raise InputError(path, "no sheet holds a table", expected="a header and rows", hint="export it again")
    _, name, place, header = best
    settings: dict[str, Any] = {"sheet": name} if len(sheets) > 1 else {}
    told = ["XLSX workbook"]
    if len(sheets) > 1:
        told.append(f"sheet {shorten(name, 40)} of {len(sheets)}: it has the headings that look most like users")
    if place > 1:
        settings["skip_rows"] = place - 1
    return Sniffed(settings, (*told, f"header in row {place}"), _trimmed(header))


def _header(path: Path, rows: Sequence[tuple[int, list[str]]]) -> tuple[int, list[str]]:
    """Return the line of the header: the first row with the most headings that are known, and as wide as the table."""
    if not rows:
        raise InputError(path, "the file is empty", expected="a header and rows", hint="export it again")
    filled = [sum(1 for value in values if value.strip()) for _, values in rows]
    width = Counter(filled).most_common(1)[0][0] if len(rows) > 2 else max(filled)
    candidates = []
    for place, ((line, values), count) in enumerate(zip(rows[:TITLES], filled, strict=False)):
        names = [value.strip().casefold() for value in values if value.strip()]
        # Rows of accounts have empty cells, so a header may have more values than most rows, but hardly fewer.
        known = _known(values)
        if (len(set(names)) == len(names) or known >= 2) and count >= min(width, 2):
            candidates.append((known, place, line, values))
    if not candidates:
        return rows[0]
    first = next((c for c in candidates if filled[c[1]] >= 0.8 * width), candidates[0])
    best = max(candidates, key=lambda c: (c[0], -c[1]))
    return (best if best[0] >= first[0] + _BEATS else first)[2:]


def _known(header: Sequence[str]) -> float:
    """Count how much of a header is in our words."""
    known = words()
    every = [*known.headings.values(), *known.entitlements.values()]
    return sum(
        max(headings.score(name) for headings in every) for name in header[:MAX_COLUMNS] if 0 < len(name.strip()) <= 60
    )


def _trimmed(header: Sequence[str]) -> tuple[str, ...]:
    names = [name.strip() for name in header]
    while names and not names[-1]:
        names.pop()
    return tuple(names)

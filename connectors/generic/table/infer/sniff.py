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
from zipfile import BadZipFile, ZipFile

from connectors.errors import InputError, shorten
from connectors.generic.table.dictionary import plain, words
from connectors.generic.table.fixed import is_ruler
from connectors.generic.table.head import TITLES, TableHead, find_header, known_headings
from connectors.generic.table.sheets import is_beside
from connectors.inputs import xlsx
from connectors.inputs.files import MAX_TEXT_BYTES, opened
from connectors.inputs.tables import MAX_COLUMNS, MAX_FIELD, MAX_ROWS, OLD_WORKBOOK, read_cells
from connectors.inputs.text_lines import BOM_UTF8, BOMS_UTF16, MAX_ROW_BYTES, Encoding, TextLines

LINES_LOOKED_AT = 400
"""So many lines tell how a text is built."""
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
_SIGN_IN = (
    b'type="password"',
    b"type='password'",
    b"type=password",
    b"<title>sign in",
    b"<title>log in",
    b"<title>login",
)


@dataclass(frozen=True, slots=True)
class SheetSeen:
    """A sheet of a workbook beside the one that is looked at."""

    name: str
    header: tuple[str, ...]
    same: bool
    """Whether it has the same header at the same place, so that both together can be one report."""


@dataclass(frozen=True, slots=True)
class Sniffed:
    """How a file is built, as settings of a mapping, and in words."""

    settings: dict[str, Any]
    told: tuple[str, ...]
    header: tuple[str, ...] = ()
    """Of a delimited file: the names of the columns."""
    lines: tuple[str, ...] = ()
    """Of a text in fixed layout: its first lines."""
    titles: tuple[str, ...] = ()
    """The lines above the header."""
    sheets: tuple[SheetSeen, ...] = ()
    """The other sheets of a workbook that hold something."""

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
    begin = head.removeprefix(BOM_UTF8).lstrip()
    if begin[:1] in (b"<",) and any(word in begin.lower() for word in _SIGN_IN):
        raise InputError(
            path,
            "this is the page on which one signs in, and no list",
            expected="the export itself",
            hint="you were signed out while it was saved: sign in, and download it again",
        )
    if begin[:1] in (b"{", b"["):
        raise InputError(
            path,
            "this is JSON",
            expected="CSV, XLSX or plain text",
            hint="export CSV; what `az` and Graph answer is read by the connector `entra-export` "
            "(docs/connect-entra.md), and what Google's API answers by `google-export`",
        )
    start = begin[:4].lower()
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
    found = find_header(path, rows)
    settings |= found.settings
    name = _NAMES.get(delimiter, f"`{delimiter}`")
    told += [f"values separated by {name}", found.told("line")]
    return Sniffed(settings, tuple(told), found.names, titles=found.titles)


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
    return any(separator in line and known_headings(line.split(separator)) >= 1 for line in lines[:TITLES])


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
    if path.suffix.lower() == ".xlsm" or _has_macros(path):
        raise InputError(
            path,
            "this workbook holds macros",
            expected="XLSX without macros",
            hint="nothing of it was opened; save it as `.xlsx` or as `CSV UTF-8`, without macros",
        )
    sheets = xlsx.visible_sheets(path, MAX_ROWS, MAX_COLUMNS)
    found: dict[str, TableHead] = {}
    best: tuple[float, str] | None = None
    for name in sheets[:SHEETS]:
        rows = _head_rows(path, sheet=name)
        if not rows:
            continue
        found[name] = find_header(path, rows)
        score = 0.0 if is_beside(name) else known_headings(found[name].names) + len(rows) / 1000
        if best is None or score > best[0]:
            best = (score, name)
    if best is None:
        raise InputError(path, "no sheet holds a table", expected="a header and rows", hint="export it again")
    chosen = best[1]
    head = found.pop(chosen)
    others = tuple(
        SheetSeen(name, other.names, same=(other.names, other.settings) == (head.names, head.settings))
        for name, other in found.items()
        if not is_beside(name) and len([n for n in other.names if n]) > 1
    )
    others += tuple(SheetSeen(name, (), same=False) for name in sheets[SHEETS:] if not is_beside(name))
    hidden = xlsx.hidden_sheets(path, MAX_ROWS, MAX_COLUMNS)
    others += tuple(SheetSeen(name, (), same=False) for name in hidden if not is_beside(name))
    settings: dict[str, Any] = dict(head.settings)
    told = ["XLSX workbook"]
    if same := [other.name for other in others if other.same]:
        together = [name for name in sheets if name == chosen or name in same]
        settings = {"sheets": [_sheet(name) for name in together], **settings}
        which = "both sheets" if len(together) == 2 else f"{len(together)} sheets"
        told.append(f"{which} have the same columns and are read together: {', '.join(map(_told_name, together))}")
    elif len(sheets) > 1:
        settings = {"sheet": chosen, **settings}
        told.append(f"sheet {_told_name(chosen)} of {len(sheets)}: it has the headings that look most like users")
    return Sniffed(settings, (*told, head.told("row")), head.names, titles=head.titles, sheets=others)


def _told_name(name: str) -> str:
    return shorten(name, 40)


def _sheet(name: str) -> dict[str, str]:
    """Return a sheet for the mapping, with the status that its name gives."""
    words_in = [part for part in plain(name).split() if part not in ("users", "user", "accounts", "account", "staff")]
    status = words().status_of(" ".join(words_in))
    return {"name": name, "status": status} if status else {"name": name}


def _has_macros(path: Path) -> bool:
    with suppress(BadZipFile), ZipFile(path) as archive:
        return any(name.casefold().endswith("vbaproject.bin") for name in archive.namelist())
    return False

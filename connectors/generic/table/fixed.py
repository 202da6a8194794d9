"""
Reports that were made for a printer: columns at fixed places, and on every page a head, a heading and rows.

A value that runs into the next column, a heading that has moved and a page without heading are refused: whatever
stands elsewhere than the mapping says could be anybody's.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from connectors.errors import InputError
from connectors.generic.table.layout import Fixed
from connectors.generic.table.mapping import FileFormat
from connectors.generic.table.trailer import TableTrailer
from connectors.inputs.files import opened
from connectors.inputs.tables import MAX_COLUMNS, MAX_NAME, MAX_ROWS, Row, Table
from connectors.inputs.text_lines import TextLines

MAX_LINE = 20_000
MAX_HEAD = 60
"""Most lines above the heading of a page."""
FORM_FEED = "\f"

_RULER = re.compile(r"[-=_]+(?: +[-=_]+)+|[-=_]{3,}")


@dataclass(frozen=True, slots=True)
class ColumnSpan:
    """Where one column stands: from `start`, counted from 0, to before `end`; `None` is the end of the line."""

    name: str
    start: int
    end: int | None


def read_fixed(path: Path, how: FileFormat, trailer: TableTrailer) -> Table:
    """Open a report in fixed layout; raises `InputError` naming file and line."""
    assert how.fixed is not None  # noqa: S101 - checked with the mapping
    pages = _Pages(path, how, how.fixed, trailer)
    rows = pages.rows()
    header, line = pages.open(rows)
    return Table(path, header, line, _chain(pages.first, rows))


def is_ruler(text: str) -> bool:
    """Whether a line is the one of hyphens under a heading."""
    return bool(_RULER.fullmatch(text.strip()))


def ruler_spans(ruler: str, heading: str) -> tuple[ColumnSpan, ...]:
    """Cut a heading where the ruler under it has its groups; the last column goes to the end of the line."""
    groups = [match.span() for match in re.finditer(r"[-=_]+", ruler)]
    spans = []
    for place, (start, end) in enumerate(groups):
        last = place == len(groups) - 1
        spans.append(ColumnSpan(heading[start : None if last else end].strip(), start, None if last else end))
    return tuple(spans)


class _Pages:
    """Goes through the lines, knowing whether it is in the head of a page or among its rows."""

    def __init__(self, path: Path, how: FileFormat, fixed: Fixed, trailer: TableTrailer) -> None:
        self.path, self.how, self.fixed, self.trailer = path, how, fixed, trailer
        self.spans = tuple(
            ColumnSpan(c.name, c.start - 1, None if c.width is None else c.start - 1 + c.width) for c in fixed.columns
        )
        self.by_ruler = not fixed.columns
        self.heading_line = 0
        self.first: tuple[int, Row] | None = None
        self._has_head = fixed.heading or how.skip_rows > 0
        self._in_head = self._has_head
        self._above = ""
        self._head: list[int] = []
        self._head_size: int | None = None

    def open(self, rows: Iterator[tuple[int, Row]]) -> tuple[tuple[str, ...], int]:
        """Read up to the first row; return the names of the columns and the line of the heading."""
        self.first = next(rows, None)
        if not self.heading_line and self._has_head:
            raise InputError(
                self.path,
                "the heading of the columns was not found",
                expected="a ruler of hyphens under the heading"
                if self.by_ruler
                else f"a line that names {', '.join(f'`{span.name}`' for span in self.spans[:10])} at their places",
                hint="the layout of the report has changed: map it again with `auditor connect --map`",
            )
        return tuple(span.name for span in self.spans), self.heading_line

    def rows(self) -> Iterator[tuple[int, Row]]:
        """Give each row with its line."""
        count = 0
        for line, raw, new_page in self._lines():
            if new_page:
                self._turn(line)
            text = raw.expandtabs().rstrip()
            if len(text) > MAX_LINE:
                self._refuse(line, "the line is too long", expected=f"at most {MAX_LINE} characters")
            if self._in_head:
                self._read_head(line, text)
            elif text and not self._is_line(line, text) and not self.trailer.takes(line, [text]):
                count += 1
                if count > MAX_ROWS:
                    self._refuse(line, "too many rows", expected=f"at most {MAX_ROWS}")
                yield line, self._cut(line, text)
        self._end_head(None)

    def _lines(self) -> Iterator[tuple[int, str, bool]]:
        with opened(self.path) as file:
            lines = TextLines(self.path, file, self.how.encoding)
            begins = self.fixed.page_begins
            for number, raw in enumerate(lines, 1):
                lines.row_bytes = 0
                for place, text in enumerate(raw.rstrip("\r\n").split(FORM_FEED)):
                    starts = begins is not None and text.strip().startswith(begins)
                    # A form feed may have begun the page already, of which this is then the first line.
                    yield number, text, bool(place) or (starts and not (self._in_head and not self._head))

    def _turn(self, line: int) -> None:
        if self._in_head:
            self._end_head(line)
        self.trailer.next_page()
        self._in_head, self._head, self._above = self._has_head, [], ""

    def _read_head(self, line: int, text: str) -> None:
        if not self.fixed.heading:
            self._head.append(line)
            if len(self._head) == self.how.skip_rows:
                self._begin_rows(line)
            return
        if not text or self.trailer.takes_head(line, text):
            return
        if self._finds_heading(line, text):
            self._begin_rows(line)
            return
        self._above = text
        self._head.append(line)
        if len(self._head) > MAX_HEAD:
            self._refuse(
                line, f"no heading in the first {MAX_HEAD} lines of the page", expected="the names of the columns"
            )

    def _begin_rows(self, line: int) -> None:
        self._in_head = False
        self.heading_line = self.heading_line or line
        if self._head_size is None:
            self._head_size = len(self._head)

    def _end_head(self, line: int | None) -> None:
        """Refuse a page that ended without a heading, unless it held no more than the title of a page."""
        if self._in_head and self._head_size is not None and len(self._head) > self._head_size:
            raise InputError(
                self.path,
                "a page has no heading",
                line=self._head[0] if self._head else line,
                expected="the names of the columns above the rows of each page",
                hint="the layout changed in the middle of the report: export it again",
            )

    def _finds_heading(self, line: int, text: str) -> bool:
        if not self.by_ruler:
            return self._names_columns(text)
        if not is_ruler(text) or not self._above:
            return False
        spans = ruler_spans(text, self._above)
        if self.spans and spans != self.spans:
            self._refuse(line, "the columns stand elsewhere on this page", expected="the same heading on every page")
        if not self.spans:
            self._check_names(line, spans)
            self.spans = spans
        self._head.pop()
        return True

    def _check_names(self, line: int, spans: Sequence[ColumnSpan]) -> None:
        if len(spans) > MAX_COLUMNS:
            self._refuse(line, "too many columns", found=len(spans), expected=f"at most {MAX_COLUMNS}")
        seen: set[str] = set()
        for number, span in enumerate(spans, 1):
            if not span.name or len(span.name) > MAX_NAME:
                self._refuse(
                    line, f"column {number} has no name, or one that is too long", expected="a name above each"
                )
            if span.name in seen:
                self._refuse(line, "two columns have the same name", found=span.name, expected="each name once")
            seen.add(span.name)

    def _names_columns(self, text: str) -> bool:
        return all(text[span.start : span.end].strip() == span.name for span in self.spans)

    def _is_line(self, line: int, text: str) -> bool:
        """Whether a line among the rows is only drawn; refuses a heading, which a page must begin."""
        if self.fixed.heading and self._names_columns(text):
            self._refuse(
                line,
                "the heading stands among the rows",
                expected="a mark where each page begins",
                hint="set `fixed.page_begins` to the beginning of the first line of a page",
            )
        return is_ruler(text)

    def _cut(self, line: int, text: str) -> Row:
        end = 0
        row = {}
        for span in self.spans:
            gap = text[end : span.start] if self.by_ruler else text[max(end, span.start - 1) : span.start]
            if gap.strip():
                self._refuse(
                    line,
                    f"text runs into the column `{span.name}`",
                    expected="a blank before each column",
                    hint="a value is wider than its column, or the layout has changed: export with wider columns",
                )
            row[span.name] = text[span.start : span.end].strip()
            end = span.end if span.end is not None else len(text)
        return row

    def _refuse(self, line: int, problem: str, *, found: object = None, expected: str = "", hint: str = "") -> NoReturn:
        raise InputError(self.path, problem, line=line, found=found, expected=expected, hint=hint)


def _chain(first: tuple[int, Row] | None, rows: Iterator[tuple[int, Row]]) -> Iterator[tuple[int, Row]]:
    if first is not None:
        yield first
        yield from rows


class LineRecorder(TableTrailer):
    """Takes every line below a heading, page by page, instead of reading it."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, (), None)
        self.pages: list[list[tuple[int, str]]] = [[]]
        self._kept = 0

    def takes(self, line: int, values: Sequence[str]) -> bool:
        """Keep the line."""
        self.pages[-1].append((line, values[0]))
        self._kept += 1
        if self._kept > MAX_ROWS:
            raise InputError(self.path, "too many rows", line=line, expected=f"at most {MAX_ROWS}")
        return True

    def takes_head(self, line: int, text: str) -> bool:  # noqa: ARG002 - in a head nothing is recorded
        """Leave the line to the head."""
        return False

    def next_page(self) -> None:
        """Begin a page."""
        self.pages.append([])


def record_pages(path: Path, how: FileFormat) -> tuple[tuple[ColumnSpan, ...], int, list[list[tuple[int, str]]]]:
    """
    Return the columns, the line of the heading, and the lines below the heading of each page, as they are.

    For whoever has to find out first which of these lines are rows. Raises `InputError`.
    """
    assert how.fixed is not None  # noqa: S101 - checked with the mapping
    recorder = LineRecorder(path)
    pages = _Pages(path, how, how.fixed, recorder)
    pages.open(pages.rows())
    return pages.spans, pages.heading_line, recorder.pages

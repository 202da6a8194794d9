"""Where the columns of a printed report stand, and where its pages begin, found out from the report itself."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from connectors.errors import InputError
from connectors.generic.table.dictionary import words
from connectors.generic.table.fixed import MAX_HEAD, ColumnSpan, is_ruler, record_pages
from connectors.generic.table.infer.sniff import Sniffed
from connectors.generic.table.mapping import FileFormat

PREFIX = 30
"""So much of the first line of a page tells where one begins."""

Rows = Iterator[tuple[int, Sequence[str], bool | None]]
"""Line, values, and whether it is cut as a row is; `None` for what stands at the end of every page."""


def fixed_rows(path: Path, sniffed: Sniffed) -> tuple[tuple[str, ...], dict[str, Any], Rows]:
    """
    Return the names of the columns, the settings under `fixed`, and the lines cut by them.

    Raises `InputError` when neither a ruler nor a heading tells where the columns stand.
    """
    lines = [line.expandtabs() for line in sniffed.lines]
    fixed: dict[str, Any] = {}
    heading = _above_ruler(lines)
    if heading is None:
        heading, columns = _heading(path, lines)
        fixed["columns"] = columns
    begins = _page_begins(lines, heading)
    if begins:
        fixed["page_begins"] = begins
    try:
        how = FileFormat.model_validate({**sniffed.settings, "fixed": fixed})
    except ValidationError:
        raise _no_heading(path) from None
    spans, _, pages = record_pages(path, how)
    return tuple(span.name for span in spans), {"fixed": fixed}, _cut_all(spans, pages)


def _cut_all(spans: Sequence[ColumnSpan], pages: list[list[tuple[int, str]]]) -> Rows:
    repeated = _on_every_page(pages)
    for place, page in enumerate(pages):
        for line, text in page:
            if _plain(text) not in repeated:
                yield _cut(spans, line, text)
            elif place == len(pages) - 1:  # it is told once
                yield line, [text.strip()], None


def _on_every_page(pages: list[list[tuple[int, str]]]) -> set[str]:
    """Return the lines with which every page ends, whatever numbers are in them."""
    filled = [page for page in pages if page]
    if len(filled) < 2:
        return set()
    return set.intersection(*({_plain(text) for _, text in page[-4:]} for page in filled))


def _plain(text: str) -> str:
    return re.sub(r"[0-9]+", "#", text.strip())


def _cut(spans: Sequence[ColumnSpan], line: int, text: str) -> tuple[int, Sequence[str], bool]:
    end, whole, values = 0, True, []
    for span in spans:
        if text[max(end, span.start - 1) : span.start].strip():
            whole = False
        values.append(text[span.start : span.end].strip())
        end = span.end if span.end is not None else len(text)
    # A single value in the first column may be anything; in another one it belongs to the row above. What is no row is
    # told as it is, because the places of the columns cut it anywhere.
    if whole and (sum(map(bool, values)) > 1 or not values[0]):
        return line, values, True
    return line, [text.strip()], False


def _above_ruler(lines: Sequence[str]) -> str | None:
    for above, below in pairwise(lines):
        if is_ruler(below) and above.strip() and not is_ruler(above):
            return above
    return None


def _heading(path: Path, lines: Sequence[str]) -> tuple[str, list[dict[str, Any]]]:
    """Find the line whose words stand above columns, and the places where these begin."""
    known = words()
    every = [*known.headings.values(), *known.entitlements.values()]
    best: tuple[float, str, list[tuple[str, int]]] = (0.0, "", [])
    for line in lines[:MAX_HEAD]:
        cells = [(match[0], match.start()) for match in re.finditer(r"\S+(?: \S+)*", line)]
        score = sum(max(headings.score(name) for headings in every) for name, _ in cells)
        if len(cells) > 1 and score > best[0]:
            best = (score, line, cells)
    _, heading, cells = best
    if not cells:
        raise _no_heading(path)
    columns: list[dict[str, Any]] = []
    for (name, start), following in zip(cells, [*cells[1:], None], strict=True):
        column: dict[str, Any] = {"name": name, "start": start + 1}
        if following is not None:
            column["width"] = following[1] - start - 1
        columns.append(column)
    return heading, columns


def _no_heading(path: Path) -> InputError:
    return InputError(
        path,
        "no line looks like a heading",
        expected="names of columns, such as `Login   Name   Status   Role`",
        hint="export it as CSV or XLSX; or write the mapping yourself with `fixed.columns`",
    )


def _page_begins(lines: Sequence[str], heading: str) -> str | None:
    """Return how the first line of a page begins, where the heading comes again and no form feed says so."""
    places = [number for number, line in enumerate(lines) if line.replace("\f", "").rstrip() == heading.rstrip()]
    if len(places) < 2 or any("\f" in line for line in lines):
        return None
    titles = [line for line in lines[: places[0]] if line.strip()]
    if not titles:
        return heading.strip()[:PREFIX].strip()
    first = titles[0].strip()
    for line in lines[places[0] + 1 : places[1]]:
        shared = _shared(first, line.strip())
        if len(shared) >= 3:
            return shared[:PREFIX].strip()
    return heading.strip()[:PREFIX].strip()


def _shared(one: str, other: str) -> str:
    length = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return re.split(r"[0-9]", one[:length], maxsplit=1)[0].strip() if length >= 8 or one == other else ""

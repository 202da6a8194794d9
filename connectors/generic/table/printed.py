"""When a report says that it was made: the line above or below its rows, and the date in it."""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import get_args

from connectors.errors import InputError
from connectors.generic.table.dictionary import plain, words
from connectors.generic.table.layout import Printed
from connectors.generic.table.mapping import FileFormat
from connectors.inputs.dates import DateFormat, DateStyle
from connectors.inputs.files import modified_at, opened
from connectors.inputs.tables import read_cells
from connectors.inputs.text_lines import TextLines

FORMATS: tuple[DateFormat, ...] = get_args(DateFormat)
A_DAY = timedelta(days=1)
MAX_LABEL = 60
ZONED = re.compile(r"[0-9](?: ?[AaPp][Mm])?(?:Z| ?[+-][0-9]{2}:?[0-9]{2}| ?(?:UTC|GMT|[ECMP][SD]T))\b")


def made_at(path: Path, how: FileFormat, sheet: str | None, timezone: str | None) -> datetime:
    """
    Return when a report was made: as it prints, or by the date of its file.

    The facts are never told to be of an earlier instant than the truth: of a day without a time its last moment counts,
    where nobody has said in which time zone (`None`) half a day more, and never more than the date of the file. Raises
    `InputError` for a report that should print it and does not.
    """
    changed = modified_at(path)
    if how.printed is None:
        return changed
    for text in _lines(path, how, sheet):
        found = _read(text, how.printed, timezone or "UTC")
        if found is not None:
            moment, timed = found
            end = moment if timed else moment + A_DAY - timedelta(seconds=1)
            if timezone is None and not (timed and ZONED.search(text)):
                end += A_DAY / 2
            return min(end, changed) if changed >= moment - A_DAY else changed
    raise InputError(
        path,
        "the report does not say when it was made",
        field="printed",
        expected=f"a line that begins with `{how.printed.label}`, and a date as {how.printed.date_format}",
        hint="export it again; or take `printed` out of the mapping, so that the date of the file counts",
    )


def find_printed(lines: Iterable[str]) -> tuple[Printed, bool, bool] | None:
    """Return how a report says when it was made, whether day and month could change places, and if it names a zone."""
    for line in lines:
        for format_ in FORMATS:
            printed = _label(line, format_)
            if printed is None:
                continue
            other = printed.model_copy(update={"date_format": "DD/MM/YYYY"})
            unsure = printed.date_format == "MM/DD/YYYY" and _read(line, other, "UTC") is not None
            unsure = unsure and _read(line, other, "UTC") != _read(line, printed, "UTC")
            return printed, unsure, ZONED.search(line[len(printed.label) :]) is not None
    return None


def _label(line: str, format_: DateFormat) -> Printed | None:
    """Return what stands before a date, where it says that the date is that of the report."""
    for size in range(3, min(len(line), MAX_LABEL)):
        before = line[:size].rstrip()
        rest = line[size:]
        if line[size - 1].isalnum() or not rest[:1].isalnum():
            continue
        label = before.rstrip(" :=,-\t")
        if len(label) < 3 or not _speaks_of_making(label):
            continue
        found = DateStyle(format_).within(rest)
        if found is not None and rest.lstrip()[:1].isalnum() and _begins_with_date(rest, format_):
            return Printed(label=label, date_format=format_)
    return None


def _begins_with_date(rest: str, format_: DateFormat) -> bool:
    return (
        DateStyle(format_).within(rest.strip()[:12]) is not None
        or DateStyle(format_).within(rest.strip()[:26]) is not None
    )


def _speaks_of_making(label: str) -> bool:
    text = plain(label)
    return any(text == word or (len(word) > 4 and text.endswith(f" {word}")) for word in words().printed)


def _read(text: str, printed: Printed, timezone: str) -> tuple[datetime, bool] | None:
    if not text.casefold().startswith(printed.label.casefold()):
        return None
    return DateStyle(printed.date_format, timezone).within(text[len(printed.label) :])


def _lines(path: Path, how: FileFormat, sheet: str | None) -> Iterator[str]:
    if how.layout == "fixed":
        with opened(path) as file:
            lines = TextLines(path, file, how.encoding)
            for line in lines:
                lines.row_bytes = 0
                yield line.strip()
        return
    for _, values in read_cells(path, delimiter=how.delimiter, sheet=sheet or how.sheet, encoding=how.encoding):
        yield " ".join(value.strip() for value in values if value.strip())

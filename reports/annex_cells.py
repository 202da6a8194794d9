"""The cells and headings of annexes as text, the same for every format that people read."""

from datetime import date, datetime
from enum import Enum
from typing import Any

from reports.annexes import AnnexRow
from reports.words import clock_time

NOT_KNOWN = "not known"
_WHOLE = {"vma": "VMA", "phi": "PHI", "sha256": "SHA-256", "id": "id", "baa": "BAA", "vmas": "VMAs"}
"""Words of columns that are no ordinary words."""


def label(column: str) -> str:
    """Return a column's name in words: `vmas_without` is `VMAs without`."""
    return " ".join(_WHOLE.get(word, word) for word in column.split("_"))


def heading(column: str) -> str:
    """Return a column's heading: `clock_hours` is `Clock hours`."""
    text = label(column)
    return text[:1].upper() + text[1:]


def cell(value: object, timezone: str) -> str:  # noqa: PLR0911 - one form for each type
    """
    Return a value in words; instants on the practice's clock, hours with one decimal, `None` as not known.

    Raises `TypeError` for a type that no row uses yet, which needs a decision and not a guess.
    """
    match value:
        case None:
            return NOT_KNOWN
        case bool():
            return "yes" if value else "no"
        case Enum():
            return str(value.value)
        case datetime():
            return clock_time(value, timezone)
        case date():
            return value.isoformat()
        case float():
            return f"{value:.1f}"
        case int() | str():
            return str(value)
        case tuple():
            return "; ".join(cell(item, timezone) for item in value)
        case _:
            raise TypeError(f"`{type(value).__name__}` has no form in a cell yet")


def cells(row: AnnexRow, columns: tuple[str, ...], timezone: str) -> list[str]:
    """Return the cells of a row, in the order of the columns."""
    values: list[Any] = [getattr(row, column) for column in columns]
    return [cell(value, timezone) for value in values]

"""What the values of a column tell: dates and their order, yes and no, levels, several names in one cell."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import get_args

from connectors.generic.table.dictionary import all_of, plain, plain_heading, words
from connectors.generic.table.infer.profile import ColumnProfile
from connectors.inputs.dates import DateFormat, DateStyle

FORMATS: tuple[DateFormat, ...] = get_args(DateFormat)
PLACEHOLDERS_BEFORE = datetime(1971, 1, 1, tzinfo=UTC)
"""No EHR has a sign-in from before: such a date is how a database writes `none`."""
SEPARATORS = (";", "|", "\n", ",", " / ")
_MACHINE = re.compile(r"[0-9]+|/Date\([0-9+-]+\)/")
_NO_END = re.compile(r"(^|[^0-9])9999($|[^0-9])|^9223372036854775807$|^0?1/0?1/0001")
"""How programs write that something never ends, or never was."""
_SSN = re.compile(r"[0-9]{3}-[0-9]{2}-[0-9]{4}")


@dataclass(frozen=True, slots=True)
class Dates:
    """A column of dates."""

    formats: tuple[DateFormat, ...]
    """The orders in which all of them can be read; ISO alone when none of the others is needed."""
    never: tuple[str, ...]
    nothing: tuple[str, ...]
    """Words, and placeholders such as 01/01/1900, that say nothing."""


def dates_in(column: ColumnProfile) -> Dates | None:
    """Say how a column writes dates; `None` when it holds other things."""
    known = words()
    never = tuple(v for v in column.distinct if plain(v) in map(plain, known.never))
    nothing = [v for v in column.distinct if v.casefold() in known.nothing or _NO_END.search(v)]
    if _MACHINE.fullmatch(next((v for v in column.distinct if v not in nothing and v != "0"), "")):
        if not _speaks_of_time(column.name):
            return None  # a telephone number looks the same
        nothing += [v for v in column.distinct if v == "0"]
    values = [v for v in column.distinct if v not in never and v not in nothing]
    if not values:
        return None
    for formats in ([f for f in FORMATS if f == "YYYY-MM-DD"], [f for f in FORMATS if f != "YYYY-MM-DD"]):
        fitting = tuple(format_ for format_ in formats if all(_reads(value, format_) for value in values))
        if fitting:
            style = DateStyle(fitting[0])
            nothing += [v for v in values if style.instant(v) < PLACEHOLDERS_BEFORE]
            return Dates(fitting, never, tuple(nothing))
    return None


def _speaks_of_time(heading: str) -> bool:
    known = words()
    text = plain_heading(heading)
    listed = text in known.ends or text in known.may_end or text in known.filled_ends
    return listed or any(known.headings[m].score(heading) for m in ("last_login", "created"))


def _reads(value: str, format_: DateFormat) -> bool:
    try:
        DateStyle(format_).instant(value)
    except ValueError:
        return False
    return True


def says_yes_or_no(column: ColumnProfile) -> bool:
    """Whether every cell says yes or no, and at least one says something."""
    known = words()
    values = list(column.values)
    return bool(column.distinct) and not column.many and len(values) <= 4 and all_of(values, (*known.yes, *known.no))


def yes_and_no(columns: Iterable[ColumnProfile]) -> tuple[list[str], list[str]]:
    """Return the words for yes and for no in these columns, each with its counterpart."""
    known = words()
    seen = list(dict.fromkeys(value for column in columns for value in column.distinct))
    yes: list[str] = []
    no = [""]
    for value in seen:
        (yes if value.casefold() in known.yes else no).append(value)
        for pair in known.pairs:
            if value.casefold() in (pair[0].casefold(), pair[1].casefold()):
                yes.append(pair[0])
                no.append(pair[1])
                break
    return once(yes or ["X"]), once(no)


def are_levels(column: ColumnProfile) -> bool:
    """Whether the cells are levels of access, such as None, View, Edit."""
    known = words()
    values = column.distinct
    return 0 < len(values) <= 8 and not column.many and all_of(values, known.levels) and not says_yes_or_no(column)


def separator_of(column: ColumnProfile) -> tuple[str | None, bool]:
    """
    Return what stands between several names in one cell, and whether that is sure.

    A comma is sure only where some part of a joined cell also comes alone or in another cell.
    """
    for separator in SEPARATORS:
        joined = [value for value in column.distinct if separator in value]
        if not joined:
            continue
        parts = [[part.strip() for part in value.split(separator)] for value in joined]
        every = [part for group in parts for part in group]
        alone = {value for value in column.distinct if separator not in value}
        again = len(set(every)) < len(every) or bool(alone & set(every))
        if separator in (";", "|", "\n") or again:
            return separator, again or separator in (";", "|", "\n")
        if separator == ",":
            return separator, False
    return None, True


def unique_share(column: ColumnProfile) -> float:
    """Return how many of the filled cells are different, 0 to 1."""
    if column.many:
        return 1.0
    return len(column.distinct) / column.filled if column.filled else 0.0


def spaced_share(values: Sequence[str]) -> float:
    """Return how many values have a space or a comma in them, as the names of people have."""
    return sum(bool(re.search(r"[\s,]", value)) for value in values) / len(values) if values else 0.0


def mail_share(values: Sequence[str]) -> float:
    """Return how many values are e-mail addresses."""
    found = sum(bool(re.fullmatch(r"[^\s@]+@[^\s@]+\.[^\s@]+", value)) for value in values)
    return found / len(values) if values else 0.0


def has_ssn(column: ColumnProfile) -> bool:
    """Whether a column holds what looks like social security numbers."""
    values = column.distinct[:200]
    return bool(values) and sum(bool(_SSN.fullmatch(value)) for value in values) > len(values) / 2


def once(values: Iterable[str]) -> list[str]:
    """Return values, each once whatever its case, as it was written first."""
    kept: dict[str, str] = {}
    for value in values:
        kept.setdefault(value.casefold(), value)
    return list(kept.values())

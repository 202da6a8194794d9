"""
How the values of facts are written into columns, and read again.

Everything in a column is text, a whole number or null, so that what is stored is exactly what the ledger hashes:
instants and days are text, flags are 0 and 1, lists are canonical JSON, nothing is a float. What a form writes may
never change.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any, Generic, TypeVar

from auditor.ledger.entries import canonical, instant
from connectors.facts import NEVER, Evidence, Never
from policies.citations import Citation
from policies.engine.outcomes import Step

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class ColumnForm(Generic[T]):
    """How one kind of value stands in a column, or in JSON; null is told apart before either is asked."""

    write: Callable[[T], Any]
    """To what a column holds: text or a whole number; in JSON a list, too."""
    read: Callable[[Any], T]


def to_json(value: object) -> str:
    """Write canonical JSON as text."""
    return canonical(value).decode()


def one_of(kind: type[E]) -> ColumnForm[E]:
    """Write the value of an enumeration."""
    return ColumnForm(lambda one: one.value, kind)


def listed(cls: type[T]) -> ColumnForm[tuple[T, ...]]:
    """Write a list of small records, each as the list of its fields."""
    names = [f.name for f in fields(cls)]  # type: ignore[arg-type]  # every record is a dataclass

    def write(records: tuple[T, ...]) -> str:
        return to_json([[getattr(record, name) for name in names] for record in records])

    def read(text: str) -> tuple[T, ...]:
        return tuple(cls(*(tuple(v) if isinstance(v, list) else v for v in one)) for one in json.loads(text))

    return ColumnForm(write, read)


# The same few lists stand in thousands of rows.
@lru_cache(maxsize=65536)
def _names(names: tuple[str, ...]) -> str:
    return to_json(names)


@lru_cache(maxsize=65536)
def _to_names(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))


def _sign_in(at: datetime | Never) -> str:
    return NEVER.value if isinstance(at, Never) else instant(at)


def _to_sign_in(text: str) -> datetime | Never:
    return NEVER if text == NEVER.value else datetime.fromisoformat(text)


def _lasting(text: int) -> timedelta:
    return timedelta(microseconds=text)


FLAG: ColumnForm[bool] = ColumnForm(int, bool)
INSTANT: ColumnForm[datetime] = ColumnForm(instant, datetime.fromisoformat)
DAY: ColumnForm[date] = ColumnForm(date.isoformat, date.fromisoformat)
SIGN_IN: ColumnForm[datetime | Never] = ColumnForm(_sign_in, _to_sign_in)
HOURS: ColumnForm[float] = ColumnForm(lambda hours: repr(float(hours)), float)
LASTING: ColumnForm[timedelta] = ColumnForm(lambda duration: duration // timedelta(microseconds=1), _lasting)
"""In whole microseconds."""
NAMES: ColumnForm[tuple[str, ...]] = ColumnForm(_names, _to_names)
LOGINS: ColumnForm[tuple[tuple[str, str], ...]] = ColumnForm(
    to_json, lambda text: tuple((system, login) for system, login in json.loads(text))
)
COUNTS: ColumnForm[Mapping[str, int]] = ColumnForm(lambda counts: to_json(dict(counts)), json.loads)
STEPS = listed(Step)
CITATIONS = listed(Citation)
EVIDENCE = listed(Evidence)

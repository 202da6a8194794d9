"""
Results as JSON: one view for the report and for every command.

A dataclass is an object whose keys are its fields in their order; an enumeration is its value; days and instants are
ISO 8601. Keys are public: a field that is renamed gets a line in a map where its result is told, and keeps its key.
"""

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any

SCHEMA_VERSION = 1
"""Goes up when a key changes its meaning or goes away; new keys do not change it."""


def in_utc(moment: datetime) -> str:
    """Return an instant as the report has it: in UTC, ending in `Z`."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def as_json(value: object, *, instant: Callable[[datetime], str] = datetime.isoformat) -> Any:
    """
    Turn a result into what JSON knows; `instant` says how an instant is written.

    Raises TypeError for a type that no result uses yet: it needs a decision, not a guess.
    """
    plain: object
    match value:
        case Enum():
            plain = value.value
        case None | str() | bool() | int() | float():
            plain = value
        case datetime():
            plain = instant(value)
        case date():
            plain = value.isoformat()
        case Mapping():
            plain = {str(as_json(key)): as_json(item, instant=instant) for key, item in value.items()}
        case frozenset():
            plain = sorted(as_json(item, instant=instant) for item in value)
        case list() | tuple():
            plain = [as_json(item, instant=instant) for item in value]
        case _ if is_dataclass(value) and not isinstance(value, type):
            plain = {f.name: as_json(getattr(value, f.name), instant=instant) for f in fields(value)}
        case _:
            raise TypeError(f"`{type(value).__name__}` has no form in JSON yet")
    return plain

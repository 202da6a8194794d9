"""
The report as JSON, for machines: everything in the model, nothing more.

Keys stand in the order of `reports.model`; dates and instants are ISO 8601 (instants in UTC, ending in `Z`).
The text is ASCII only, so it survives every pipe, and no name in it can reorder text or drive a terminal.
"""

import json
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from enum import Enum

from reports.model import Report

SCHEMA_VERSION = 1
"""Goes up when a key changes its meaning or goes away; new keys do not change it."""


def render(report: Report) -> str:
    """Return the whole report as indented JSON that ends in a line feed."""
    body = {"schema_version": SCHEMA_VERSION, **{f.name: _plain(getattr(report, f.name)) for f in fields(report)}}
    return json.dumps(body, indent=2, ensure_ascii=True, allow_nan=False) + "\n"


def _plain(value: object) -> object:
    """
    Turn a part of the model into what JSON knows.

    Raises TypeError for a type that the model does not use yet: it needs a decision, not a guess.
    """
    plain: object
    match value:
        case Enum():
            plain = value.value
        case None | str() | bool() | int() | float():
            plain = value
        case datetime():
            plain = value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date():
            plain = value.isoformat()
        case dict():
            plain = {str(key): _plain(value[key]) for key in sorted(value)}
        case list() | tuple():
            plain = [_plain(item) for item in value]
        case _ if is_dataclass(value) and not isinstance(value, type):
            plain = {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
        case _:
            raise TypeError(f"`{type(value).__name__}` has no form in JSON yet")
    return plain

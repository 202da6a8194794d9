"""
Results as JSON: one view for the report and for every command.

A dataclass is an object whose keys are its fields in their order; an enumeration is its value; days and instants are
ISO 8601. Keys are public: where a field has another name than its key, or no key, a map (`Keys`) says so beside the
command, and a field that is renamed gets a line there and keeps its key. What a signed record holds, and what one
answer has in common with others, can stand among the keys of its object (`SPREAD`).
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


Keys = Mapping[type, Mapping[str, str | None]]
"""By class and field, the key where it is not the name of the field; `None`: the field is not public."""
SPREAD = "**"
"""Instead of a key: what the field holds, a mapping or a dataclass, has its keys among those of the object."""
AS_FIELDS: Keys = {}
"""Every key is the name of its field."""


def as_json(value: object, *, keys: Keys = AS_FIELDS, instant: Callable[[datetime], str] = datetime.isoformat) -> Any:
    """
    Turn a result into what JSON knows; `instant` says how an instant is written.

    Raises TypeError for a type that no result uses yet, which needs a decision and not a guess, and for a field in
    `keys` that there is not.
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
            plain = {str(as_json(key)): as_json(item, keys=keys, instant=instant) for key, item in value.items()}
        case frozenset():
            plain = sorted(as_json(item, keys=keys, instant=instant) for item in value)
        case list() | tuple():
            plain = [as_json(item, keys=keys, instant=instant) for item in value]
        case _ if is_dataclass(value) and not isinstance(value, type):
            told: dict[str, object] = {}
            for name, key in _public(type(value), keys.get(type(value), {})):
                item = as_json(getattr(value, name), keys=keys, instant=instant)
                told |= item if key == SPREAD else {key: item}
            plain = told
        case _:
            raise TypeError(f"`{type(value).__name__}` has no form in JSON yet")
    return plain


def one_level(
    keys: Keys = AS_FIELDS, *, instant: Callable[[datetime], str] = datetime.isoformat
) -> Callable[[object], Any]:
    """
    Return what turns one thing that is no JSON into what is, as `json.dumps(default=…)` asks for it.

    The same as `as_json`, but what a dataclass holds is left to the encoder, which is written in C: of a result with a
    million texts only what is no JSON passes through here.
    """
    known: dict[type, tuple[tuple[str, str], ...]] = {}

    def keyed(value: object) -> object:
        """Leave a value to the encoder, but a mapping whose keys are no texts: it never asks about keys."""
        if isinstance(value, Mapping) and not all(isinstance(key, str) for key in value):
            return as_json(value, keys=keys, instant=instant)
        return value

    def plain(value: object) -> Any:
        kind = type(value)
        if not is_dataclass(kind):
            return as_json(value, keys=keys, instant=instant)
        if kind not in known:
            known[kind] = _public(kind, keys.get(kind, {}))
        told: dict[str, object] = {}
        for name, key in known[kind]:
            item = getattr(value, name)
            if key == SPREAD:
                told |= item if isinstance(item, Mapping) else plain(item)
            else:
                told[key] = keyed(item)
        return told

    return plain


def _public(kind: type, renamed: Mapping[str, str | None]) -> tuple[tuple[str, str], ...]:
    """Return each field of a dataclass that is public with its key, in order."""
    names = [f.name for f in fields(kind)]
    if unknown := renamed.keys() - set(names):
        raise TypeError(f"`{kind.__name__}` has no field `{min(unknown)}`")
    return tuple((name, key) for name in names if (key := renamed.get(name, name)))

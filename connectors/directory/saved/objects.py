"""
One object of a saved answer, read field by field.

What is not asked for is dropped. An error names the file, the entry and the field, and never the value, which may be
somebody's name or worse.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

from connectors.errors import InputError
from connectors.inputs.dates import DateStyle

MAX_TEXT = 1000
"""Longer than any name, login or id; what is longer is no such thing."""
_ISO = DateStyle()


class SavedObject:
    """The fields of one JSON object, each of the type that the vendor documents; otherwise `InputError`."""

    def __init__(self, path: Path, what: str, data: object) -> None:
        self._path, self.what = path, what
        if not isinstance(data, dict):
            raise InputError(path, f"{what} is not a JSON object", hint="save the answer as it came")
        self._data: Mapping[str, Any] = data

    def has(self, key: str) -> bool:
        """Whether the field is there and holds something."""
        return self._data.get(key) is not None

    def text(self, key: str) -> str:
        """Return a text that must be there."""
        return self.text_or_none(key) or self.refuse(key, "missing or empty", "a text")

    def text_or_none(self, key: str) -> str | None:
        """Return a text; `None` when it is missing, null or empty."""
        value = self._data.get(key)
        if value is None:
            return None
        if not isinstance(value, str):
            self.refuse(key, "not a text", "a text")
        if len(value) > MAX_TEXT:
            self.refuse(key, "too long", f"at most {MAX_TEXT} characters")
        return value.strip() or None

    def flag_or_none(self, key: str) -> bool | None:
        """Return true or false; `None` when it is missing or null."""
        value = self._data.get(key)
        if value is None or isinstance(value, bool):
            return value
        return self.refuse(key, "neither true nor false", "true or false")

    def number_or_none(self, key: str) -> int | None:
        """Return a number that is not negative, which some APIs write as text; `None` when missing or null."""
        value = self._data.get(key)
        if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= 18:
            value = int(value)
        if value is None or (isinstance(value, int) and not isinstance(value, bool) and value >= 0):
            return value
        return self.refuse(key, "not a whole number", "a whole number")

    def instant_or_none(self, key: str) -> datetime | None:
        """Return an instant; `None` when it is missing, null, empty, or the year 1 that stands for "none"."""
        text = self.text_or_none(key)
        if text is None or text.startswith("0001-01-01"):
            return None
        try:
            return _ISO.instant(text)
        except ValueError:
            self.refuse(key, "not a date", "a date as ISO 8601")

    def part(self, key: str) -> "SavedObject | None":
        """Return the object in a field; `None` when it is missing or null."""
        value = self._data.get(key)
        return None if value is None else SavedObject(self._path, f"`{key}` of {self.what}", value)

    def entries(self, key: str, what: str) -> "Iterator[SavedObject]":
        """Yield the objects of a list; one that is missing or null is empty."""
        value = self._data.get(key)
        if value is None:
            return
        if not isinstance(value, list):
            self.refuse(key, "not a list", "a list")
        for number, item in enumerate(value, 1):
            yield SavedObject(self._path, f"{what} {number} of {self.what}", item)

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts; one that is missing or null is empty."""
        value = self._data.get(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(v, str) and len(v) <= MAX_TEXT for v in value):
            self.refuse(key, "not a list of texts", "a list of texts")
        return tuple(value)

    def refuse(self, key: str, problem: str, expected: str) -> NoReturn:
        """Raise the error that names the field."""
        raise InputError(
            self._path,
            f"`{key}` of {self.what} is {problem}",
            expected=expected,
            hint="save the file again, as the tool gives it; if it stays, the vendor has changed its answers",
        )

"""
One entry of a server's answer, read field by field.

What is not asked for is dropped with the answer. An error names the field and never its value, which may be a
patient's name or a secret.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NoReturn

from connectors.errors import SourceMalformed
from connectors.inputs.dates import DateStyle

MAX_TEXT = 1000
"""Longer than any name, login or right; what is longer is no such thing."""
EARLIEST, LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


class Fields:
    """The fields of one JSON object, each of the type that the vendor documents; otherwise `SourceMalformed`."""

    def __init__(self, system: str, what: str, data: object) -> None:
        self._system, self._what = system, what
        if not isinstance(data, dict):
            raise SourceMalformed(f"`{system}` gave {what} that is not a JSON object", hint="check `url`")
        self._data: Mapping[str, Any] = data

    def has(self, key: str) -> bool:
        """Whether the field is there, be it null."""
        return key in self._data

    def keys(self) -> tuple[str, ...]:
        """Return the names of the fields; each must be of the length of a name."""
        if any(not key.strip() or len(key) > MAX_TEXT for key in self._data):
            raise SourceMalformed(f"`{self._system}` gave {self._what} with a field that has no proper name")
        return tuple(self._data)

    def text(self, key: str) -> str:
        """Return a text that must be there."""
        return self.text_or_none(key) or self.refuse(key, "missing or empty")

    def text_or_none(self, key: str) -> str | None:
        """Return a text; `None` when it is missing, null or empty."""
        value = self._data.get(key)
        if value is None:
            return None
        if not isinstance(value, str):
            self.refuse(key, "not a text")
        if len(value) > MAX_TEXT:
            self.refuse(key, f"longer than {MAX_TEXT} characters")
        return value.strip() or None

    def flag(self, key: str, default: bool | None = None) -> bool:
        """Return true or false; `default` stands for a field that is missing or null."""
        value = self._data.get(key)
        if value is None and default is not None:
            return default
        return value if isinstance(value, bool) else self.refuse(key, "not true or false")

    def number(self, key: str) -> int:
        """Return a whole number that is not negative."""
        value = self._data.get(key)
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            self.refuse(key, "not a whole number")
        return value

    def id(self, key: str) -> str:
        """Return an identifier, which servers write as a number or as a text."""
        value = self._data.get(key)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        return self.text(key)

    def ids(self, key: str) -> tuple[str, ...]:
        """Return a list of identifiers."""
        return tuple(Fields(self._system, self._what, {key: item}).id(key) for item in self._list(key))

    def part(self, key: str) -> "Fields | None":
        """Return the object in a field; `None` when it is missing or null."""
        value = self._data.get(key)
        return None if value is None else Fields(self._system, f"{self._what} with a `{key}`", value)

    def entries(self, key: str, what: str, *, optional: bool = False) -> "list[Fields]":
        """Return the objects of a list; a list that is missing or null is empty only where `optional`."""
        if optional and self._data.get(key) is None:
            return []
        return [Fields(self._system, what, item) for item in self._list(key)]

    def instant(self, key: str, style: DateStyle) -> datetime | None:
        """Return an instant that is written as text; `None` when it is missing, null or empty."""
        text = self.text_or_none(key)
        if text is None:
            return None
        try:
            return style.instant(text)
        except ValueError:
            self.refuse(key, "no date")

    def milliseconds(self, key: str) -> datetime | None:
        """Return an instant that is written as milliseconds since 1970; `None` when it is missing, null or empty."""
        value = self._data.get(key)
        text = str(value) if isinstance(value, int) and not isinstance(value, bool) else self.text_or_none(key)
        if text is None:
            return None
        if not (text.isascii() and text.isdecimal() and len(text) <= 15):
            self.refuse(key, "no number of milliseconds")
        moment = datetime.fromtimestamp(int(text) // 1000, UTC)
        return moment if EARLIEST <= moment < LATEST else self.refuse(key, "no date in use")

    def refuse(self, key: str, problem: str) -> NoReturn:
        """Raise the error that names the field."""
        raise SourceMalformed(
            f"`{self._system}` gave {self._what} whose `{key}` is {problem}",
            hint="check that `url` is the product's own address; if it stays, the vendor has changed its answers",
        )

    def _list(self, key: str) -> list[Any]:
        value = self._data.get(key)
        return value if isinstance(value, list) else self.refuse(key, "not a list")

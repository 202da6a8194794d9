"""
One JSON object of an answer, read field by field: of a server, or of a file that was saved from one.

What is not asked for is dropped with the answer. An error names where the object came from, the object and the field,
and never the value, which may be a patient's name or a secret.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn, Protocol

from connectors.errors import AuditorError, InputError, SourceMalformed
from connectors.inputs.dates import DateStyle

MAX_TEXT = 1000
"""Longer than any name, login or right; what is longer is no such thing."""
MAX_DIGITS = 18
EARLIEST, LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
YEAR_ONE = "0001-01-01"
"""How Microsoft's and Google's tools write "never" and "none"."""
ISO = DateStyle()


class Origin(Protocol):
    """Where objects come from: how long a text may be, how fields are named, and how an error is worded."""

    @property
    def longest(self) -> int:
        """How many characters a text may have."""

    @property
    def any_case(self) -> bool:
        """Whether the names of fields are the same in any case."""

    @property
    def year_one_is_none(self) -> bool:
        """Whether the first day there is stands for no date."""

    def part(self, what: str, key: str) -> str:
        """Name the object in a field."""

    def entry(self, what: str, number: int, of: str) -> str:
        """Name one object of a list, counted from 1."""

    def unusable(self, what: str, problem: str) -> AuditorError:
        """Return the error for something whose fields cannot be read."""

    def wrong(self, what: str, key: str, problem: str, expected: str) -> AuditorError:
        """Return the error for a field."""


@dataclass(frozen=True, slots=True)
class FromServer:
    """Answers of a server: `SourceMalformed`."""

    system: str
    longest: int = MAX_TEXT
    any_case: bool = False
    year_one_is_none: bool = False

    def part(self, what: str, key: str) -> str:
        """Name the object in a field."""
        return f"{what} with a `{key}`"

    def entry(self, what: str, number: int, of: str) -> str:  # noqa: ARG002 - see below
        """Name one object of a list by what it is; servers page, so that its number says nothing."""
        return what

    def unusable(self, what: str, problem: str) -> AuditorError:
        """Return the error for something whose fields cannot be read."""
        return SourceMalformed(f"`{self.system}` gave {what} that {problem}", hint="check `url`")

    def wrong(self, what: str, key: str, problem: str, expected: str) -> AuditorError:  # noqa: ARG002 - for files
        """Return the error for a field."""
        return SourceMalformed(
            f"`{self.system}` gave {what} whose `{key}` is {problem}",
            hint="check that `url` is the product's own address; if it stays, the vendor has changed its answers",
        )


@dataclass(frozen=True, slots=True)
class FromFile:
    """Answers that were saved to a file: `InputError`."""

    path: Path
    longest: int = MAX_TEXT
    any_case: bool = False
    year_one_is_none: bool = True

    def part(self, what: str, key: str) -> str:
        """Name the object in a field."""
        return f"`{key}` of {what}"

    def entry(self, what: str, number: int, of: str) -> str:
        """Name one object of a list by its number, so that it can be found in the file."""
        return f"{what} {number} of {of}"

    def unusable(self, what: str, problem: str) -> AuditorError:
        """Return the error for something whose fields cannot be read."""
        return InputError(self.path, f"{what} {problem}", hint="save the answer as it came")

    def wrong(self, what: str, key: str, problem: str, expected: str) -> AuditorError:
        """Return the error for a field."""
        return InputError(
            self.path,
            f"`{key}` of {what} is {problem}",
            expected=expected,
            hint="save the file again, as the tool gives it; if it stays, the vendor has changed its answers",
        )


class Fields:
    """The fields of one JSON object, each of the type that the vendor documents; otherwise the origin's error."""

    def __init__(self, origin: Origin, what: str, data: object) -> None:
        self.origin, self.what = origin, what
        if not isinstance(data, dict):
            raise origin.unusable(what, "is not a JSON object")
        self._data: Mapping[str, Any] = data
        if origin.any_case:
            self._data = {name.casefold(): value for name, value in data.items()}
            if len(self._data) != len(data):
                raise origin.unusable(what, "has a field twice, in two spellings")

    @property
    def values(self) -> Mapping[str, Any]:
        """All fields as they were sent; their names are in lower case where case says nothing."""
        return self._data

    def has(self, key: str) -> bool:
        """Whether the field is there, be it null."""
        return (key.casefold() if self.origin.any_case else key) in self._data

    def holds(self, key: str) -> bool:
        """Whether the field is there and is not null."""
        return self._get(key) is not None

    def keys(self) -> tuple[str, ...]:
        """Return the names of the fields; each must be of the length of a name."""
        if any(not key.strip() or len(key) > self.origin.longest for key in self._data):
            raise self.origin.unusable(self.what, "has a field without a proper name")
        return tuple(self._data)

    def text(self, key: str) -> str:
        """Return a text that must be there."""
        return self.text_or_none(key) or self.refuse(key, "missing or empty", "a text")

    def text_or_none(self, key: str) -> str | None:
        """Return a text; `None` when it is missing, null or empty."""
        value = self._get(key)
        if value is None:
            return None
        if not isinstance(value, str):
            self.refuse(key, "not a text", "a text")
        if len(value) > self.origin.longest:
            self.refuse(key, f"longer than {self.origin.longest} characters", "a shorter text")
        return value.strip() or None

    def as_it_stands(self, key: str) -> str:
        """Return a text that must be there with the blanks around it, such as an id that other objects name."""
        self.text(key)
        return str(self._get(key))

    def flag(self, key: str, default: bool | None = None) -> bool:
        """Return true or false; `default` stands for a field that is missing or null."""
        value = self._get(key)
        if value is None and default is not None:
            return default
        return value if isinstance(value, bool) else self.refuse(key, "not true or false", "true or false")

    def flag_or_none(self, key: str) -> bool | None:
        """Return true or false; `None` when it is missing or null."""
        return self.flag(key) if self.holds(key) else None

    def number(self, key: str) -> int:
        """Return a whole number that is not negative."""
        value = self._get(key)
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            self.refuse(key, "not a whole number", "a whole number")
        return value

    def number_or_none(self, key: str) -> int | None:
        """Return a whole number that is not negative; `None` when it is missing or null."""
        return self.number(key) if self.holds(key) else None

    def written_number_or_none(self, key: str) -> int | None:
        """Return a number that some APIs write as text; `None` when it is missing or null."""
        value = self._get(key)
        if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= MAX_DIGITS:
            return int(value)
        return self.number_or_none(key)

    def id(self, key: str) -> str:
        """Return an identifier, which servers write as a number or as a text."""
        value = self._get(key)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        return self.text(key)

    def ids(self, key: str) -> tuple[str, ...]:
        """Return a list of identifiers."""
        return tuple(Fields(self.origin, self.what, {key: item}).id(key) for item in self._list(key))

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts; one that is missing or null is empty."""
        value = self._list(key) if self.holds(key) else []
        if not all(isinstance(item, str) and len(item) <= self.origin.longest for item in value):
            self.refuse(key, "not a list of texts", "a list of texts")
        return tuple(value)

    def part(self, key: str) -> "Fields | None":
        """Return the object in a field; `None` when it is missing or null."""
        value = self._get(key)
        return None if value is None else Fields(self.origin, self.origin.part(self.what, key), value)

    def entries(self, key: str, what: str, *, optional: bool = False) -> "tuple[Fields, ...]":
        """Return the objects of a list; a list that is missing or null is empty only where `optional`."""
        listed = [] if optional and not self.holds(key) else self._list(key)
        return tuple(
            Fields(self.origin, self.origin.entry(what, number, self.what), item)
            for number, item in enumerate(listed, 1)
        )

    def instant(self, key: str, style: DateStyle = ISO) -> datetime | None:
        """Return an instant that is written as text; `None` when it is missing, null or empty."""
        text = self.text_or_none(key)
        if text is None or (self.origin.year_one_is_none and text.startswith(YEAR_ONE)):
            return None
        try:
            return style.instant(text)
        except ValueError:
            self.refuse(key, "no date", "a date as ISO 8601")

    def milliseconds(self, key: str) -> datetime | None:
        """Return an instant that is written as milliseconds since 1970; `None` when it is missing, null or empty."""
        value = self._get(key)
        text = str(value) if isinstance(value, int) and not isinstance(value, bool) else self.text_or_none(key)
        if text is None:
            return None
        if not (text.isascii() and text.isdecimal() and len(text) <= 15):
            self.refuse(key, "no number of milliseconds", "milliseconds since 1970")
        moment = datetime.fromtimestamp(int(text) // 1000, UTC)
        return moment if EARLIEST <= moment < LATEST else self.refuse(key, "no date in use", "a date in use")

    def refuse(self, key: str, problem: str, expected: str = "") -> NoReturn:
        """Raise the error that names the field; `expected` says what should stand there."""
        raise self.origin.wrong(self.what, key, problem, expected)

    def _get(self, key: str) -> Any:
        return self._data.get(key.casefold() if self.origin.any_case else key)

    def _list(self, key: str) -> list[Any]:
        value = self._get(key)
        return value if isinstance(value, list) else self.refuse(key, "not a list", "a list")

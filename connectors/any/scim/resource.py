"""One SCIM resource: typed access to its attributes, whose names are the same in any case (RFC 7643 §2.1)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NoReturn

from connectors.errors import SourceMalformed
from connectors.inputs.dates import DateStyle

MAX_TEXT = 4096
_DATES = DateStyle()


class ScimResource:
    """
    A complex value of SCIM.

    What is absent, `null` or an empty list is unassigned, which is `None` or nothing here (RFC 7643 §2.5). Raises
    `SourceMalformed` for a value of another type than the schema's; its text is never told.
    """

    def __init__(self, system: str, what: str, data: object) -> None:
        self._system, self._what = system, what
        if not isinstance(data, dict):
            raise SourceMalformed(f"`{system}` gave {what} that is no JSON object", hint="check `url`")
        self._data: Mapping[str, Any] = {name.casefold(): value for name, value in data.items()}
        if len(self._data) != len(data):
            raise SourceMalformed(f"`{system}` gave {what} with an attribute that stands twice, in two spellings")

    @property
    def values(self) -> Mapping[str, Any]:
        """All attributes as they were sent, by name in lower case."""
        return self._data

    def has(self, name: str) -> bool:
        """Whether the attribute was sent at all, be it empty."""
        return name.casefold() in self._data

    def text(self, name: str) -> str | None:
        """Return a text; an empty one is none."""
        value = self._data.get(name.casefold())
        if value is None:
            return None
        if not isinstance(value, str):
            self._refuse(name, "a text")
        if len(value) > MAX_TEXT:
            self._refuse(name, f"at most {MAX_TEXT} characters")
        return value.strip() or None

    def required(self, name: str) -> str:
        """Return a text that must be there, such as `id`, as it stands."""
        value = self._data.get(name.casefold())
        if not isinstance(value, str) or not value.strip() or len(value) > MAX_TEXT:
            self._refuse(name, "a text")
        return value

    def flag(self, name: str) -> bool | None:
        """Return yes or no."""
        value = self._data.get(name.casefold())
        if value is not None and not isinstance(value, bool):
            self._refuse(name, "true or false")
        return value

    def number(self, name: str) -> int | None:
        """Return a whole number that is not negative."""
        value = self._data.get(name.casefold())
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 0):
            self._refuse(name, "a whole number")
        return value

    def instant(self, name: str) -> datetime | None:
        """Return a moment, UTC."""
        text = self.text(name)
        try:
            return _DATES.instant(text) if text else None
        except ValueError:
            self._refuse(name, "a date and time")

    def one(self, name: str) -> "ScimResource | None":
        """Return a complex attribute, such as `name` or `meta`."""
        value = self._data.get(name.casefold())
        return None if value is None else ScimResource(self._system, f"{self._what} with a `{name}`", value)

    def many(self, name: str) -> "tuple[ScimResource, ...]":
        """Return a multi-valued attribute; several servers write bare texts where the schema has a `value`."""
        items = ({"value": item} if isinstance(item, str) else item for item in self._list(name))
        return tuple(ScimResource(self._system, f"{self._what} with `{name}`", item) for item in items)

    def entries(self, name: str, what: str) -> "tuple[ScimResource, ...]":
        """Return the resources in a list, each called `what` in errors."""
        return tuple(ScimResource(self._system, what, item) for item in self._list(name))

    def _list(self, name: str) -> list[Any]:
        value = self._data.get(name.casefold())
        if value is not None and not isinstance(value, list):
            self._refuse(name, "a list")
        return value or []

    def _refuse(self, name: str, expected: str) -> NoReturn:
        raise SourceMalformed(
            f"`{self._system}` gave {self._what} whose `{name}` is not {expected}",
            hint="correct it in that system, or ask its vendor",
        )

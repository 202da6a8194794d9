"""Records as JSON objects: written and read by one declaration, with null left out."""

from collections.abc import Collection, Mapping
from dataclasses import fields
from typing import Any, Generic, TypeVar, get_args, get_type_hints

from auditor.store.forms import ColumnForm

T = TypeVar("T")
_AS_THEY_ARE = (str, int, str | None, int | None)


class JsonRecord(Generic[T]):
    """
    The fields of a dataclass by their names; text and numbers as they are, every other field in the form that is given.

    What is null is left out, as the ledger does: a field that a later version adds leaves every other body as it was.
    Raises `TypeError` for a field that needs a form and has none.
    """

    def __init__(
        self, record: type[T], forms: Mapping[str, ColumnForm[Any]], *, elsewhere: Collection[str] = ()
    ) -> None:
        """Derive the codecs; fields named in `elsewhere` are no part of the object."""
        self._record = record
        self._forms = forms
        self._names = [f.name for f in fields(record) if f.name not in elsewhere]  # type: ignore[arg-type]
        hints = get_type_hints(record)
        self._optional = {name for name in self._names if type(None) in get_args(hints[name])}
        if bare := [name for name in self._names if name not in forms and hints[name] not in _AS_THEY_ARE]:
            raise TypeError(f"`{record.__name__}.{bare[0]}` cannot stand in JSON as it is: it needs a form")

    def write(self, record: T) -> dict[str, Any]:
        """Return the object of a record."""
        found = ((name, getattr(record, name)) for name in self._names)
        return {name: self._written(name, value) for name, value in found if value is not None}

    def read(self, body: Mapping[str, Any], **elsewhere: Any) -> T:
        """Return the record of an object, and of what stands elsewhere; raises `ValueError` where one is missing."""
        if missing := [name for name in self._names if name not in body and name not in self._optional]:
            raise ValueError(f"`{missing[0]}` is missing")
        values = {name: self._read(name, body[name]) if name in body else None for name in self._names}
        return self._record(**values, **elsewhere)

    def _written(self, name: str, value: Any) -> Any:
        return self._forms[name].write(value) if name in self._forms else value

    def _read(self, name: str, value: Any) -> Any:
        return self._forms[name].read(value) if name in self._forms else value

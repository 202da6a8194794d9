"""Records and the rows in which they stand: both codecs, derived from the one declaration of the table."""

from collections.abc import Callable, Collection, Iterator, MutableMapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from operator import attrgetter, itemgetter
from typing import Any, Generic, TypeVar, get_args, get_type_hints

from pydantic.fields import FieldInfo
from sqlalchemy import Column, Table
from sqlmodel import SQLModel

from auditor.ledger.entries import Value
from auditor.store.forms import ColumnForm
from auditor.store.tables import At, IntervalRow

T = TypeVar("T")
Row = tuple[Value, ...]
"""The values of a record, in the order of its columns."""

_AS_THEY_ARE = (str, int, str | None, int | None)


class StoredRecord(Generic[T]):
    """
    One kind of record in its table.

    `record` is a dataclass; one within it is spread over columns of the same row. Raises `TypeError` unless the table
    holds it whole: for a field without column, a column without field, or a type that cannot stand as it is.
    """

    def __init__(
        self,
        row: type[SQLModel],
        record: type[T],
        *,
        elsewhere: Collection[str] = (),
        outside: Collection[str] = (),
        given: Collection[str] = (),
        unread: Collection[str] = (),
    ) -> None:
        """
        Derive the codecs.

        Fields that stand `elsewhere` are read as what they are by default. Columns `outside` are no part of the record,
        beside those of every interval; `given` ones are the database's to fill; `unread` ones are written only.
        """
        self.name = str(row.__tablename__)
        """Of the table."""
        self.table: Table = row.metadata.tables[self.name]
        outside = {*outside, *(IntervalRow.model_fields if issubclass(row, IntervalRow) else ())}
        self.names = tuple(name for name in row.model_fields if name not in outside)
        """Of the columns that make up the record, in their order; those that name it first."""
        self.columns: tuple[Column[Any], ...] = tuple(self.table.c[name] for name in self.names)
        slots = [_slot(place, name, row.model_fields[name], record, unread) for place, name in enumerate(self.names)]
        written = [slot for slot in slots if slot.column not in given]
        self._written = tuple(slot.column for slot in written)
        self._get = attrgetter(*(slot.paths[0] for slot in written))
        self._write = [(place, slot.writer) for place, slot in enumerate(written) if slot.form is not None]
        by_path = {path: slot for slot in slots if slot.column not in unread for path in slot.paths}
        self._make: Callable[[Sequence[Any]], T] = _maker(record, "", by_path, elsewhere)
        if by_path:
            raise TypeError(f"the table `{self.name}` holds `{min(by_path)}`, which `{record.__name__}` does not have")

    def values(self, record: object) -> dict[str, Value]:
        """Return by column what is stored of a record, or of anything that has its fields."""
        return dict(zip(self._written, self._row(record), strict=True))

    def row(self, record: T) -> Row:
        """Return the values of a record, as they are stored."""
        return self._row(record)

    def _row(self, record: object) -> Row:
        values: Row = self._get(record)
        if not self._write:
            return values
        written = list(values)
        for place, write in self._write:
            written[place] = write(written[place])
        return tuple(written)

    def read(self, row: Sequence[Any]) -> T:
        """Return the record of a row with exactly `columns`."""
        return self._make(row)


@dataclass(frozen=True, slots=True)
class _Slot:
    """One column: its place in the row, the fields that it holds, and how."""

    place: int
    column: str
    paths: tuple[str, ...]
    form: ColumnForm[Any] | None
    optional: bool

    @property
    def writer(self) -> Callable[[Any], Value]:
        write: Callable[[Any], Value] = self.form.write if self.form else lambda value: value
        return (lambda value: None if value is None else write(value)) if self.optional else write

    @property
    def reader(self) -> Callable[[Sequence[Any]], Any]:
        get = itemgetter(self.place)
        if self.form is None:
            return get
        read = self.form.read
        if self.optional:
            return lambda row: None if (value := get(row)) is None else read(value)
        return lambda row: read(get(row))


def _slot(place: int, column: str, field: FieldInfo, record: type[Any], unread: Collection[str]) -> _Slot:
    marks = list(_marks(field))
    at = next((mark.paths for mark in marks if isinstance(mark, At)), None)
    form = next((mark for mark in marks if isinstance(mark, ColumnForm)), None)
    optional = type(None) in get_args(field.annotation)
    paths = at or ((column,) if column in unread else (_path(column, record),))
    return _Slot(place, column, paths, form, optional)


def _marks(field: FieldInfo) -> Iterator[object]:
    """Yield what the annotation of a column says beside its type, also where it may be null."""
    yield from field.metadata
    for one in get_args(field.annotation):
        yield from getattr(one, "__metadata__", ())


def _path(column: str, record: type[Any]) -> str:
    """Return the field of that name, of a record or else of the one within it that has it."""
    hints = get_type_hints(record)
    within = [f"{name}.{column}" for name, kind in hints.items() if is_dataclass(kind) and column in _fields(kind)]
    if column in hints:
        return column
    if len(within) != 1:
        raise TypeError(f"it is not said which field of `{record.__name__}` the column `{column}` holds")
    return within[0]


def _fields(record: Any) -> set[str]:
    return {f.name for f in fields(record)}


def _maker(
    record: Any, prefix: str, slots: MutableMapping[str, _Slot], elsewhere: Collection[str]
) -> Callable[[Sequence[Any]], Any]:
    """Return what makes a record of a row; takes the slots that it uses out of `slots`."""
    hints = get_type_hints(record)
    makers: dict[str, Callable[[Sequence[Any]], Any]] = {}
    for name in (f.name for f in fields(record)):
        path, kind = prefix + name, hints[name]
        if (slot := slots.pop(path, None)) is not None:
            if slot.form is None and kind not in _AS_THEY_ARE:
                raise TypeError(f"`{record.__name__}.{name}` cannot stand in a column as it is: it needs a form")
            makers[name] = slot.reader
        elif is_dataclass(kind):
            makers[name] = _maker(kind, f"{path}.", slots, elsewhere)
        elif path not in elsewhere:
            raise TypeError(f"no column holds `{record.__name__}.{name}`")
    if list(makers) == [f.name for f in fields(record)]:
        made = tuple(makers.values())
        return lambda row: record(*[make(row) for make in made])  # quicker than by name
    named = tuple(makers.items())
    return lambda row: record(**{name: make(row) for name, make in named})

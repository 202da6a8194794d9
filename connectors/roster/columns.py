"""
How a source that has names of its own becomes a roster: for each column a field, a fixed value, or both with words.

    vma_id: id                                          # the field of that name
    agency: {value: Harbor Assist LLC}                  # the same for everybody
    roles: {field: job.title, words: {Front desk: scheduler, Coder: coder; biller}}
    status: {field: onLeave, words: {"true": on-leave, "false": active}}

A value that `words` does not list is refused: a new job title must not become a role by accident.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from connectors.errors import InputError, shorten
from connectors.inputs.dates import DateFormat, DateStyle
from connectors.inputs.strict import Strict
from connectors.roster.record import ROSTER_OPTIONAL, ROSTER_REQUIRED, Record

DAYS = ("start", "end")
Name = Annotated[str, Field(min_length=1, max_length=200)]


class RosterColumn(Strict):
    """Where one column comes from."""

    field: Name | None = None
    """The name of the source's field; in JSON `a.b` is `b` inside `a`, and of a list each item counts."""
    value: str | None = None
    """A fixed value; with `field`, what holds where the field is empty."""
    words: dict[str, str] | None = None
    """What each value of the field means here; a value that is not listed is refused."""
    others: Literal["refuse", "ignore"] = "refuse"
    """What becomes of a value that `words` does not list; `ignore` suits groups, of which people have many."""
    format: DateFormat = "YYYY-MM-DD"
    """How the source writes its days."""

    @model_validator(mode="before")
    @classmethod
    def _short(cls, data: Any) -> Any:
        return {"field": data} if isinstance(data, str) else data

    @model_validator(mode="after")
    def _from_somewhere(self) -> "RosterColumn":
        if self.field is None and self.value is None:
            raise ValueError("`field`, `value`, or both")
        if self.words is not None and self.field is None:
            raise ValueError("`field` beside `words`")
        return self


class RosterColumns(Strict):
    """Where the columns of a roster come from."""

    vma_id: RosterColumn
    name: RosterColumn
    agency: RosterColumn
    employment: RosterColumn
    roles: RosterColumn
    start: RosterColumn
    email: RosterColumn | None = None
    end: RosterColumn | None = None
    locations: RosterColumn | None = None
    hours: RosterColumn | None = None
    status: RosterColumn | None = None
    logins: RosterColumn | None = None

    def items(self) -> Iterator[tuple[str, RosterColumn]]:
        """Give the columns that are mapped, in the order of the documentation."""
        for name in (*ROSTER_REQUIRED, *ROSTER_OPTIONAL):
            column: RosterColumn | None = getattr(self, name)
            if column is not None:
                yield name, column

    def fields(self) -> tuple[str, ...]:
        """Return the source's fields that are used, each once."""
        return tuple(dict.fromkeys(column.field for _, column in self.items() if column.field is not None))


def record_of(
    columns: RosterColumns, source: str, number: int, fields: Mapping[str, str | Sequence[str]], *, line: bool
) -> Record:
    """
    Translate what a source says of one person; several values of a field become a list.

    Raises `InputError` for a value that `words` does not list, and for a day that is none.
    """
    values: dict[str, str] = {}
    place = Record(source, number, values, line)
    for name, column in columns.items():
        found = fields.get(column.field, "") if column.field is not None else ""
        texts = [found] if isinstance(found, str) else list(found)
        texts = [text.strip() for text in texts if text.strip()]
        if column.words is not None:
            texts = [word for text in texts if (word := _word(place, name, column, text))]
        if name in DAYS and column.format != "YYYY-MM-DD":
            texts = [_day(place, name, column, text) for text in texts]
        values[name] = ";".join(texts) or (column.value or "")
    return place


def _word(place: Record, name: str, column: RosterColumn, text: str) -> str:
    words = column.words or {}
    known = {word.casefold(): meaning for word, meaning in words.items()}
    if text.casefold() not in known:
        if column.others == "ignore":
            return ""
        expected = ", ".join(shorten(word) for word in words)
        place.refuse(name, "`words` does not list this value", found=text, expected=f"one of {expected}")
    return known[text.casefold()]


def _day(place: Record, name: str, column: RosterColumn, text: str) -> str:
    style = DateStyle(column.format)
    try:
        return style.day(text).isoformat()
    except ValueError:
        place.refuse(name, "this is no day", found=text, expected=style.expected)


def field_of(data: Mapping[str, Any], name: str, source: str, number: int) -> str | list[str]:
    """
    Return the field `a.b` of a JSON object as text; of a list the texts of its items; nothing where it is missing.

    Raises `InputError` for an object where text is expected.
    """
    values: list[Any] = [data]
    for part in name.split("."):
        found = [value.get(part) for value in values if isinstance(value, dict)]
        values = [item for value in found for item in (value if isinstance(value, list) else [value])]
    texts = [_text(value, name, source, number) for value in values if value is not None]
    return texts[0] if len(texts) == 1 else texts


def _text(value: Any, name: str, source: str, number: int) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (str, int, float)):
        return str(value)
    raise InputError(
        f"{source}, record {number}",
        "this field is no text",
        field=name,
        expected="text, a number, or a list of them",
        hint="name the field inside it, such as `job.title`",
    )

"""A record is declared once: what a table does not hold whole is refused when the program starts, never stored half."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

import pytest
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from auditor.store.forms import DAY, NAMES
from auditor.store.json_record import JsonRecord
from auditor.store.record import StoredRecord
from auditor.store.tables import At


@dataclass(frozen=True)
class Inner:
    name: str
    day: date | None = None


@dataclass(frozen=True)
class Outer:
    id: str
    inner: Inner
    names: tuple[str, ...] = ()


def declare(**columns: Any) -> type[SQLModel]:
    """Make a table of these columns that no other test sees."""

    class Base(SQLModel, registry=registry()):
        pass

    body = {"__tablename__": "some", "__annotations__": {"n": int | None, **columns}, "__module__": __name__}
    return type(SQLModel)("SomeRow", (Base,), {**body, "n": Field(default=None, primary_key=True)}, table=True)


def kind(row: type[SQLModel], of: type[Any] = Outer, **options: Any) -> StoredRecord[Any]:
    return StoredRecord(row, of, outside=("n",), **options)


WHOLE = {
    "some": Annotated[str, At("id")],
    "name": str,
    "day": Annotated[str | None, DAY],
    "names": Annotated[str, NAMES],
}


@pytest.mark.parametrize("day", [None, date(2024, 2, 29)])
def test_a_record_and_the_one_within_it_go_into_one_row_and_come_back(day):
    some = kind(declare(**WHOLE))
    one = Outer("x", Inner("y", day), ("a", "ü"))
    assert some.names == tuple(WHOLE)
    assert some.row(one) == ("x", "y", day and day.isoformat(), '["a","ü"]')
    assert some.read(some.row(one)) == one
    assert some.values(one) == dict(zip(WHOLE, some.row(one), strict=True))


def test_a_field_without_column_is_refused_unless_it_stands_elsewhere():
    without = {name: column for name, column in WHOLE.items() if name != "names"}
    row = declare(**without)
    with pytest.raises(TypeError, match=r"no column holds `Outer\.names`"):
        kind(row)
    assert kind(row, elsewhere=("names",)).read(("x", "y", None)) == Outer("x", Inner("y"))


def test_a_column_without_field_is_refused():
    with pytest.raises(TypeError, match="which field of `Outer` the column `other` holds"):
        kind(declare(**WHOLE, other=str))
    with pytest.raises(TypeError, match=r"holds `inner\.nothing`, which `Outer` does not have"):
        kind(declare(**{**WHOLE, "name": Annotated[str, At("inner.name", "inner.nothing")]}))


def test_a_value_that_cannot_stand_as_it_is_needs_a_form():
    with pytest.raises(TypeError, match=r"`Inner\.day` cannot stand in a column as it is"):
        kind(declare(**{**WHOLE, "day": str | None}))
    with pytest.raises(TypeError, match=r"`Outer\.names` cannot stand in JSON as it is"):
        JsonRecord(Outer, {}, elsewhere=("inner",))


def test_a_json_object_without_a_field_that_is_needed_is_refused():
    within = JsonRecord(Inner, {"day": DAY})
    assert within.write(Inner("y")) == {"name": "y"}
    assert within.read({"name": "y", "day": "2024-02-29"}) == Inner("y", date(2024, 2, 29))
    with pytest.raises(ValueError, match="`name` is missing"):
        within.read({"day": "2024-02-29"})

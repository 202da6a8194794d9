"""One view of results as JSON: what each kind of value becomes, and that nothing is guessed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from enum import Enum, IntEnum, StrEnum
from types import MappingProxyType

import pytest

from reports.as_json import SPREAD, as_json, in_utc, one_level


class Word(StrEnum):
    YES = "yes"


class Number(IntEnum):
    ONE = 1


class Plain(Enum):
    A = ("a", 1)


@dataclass(frozen=True, slots=True)
class Inner:
    day: date
    word: Word | None


@dataclass(frozen=True)
class Outer:
    name: str
    parts: tuple[Inner, ...]
    by: Mapping[Word, int]


NOON = datetime(2026, 11, 30, 12, tzinfo=timezone(timedelta(hours=-6)))


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (None, None),
        (True, True),
        ("é\x9b", "é\x9b"),
        (1.5, 1.5),
        (Word.YES, "yes"),
        (Number.ONE, 1),
        (date(2026, 11, 30), "2026-11-30"),
        (NOON, "2026-11-30T12:00:00-06:00"),
        ((1, [Word.YES]), [1, ["yes"]]),
        (frozenset({"b", "a"}), ["a", "b"]),
        (MappingProxyType({Word.YES: ()}), {"yes": []}),
    ],
)
def test_each_kind_of_value_has_one_form(value, told):
    assert as_json(value) == told
    assert type(as_json(value)) is type(told)


def test_a_result_is_an_object_whose_keys_are_its_fields_in_their_order():
    told = as_json(Outer("n", (Inner(date(2026, 1, 2), None),), {Word.YES: 1}))
    assert told == {"name": "n", "parts": [{"day": "2026-01-02", "word": None}], "by": {"yes": 1}}
    assert list(told) == ["name", "parts", "by"]


def test_instants_of_the_report_are_in_utc_at_any_depth():
    assert as_json({"at": [NOON]}, instant=in_utc) == {"at": ["2026-11-30T18:00:00Z"]}
    assert in_utc(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01T00:00:00Z"


@pytest.mark.parametrize("value", [object(), b"bytes", {1, 2}, Inner, [timedelta(1)]])
def test_what_has_no_form_yet_is_refused_and_not_guessed(value):
    with pytest.raises(TypeError, match="has no form in JSON yet"):
        as_json(value)


def test_a_field_may_have_another_key_or_none_at_any_depth_and_one_that_is_gone_is_noticed():
    value = [Outer("n", (Inner(date(2026, 1, 2), None),), {})]
    keys = {Outer: {"parts": "days", "by": None}, Inner: {"day": "on"}}
    assert as_json(value, keys=keys) == [{"name": "n", "days": [{"on": "2026-01-02", "word": None}]}]
    with pytest.raises(TypeError, match="`Inner` has no field `until`"):
        as_json(value, keys={Inner: {"until": "to"}})


@dataclass(frozen=True, slots=True)
class Deep:
    outer: Outer
    by_day: Mapping[date, Inner]
    plain: Plain
    hidden: str = "never told"


KEYS = {Deep: {"by_day": "days", "hidden": None}, Inner: {"day": "on"}}


def test_what_the_encoder_takes_apart_itself_is_the_same_at_every_depth():
    day = date(2026, 1, 2)
    deep = Deep(Outer("n", (Inner(day, Word.YES),), MappingProxyType({Word.YES: 1})), {day: Inner(day, None)}, Plain.A)
    for value in (deep, [deep, deep], {"in": {"in": deep}}):
        told = json.loads(json.dumps(value, default=one_level(KEYS)))
        assert told == json.loads(json.dumps(as_json(value, keys=KEYS)))
    assert list(json.loads(json.dumps(deep, default=one_level(KEYS)))) == ["outer", "days", "plain"]


def test_what_has_no_form_is_refused_by_the_encoder_too():
    with pytest.raises(TypeError, match="`timedelta` has no form in JSON yet"):
        json.dumps({"in": Outer("n", (), {Word.YES: timedelta(1)})}, default=one_level())
    with pytest.raises(TypeError, match="has no field"):
        json.dumps(Inner(date(2026, 1, 2), None), default=one_level({Inner: {"gone": "x"}}))


@dataclass(frozen=True, slots=True)
class Signed:
    id: str
    body: Mapping[str, object]
    inner: Inner
    last: str


def test_what_a_field_holds_may_stand_among_the_keys_of_its_object_by_both_ways_in_the_same_order():
    value = Signed(
        "S-1", {"about": "VMA-01", "note": Inner(date(2026, 1, 3), None)}, Inner(date(2026, 1, 2), None), "z"
    )
    keys = {Signed: {"body": SPREAD, "inner": SPREAD}, Inner: {"day": "on"}}
    told = as_json(value, keys=keys)
    assert list(told) == ["id", "about", "note", "on", "word", "last"]
    assert told["note"] == {"on": "2026-01-03", "word": None}
    assert json.dumps(value, default=one_level(keys)) == json.dumps(told)


@dataclass(frozen=True, slots=True)
class Dated:
    at: datetime
    by: Mapping[Word, datetime]
    also: tuple[datetime, ...]


def test_instants_are_written_alike_by_both_ways_at_any_depth():
    value = Dated(NOON, {Word.YES: NOON}, (NOON,))
    told = json.loads(json.dumps(value, default=one_level(instant=in_utc)))
    noon = "2026-11-30T18:00:00Z"
    assert told == as_json(value, instant=in_utc) == {"at": noon, "by": {"yes": noon}, "also": [noon]}

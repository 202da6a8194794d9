"""Stamps of records: as fine as they are written, never without an offset, and in the order of what happened."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from connectors.inputs.stamps import oldest_first, parse_stamp

AT = datetime(2026, 11, 20, 17, 42, 10, tzinfo=UTC)
STAMPS = {
    "2026-11-20T17:42:10Z": (0, 1_000_000),
    "2026-11-20T11:42:10-06:00": (0, 1_000_000),
    "2026-11-20 17:42:10 UTC": (0, 1_000_000),
    "2026-11-20T17:42:10.5Z": (500_000, 100_000),
    "2026-11-20T17:42:10,123+0000": (123_000, 1_000),
    "2026-11-20T17:42:10.1234567Z": (123_456, 1),
}


@pytest.mark.parametrize(("text", "expected"), STAMPS.items())
def test_a_stamp_is_as_fine_as_it_is_written(text, expected):
    after, width = (timedelta(microseconds=n) for n in expected)
    assert parse_stamp(text) == (AT + after, width)


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "2026-11-20", "2026-11-20T17:42Z", "2026-13-01T00:00:00Z", "9999-12-31T23:59:59Z",
     "0001-01-01T00:00:00Z", "2026-11-20T25:00:00Z", "11/20/2026 17:42:10", "2026-11-20T17:42:10",
     "٢026-11-20T17:42:10Z", "0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00"],
)  # fmt: skip
def test_what_is_no_instant_is_refused(text):
    with pytest.raises(ValueError):
        parse_stamp(text)


def test_without_an_offset_it_is_utc_only_where_that_is_known():
    assert parse_stamp("2026-11-20T17:42:10", utc=True).at == AT


@dataclass
class Entry:
    at: datetime
    name: str


@pytest.mark.parametrize("order", ["aabbc", "cbbaa"])
def test_a_log_is_put_into_the_order_of_its_times_whichever_end_it_begins_with(order):
    days = {"a": 1, "b": 2, "c": 3}
    entries = [Entry(AT + timedelta(days=days[name]), f"{name}{n}") for n, name in enumerate(order)]
    assert [e.name for e in oldest_first(entries)] == (
        ["a0", "a1", "b2", "b3", "c4"] if order == "aabbc" else ["a4", "a3", "b2", "b1", "c0"]
    )
    assert oldest_first([]) == []

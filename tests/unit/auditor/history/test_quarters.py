"""Quarters as people name them, and the last whole one."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from auditor.history.load import last_quarter
from auditor.history.quarters import Quarter
from connectors.errors import AuditorError
from tests.each import each


@each(["2026Q4", "2026q4", "2026-Q4", "2026 Q4", " 2026Q4 "])
def test_a_quarter_is_read_as_people_write_it(text):
    assert Quarter.parse(text) == Quarter(2026, 4)
    assert str(Quarter.parse(text)) == "2026Q4"


@each(["", "2026", "Q4", "2026Q0", "2026Q5", "26Q4", "2026Q4x", "٢٠٢٦Q4", "9999Q4", "1969Q1", "2026Q4\n2026Q1"])
def test_what_is_no_quarter_is_refused(text):
    with pytest.raises(AuditorError, match="is no quarter"):
        Quarter.parse(text)


def test_the_quarters_of_a_year_touch_and_hold_each_day_once():
    quarters = [Quarter(year, n) for year in (2026, 2027, 2028) for n in (1, 2, 3, 4)]
    for one, following in pairwise(quarters):
        assert one.last + timedelta(days=1) == following.first
    day = date(2026, 1, 1)
    while day <= date(2028, 12, 31):
        assert Quarter.of(day).first <= day <= Quarter.of(day).last
        day += timedelta(days=1)


@each(
    [
        (date(2026, 1, 1), date(2025, 9, 30), date(2025, 12, 31)),
        (date(2026, 3, 31), date(2025, 9, 30), date(2025, 12, 31)),
        (date(2026, 11, 20), date(2026, 6, 30), date(2026, 9, 30)),
    ]
)
def test_the_last_whole_quarter_begins_after_its_first_and_ends_with_its_last_day(today, before, last):
    assert last_quarter(today) == (before, last)

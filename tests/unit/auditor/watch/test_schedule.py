"""The schedule, through every change of the clocks."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from auditor.watch.schedule import last_due, next_due, on
from auditor.watch_settings import DAYS, Schedule

CHICAGO = "America/Chicago"
ZONES = (CHICAGO, "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Manila", "America/St_Johns")


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def test_a_time_that_the_clocks_skip_comes_as_much_later_as_they_skip():
    assert on(Schedule(at=["02:30"]), CHICAGO, date(2027, 3, 14)) == [utc(2027, 3, 14, 8, 30)]
    local = utc(2027, 3, 14, 8, 30).astimezone(ZoneInfo(CHICAGO))
    assert (local.hour, local.minute) == (3, 30)


def test_a_time_that_the_clocks_pass_twice_comes_once_at_the_first_pass():
    schedule = Schedule(at=["01:30"])
    assert on(schedule, CHICAGO, date(2026, 11, 1)) == [utc(2026, 11, 1, 6, 30)]
    assert next_due(schedule, CHICAGO, utc(2026, 11, 1, 6, 30)) == utc(2026, 11, 2, 7, 30)


def test_six_in_the_morning_is_six_in_the_morning_in_winter_and_in_summer():
    assert on(Schedule(at=["06:00"]), CHICAGO, date(2026, 1, 5)) == [utc(2026, 1, 5, 12)]
    assert on(Schedule(at=["06:00"]), CHICAGO, date(2026, 7, 6)) == [utc(2026, 7, 6, 11)]


def test_only_the_days_of_the_schedule_count():
    weekly = Schedule(at=["06:00"], days=["mon"])
    assert last_due(weekly, CHICAGO, utc(2026, 11, 29, 12)) == utc(2026, 11, 23, 12)
    assert next_due(weekly, CHICAGO, utc(2026, 11, 29, 12)) == utc(2026, 11, 30, 12)


def test_an_empty_schedule_is_never_due():
    assert last_due(Schedule(at=[]), CHICAGO, utc(2026, 11, 29)) is None
    assert next_due(Schedule(at=[]), CHICAGO, utc(2026, 11, 29)) is None


def test_times_on_no_day_are_refused_because_nobody_means_a_schedule_that_is_never_due():
    with pytest.raises(ValidationError, match="at least 1"):
        Schedule(at=["06:00"], days=[])


@given(st.sampled_from(ZONES), st.times(), st.integers(2024, 2035))
def test_each_time_comes_exactly_once_a_day_all_year(zone, at, year):
    schedule = Schedule(at=[at.strftime("%H:%M")])
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(366)]
    instants = [i for day in days for i in on(schedule, zone, day)]
    assert len(instants) == len(set(instants)) == 366
    assert instants == sorted(instants)
    by_day = Counter(i.astimezone(ZoneInfo(zone)).date() for i in instants)
    assert set(by_day.values()) == {1}


@given(st.sampled_from(ZONES), st.lists(st.times(), min_size=1, max_size=3), st.sets(st.sampled_from(DAYS), min_size=1))
def test_what_is_next_due_is_then_the_last_that_was_due(zone, times, days):
    schedule = Schedule(at=[t.strftime("%H:%M") for t in times], days=sorted(days))
    now = utc(2026, 10, 20)
    for _ in range(20):
        due = next_due(schedule, zone, now)
        assert due is not None
        assert due > now
        assert last_due(schedule, zone, due) == due
        assert last_due(schedule, zone, due - timedelta(seconds=1)) != due
        now = due


def test_a_time_without_quotes_is_read_as_it_is_meant():
    assert Schedule(at=[13 * 60 + 30, "06:00"]).at == (time(13, 30), time(6))


@pytest.mark.parametrize("wrong", ["6:00", "24:00", "06:60", "0600", "noon", 1440, -1, True, None, "06:00:00"])
def test_what_is_no_time_of_the_day_is_refused(wrong):
    with pytest.raises(ValidationError, match="times of the day"):
        Schedule(at=[wrong])

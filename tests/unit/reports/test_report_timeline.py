"""The coverage picture: each bar covers the days that it names, and nothing outside the picture."""

from dataclasses import replace
from datetime import UTC, date, datetime

from reports.timeline import picture
from reports.timeline_model import CoverageRow, Span
from tests.report_sample import sample


def drawn(*spans: tuple[date, date, str], engaged: tuple[date, date | None], first: date, last: date):
    report = replace(sample(), coverage_from=first, coverage_to=last)
    row = CoverageRow("VMA-01", "Maria Reyes", engaged, tuple(Span(a, b, "x", state) for a, b, state in spans), ())
    return picture(report, (row,))


def test_bars_that_follow_each_other_touch_and_do_not_overlap() -> None:
    first, last = date(2026, 1, 1), date(2026, 1, 10)
    made = drawn(
        (first, date(2026, 1, 4), "uncovered"), (date(2026, 1, 5), last, "covered"), engaged=(first, None), first=first,
        last=last,
    )  # fmt: skip
    one, two = made.lanes[0].bars
    assert (one.x, one.width, two.x, two.width) == ("0.000%", "40.000%", "40.000%", "60.000%")
    assert made.lanes[0].days("uncovered") == 4
    assert made.lanes[0].engagement is not None
    assert made.lanes[0].engagement.width == "100.000%"


def test_what_lies_outside_is_cut_at_the_edge_or_left_out() -> None:
    first, last = date(2026, 3, 1), date(2026, 3, 10)
    made = drawn(
        (date(2026, 2, 1), date(2026, 3, 5), "covered"), (date(2026, 4, 1), date(2026, 4, 2), "covered"),
        engaged=(date(2025, 1, 1), date(2026, 2, 1)), first=first, last=last,
    )  # fmt: skip
    (bar,) = made.lanes[0].bars
    assert (bar.start, bar.end, bar.x, bar.width) == (first, date(2026, 3, 5), "0.000%", "50.000%")
    assert made.lanes[0].engagement is None
    assert made.today is None


def test_today_is_the_practices_day_and_not_greenwichs() -> None:
    first, last = date(2026, 11, 23), date(2026, 11, 24)
    evening = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)  # still the 23rd in Chicago
    report = replace(sample(), at=evening, coverage_from=first, coverage_to=last, coverage=())
    assert picture(report, ()).today == "25.000%"


def test_months_are_named_and_long_pictures_name_quarters_or_years() -> None:
    def labels(last: date) -> list[str]:
        made = drawn(engaged=(date(2024, 1, 1), None), first=date(2025, 11, 15), last=last)
        return [tick.label for tick in made.ticks]

    assert labels(date(2026, 2, 20)) == ["Dec", "2026", "Feb"]
    assert [label for label in labels(date(2027, 6, 1)) if label] == ["2026", "Apr", "Jul", "Oct", "2027", "Apr"]
    assert [label for label in labels(date(2031, 1, 1)) if label] == ["2026", "2027", "2028", "2029", "2030", "2031"]


def test_a_picture_of_one_day_is_full() -> None:
    day = date(2026, 11, 24)
    made = drawn((day, day, "covered"), engaged=(day, None), first=day, last=day)
    assert made.lanes[0].bars[0].width == "100.000%"
    assert made.today == "50.000%"

"""The picture of lag and lockstep: its areas are the VMA-days, and nothing in it is drawn that is not so."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest

from auditor.lag.lag import Obligation, Presence, lockstep
from auditor.lag.report import LagReport
from auditor.lag.spans import Calendar, moment
from auditor.reporting.lag_page import FINEST, lag_page, percent
from policies.engine.case import Practice
from reports.lag_page import LagPage, Stretch, blocks, render
from tests.report_sample import HEBREW, SCRIPT

DAY = 86400
ZONE = Practice("p", SCRIPT, "UTC")


def presence(vma: str, first: int, last: int, since: int) -> Presence:
    """Engaged from one day to another, and with every control from a day on."""
    duty = Obligation(vma, "training", first * DAY, last * DAY, ((since * DAY, last * DAY),))
    return Presence(vma, ((first * DAY, last * DAY),), (duty,))


def made(*presences: Presence, days: int = 10) -> LagPage:
    step = lockstep(presences, 0, days * DAY, Calendar("UTC"))
    report = LagReport(moment(0), moment(days * DAY), (), (), (), (), (), step, {}, {}, ())
    return lag_page(report, ZONE)


def number(text: str) -> float:
    return float(text.removesuffix("%"))


def test_the_area_between_the_lines_is_the_exposure_and_that_under_the_upper_one_all_vma_days():
    page = made(presence("a", 0, 10, 4), presence("b", 3, 8, 3))
    drawn = blocks(page)
    scale = 10 * page.top / 10000  # per cent of the width times per cent of the height, in VMA-days
    assert sum(number(b.width) * number(b.missing) for b in drawn) * scale == pytest.approx(4)
    assert sum(number(b.width) * (number(b.missing) + number(b.below)) for b in drawn) * scale == pytest.approx(15)
    assert (page.exposure, page.vma_days, page.lockstep) == ("4.00", "15.00", "73.3 %")


def test_the_stretches_follow_each_other_from_the_first_instant_to_the_last():
    page = made(presence("a", 2, 6, 2))
    assert [(s.headcount, s.controlled) for s in page.stretches] == [(0, 0), (1, 1), (0, 0)]
    assert page.stretches[0].first == moment(0)
    assert page.stretches[-1].last == moment(10 * DAY)
    assert all(a.last == b.first for a, b in zip(page.stretches, page.stretches[1:], strict=False))


def test_a_short_gap_among_very_many_steps_is_still_drawn():
    several = [presence(f"v{n}", n, n + 1, n) for n in range(0, 2000, 2)]
    gap = Presence(
        "gap",
        ((0, 2000 * DAY),),
        (Obligation("gap", "training", 0, 2000 * DAY, ((0, 77 * DAY), (77 * DAY + 60, 2000 * DAY))),),
    )
    page = made(*several, gap, days=2000)
    assert len(page.stretches) == FINEST
    assert [s.headcount - s.controlled for s in page.stretches if s.headcount > s.controlled] == [1]


def test_where_nobody_was_there_is_no_picture_and_the_page_says_so():
    page = made()
    assert blocks(page) == ()
    assert percent(None) in render(page)
    assert "Nobody was engaged in this time." in render(page)


def test_what_a_stranger_wrote_stays_text():
    at = datetime(2026, 11, 1, tzinfo=UTC)
    page = LagPage(
        SCRIPT, "UTC", "0", date(2026, 10, 1), date(2026, 11, 1), at, percent(Fraction(1, 3)), False, "2", "3",
        (Stretch(at - timedelta(days=1), at, 1, 0),), ((SCRIPT, "1 %"),), (), (), (), (HEBREW,), (SCRIPT,),
    )  # fmt: skip
    assert "<script" not in render(page)

"""The page of `auditor lag` in a real browser: nothing is asked of the network, names stay text, it fits a phone."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Browser, expect

from reports.lag_page import Early, LagPage, LagRow, LagTable, OwedControl, Stretch, render
from tests.report_sample import HEBREW, SCRIPT

END = datetime(2026, 11, 20, 23, tzinfo=UTC)
MIDDLE = END - timedelta(days=10)


def sample() -> LagPage:
    return LagPage(
        practice=SCRIPT,
        timezone="America/Chicago",
        tool_version="0",
        first=date(2026, 9, 30),
        last=date(2026, 11, 20),
        at=END,
        lockstep="39.7 %",
        whole=False,
        exposure="237.00",
        vma_days="393.42",
        stretches=(Stretch(END - timedelta(days=50), MIDDLE, 7, 4), Stretch(MIDDLE, END, 9, 3)),
        alone=(("second factor", "75.9 %"),),
        tables=(LagTable("lag by role", (LagRow(SCRIPT, "594.0", "not reached", "16217.0+", 2, 3),)),),
        owed=(OwedControl(HEBREW, "VMA-02", SCRIPT, "16217.0", "a finding stands"),),
        early=(Early(HEBREW, "VMA-08", SCRIPT, date(2026, 10, 26), "and there is none yet"),),
        left_out=("included in a review",),
        not_read=(SCRIPT,),
    )


def test_the_page_is_text_asks_nothing_fits_and_its_picture_stands_in_a_table_too(
    browser: Browser, tmp_path: Path
) -> None:
    file = tmp_path / "lag.html"
    file.write_text(render(sample()), encoding="utf-8")
    for width in (1280, 390):
        context = browser.new_context(viewport={"width": width, "height": 844})
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))  # noqa: B023 - read below
        page.on("request", lambda request: complaints.append(request.url))  # noqa: B023
        page.goto(file.as_uri())
        expect(page.get_by_role("heading", level=1)).to_have_text("Lockstep 39.7 %")
        assert page.locator("script").count() == 0
        high, low = (page.locator(".steps rect.step-below").nth(n).bounding_box() for n in (0, 1))
        assert high and low  # noqa: PT018 - both are drawn
        assert high["height"] / low["height"] > 1.2  # 4 of 9, then 3 of 9
        assert high["width"] / low["width"] > 3.9  # 40 days, then 10
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        page.get_by_text("The same as a table").click()
        expect(page.locator("#answer tbody tr").nth(1)).to_contain_text("9")
        assert [c for c in complaints if not c.startswith((file.as_uri(), "data:,"))] == []
        context.close()

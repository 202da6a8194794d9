"""The page of `auditor drift` in a real browser: nothing is asked of the network, names stay text, it fits a phone."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Browser, expect

from reports.drift_page import AuditLine, CauseGroup, DriftLine, DriftPage, DriftRow, HappenedLine, render
from tests.report_sample import HEBREW, SCRIPT


def sample() -> DriftPage:
    return DriftPage(
        practice=SCRIPT,
        timezone="America/Chicago",
        tool_version="0",
        first=AuditLine(1, datetime(2026, 9, 30, tzinfo=UTC)),
        last=AuditLine(2, datetime(2026, 11, 20, tzinfo=UTC)),
        headcount=(HappenedLine("role-changed", HEBREW, "VMA-03", SCRIPT),),
        controls=(HappenedLine("agreement-ended", "BAA-1", "BAA-1", "last day 2026-10-31"),),
        groups=(
            CauseGroup("unexplained", "bad", (DriftLine(SCRIPT, note="F-ABCDEFGHIJ asked for it"),)),
            CauseGroup("explained by an event", "good", (DriftLine("ana got an account", "ana joined"),) * 2),
            CauseGroup("explained by an approved request", "good", (DriftLine("ana got Billing", "asked for"),)),
        ),
        not_done=(SCRIPT,),
        owed=2,
        owing=(SCRIPT,),
        outside=(DriftLine("ana lost Billing", "unexplained"),),
        not_read=(("OpenEMR", SCRIPT),),
        rows=(
            DriftRow(HEBREW, "VMA-03", "OpenEMR", 1, -2, ("schedule.read",), ("note.sign",), (), ("notes",), (1, 2, 1)),
        ),
    )


def test_the_page_is_text_asks_nothing_and_fits(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "drift.html"
    file.write_text(render(sample()), encoding="utf-8")
    for width in (1280, 390):
        context = browser.new_context(viewport={"width": width, "height": 844})
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))  # noqa: B023 - read below
        page.on("request", lambda request: complaints.append(request.url))  # noqa: B023
        page.goto(file.as_uri())
        expect(page.get_by_role("heading", level=1)).to_have_text(
            "4 changes of access: 1 unexplained, 2 explained by an event, 1 explained by an approved request"
        )
        assert page.locator("script").count() == 0
        expect(page.locator("#table tbody tr")).to_contain_text("−2 entitlements")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert [c for c in complaints if not c.startswith((file.as_uri(), "data:,"))] == []
        context.close()


def test_a_name_breaks_between_words_however_much_stands_beside_it(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "drift.html"
    many = tuple(f"capability{n}.write" for n in range(30))
    row = DriftRow("Jenny Rose Villanueva", "VMA-02", "Active Directory", 1, 0, many, (), (), many, (1, 0, 0))
    file.write_text(render(replace(sample(), rows=(row,))), encoding="utf-8")
    page = browser.new_page(viewport={"width": 1280, "height": 844})
    page.goto(file.as_uri())
    height = "e => e.getBoundingClientRect().height / parseFloat(getComputedStyle(e).lineHeight)"
    assert page.locator("#table .row-name").evaluate(height) < 2.5
    page.close()

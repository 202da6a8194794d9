"""The sheet of orders in a real browser: names stay text, nothing is asked of the network, it fits phone and paper."""

from pathlib import Path

from playwright.sync_api import Browser, expect

from reports.order_sheet import OrderSheet, render
from tests.order_sample import AT, order
from tests.report_sample import HEBREW, SCRIPT


def test_the_sheet_is_text_asks_nothing_fits_and_has_a_line_to_sign_on_paper_only(
    browser: Browser, tmp_path: Path
) -> None:
    orders = (order(2, state="overdue", over="33 days", hours_over=800.0), order(3, before=SCRIPT, note=SCRIPT))
    file = tmp_path / "orders.html"
    sheet = OrderSheet(SCRIPT, "America/Chicago", SCRIPT, AT, "audit 2", "0", orders)
    file.write_text(render(sheet), encoding="utf-8")
    for width in (1280, 420):
        context = browser.new_context(viewport={"width": width, "height": 844})
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))  # noqa: B023 - read below
        page.on("request", lambda request: complaints.append(request.url))  # noqa: B023
        page.goto(file.as_uri())
        assert page.locator("script").count() == 0
        expect(page.locator(".order")).to_have_count(2)
        expect(page.locator(".order.late .badge")).to_have_text("Overdue by 33 days")
        expect(page.locator(".order").first).to_contain_text(HEBREW)
        expect(page.locator(".order-sign").first).to_be_hidden()
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        page.emulate_media(media="print")
        expect(page.locator(".order-sign").first).to_be_visible()
        assert [c for c in complaints if not c.startswith((file.as_uri(), "data:,"))] == []
        context.close()

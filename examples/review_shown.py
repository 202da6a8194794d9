"""
The pictures of the review's pages in the documentation: the example practice, a review of it, and a browser.

`make shown` makes them anew where Chromium is installed; the practice is one that is thrown away.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from auditor.audit.inputs import read_inputs
from auditor.config import Config, load_config
from auditor.ledger.keys import Signer
from auditor.review.opening import Request, open_campaign
from auditor.review_page.site import review_site
from auditor.store import Store
from auditor.web.cookies import COOKIE
from auditor.web.site import Site
from tests.servers.pages import Served, served
from tests.web_visits import PROVIDER, Visitor

OPENED = datetime(2026, 11, 23, 15, tzinfo=UTC)
WIDE = 1040


def pictures(config_path: Path, chromium: str, into: Path) -> None:
    """Open a review of the practice, decide a little, and write the pictures into a folder."""
    config, now = load_config(config_path), [OPENED]
    signer = Signer.load_or_create(config.store.with_suffix(".key"), ledger_is_empty=False)

    def clock() -> datetime:
        return now[0]

    with Store.open(config.store) as store:
        request = Request(by="Dr. Helen Brandt", prepared_by="Laura Pettersen")
        campaign = open_campaign(config, read_inputs(config), store, signer, request, clock=clock).campaign.id
        now[0] += timedelta(days=2)
        with (
            served(lambda origin: _site(config, store, signer, origin, clock)) as server,
            sync_playwright() as playwright,
        ):
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
            morgan, officer = (_Camera(browser, server, person) for person in ("morgan", "brandt"))
            base = f"/review/{campaign}"
            morgan.open(base, WIDE, 640).screenshot(path=into / "review-people.png")
            question = morgan.open(f"{base}/person/VMA-02", WIDE, 900).locator("fieldset").first
            question.screenshot(path=into / "review-question.png")
            morgan.open(f"{base}/person/VMA-06", 375, 880).screenshot(path=into / "review-phone.png")
            page = morgan.open(f"{base}/person/VMA-05", WIDE, 900)
            now[0] += timedelta(seconds=45)
            page.locator("fieldset.ask input[value=remove]").nth(1).check()
            page.get_by_role("button", name="Save and stay here").click()
            officer.open(f"{base}/progress", WIDE, 760).screenshot(path=into / "review-progress.png")
            browser.close()


@dataclass(frozen=True)
class _Camera:
    """The browser of one person."""

    browser: Browser
    server: Served
    person: str

    def open(self, path: str, width: int, height: int) -> Page:
        """Open a page in a window of this size."""
        context = self.browser.new_context(viewport={"width": width, "height": height}, color_scheme="light")
        value = Visitor(self.server.app).sign_in(self.person).value
        context.add_cookies([{"name": COOKIE, "value": value, "domain": "127.0.0.1", "path": "/", "secure": True}])
        page = context.new_page()
        page.goto(self.server.origin + path)
        return page


def _site(config: Config, store: Store, signer: Signer, origin: str, clock: Callable[[], datetime]) -> Site:
    return replace(review_site(config, store, signer, origin, clock=clock), provider=PROVIDER)

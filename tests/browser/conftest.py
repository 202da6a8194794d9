"""A real Chromium, driven from here; every page is watched for errors, violations and requests."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from reports import html
from reports.model import Report

CHROMIUM = Path("/usr/bin/chromium")
QUIET = ("--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking")
QUIETER = ("--disable-component-update", "--disable-sync")

Open = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        message = "needs Debian's Chromium: apt-get install chromium"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=str(CHROMIUM), args=[*QUIET, *QUIETER])
        yield running
        running.close()


@pytest.fixture
def complaints() -> list[str]:
    """What pages complained of, or asked the network for; a test that provokes one clears it."""
    return []


@pytest.fixture
def open_report(browser: Browser, tmp_path: Path, complaints: list[str]) -> Iterator[Open]:
    """Open a report from a file; at the end of the test, fail if any page complained or asked for anything."""
    contexts = []

    def open_it(report: Report, *, hash_: str = "", **options: Any) -> Page:
        file = tmp_path / f"report-{len(contexts)}.html"
        file.write_text(html.render(report), encoding="utf-8")
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
        page.on("dialog", lambda dialog: (complaints.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("request", lambda request: _watch(request.url, file, complaints))
        page.goto(file.as_uri() + hash_)
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert complaints == []


def _watch(url: str, file: Path, complaints: list[str]) -> None:
    if not url.startswith((file.as_uri(), "data:,")):
        complaints.append(f"request: {url}")

"""Signing in as people do: a real browser, the real server, a certified provider; nothing may complain on the way."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page

from auditor.sign_in_settings import Provider
from auditor.web.pages import get, post
from auditor.web.people import SIGNED_IN
from auditor.web.sign_in.links import issue_link
from tests.servers.oidc import CLIENT_ID, SECRET, RealProvider, real_provider
from tests.servers.pages import Served, served
from tests.web_visits import PEOPLE, a_site

FORM = """{% extends "shell.html.j2" %}
{% block title %}Decide{% endblock %}
{% block main %}<h1>Decide</h1>
<form method="post" action="/decide">{{ visit.form_fields(version=1) }}<button class="button">Keep</button></form>
{% endblock %}"""


@pytest.fixture(scope="module")
def provider(tmp_path_factory) -> Iterator[tuple[RealProvider, Served]]:
    """The provider has to know where it sends people back to, so the site is there first."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "form.html.j2").write_text(FORM, encoding="utf-8")
    pages = (
        get("/", lambda visit: visit.render("form.html.j2"), *SIGNED_IN),
        post("/decide", lambda visit: visit.redirect("/", say="1 decision saved."), *SIGNED_IN),
    )
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SECRET", SECRET)
        with served(lambda origin: replace(a_site(folder, provider=None), origin=origin)) as reserved:
            port = reserved.port
        callback = f"http://127.0.0.1:{port}/sign-in/callback"
        with real_provider(callback) as real:
            settings = Provider(name="Lakeside", issuer=real.issuer, client_id=CLIENT_ID, client_secret_env="SECRET")
            site = a_site(folder, *pages, templates=(folder,), provider=settings, send_link=print)
            with served(lambda origin: replace(site, origin=origin), port=port) as here:
                yield real, here


@pytest.fixture
def complaints() -> list[str]:
    return []


@pytest.fixture(params=[True, False], ids=["with script", "without script"])
def page(request, browser: Browser, provider, complaints) -> Iterator[Page]:
    context = browser.new_context(java_script_enabled=request.param)
    page = context.new_page()
    ours = provider[1].origin
    page.on("console", lambda message: complaints.append(message.text) if page.url.startswith(ours) else None)
    page.on("response", lambda r: complaints.append(r.url) if r.url.startswith(ours) and r.status >= 400 else None)
    yield page
    context.close()
    assert complaints == []


def test_a_person_signs_in_decides_and_signs_out(page, provider):
    real, site = provider
    page.goto(site.origin + "/")
    assert page.title() == "Sign in · Lakeside"
    page.get_by_role("link", name="Sign in with Lakeside").click()
    assert page.url.startswith(real.issuer)
    page.locator("input[name=login]").fill("dana")
    page.locator("input[name=password]").fill("x")
    page.locator("button[type=submit]").click()
    page.locator("button[type=submit]").click()
    assert page.url == site.origin + "/"
    assert "Signed in as Dana Ortiz" in page.locator(".page-who").inner_text()
    page.get_by_role("button", name="Keep").click()
    assert page.get_by_role("status").inner_text() == "1 decision saved."
    (cookie,) = [c for c in page.context.cookies(site.origin) if c["name"] == "__Host-auditor"]
    assert (cookie["httpOnly"], cookie["secure"], cookie["sameSite"], cookie["path"]) == (True, True, "Lax", "/")
    page.get_by_role("button", name="Sign out").click()
    assert page.get_by_role("heading", level=1).inner_text() == "You are signed out"
    page.goto(site.origin + "/")
    assert page.title() == "Sign in · Lakeside"


def test_a_link_signs_in_by_its_button(page, provider):
    _, site = provider
    link = issue_link(
        site.app.state.shell.store, PEOPLE["dana"], "R-1", by="olga", at=datetime.now(UTC), life=timedelta(hours=1),
        numbered=True,
    )  # fmt: skip
    page.goto(site.origin + link.path)
    page.get_by_label("six digits").fill(str(link.number))
    page.get_by_role("button", name="Sign in as Dana Ortiz").click()
    assert page.url == site.origin + "/"
    assert "Signed in as Dana Ortiz" in page.locator(".page-who").inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_fits_every_width_in_both_schemes(browser, provider, scheme):
    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()
    for path in ("/sign-in", "/nothing", "/signed-out", "/l/x"):
        page.goto(provider[1].origin + path)
        colours = [*_colours(page, "body"), *_colours(page, ".button")]
        assert contrast(*colours[:2]) >= 7
        assert contrast(*colours[2:]) >= 4.5
        for width in (320, 640, 1280):
            page.set_viewport_size({"width": width, "height": 700})
            assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
            heights = page.locator(".actions a, button:visible, .page-name a").evaluate_all(
                "all => all.map(e => e.getBoundingClientRect().height)"
            )
            assert min(heights) >= 24, "WCAG 2.2, 2.5.8"
    context.close()


def _colours(page: Page, selector: str) -> list[str]:
    read = "e => [getComputedStyle(e).color, getComputedStyle(e).backgroundColor]"
    found: list[str] = page.locator(selector).first.evaluate(read)
    return found


def contrast(one: str, other: str) -> float:
    """By WCAG 2.2, of two colours as a browser computes them."""

    def light(colour: str) -> float:
        parts = [int(part) / 255 for part in colour.partition("(")[2].rstrip(")").split(",")[:3]]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)

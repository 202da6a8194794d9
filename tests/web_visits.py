"""
A site to test pages on, and browsers that visit it: in this process, through every guard, without a server.

    site = a_site(tmp_path, get("/", page, Role.REVIEWER))
    with visiting(site) as app:
        dana = Visitor(app).sign_in("dana")
        page = dana.get("/")
        done = dana.submit(page, "/decide", answer="keep")      # the form of that page with this action
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from httpx2 import Response
from starlette.applications import Starlette
from starlette.testclient import TestClient

from auditor.sign_in_settings import Provider
from auditor.store.web_records import Means
from auditor.web.app import make_app
from auditor.web.cookies import COOKIE
from auditor.web.pages import Page
from auditor.web.people import Person, Role
from auditor.web.shell import Shell
from auditor.web.site import Site
from auditor.web.tokens import digest, new_value

ORIGIN = "https://review.example"
PROVIDER = Provider(name="Lakeside", issuer="https://id.example", client_id="review")
PEOPLE = {
    person.id: person
    for person in (
        Person("dana", "Dana Ortiz", "dana@lakeside.example", frozenset({Role.REVIEWER})),
        Person("kim", "Dr. Kim", "kim@lakeside.example", frozenset({Role.REVIEWER})),
        Person("olga", "Olga Reyes", "olga@lakeside.example", frozenset({Role.OFFICER})),
        Person("axel", "Axel Roth", "axel@auditors.example", frozenset({Role.AUDITOR})),
    )
}
SAME_SITE = {"sec-fetch-site": "same-origin", "origin": ORIGIN}


def a_site(folder: Path, *pages: Page, **other: Any) -> Site:
    """Return a site of these pages, with four people, a provider that is never asked, and a store of its own."""
    site = Site(title="Lakeside", origin=ORIGIN, store=folder / "auditor.db", people=PEOPLE, pages=pages)
    return replace(site, provider=other.pop("provider", PROVIDER), **other)


@contextmanager
def visiting(site: Site) -> Iterator[Starlette]:
    """Give the application of a site, and close its store in the end."""
    app = make_app(site)
    try:
        yield app
    finally:
        app.state.shell.store.close()


class Visitor:
    """One browser: it keeps its cookie, follows nothing by itself, and says where its forms come from."""

    def __init__(self, app: Starlette) -> None:
        self.app = app
        self.shell: Shell = app.state.shell
        self.origin = self.shell.site.origin
        self.client = TestClient(app, base_url=self.origin, follow_redirects=False, raise_server_exceptions=True)

    def sign_in(self, person: str, means: Means = Means.OIDC) -> "Visitor":
        """Have a session, as if somebody had signed in."""
        value, site = new_value(), self.shell.site
        how: dict[str, Any] = {}
        if means is Means.OIDC:
            assert site.provider is not None
            how = {"issuer": site.provider.issuer, "subject": f"subject of {person}"}
        self.shell.store.sign_in(digest(value), person, means, at=site.now(), **how)
        self.client.cookies.set(COOKIE, value, domain=site.host.partition(":")[0], path="/")
        return self

    @property
    def value(self) -> str:
        """What the cookie holds; empty when there is none."""
        return self.client.cookies.get(COOKIE) or ""

    def get(self, path: str, **headers: str) -> Response:
        return self.client.get(path, headers=headers)

    def post(self, path: str, data: dict[str, Any], files: Any = None, **headers: str) -> Response:
        """Send a form as our own page would, or with other headers."""
        same = {"sec-fetch-site": "same-origin", "origin": self.origin}
        return self.client.post(path, data=data, files=files, headers={**same, **headers})

    def submit(self, page: Response, action: str, *, files: Any = None, **fields: Any) -> Response:
        """Fill in the form of a page that has this action, and send it."""
        forms = [form for form in forms_of(page.text) if form.action in (action, "")]
        assert forms, f"the page has no form for {action}"
        return self.post(action, {**forms[0].hidden, **fields}, files)


class WebForm:
    """A form of a page: where it leads, and its hidden fields."""

    def __init__(self, action: str) -> None:
        self.action, self.hidden = action, dict[str, str]()


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[WebForm] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.found.append(WebForm(given.get("action") or ""))
        elif tag == "input" and given.get("type") == "hidden" and self.found:
            self.found[-1].hidden[str(given["name"])] = given.get("value") or ""


def forms_of(html: str) -> list[WebForm]:
    """Return the forms of a page in their order."""
    parser = _Forms()
    parser.feed(html)
    return parser.found

"""Signing in with a real, certified OpenID provider: what the specification means, beside what we think it does."""

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from auditor.sign_in_settings import Provider
from auditor.store.web_records import Means
from auditor.web.pages import get
from auditor.web.people import SIGNED_IN, Person, Role
from connectors.errors import AuditorError
from tests.servers.oidc import CALLBACK, CLIENT_ID, SECRET, RealProvider, real_provider
from tests.web_visits import Visitor, a_site, visiting

VARIABLE = "REVIEW_CLIENT_SECRET"


@pytest.fixture(scope="module")
def provider() -> Iterator[RealProvider]:
    with real_provider() as provider:
        yield provider


@pytest.fixture
def site(tmp_path, provider, monkeypatch):
    monkeypatch.setenv(VARIABLE, SECRET)
    settings = Provider(name="Lakeside", issuer=provider.issuer, client_id=CLIENT_ID, client_secret_env=VARIABLE)
    return a_site(tmp_path, get("/", lambda visit: visit.render("signed_out.html.j2"), *SIGNED_IN), provider=settings)


@pytest.fixture
def app(site):
    with visiting(site) as app:
        yield app


def come_back(browser: Visitor, provider: RealProvider, login: str) -> str:
    """Go to the provider and through its pages; return where it sends the browser back to."""
    address = browser.get("/sign-in/begin").headers["location"]
    return provider.go_through(address, login).removeprefix("https://review.example")


def test_a_person_of_the_configuration_signs_in(app, provider):
    dana = Visitor(app)
    back = come_back(dana, provider, "dana")
    assert parse_qs(urlsplit(back).query)["iss"] == [provider.issuer]
    done = dana.get(back)
    assert (done.status_code, done.headers["location"]) == (303, "/")
    assert "You are signed in" in dana.get("/").text
    (session,) = app.state.shell.store.sessions("dana")
    assert (session.means, session.issuer, session.subject) == (Means.OIDC, provider.issuer, "dana")
    assert [(r.person, r.route, r.outcome) for r in app.state.shell.store.requests()] == [
        ("dana", "/sign-in/callback", "done")
    ]


def test_the_same_answer_signs_nobody_else_in(app, provider):
    """A code that somebody else got hold of is worth nothing without the browser that asked for it."""
    dana = Visitor(app)
    back = come_back(dana, provider, "dana")
    thief = Visitor(app)
    assert thief.get(back).status_code == 403
    assert dana.get(back).status_code == 303
    assert dana.get(back).status_code == 403


def test_somebody_whom_the_configuration_does_not_name_is_told_so(app, provider):
    eve = Visitor(app)
    done = eve.get(come_back(eve, provider, "eve"))
    assert done.status_code == 403
    assert "you have no part in this" in done.text


def test_an_address_that_is_not_verified_is_nobodys(site, provider):
    login = "unverified-ulla"
    people = {"ulla": Person("ulla", "Ulla", f"{login}@lakeside.example", frozenset({Role.REVIEWER}))}
    with visiting(replace(site, people=people)) as app:
        ulla = Visitor(app)
        assert ulla.get(come_back(ulla, provider, login)).status_code == 403
    verified = {"ulla": Person("ulla", "Ulla", "ulla@lakeside.example", frozenset({Role.REVIEWER}))}
    with visiting(replace(site, people=verified)) as app:
        ulla = Visitor(app)
        assert ulla.get(come_back(ulla, provider, "ulla")).status_code == 303


def test_who_declines_at_the_provider_comes_back_to_a_page_of_ours(app):
    dana = Visitor(app)
    dana.get("/sign-in/begin")
    done = dana.get("/sign-in/callback?error=access_denied&error_description=%3Cscript%3E")
    assert done.status_code == 403
    assert "script" not in done.text


def test_a_wrong_secret_signs_nobody_in(site, provider, monkeypatch):
    monkeypatch.setenv(VARIABLE, "another")
    with visiting(site) as app:
        dana = Visitor(app)
        assert dana.get(come_back(dana, provider, "dana")).status_code == 403


def test_without_the_secret_the_site_does_not_begin(site, monkeypatch):
    monkeypatch.delenv(VARIABLE)
    with pytest.raises(AuditorError, match=VARIABLE), visiting(site):
        pass


def test_the_provider_is_registered_with_the_address_that_we_send(app):
    dana = Visitor(app)
    asked = parse_qs(urlsplit(dana.get("/sign-in/begin").headers["location"]).query)
    assert asked["redirect_uri"] == [CALLBACK]
    assert asked["response_type"] == ["code"]
    assert asked["code_challenge_method"] == ["S256"]
    assert "response_mode" not in asked

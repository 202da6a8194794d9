"""Sessions: new at sign-in, bounded in time, ended at sign-out, with nothing to read in the cookie."""

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from auditor.store.web import WebStore
from auditor.store.web_records import Means
from auditor.web.cookies import COOKIE
from auditor.web.live_people import LivePeople
from auditor.web.pages import get, public_get
from auditor.web.people import SIGNED_IN, Role
from auditor.web.shell import IDLE, LIFE
from auditor.web.sign_in.sessions import begin_session
from auditor.web.tokens import digest, new_value
from connectors.errors import AuditorError
from tests.web_visits import PEOPLE, PROVIDER, Visitor, a_site, visiting


class Clock:
    """A clock that a test puts forward."""

    def __init__(self) -> None:
        self.at = datetime(2026, 12, 1, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def app(tmp_path, clock):
    def come_in(visit):
        return begin_session(visit, "dana", Means.OIDC, issuer=PROVIDER.issuer, subject="s-dana")

    show = get("/", lambda visit: visit.render("signed_out.html.j2"), *SIGNED_IN)
    deep = get("/deep/{id}", lambda visit: visit.render("signed_out.html.j2"), *SIGNED_IN)
    with visiting(a_site(tmp_path, show, deep, public_get("/come-in", come_in), now=clock)) as app:
        yield app


def is_in(browser):
    return browser.get("/").status_code == 200


def test_signing_in_gives_the_browser_a_new_value(app):
    """Session fixation: a value that somebody planted before is worth nothing afterwards."""
    victim = Visitor(app)
    planted = new_value()
    victim.client.cookies.set(COOKIE, planted, domain="review.example", path="/")
    victim.get("/come-in")
    assert victim.value != planted
    assert is_in(victim)
    attacker = Visitor(app)
    attacker.client.cookies.set(COOKIE, planted, domain="review.example", path="/")
    assert not is_in(attacker)


def test_signing_in_again_ends_the_session_of_before(app):
    dana = Visitor(app)
    dana.get("/come-in")
    first = dana.value
    dana.get("/come-in")
    assert app.state.shell.session_of(digest(first)) is None
    assert len([s for s in app.state.shell.store.sessions("dana") if s.ended is None]) == 1


def test_the_cookie_is_for_this_host_alone_and_says_nothing(app):
    header = Visitor(app).get("/come-in").headers["set-cookie"]
    name, _, rest = header.partition("=")
    value, *attributes = rest.split("; ")
    assert name == "__Host-auditor"
    assert len(value) == 43
    assert sorted(attributes) == ["HttpOnly", "Path=/", "SameSite=lax", "Secure"]


def test_signing_out_ends_the_session_on_the_server(app):
    dana = Visitor(app)
    dana.get("/come-in")
    value = dana.value
    done = dana.submit(dana.get("/"), "/sign-out")
    assert (done.status_code, done.headers["location"]) == (303, "/signed-out")
    assert dana.value == ""
    thief = Visitor(app)
    thief.client.cookies.set(COOKIE, value, domain="review.example", path="/")
    assert not is_in(thief)


def test_a_session_lapses_when_nothing_is_done_in_it(app, clock):
    dana = Visitor(app)
    dana.get("/come-in")
    for _ in range(3):
        clock.at += IDLE - timedelta(seconds=1)
        assert is_in(dana)
    clock.at += IDLE
    assert not is_in(dana)


def test_a_session_ends_after_half_a_day_whatever_is_done(app, clock):
    dana = Visitor(app)
    dana.get("/come-in")
    began = clock.at
    while clock.at < began + LIFE - IDLE:
        clock.at += IDLE / 2
        assert is_in(dana)
    clock.at = began + LIFE
    assert not is_in(dana)


def test_a_session_of_a_clock_that_ran_ahead_does_not_live_until_then(app, clock):
    dana = Visitor(app)
    clock.at += timedelta(days=3650)
    dana.get("/come-in")
    clock.at -= timedelta(days=3650)
    assert not is_in(dana)


def test_all_sessions_of_a_person_can_be_ended(app, clock):
    dana, phone = Visitor(app), Visitor(app)
    for browser in (dana, phone):
        browser.get("/come-in")
    assert app.state.shell.store.release("dana", clock.at).sessions == 2
    assert not is_in(dana)
    assert not is_in(phone)


def test_after_signing_in_the_page_is_shown_that_was_asked_for(app):
    dana = Visitor(app)
    assert dana.get("/deep/7").headers["location"] == "/sign-in"
    assert dana.get("/come-in").headers["location"] == "/deep/7"
    assert dana.get("/come-in").headers["location"] == "/"


@pytest.mark.parametrize(
    "path", ["//evil.example", "/\\evil.example", "/deep/..%2f..%2fevil", "/?next=https://evil.example", "/%0d%0ax:y"]
)
def test_no_address_leads_away_from_the_site(app, path):
    browser = Visitor(app)
    browser.client.get("https://review.example" + path)
    target = browser.get("/come-in").headers["location"]
    assert target.startswith("/")
    assert not target.startswith(("//", "/\\"))
    assert "evil.example" not in target


def test_another_providers_session_counts_no_more(app):
    dana = Visitor(app)
    dana.get("/come-in")
    other = PROVIDER.model_copy(update={"issuer": "https://new.example"})
    with visiting(replace(app.state.shell.site, provider=other)) as again:
        assert again.state.shell.session_of(digest(dana.value)) is None


@pytest.mark.parametrize("value", ["", "a", "x" * 43 + "y", "é" * 43, "x" * 5000, "'; DROP TABLE web_session; --"])
def test_what_could_not_be_a_value_is_nobody(app, value):
    answer = Visitor(app).client.get("/", headers={"cookie": f"{COOKIE}={value}".encode()})
    assert answer.headers["location"] == "/sign-in"


def test_looking_at_a_page_writes_at_most_once_a_minute(app, clock):
    dana = Visitor(app)
    dana.get("/come-in")
    seen = set()
    for _ in range(10):
        clock.at += timedelta(seconds=12)
        is_in(dana)
        seen.add(app.state.shell.store.sessions("dana")[0].seen)
    assert [at - min(seen) for at in sorted(seen)] == [timedelta(minutes=n) for n in range(3)]


def test_a_closed_store_is_not_asked(tmp_path):
    store = WebStore(tmp_path / "auditor.db")
    store.close()
    with pytest.raises(AssertionError, match="closed"):
        store.session("d", datetime.now(UTC), idle=IDLE, life=LIFE)


def test_who_is_taken_out_of_the_file_is_out_at_the_next_click(tmp_path, clock):
    """What is taken away counts at once; what is added waits, and a file that cannot be read changes nothing."""
    file = tmp_path / "people.txt"

    def read():
        lines = file.read_text(encoding="utf-8").split()
        if "damaged" in lines:
            raise AuditorError("the file is damaged")
        parts = [line.split(":") for line in lines]
        return {id_: replace(PEOPLE[id_], roles=frozenset(Role(r) for r in roles.split(","))) for id_, roles in parts}

    def write(text):
        file.write_text(text, encoding="utf-8")
        os.utime(file, ns=(0, write.number))
        write.number += 1

    write.number = 1
    write("dana:reviewer olga:officer,reviewer")
    page = get("/", lambda visit: visit.render("signed_out.html.j2"), *SIGNED_IN)
    officer = get("/officer", lambda visit: visit.render("signed_out.html.j2"), Role.OFFICER)
    with visiting(a_site(tmp_path, page, officer, people=LivePeople(file, read), now=clock)) as app:
        dana, olga = Visitor(app).sign_in("dana"), Visitor(app).sign_in("olga")
        assert is_in(dana)
        assert olga.get("/officer").status_code == 200
        write("damaged")
        assert is_in(dana)
        write("dana:reviewer,officer olga:reviewer kim:reviewer")
        assert olga.get("/officer").status_code == 403
        assert dana.get("/officer").status_code == 403
        assert not is_in(Visitor(app).sign_in("kim"))
        write("olga:reviewer")
        assert not is_in(dana)
        assert is_in(olga)
        file.unlink()
        assert is_in(olga)
        assert not is_in(dana)

"""Single-use links: what spends them, what does not, and what nobody learns of them."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from auditor.store.web import MAX_TRIES, WebStore
from auditor.store.web_records import Means
from auditor.web.pages import get, post
from auditor.web.people import SIGNED_IN, Person, Role
from auditor.web.rates import Rate
from auditor.web.sign_in import links
from auditor.web.sign_in.links import issue_link
from auditor.web.tokens import digest, new_value
from connectors.errors import AuditorError
from tests.web_visits import PEOPLE, Visitor, a_site, forms_of, visiting

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
PAGES = (
    get("/", lambda visit: visit.render("signed_out.html.j2"), *SIGNED_IN),
    post("/officer", lambda visit: visit.redirect("/"), Role.OFFICER),
)


@pytest.fixture
def sent():
    return []


@pytest.fixture
def app(tmp_path, sent):
    site = a_site(
        tmp_path, *PAGES, now=lambda: NOW, send_link=lambda person, purpose: sent.append((person.id, purpose))
    )
    with visiting(site) as app:
        yield app


def issue(app, person="dana", **other):
    given = {"by": "olga", "at": NOW, "life": timedelta(hours=72), **other}
    return issue_link(app.state.shell.store, PEOPLE[person], given.pop("purpose", "R-1"), **given)


def press(browser, path, **fields):
    return browser.submit(browser.get(path), path, **fields)


def is_in(browser):
    return browser.get("/").status_code == 200


def test_to_look_at_a_link_spends_nothing(app):
    """Filters of mail look first: by GET, by HEAD, without cookies, many times."""
    path = issue(app).path
    for _ in range(3):
        scanner = Visitor(app)
        assert scanner.get(path).status_code == 200
        assert scanner.client.head(path).status_code == 200
        assert scanner.client.options(path).status_code == 405
        assert not is_in(scanner)
    dana = Visitor(app)
    assert press(dana, path).status_code == 303
    assert is_in(dana)
    assert dana.shell.store.requests()[-1].person == "dana"


def test_a_link_is_43_characters_of_which_only_a_digest_is_kept(app, tmp_path):
    link = issue(app)
    value = link.path.removeprefix("/l/")
    assert len(value) == 43
    dana = Visitor(app)
    assert press(dana, link.path).status_code == 303
    app.state.shell.store.close()
    kept = b"".join(file.read_bytes() for file in tmp_path.glob("auditor.db*"))
    assert value.encode() not in kept
    assert dana.value.encode() not in kept
    assert digest(value).encode() in kept
    assert value not in repr(link)


def test_a_link_leads_to_an_address_without_it(app):
    dana = Visitor(app)
    path = issue(app).path
    done = press(dana, path)
    assert done.headers["location"] == "/"
    assert done.headers["referrer-policy"] == "same-origin"


def test_a_link_makes_a_reviewer_and_nobody_else(app):
    both = Person("both", "Both", None, frozenset({Role.REVIEWER, Role.OFFICER}))
    with visiting(replace(app.state.shell.site, people={**PEOPLE, "both": both})) as app:
        link = issue_link(app.state.shell.store, both, "R-1", by="olga", at=NOW, life=timedelta(hours=1))
        browser = Visitor(app)
        page = browser.get(link.path)
        browser.submit(page, link.path)
        assert is_in(browser)
        assert browser.post("/officer", fields_of(browser.get("/"))).status_code == 403


@pytest.mark.parametrize("person", ["olga", "axel"])
def test_no_link_is_made_for_who_is_no_reviewer(app, person):
    with pytest.raises(AuditorError, match="is no reviewer"):
        issue(app, person)


def spent(app):
    path = issue(app).path
    press(Visitor(app), path)
    return path


def expired(app):
    return issue(app, life=timedelta(0)).path


def revoked(app):
    path = issue(app).path
    app.state.shell.store.release("dana", NOW)
    return path


def reissued(app):
    path = issue(app).path
    issue(app)
    return path


def made_up(app):
    return f"/l/{new_value()}"


def of_somebody_who_left(app):
    gone = Person("gone", "Gone", None, frozenset({Role.REVIEWER}))
    return issue_link(app.state.shell.store, gone, "R-1", by="olga", at=NOW, life=timedelta(hours=1)).path


@pytest.mark.parametrize("make", [spent, expired, revoked, reissued, made_up, of_somebody_who_left])
def test_a_link_that_is_not_taken_says_nothing_of_why(app, make):
    path, other = make(app), f"/l/{new_value()}"
    browser = Visitor(app)

    def page(which):
        shown = browser.get(which)
        value = which.removeprefix("/l/")
        return shown.status_code, hidden_away(shown.text).replace(value, "…")

    assert page(path) == page(other)
    assert page(path)[0] == 404
    hidden = browser.get(other)
    assert browser.submit(hidden, other + "/new").status_code == 200  # the token of this browser
    again = browser.post(path, fields_of(hidden))
    assert again.status_code == 404
    assert not is_in(browser)


def hidden_away(html):
    """Without the key of the form, which is another each time."""
    return "\n".join(line for line in html.splitlines() if "form_key" not in line)


def fields_of(page):
    return forms_of(page.text)[0].hidden


def test_reissuing_leaves_links_for_other_purposes_and_people(app):
    other, kim = issue(app, purpose="R-2").path, issue(app, "kim").path
    issue(app)
    assert Visitor(app).get(other).status_code == Visitor(app).get(kim).status_code == 200


def test_of_forty_who_press_at_once_one_is_in(app):
    path = issue(app).path
    browsers = [Visitor(app) for _ in range(40)]
    fields = [fields_of(browser.get(path)) for browser in browsers]
    statuses: list[int] = []
    start = threading.Barrier(len(browsers))

    def use(browser, hidden):
        start.wait()
        statuses.append(browser.post(path, hidden).status_code)

    threads = [threading.Thread(target=use, args=pair) for pair in zip(browsers, fields, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses.count(303) == 1
    assert set(statuses) <= {303, 404, 429}
    assert len(app.state.shell.store.sessions("dana")) == 1


def test_of_forty_threads_at_the_store_one_spends_a_link(tmp_path):
    with WebStore(tmp_path / "auditor.db") as store:
        store.add_link("d", "dana", "R-1", by="olga", at=NOW, expires=NOW + timedelta(hours=1))
        start, won = threading.Barrier(40), []

        def use():
            start.wait()
            if store.use_link("d", None, NOW):
                won.append(1)

        threads = [threading.Thread(target=use) for _ in range(40)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert won == [1]


def test_a_number_told_by_telephone_is_needed_where_the_link_asks_for_one(app):
    link = issue(app, numbered=True)
    assert link.number is not None
    assert len(link.number) == 6
    robot = Visitor(app)
    assert press(robot, link.path, number="").status_code == 403
    assert not is_in(robot)
    dana = Visitor(app)
    assert press(dana, link.path, number=f" {link.number[:3]} {link.number[3:]} ").status_code == 303
    assert is_in(dana)


def test_five_wrong_numbers_close_a_link_for_the_right_one_too(app, monkeypatch):
    monkeypatch.setattr(links, "ONE_LINK", Rate(100, 100))
    link = issue(app, numbered=True)
    wrong = f"{(int(link.number) + 1) % 10**6:06d}"
    robot = Visitor(app)
    pages = [press(robot, link.path, number=wrong).status_code for _ in range(MAX_TRIES)]
    assert pages == [403] * (MAX_TRIES - 1) + [404]
    dana = Visitor(app)
    assert dana.get(link.path).status_code == 404
    assert dana.shell.store.use_link(digest(link.path.removeprefix("/l/")), None, NOW) is None


def test_guesses_at_one_link_are_slowed_down(app):
    link = issue(app, numbered=True)
    robot = Visitor(app)
    hidden = fields_of(robot.get(link.path))
    assert [robot.post(link.path, {**hidden, "number": "x"}).status_code for _ in range(8)][-1] == 429


def test_a_new_link_goes_to_the_address_on_file_and_nobody_learns_whether_it_does(app, sent):
    old = spent(app)
    answers = []
    for path in (old, f"/l/{new_value()}"):
        browser = Visitor(app)
        answers.append(hidden_away(browser.submit(browser.get(path), path + "/new").text))
    assert answers[0] == answers[1]
    assert sent == [("dana", "R-1")]


def test_nobody_is_flooded_with_new_links(app, sent):
    old, browser = spent(app), Visitor(app)
    hidden = fields_of(browser.get(old))
    for _ in range(25):
        assert browser.post(old + "/new", hidden).status_code == 200
    assert len(sent) == 10


def test_the_page_of_a_link_names_whose_it_is_and_who_is_signed_in(app):
    """A link that an attacker sends is theirs: whoever presses its button would decide in their name."""
    kim = Visitor(app).sign_in("kim")
    text = kim.get(issue(app).path).text
    assert "Dana Ortiz" in text
    assert "Dr. Kim" in text
    assert "This link ends that" in text


def test_a_link_session_ends_when_links_are_switched_off(app):
    dana = Visitor(app)
    press(dana, issue(app).path)
    with visiting(replace(app.state.shell.site, links=False)) as other:
        assert other.state.shell.session_of(digest(dana.value)) is None
        assert Visitor(other).get(f"/l/{new_value()}").status_code == 404


def test_the_log_holds_the_number_of_the_link_and_not_what_it_holds(app):
    link = issue(app)
    press(Visitor(app), link.path)
    (*_, request) = app.state.shell.store.requests()
    value = link.path.removeprefix("/l/")
    assert request.about == f"link {link.id} {digest(value)[:8]}"
    assert request.route == "/l/{token}"
    assert value not in repr(app.state.shell.store.requests())
    (session,) = app.state.shell.store.sessions("dana")
    assert (session.means, session.link) == (Means.LINK, link.id)

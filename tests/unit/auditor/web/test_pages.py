"""What the shell does for every page: roles, forms, where a form comes from, the log of what was asked to change."""

from datetime import UTC, datetime
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest
from starlette.responses import PlainTextResponse, Response

from auditor.store.web_records import Means
from auditor.web.forms import FormKeys
from auditor.web.pages import get, post, public_get
from auditor.web.people import SIGNED_IN, Person, Role
from auditor.web.visit import Visit
from tests.web_visits import Visitor, a_site, forms_of, visiting

FORM = "form.html.j2"
TEMPLATE = """{% extends "shell.html.j2" %}
{% block title %}Form{% endblock %}
{% block main %}<h1>Form</h1>
<form method="post" action="/decide">{{ visit.form_fields(version=3) }}<input name="answer"></form>{% endblock %}"""


@pytest.fixture
def app(tmp_path):
    decided: list[tuple[str, str, int, str]] = []

    def show(visit: Visit) -> Response:
        return visit.render(FORM)

    def decide(visit: Visit) -> Response:
        form = visit.form
        decided.append((visit.person.id, form.text("answer"), form.version, form.key))
        return visit.redirect("/", say="Saved.")

    async def whole(visit: Visit) -> Response:
        return PlainTextResponse(" ".join(sorted(visit.roles)))

    templates = tmp_path / "templates"
    templates.mkdir()
    (templates / FORM).write_text(TEMPLATE)
    pages = (
        get("/", show, *SIGNED_IN),
        post("/decide", decide, Role.REVIEWER),
        get("/officer", whole, Role.OFFICER),
        public_get("/open", show),
    )
    with visiting(a_site(tmp_path, *pages, templates=(templates,))) as app:
        app.state.decided = decided
        yield app


def test_a_form_is_taken_once_it_comes_from_our_page_with_its_token(app):
    dana = Visitor(app).sign_in("dana")
    done = dana.submit(dana.get("/"), "/decide", answer=" keep ")
    assert (done.status_code, done.headers["location"]) == (303, "/")
    ((person, answer, version, key),) = app.state.decided
    assert (person, answer, version, len(key)) == ("dana", "keep", 3, 64)
    assert "Saved." in dana.get("/").text
    assert "Saved." not in dana.get("/").text


def test_the_log_names_who_asked_for_what_and_what_became_of_it(app):
    dana = Visitor(app).sign_in("dana")
    page = dana.get("/")
    dana.submit(page, "/decide", answer="keep")
    dana.submit(page, "/decide", answer="x" * 3000)
    Visitor(app).post("/decide", {"answer": "keep"})
    requests = app.state.shell.store.requests()
    said = [(r.person, r.method, r.route, r.outcome, r.status) for r in requests]
    assert said == [
        ("dana", "POST", "/decide", "done", 303),
        ("dana", "POST", "/decide", "malformed", 400),
        (None, "POST", "/decide", "refused", 403),
    ]
    assert dana.value not in repr(requests)


def test_a_page_is_for_the_roles_that_it_names(app):
    assert Visitor(app).get("/officer").headers["location"] == "/sign-in"
    assert Visitor(app).sign_in("dana").get("/officer").status_code == 403
    assert Visitor(app).sign_in("olga").get("/officer").text == "officer"


def test_a_link_makes_nobody_more_than_a_reviewer(app):
    olga = Visitor(app).sign_in("olga", Means.LINK)
    assert olga.get("/officer").headers["location"] == "/sign-in"


def test_who_changes_nothing_cannot_decide(app):
    axel = Visitor(app).sign_in("axel")
    done = axel.submit(axel.get("/"), "/decide", answer="keep")
    assert (done.status_code, app.state.decided) == (403, [])


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "https://review.example.evil.example"},
        {"origin": "http://review.example"},
        {"origin": ""},
    ],
)
def test_a_form_from_elsewhere_is_refused_with_the_right_token_too(app, headers):
    dana = Visitor(app).sign_in("dana")
    hidden = forms_of(dana.get("/").text)[1].hidden
    assert dana.post("/decide", {**hidden, "answer": "keep"}, **headers).status_code == 403
    assert app.state.decided == []


def test_a_browser_that_does_not_say_where_a_form_comes_from_must_say_its_origin(app):
    dana = Visitor(app).sign_in("dana")
    hidden = forms_of(dana.get("/").text)[1].hidden
    bare = dana.client.post("/decide", data={**hidden, "answer": "keep"})
    assert (bare.status_code, app.state.decided) == (403, [])
    old = dana.client.post("/decide", data={**hidden, "answer": "keep"}, headers={"origin": dana.origin})
    assert (old.status_code, len(app.state.decided)) == (303, 1)


@pytest.mark.parametrize("token", ["", "0" * 64, "é", None, "of another"])
def test_a_form_without_the_token_of_this_browser_is_refused(app, token):
    dana, kim = Visitor(app).sign_in("dana"), Visitor(app).sign_in("kim")
    hidden = forms_of(dana.get("/").text)[1].hidden
    hidden["form_token"] = forms_of(kim.get("/").text)[1].hidden["form_token"] if token == "of another" else token or ""
    if token is None:
        del hidden["form_token"]
    assert dana.post("/decide", {**hidden, "answer": "keep"}).status_code == 403
    assert app.state.decided == []


def test_the_key_of_a_form_is_the_same_at_the_second_click_and_another_for_another_person(app):
    dana, kim = Visitor(app).sign_in("dana"), Visitor(app).sign_in("kim")
    page = dana.get("/")
    dana.submit(page, "/decide", answer="keep")
    dana.submit(page, "/decide", answer="keep")
    stolen = forms_of(page.text)[1].hidden["form_key"]
    hidden = forms_of(kim.get("/").text)[1].hidden
    kim.post("/decide", {**hidden, "form_key": stolen, "answer": "keep"})
    keys = [key for *_, key in app.state.decided]
    assert keys[0] == keys[1] != keys[2]


def test_a_page_without_roles_is_no_page():
    with pytest.raises(ValueError, match="who may ask for `/x`"):
        get("/x", lambda visit: visit.render(FORM))


def test_two_pages_of_one_path_are_refused(tmp_path):
    page = get("/x", lambda visit: visit.render(FORM), Role.OFFICER)
    with pytest.raises(ValueError, match="two pages answer GET /x"), visiting(a_site(tmp_path, page, page)):
        pass


def test_nobody_can_date_a_form_back(tmp_path):
    keys = FormKeys()
    at = datetime(2026, 12, 1, 9, tzinfo=UTC)
    key = keys.new(at)
    assert keys.served_at(key) == at
    nonce, seconds, mac = key.split(".")
    for forged in (
        f"{nonce}.{int(seconds) - 60}.{mac}",
        f"{nonce[::-1]}.{seconds}.{mac}",
        f"{nonce}.{seconds}.{mac[::-1]}",
    ):
        assert keys.served_at(forged) is None
    assert FormKeys().served_at(key) is None
    assert keys.served_at("") is None


class Tags(HTMLParser):
    """Every element of a page, and every attribute that would run something."""

    def __init__(self):
        super().__init__()
        self.tags, self.runs = set(), []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.runs += [name for name, _ in attrs if name.startswith("on") or name == "style"]


HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' autofocus onfocus='alert(1)",
    "</title><script>alert(1)</script>",
    "<svg/onload=alert(1)>",
    "{{ 777 * 777 }}{% raw %}",
    "--><script>alert(1)</script>",
    "\u202egpj.exe",
    "\x00\x1b[31m",
    "\ud800",
    "+ADw-script+AD4-",
    "javascript:alert(1)",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_shown_and_does_nothing(tmp_path, name):
    person = Person("dana", name, None, frozenset({Role.REVIEWER}))
    page = get("/", lambda visit: visit.render("sign_in.html.j2"), *SIGNED_IN)
    with visiting(a_site(tmp_path, page, people={"dana": person}, title=name)) as app:
        text = Visitor(app).sign_in("dana").get("/").text
    page = Tags()
    page.feed(text)
    assert page.runs == []
    assert page.tags <= {"html", "head", "meta", "title", "link", "body", "a", "header", "p", "span", "div", "form",
                         "input", "button", "main", "h1", "bdi", "footer"}  # fmt: skip
    assert "603729" not in text
    assert not set(text) & {"\u202e", "\x00", "\x1b", "\ud800"}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Review 2026-Q4.xlsx", "Review 2026-Q4.xlsx"),
        ("Zoë’s review.xlsx", "filename*=utf-8''Zo%C3%AB%E2%80%99s%20review.xlsx"),
        ("../../etc/passwd", 'filename=".._.._etc_passwd"'),
        ('a"; filename="b.exe', "a_; filename=_b.exe"),
        ("a\r\nset-cookie: x=y", "a__set-cookie_ x=y"),
        ("", 'filename="file"'),
    ],
)
def test_a_download_has_a_name_that_is_only_a_name(tmp_path, name, said):
    sheet = tmp_path / "sheet"

    def page(visit):
        sheet.write_bytes(b"PK")
        return visit.download(sheet, name, "application/x-sheet")

    with visiting(a_site(tmp_path, get("/", page, *SIGNED_IN))) as app:
        answer = Visitor(app).sign_in("dana").get("/")
    assert answer.content == b"PK"
    disposition = unquote(answer.headers["content-disposition"])
    assert disposition.startswith("attachment; ")
    assert unquote(said) in disposition
    assert answer.headers["cache-control"] == "no-store"
    assert "set-cookie" not in answer.headers
    assert not sheet.exists()


def test_every_page_is_known_with_who_may_ask_for_it(app):
    """For whoever walks all of them; a route that is not made of a page is a guard that is missing."""
    pages = {(page.path, page.method) for page in app.state.pages}
    routes = {(route.path, method) for route in app.routes for method in route.methods} - {
        ("/static/{path:path}", "GET")
    }
    assert {(path, method) for path, method in routes if method != "HEAD" and not path.startswith("/static/")} == pages

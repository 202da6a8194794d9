"""What is bounded: bodies, fields, addresses, rates, what is remembered; and what a refusal says."""

import pytest
from starlette.datastructures import UploadFile
from starlette.responses import PlainTextResponse, Response

from auditor.web.errors import WORDS, Refused
from auditor.web.guard import counted_as
from auditor.web.memory import ShortMemory
from auditor.web.middleware.headers import ALWAYS
from auditor.web.pages import MAX_UPLOAD, get, post, public_get, public_post
from auditor.web.people import SIGNED_IN, Person, Role
from auditor.web.rates import READS, WRITES, Rate, Rates
from auditor.web.visit import own_path
from connectors.errors import AuditorError
from tests.web_visits import SAME_SITE, Visitor, a_site, forms_of, visiting

PART = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n+ADw-\xff\r\n--x--\r\n'
SECRET = "the secret that somebody typed"


def show(visit):
    return visit.render("signed_out.html.j2")


def take(visit):
    return PlainTextResponse(str(len(visit.form.text("text", max_length=10**9))))


async def upload(visit):
    file: UploadFile = visit.form.file("sheet")
    return PlainTextResponse(str(len(await file.read())))


def fail(_visit):
    raise RuntimeError(SECRET)


def refuse(visit):
    raise Refused(int(visit.param("status")))


def store_fails(_visit):
    raise AuditorError(f"the store is locked: {SECRET}")


def header(visit):
    return Response(headers={"x-name": visit.query("name")})


PAGES = (
    get("/", show, *SIGNED_IN),
    post("/take", take, Role.REVIEWER),
    post("/upload", upload, Role.REVIEWER, max_body=MAX_UPLOAD),
    public_get("/fail", fail),
    public_get("/refuse/{status}", refuse),
    public_get("/store", store_fails),
    public_get("/header", header),
    public_post("/anybody", take),
    post("/break/store", store_fails, Role.REVIEWER),
    post("/break/page", fail, Role.REVIEWER),
)


@pytest.fixture
def app(tmp_path):
    with visiting(a_site(tmp_path, *PAGES)) as app:
        yield app


@pytest.fixture
def dana(app):
    return Visitor(app).sign_in("dana")


def hidden(browser):
    return forms_of(browser.get("/").text)[0].hidden


def test_a_form_of_a_megabyte_is_taken_and_one_of_more_is_not(dana):
    fields = hidden(dana)
    assert dana.post("/take", {**fields, "text": "x" * 2**19}).text == str(2**19)
    assert dana.post("/take", {**fields, "text": "x" * 2**20}).status_code == 413


def test_a_body_is_counted_whatever_its_header_says(dana):
    fields = hidden(dana)
    sent = 0

    def chunks():
        nonlocal sent
        yield "&".join(f"{name}={value}" for name, value in fields.items()).encode() + b"&text="
        for _ in range(64):
            sent += 2**16
            yield b"x" * 2**16

    answer = dana.client.post(
        "/take", content=chunks(), headers={**SAME_SITE, "content-type": "application/x-www-form-urlencoded"}
    )
    assert answer.status_code == 413


def test_a_file_is_bounded_too_and_not_only_the_fields(dana):
    """Starlette's limit of a part is for fields: a file of any size was taken."""
    fields = hidden(dana)
    small = dana.post("/upload", fields, files={"sheet": ("a.xlsx", b"x" * 2**20)})
    assert small.text == str(2**20)
    assert dana.post("/upload", fields, files={"sheet": ("a.xlsx", b"x" * (MAX_UPLOAD + 1))}).status_code == 413


def test_who_is_not_signed_in_cannot_send_much(app):
    browser = Visitor(app)
    assert browser.post("/take", {"text": "x" * 2**21}).status_code == 403
    assert browser.post("/anybody", {"text": "x" * 2**21}).status_code == 413


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        ("multipart/form-data", b"--x\r\n", 400),
        ("multipart/form-data; boundary=x", b"no boundary here", 400),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="a', 403),
        ("multipart/form-data; boundary=x; charset=rot13", PART, 403),
        ("multipart/form-data; boundary=x; charset=undefined", PART, 400),
        ("multipart/form-data; boundary=x; charset=idna", PART, 403),
        ("multipart/form-data; boundary=x; charset=utf-7", PART, 403),
        ("application/json", b'{"form_token": "a"}', 403),
        ("text/plain", b"form_token=a", 403),
        ("application/x-www-form-urlencoded", b"a=1&" * 2000, 400),
        ("application/x-www-form-urlencoded", b"\xff\xfe\x00=%", 403),
        ("", b"", 403),
    ],
)
def test_a_malformed_form_is_refused_with_a_page(dana, content_type, body, status):
    answer = dana.client.post("/take", content=body, headers={**SAME_SITE, "content-type": content_type})
    assert answer.status_code == status
    assert WORDS[status].title in answer.text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "missing"),
        ({"text": ["a", "b"]}, "more than once"),
        ({"text": "a\x00b"}, "cannot be shown"),
        ({"text": "a\x1b[31m"}, "cannot be shown"),
        ({"text": "a", "form_key": "x"}, "not complete"),
        ({"text": "a", "form_key": ""}, "not complete"),
    ],
)
def test_a_field_that_is_not_as_it_should_be_is_named(dana, fields, said):
    answer = dana.post("/take", {**hidden(dana), **fields})
    assert answer.status_code == 400
    assert said in answer.text


def test_a_half_character_arrives_as_one_that_can_be_stored(dana):
    body = "&".join(f"{k}={v}" for k, v in hidden(dana).items()) + "&text=a%ED%A0%80b"
    answer = dana.client.post(
        "/take", content=body, headers={**SAME_SITE, "content-type": "application/x-www-form-urlencoded"}
    )
    assert answer.status_code == 200


@pytest.mark.parametrize("status", [400, 403, 404, 405, 408, 409, 413, 429, 500, 503])
def test_every_refusal_has_a_page_of_its_own_words(app, status):
    answer = Visitor(app).get(f"/refuse/{status}")
    assert answer.status_code == status
    assert f"<h1>{WORDS[status].title}</h1>" in answer.text
    assert answer.headers["content-security-policy"] == ALWAYS["content-security-policy"]


def test_a_page_that_fails_says_nothing_of_why_to_anybody(app, caplog):
    answer = Visitor(app).get("/fail")
    assert answer.status_code == 500
    assert "Something went wrong here" in answer.text
    for said in (answer.text, caplog.text):
        assert SECRET not in said
        assert "Traceback" not in said
    assert "RuntimeError" in caplog.text
    assert "test_limits.py" in caplog.text


def test_a_store_that_cannot_be_used_is_said_without_its_path(app, caplog):
    answer = Visitor(app).get("/store")
    assert answer.status_code == 503
    assert SECRET not in answer.text
    assert "the store is locked" in caplog.text


@pytest.mark.parametrize("path", ["/", "/sign-in", "/nothing", "/fail", "/refuse/409", "/sign-out", "/static/x.css"])
def test_every_answer_has_the_headers_that_keep_browsers_from_harm(app, path):
    headers = Visitor(app).get(path).headers
    assert {name: headers[name] for name in ALWAYS} == dict(ALWAYS)
    assert headers["cache-control"] == "no-store"
    assert headers["strict-transport-security"] == "max-age=31536000"
    assert "unsafe" not in headers["content-security-policy"]
    assert "server" not in headers


def test_a_header_that_would_end_is_not_sent(app):
    answer = Visitor(app).get("/header?name=a%0d%0aset-cookie:%20x=y")
    assert (answer.status_code, answer.headers.get("set-cookie")) == (500, None)
    assert answer.headers["content-security-policy"] == ALWAYS["content-security-policy"]
    assert Visitor(app).get("/header?name=plain").headers["x-name"] == "plain"


@pytest.mark.parametrize("path", ["/nothing", "/SIGN-IN", "/sign-in/", "//sign-in", "/sign-in%2f", "/%2e%2e/"])
def test_another_spelling_of_an_address_is_another_address(app, path):
    assert Visitor(app).client.get("https://review.example" + path).status_code == 404


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "PROPFIND"])
def test_other_methods_are_refused(app, method):
    answer = Visitor(app).client.request(method, "/sign-in")
    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD"}


@pytest.mark.parametrize(
    "host", ["evil.example", "review.example.evil.example", "review.example:8443", "", "127.0.0.1"]
)
def test_another_host_is_not_served(app, host):
    answer = Visitor(app).client.get("/sign-in", headers={"host": host})
    assert answer.status_code == 400
    assert "Open https://review.example" in answer.text


def test_an_address_of_five_thousand_characters_is_refused(app):
    assert Visitor(app).get("/sign-in?x=" + "a" * 5000).status_code == 400


def test_who_asks_too_often_is_told_to_wait(app, dana):
    fields = hidden(dana)
    statuses = [dana.post("/take", {**fields, "text": "a"}).status_code for _ in range(WRITES.burst + 3)]
    assert statuses[0] == 200
    assert statuses[-1] == 429
    kim = Visitor(app).sign_in("kim")
    assert kim.post("/take", {**hidden(kim), "text": "a"}).status_code == 200


def test_strangers_are_counted_by_their_address(app):
    statuses = [Visitor(app).post("/anybody", {}).status_code for _ in range(35)]
    assert statuses[0] == 403
    assert statuses[-1] == 429
    assert len(app.state.shell.store.requests()) < 35, "what is refused for its number is not written down each time"


class Seconds:
    """A clock that a test puts forward."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def test_a_bucket_fills_again_to_its_size():
    clock = Seconds()
    rates = Rates(clock)
    rate = Rate(burst=3, per_minute=60)
    assert [rates.allows("a", 1, rate) for _ in range(4)] == [True, True, True, False]
    clock.at += 2
    assert [rates.allows("a", 1, rate) for _ in range(3)] == [True, True, False]
    clock.at += 1000
    assert [rates.allows("a", 1, rate) for _ in range(4)] == [True, True, True, False]
    assert rates.allows("a", 2, rate)
    assert rates.allows("b", 1, rate)


def test_buckets_are_bounded_in_number_and_the_oldest_goes_first():
    rates = Rates(Seconds(), max_buckets=100)
    for key in range(1000):
        rates.allows("a", key, READS)
    assert len(rates) == 100


def test_what_is_remembered_is_bounded_in_number_and_time():
    clock = Seconds()
    memory: ShortMemory[str] = ShortMemory(60, 3, clock)
    for key in "abcd":
        memory.keep(key, key.upper())
    assert [memory.take(key) for key in "abcd"] == [None, "B", "C", "D"]
    assert memory.take("b") is None
    memory.keep("e", "E")
    clock.at += 60
    assert memory.take("e") is None


@pytest.mark.parametrize(
    "path",
    ["//evil.example", "https://evil.example", "/\\evil.example", "\\\\evil", "", "evil", "/a\r\nx: y", "javascript:x"],
)
def test_only_paths_of_this_site_are_redirected_to(path):
    with pytest.raises(ValueError, match="not a path of this site"):
        own_path(path)


def test_a_path_of_this_site_is_written_as_a_header_can_hold_it():
    assert own_path("/person/Zoë?page=2#done") == "/person/Zo%C3%AB?page=2#done"


def test_a_style_sheet_is_named_by_its_bytes_and_kept(app):
    browser = Visitor(app)
    (path,) = [p for p in app.state.shell.assets.sheets if "/page." in p]
    answer = browser.get(path)
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert browser.get(path.replace("/page.", "/page.0")).status_code == 404
    assert path in browser.get("/sign-in").text


def test_who_has_a_network_of_addresses_is_counted_once():
    assert counted_as("2001:db8::1") == counted_as("2001:db8::ffff:2") != counted_as("2001:db8:0:1::1")
    assert counted_as("192.0.2.1") != counted_as("192.0.2.2")
    assert counted_as("?") == "?"


def test_two_people_with_one_address_are_refused(tmp_path):
    people = {
        id_: Person(id_, id_, email, frozenset({Role.REVIEWER}))
        for id_, email in (("a", "a@x.example"), ("b", "A@X.example"), ("c", None), ("d", None))
    }
    with pytest.raises(AuditorError, match="`a` and `b` have one e-mail address"):
        a_site(tmp_path, people=people)
    del people["b"]
    a_site(tmp_path, people=people)


def test_the_log_of_requests_says_the_status_that_was_answered(app, dana):
    def asked(path, **fields):
        status = dana.post(path, {**hidden(dana), **fields}).status_code
        return status, app.state.shell.store.requests()[-1].status

    assert asked("/break/store") == (503, 503)
    assert asked("/break/page") == (500, 500)

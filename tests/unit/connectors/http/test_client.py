"""What comes over HTTPS is bounded, checked, and tells no secret, whatever the server does."""

import gzip
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from connectors.errors import SourceDenied, SourceError, SourceMalformed, SourceTruncated, SourceUnreachable
from connectors.http.client import Web, WebSettings
from tests.integration.slapd import free_port, make_certificate
from tests.servers.web import Act, Scripted, answer, drip, raw, reset, scripted

SECRET = "s3cr3t-token-0123456789"
FINE = answer('{"fine": true}')


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.http.client.FIRST_PAUSE_S", 0.02)


def web(server: Scripted | str, folder: Path = Path(), **settings: object) -> Web:
    url = server if isinstance(server, str) else server.url
    client = Web("ehr", WebSettings.model_validate({"url": url, "call_limit_s": 10, **settings}), folder)
    client.authorize(f"Bearer {SECRET}")
    return client


def ask(*acts: Act, path: str = "Users", **settings: object) -> object:
    with scripted(*acts) as server:
        client = web(server, **settings)
        try:
            return client.get(path).data
        finally:
            client.close()


def refused(error: type[SourceError], *acts: Act, **settings: object) -> SourceError:
    with pytest.raises(error) as caught:
        ask(*acts, **settings)
    told = caught.value.diagnostics()
    assert SECRET not in told
    assert "`ehr`" in told
    return caught.value


def test_one_whole_json_document_is_handed_over_and_the_authorization_is_sent() -> None:
    with scripted(answer('{"fine": true}', X_Page="2")) as server:
        client = web(server)
        got = client.get("Users", {"count": 3})
        client.close()
    assert got.object("Users") == {"fine": True}
    assert (got.status, got.headers["x-page"]) == (200, "2")
    head = server.requests[0].lower()
    assert head.startswith(b"get /api/users?count=3 ")
    assert f"authorization: bearer {SECRET}".encode() in head


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_account_is_told_as_refused(status: int) -> None:
    assert str(status) in str(refused(SourceDenied, answer("<html>go away</html>", status)))


def test_a_token_endpoint_refuses_with_400() -> None:
    with scripted(answer('{"error": "invalid_client"}', 400)) as server:
        client = web(server)
        with pytest.raises(SourceDenied) as caught:
            client.post_form("token", {"client_secret": SECRET})
        client.close()
    assert SECRET not in caught.value.diagnostics()
    assert SECRET.encode() in server.requests[0]


def test_a_server_that_asks_for_a_pause_in_seconds_gets_it() -> None:
    started = time.monotonic()
    assert ask(answer("", 429, Retry_After="1"), FINE) == {"fine": True}
    assert time.monotonic() - started >= 1


def test_a_server_that_asks_for_a_pause_until_a_moment_gets_it() -> None:
    moment = datetime.now(UTC) + timedelta(seconds=2)
    assert ask(answer("", 503, Retry_After=format_datetime(moment, usegmt=True)), FINE) == {"fine": True}
    assert datetime.now(UTC) >= moment - timedelta(seconds=1)


@pytest.mark.parametrize("stated", ["Wed, 21 Oct 2015 07:28:00 GMT", "soon", "-5", ""])
def test_a_pause_that_makes_no_sense_does_not_end_the_read(stated: str) -> None:
    assert ask(answer("", 429, Retry_After=stated), FINE) == {"fine": True}


@pytest.mark.timeout(60)
def test_a_pause_beyond_the_limit_ends_the_call_at_once() -> None:
    assert "429" in str(refused(SourceUnreachable, answer("", 429, Retry_After="3600"), call_limit_s=5))


def test_an_error_of_the_server_that_passes_is_not_told() -> None:
    assert ask(answer("", 500), answer("", 502), FINE) == {"fine": True}


def test_an_error_of_the_server_that_stays_ends_the_call() -> None:
    assert "500" in str(refused(SourceUnreachable, answer("", 500)))


def test_a_server_that_never_stops_asking_for_a_pause_is_given_up() -> None:
    error = refused(SourceUnreachable, answer("", 429, Retry_After="0"))
    assert "try 5 of 5" in str(error)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_no_redirect_is_followed(status: int) -> None:
    with scripted(FINE) as elsewhere, scripted(answer("", status, Location=elsewhere.url)) as server:
        client = web(server)
        with pytest.raises(SourceMalformed, match=str(status)):
            client.get("Users")
        client.close()
    assert elsewhere.requests == []


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/Users?page=2",
        "https://localhost:{port}/Users",
        "http://localhost:{other}/Users",
        "http://name:word@localhost:{port}/Users",
        "http://localhost:{port}@evil.example/Users",
        "http://localhost:{port}\\@evil.example/Users",
        "ftp://localhost:{port}/Users",
        "http://localhost:99999/Users",
        "http://[::1/Users",
    ],
)
def test_a_link_to_another_server_is_refused_because_our_authorization_goes_with_it(link: str) -> None:
    with scripted(FINE) as other, scripted(FINE) as server:
        client = web(server)
        with pytest.raises(SourceMalformed, match="link to another server"):
            client.get(link.format(port=server.port, other=other.port))
        client.close()
        assert server.requests == other.requests == []


def test_a_link_of_the_same_server_is_followed_as_it_stands() -> None:
    with scripted(FINE) as server:
        client = web(server)
        client.get(f"http://localhost:{server.port}/elsewhere?page=2&of=a%20b")
        client.get("Users?next=https://evil.example/x")
        client.close()
    assert [request.split()[1] for request in server.requests] == [
        b"/elsewhere?page=2&of=a%20b",
        b"/api/Users?next=https://evil.example/x",
    ]


def test_a_link_that_is_no_address_is_an_error_of_the_source() -> None:
    refused(SourceMalformed, FINE, path="http://localhost\n/\x00")


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize(
    "act",
    [
        pytest.param(drip(HEAD + b'Content-Length: 100000\r\n\r\n{"a": "'), id="in the body"),
        pytest.param(drip(HEAD + b"X-Long: "), id="in the headers"),
        pytest.param(drip(b""), id="before anything"),
        pytest.param(lambda connection: time.sleep(1.5), id="silence"),
    ],
)
@pytest.mark.timeout(60)
def test_a_server_that_drips_or_says_nothing_is_left_within_the_limit(act: Act) -> None:
    assert "in time" in str(refused(SourceUnreachable, act, call_limit_s=0.5))


def test_a_server_that_is_silent_between_two_bytes_is_left_after_the_time_out() -> None:
    assert "in time" in str(refused(SourceUnreachable, lambda connection: time.sleep(1), timeout_s=0.3))


def test_a_call_after_a_late_one_starts_afresh() -> None:
    with scripted(drip(HEAD + b"X-Long: "), FINE) as server:
        client = web(server, call_limit_s=0.5)
        with pytest.raises(SourceUnreachable):
            client.get("Users")
        assert client.get("Users").data == {"fine": True}
        client.close()
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    "act",
    [
        pytest.param(answer('{"accounts": [', length=400), id="half a body"),
        pytest.param(reset(HEAD + b'Content-Length: 400\r\n\r\n{"accounts": ['), id="reset in the body"),
        pytest.param(reset(), id="reset before an answer"),
        pytest.param(raw(b""), id="closed before an answer"),
        pytest.param(raw(HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\n[1,2,"), id="half a chunk"),
        pytest.param(answer(gzip.compress(b"[1]" * 500)[:20], Content_Encoding="gzip"), id="half a packing"),
    ],
)
def test_an_answer_that_breaks_off_is_no_answer(act: Act) -> None:
    refused(SourceTruncated, act)


def test_what_is_no_http_is_an_error() -> None:
    refused(SourceTruncated, raw(b"220 mail.example ESMTP\r\n"))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>sign in</html>",
        b'{"accounts": [',
        b'{"a": NaN}',
        b"[" * 100_000,
        b'"\xff"',
        b'{"name": "\\ud800"}',
    ],
)
def test_what_is_not_one_whole_json_document_is_an_error(body: bytes) -> None:
    refused(SourceMalformed, answer(body))


def test_a_key_that_stands_twice_is_an_error_and_neither_it_nor_its_value_is_told() -> None:
    error = refused(SourceMalformed, answer('{"Jane Patient": 1, "Jane Patient": 2}'))
    assert "stands twice" in str(error)
    assert "Jane" not in error.diagnostics()


def test_the_text_of_an_answer_is_never_told() -> None:
    for act in (answer("Jane Patient", 404), answer("Jane Patient"), answer("Jane Patient", 403), answer("Jane", 500)):
        assert "Jane" not in refused(SourceError, act).diagnostics()


def test_an_answer_that_is_too_large_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.http.call.MAX_ANSWER_BYTES", 2**20)
    refused(SourceMalformed, answer(b" " * (2**20 + 1)))
    assert ask(answer(b" " * (2**20 - 2) + b"{}")) == {}


def test_a_few_bytes_that_hold_gigabytes_do_not_get_the_memory() -> None:
    bomb = gzip.compress(b" " * (65 * 2**20), 9)
    assert len(bomb) < 80_000
    assert "more than 64 MiB" in str(refused(SourceMalformed, answer(bomb, Content_Encoding="gzip")))


def test_a_packing_in_a_packing_is_not_opened() -> None:
    bomb = gzip.compress(gzip.compress(b" " * 2**20))
    for packing in ("gzip, gzip", "deflate", "br"):
        assert "not asked for" in str(refused(SourceMalformed, answer(bomb, Content_Encoding=packing)))


def test_what_is_said_to_be_packed_and_is_not_is_an_error() -> None:
    refused(SourceMalformed, answer("{}", Content_Encoding="gzip"))


def test_a_packed_answer_is_unpacked() -> None:
    assert ask(answer(gzip.compress(b'{"fine": true}'), Content_Encoding="gzip")) == {"fine": True}


def test_a_status_that_the_caller_expects_is_an_answer() -> None:
    with scripted(answer("<html>", 404), answer('{"status": "404"}', 404)) as server:
        client = web(server)
        assert client.get("x", accept=(404,)).data is None
        got = client.get("x", accept=(404,))
        client.close()
    assert (got.status, got.data) == (404, {"status": "404"})


# TLS


def over_tls(folder: Path, names: tuple[str, ...], ca_of: Callable[[Path], Path]) -> object:
    _, cert, key = make_certificate(folder / "server", names=names)
    with scripted(FINE, certificate=(cert, key)) as server:
        client = web(server, folder, ca_file=ca_of(folder))
        try:
            return client.get("Users").data
        finally:
            client.close()


def test_a_trusted_certificate_with_the_right_name_is_enough(tmp_path: Path) -> None:
    assert over_tls(tmp_path, ("localhost",), lambda _: Path("server/ca.pem")) == {"fine": True}


def test_a_certificate_of_somebody_else_is_not_trusted(tmp_path: Path) -> None:
    with pytest.raises(SourceUnreachable, match="not to be trusted"):
        over_tls(tmp_path, ("localhost",), lambda folder: make_certificate(folder / "other")[0])


def test_a_certificate_for_another_name_is_not_trusted(tmp_path: Path) -> None:
    with pytest.raises(SourceUnreachable, match="not to be trusted"):
        over_tls(tmp_path, ("ehr.example",), lambda _: Path("server/ca.pem"))


def test_without_ca_file_only_the_authorities_of_the_machine_are_trusted(tmp_path: Path) -> None:
    _, cert, key = make_certificate(tmp_path / "server", names=("localhost",))
    with scripted(FINE, certificate=(cert, key)) as server:
        client = web(server)
        with pytest.raises(SourceUnreachable, match="not to be trusted"):
            client.get("Users")
        client.close()
    assert server.requests == []


def test_a_ca_file_that_holds_no_certificate_is_told_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("hello")
    client = web("https://localhost:1", tmp_path, ca_file="ca.pem")
    with pytest.raises(SourceUnreachable, match=r"`ca\.pem`"):
        client.get("Users")


def test_a_server_without_tls_behind_https_is_not_trusted() -> None:
    with scripted(FINE) as server:
        client = web(server.url.replace("http:", "https:"))
        with pytest.raises(SourceError):
            client.get("Users")
        client.close()


def test_nobody_listening_is_told_with_host_and_port() -> None:
    port = free_port()
    with pytest.raises(SourceUnreachable) as caught:
        web(f"http://127.0.0.1:{port}").get("Users")
    assert f"port {port}" in caught.value.hint


@pytest.mark.parametrize(
    "url",
    [
        "http://ehr.example.org/api",
        "http://10.0.0.1/api",
        "http://localhost.evil.example/api",
        "ftp://localhost/api",
        "https://name:{secret}@ehr.example.org",
        "https://ehr.example.org/api?key=1",
        "https://ehr.example.org/api?",
        "https://ehr.example.org/api#x",
        "https://",
        "https://ehr.example.org:99999",
        "https://[::1/api",
        "ehr.example.org",
    ],
)
def test_an_address_without_encryption_or_with_anything_odd_is_refused_before_anything_is_sent(url: str) -> None:
    with pytest.raises(ValidationError) as caught:
        WebSettings(url=url.format(secret=SECRET))
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080/api", "http://[::1]:8080", "https://ehr.example.org/api/"])
def test_an_encrypted_address_and_one_of_this_machine_are_accepted(url: str) -> None:
    assert WebSettings(url=url).url == url.rstrip("/")


def test_a_secret_with_a_line_end_is_refused_and_not_shown() -> None:
    client = web("http://127.0.0.1:1")
    for value in (f"{SECRET}\n", f"{SECRET}é"):
        with pytest.raises(SourceDenied) as caught:
            client.authorize(f"Bearer {value}")
        assert SECRET not in caught.value.diagnostics()


def test_the_server_clock_is_noted_and_told_where_it_may_be_the_cause() -> None:
    late = datetime.now(UTC) - timedelta(hours=1)
    with scripted(answer("{}", date=late), answer("", 401, date=late), answer("{}")) as server:
        client = web(server)
        assert client.skew_s is None
        client.get("Users")
        assert client.skew_s == pytest.approx(-3600, abs=5)
        with pytest.raises(SourceDenied) as caught:
            client.get("Users")
        assert "clock is -3600 s off" in caught.value.hint or "clock is -3601 s off" in caught.value.hint
        client.get("Users")
        assert client.skew_s == pytest.approx(0, abs=5)
        client.close()

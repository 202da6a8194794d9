"""A site behind the server that it runs on, asked byte by byte: what no client of the tests would send."""

import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import replace

import anyio
import httpx2
import pytest
from starlette.responses import Response

from auditor.web import patience
from auditor.web.pages import public_get
from auditor.web.sign_in.links import PATH
from tests.servers.pages import served
from tests.web_visits import a_site

ROOT = __file__.rpartition("/tests/")[0]


def header(visit):
    return Response(headers={"x-name": visit.query("name")})


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("served")
    page = public_get("/header", header)
    with served(lambda origin: replace(a_site(folder, page), origin=origin)) as site:
        yield site


FORM = b"Content-Type: application/x-www-form-urlencoded\n"
SECOND = b"GET /x HTTP/1.1\nHost: HOST\n\n"
QUIET_S = 1
"""After so long without a word nothing more comes: where a connection is kept open, nobody says so."""


def raw(site, text: bytes) -> bytes:
    """Send bytes as they are, `HOST` replaced, and return all that comes; a connection that is cut off is no answer."""
    sent = text.replace(b"\n", b"\r\n").replace(b"HOST", f"{site.host}:{site.port}".encode())
    answer = b""
    with (
        socket.create_connection((site.host, site.port), timeout=20) as connection,
        suppress(TimeoutError, ConnectionResetError, BrokenPipeError),
    ):
        connection.sendall(sent)
        while part := connection.recv(65536):
            answer += part
            connection.settimeout(QUIET_S)
    return answer


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def answers(answer: bytes) -> int:
    return answer.count(b"HTTP/1.1 ")


def test_an_honest_request_is_answered_once_and_says_no_server(site):
    answer = raw(site, b"GET /sign-in HTTP/1.1\nHost: HOST\nConnection: close\n\n")
    assert (status(answer), answers(answer)) == (200, 1)
    assert b"\nserver:" not in answer.lower()


@pytest.mark.parametrize(
    "text",
    [
        b"POST /sign-in HTTP/1.1\nHost: HOST\nContent-Length: 5\nTransfer-Encoding: chunked\n\n0\n\n" + SECOND,
        b"POST /sign-in HTTP/1.1\nHost: HOST\nContent-Length: 5\nContent-Length: 6\n\nabcdef",
        b"POST /sign-in HTTP/1.1\nHost: HOST\nContent-Length: 5, 6\n\nabcdef",
        b"POST /sign-in HTTP/1.1\nHost: HOST\nContent-Length: -1\n\n",
        b"POST /sign-in HTTP/1.1\nHost: HOST\nContent-Length: +5\n\nabcde",
        b"POST /sign-in HTTP/1.1\nHost: HOST\nContent-Length: 0x5\n\nabcde",
        b"POST /sign-in HTTP/1.1\nHost: HOST\nTransfer-Encoding: chunked, identity\n\n0\n\n",
        b"POST /sign-in HTTP/1.1\nHost: HOST\nTransfer-Encoding: xchunked\n\n0\n\n",
        b"POST /sign-in HTTP/1.1\nHost: HOST\nTransfer-Encoding : chunked\n\n0\n\n",
        b"GET /sign-in HTTP/1.1\nHost: HOST\nHost: evil.example\n\n",
        b"GET /sign-in HTTP/1.1\nHost: HOST\n X: folded\n\n",
        b"GET /sign-in HTTP/1.1\nHost: HOST\nX: a\x00b\n\n",
        b"GET /sign-in HTTP/1.1\n\n",
        b"GET /sign-in HTTP/1.0\n\n",
        b"GET /sign-in HTTP/2.0\nHost: HOST\n\n",
        b"GET http://evil.example/sign-in HTTP/1.1\nHost: evil.example\n\n",
        b"GET /sign-in\n\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
    ids=range(18),
)
def test_what_two_readers_could_take_for_two_things_is_refused(site, text):
    answer = raw(site, text)
    assert status(answer) in (400, 501, 505)
    assert answers(answer) == 1, "something behind the request was answered as a second one"


def test_a_header_cannot_be_ended_by_what_a_visitor_sends(site):
    """Only uvicorn stops it, and with a traceback; Starlette and its test client let it through."""
    answer = raw(site, b"GET /header?name=a%0d%0aset-cookie:%20x=y HTTP/1.1\nHost: HOST\nConnection: close\n\n")
    assert status(answer) == 500
    assert b"set-cookie" not in answer.lower()
    assert b"Something went wrong here" in answer


@pytest.mark.parametrize(
    "path", [b"/./sign-in", b"/%2e%2e/sign-in", b"/sign-in;x", b"/sign%2din/", b"*", b"/l/%00", b"/%ff"]
)
def test_another_spelling_is_another_address(site, path):
    assert status(raw(site, b"GET " + path + b" HTTP/1.1\nHost: HOST\nConnection: close\n\n")) in (400, 404)


def test_a_header_without_end_is_refused(site):
    answer = raw(site, b"GET /sign-in HTTP/1.1\nHost: HOST\nX: " + b"a" * 200_000 + b"\n\n")
    assert not answer or status(answer) in (400, 431)


def test_a_body_without_end_is_refused_before_it_is_there(site):
    origin = f"Origin: {site.origin}\n".encode()
    answer = raw(
        site, b"POST /l/x HTTP/1.1\nHost: HOST\n" + origin + FORM + b"Content-Length: 50000000\n\n" + b"a" * 1000
    )
    assert status(answer) == 413


@pytest.mark.parametrize("begun", [b"", b"GET /sign-in HTTP/1.1\r\nHost: ", b"POST"])
def test_a_connection_on_which_no_request_comes_is_closed(site, monkeypatch, begun):
    monkeypatch.setattr(patience, "HEADER_SECONDS", 0.2)
    with socket.create_connection((site.host, site.port), timeout=20) as connection:
        connection.sendall(begun)
        assert connection.recv(100) == b""


def test_a_page_that_takes_longer_than_a_head_may_is_not_cut_off(tmp_path, monkeypatch):
    monkeypatch.setattr(patience, "HEADER_SECONDS", 0.1)

    async def slow(visit):
        await anyio.sleep(0.4)
        return visit.render("sign_in.html.j2")

    with served(lambda origin: replace(a_site(tmp_path, public_get("/slow", slow)), origin=origin)) as site:
        assert httpx2.get(f"{site.origin}/slow", timeout=20).text.endswith("</html>")


def test_the_address_of_a_link_is_in_no_output_of_the_server(tmp_path):
    """A server writes addresses into its log by default, and this one signs in."""
    code = """
import sys
from dataclasses import replace
from pathlib import Path
from auditor.web.app import make_app
from auditor.web.listen import Listening, serve
from tests.web_visits import a_site
listening = Listening(port=0, public="http://127.0.0.1")
import auditor.web.listen as module
opened = module.open_socket(listening)
port = opened.getsockname()[1]
module.open_socket = lambda _: opened
listening = Listening(port=port)
app = make_app(replace(a_site(Path(sys.argv[1])), origin=listening.origin))
serve(app, listening, lambda origin: print(origin, flush=True))
print("ended", app.state.shell.store._engine, flush=True)
"""
    process = subprocess.Popen(
        [sys.executable, "-c", code, tmp_path], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        origin = process.stdout.readline().strip()
        token = "t" * 43
        httpx2.get(f"{origin}/l/{token}", timeout=30)
        httpx2.post(f"{origin}/l/{token}", timeout=30)
        os.kill(process.pid, signal.SIGTERM)
        said, complained = process.communicate(timeout=30)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 0, complained
    assert said == "ended None\n", "the store was not closed"
    assert token not in said + complained
    assert PATH not in complained


def test_at_the_end_what_has_begun_is_finished(tmp_path):
    """SIGTERM in the middle of an answer: the answer comes whole, and nobody new is let in."""
    entered, go_on = threading.Event(), threading.Event()

    def slow(visit):
        entered.set()
        go_on.wait(20)
        return visit.render("sign_in.html.j2")

    page = public_get("/slow", slow)
    got = []
    with served(lambda origin: replace(a_site(tmp_path, page), origin=origin)) as site:
        ask = threading.Thread(target=lambda: got.append(httpx2.get(f"{site.origin}/slow", timeout=30)))
        ask.start()
        assert entered.wait(20)
        site.stop()
        go_on.set()
        ask.join()
    assert got[0].status_code == 200
    assert got[0].text.endswith("</html>")


def test_by_tls_what_travels_is_encrypted_and_plain_requests_are_not_answered(tmp_path):
    certificate, key = tmp_path / "t.crt", tmp_path / "t.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key,
         "-out", certificate, "-subj", "/CN=localhost", "-days", "2", "-addext", "subjectAltName=IP:127.0.0.1"],
        check=True, capture_output=True,
    )  # fmt: skip
    with served(lambda origin: replace(a_site(tmp_path), origin=origin), certificate=certificate, key=key) as site:
        trust = ssl.create_default_context(cafile=certificate)
        answer = httpx2.get(f"{site.origin}/sign-in", verify=trust, timeout=20)
        assert answer.headers["strict-transport-security"] == "max-age=31536000"
        old = ssl.create_default_context(cafile=certificate)
        old.maximum_version = ssl.TLSVersion.TLSv1_2
        old.minimum_version = ssl.TLSVersion.TLSv1_2
        assert httpx2.get(f"{site.origin}/sign-in", verify=old, timeout=20).status_code == 200
        with pytest.raises(httpx2.HTTPError):
            httpx2.get(f"http://127.0.0.1:{site.port}/sign-in", timeout=20)
        with pytest.raises(httpx2.HTTPError):
            httpx2.get(f"{site.origin}/sign-in", timeout=20)

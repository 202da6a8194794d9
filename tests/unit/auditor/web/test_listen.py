"""Where a site may listen: nowhere that anybody could read along."""

import socket
from pathlib import Path

import pytest
from anyio.from_thread import start_blocking_portal

from auditor.web.errors import Refused
from auditor.web.listen import Listening, make_server, named_proxies, open_socket
from auditor.web.middleware.hosts import OwnHost
from connectors.errors import AuditorError
from tests.web_visits import Visitor, a_site, visiting

CERTIFICATE = {"certificate": Path("t.crt"), "key": Path("t.key")}
PUBLIC = {"public": "https://review.example"}


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "10.0.0.1", "fd00::1", "169.254.1.1"])
def test_it_does_not_listen_where_others_could_read_along(host):
    with pytest.raises(AuditorError, match="can be reached from other machines") as caught:
        Listening(host)
    assert "certificate" in caught.value.hint


@pytest.mark.parametrize(
    ("listening", "origin"),
    [
        (Listening(), "http://127.0.0.1:8802"),
        (Listening("localhost", 80), "http://127.0.0.1"),
        (Listening("::1", 8802), "http://[::1]:8802"),
        (Listening("127.0.0.1", 8443, **CERTIFICATE), "https://127.0.0.1:8443"),
        (Listening("192.168.1.5", 443, **CERTIFICATE), "https://192.168.1.5"),
        (Listening("0.0.0.0", 443, **CERTIFICATE, **PUBLIC), "https://review.example"),
        (Listening("0.0.0.0", proxies=named_proxies(["10.0.0.5"]), **PUBLIC), "https://review.example"),
        (Listening(proxies=named_proxies(["127.0.0.1", "fd00::/64"]), **PUBLIC), "https://review.example"),
    ],
)
def test_browsers_name_it_by_host_and_port_or_as_it_is_said(listening, origin):
    assert listening.origin == origin


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"certificate": Path("t.crt")}, "needs its key"),
        ({"key": Path("t.key")}, "needs its key"),
        ({"host": "review.example"}, "is not an address of this machine"),
        ({"host": "0.0.0.0", **CERTIFICATE}, "need to know the name"),
        ({"proxies": named_proxies(["10.0.0.5"])}, "need to know the name"),
        ({"proxies": named_proxies(["10.0.0.5"]), "public": "http://review.example"}, "is not encrypted"),
        ({"public": "http://review.example", **CERTIFICATE}, "is not encrypted"),
        ({"port": 0}, "need to know the name"),
        ({"public": "review.example"}, "is not the address of a site"),
        ({"public": "https://review.example/"}, "is not the address of a site"),
        ({"public": "https://Review.example"}, "is not the address of a site"),
        ({"public": "https://a@review.example"}, "is not the address of a site"),
        ({"public": "javascript:alert(1)"}, "is not the address of a site"),
    ],
)
def test_what_does_not_fit_together_is_refused_with_a_remedy(given, said):
    with pytest.raises(AuditorError, match=said) as caught:
        Listening(**given)
    assert caught.value.hint


@pytest.mark.parametrize("name", ["*", "0.0.0.0/0", "::/0", "128.0.0.0/1", "10.0.0.5/8", "proxy.example", ""])
def test_a_proxy_is_named_by_its_own_address(name):
    with pytest.raises(AuditorError, match="proxy"):
        named_proxies([name])


def test_a_port_that_somebody_has_is_said():
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(AuditorError, match="cannot be listened on"):
        open_socket(Listening(port=taken.getsockname()[1]))


def test_a_certificate_that_cannot_be_used_is_said(tmp_path):
    files = {"certificate": tmp_path / "t.crt", "key": tmp_path / "t.key"}
    with pytest.raises(AuditorError, match="cannot be used with the key"):
        make_server(None, Listening(**files))
    for file in files.values():
        file.write_text("nothing")
    with pytest.raises(AuditorError, match="cannot be used with the key") as caught:
        make_server(None, Listening(**files))
    assert "PEM" in caught.value.hint


def test_nobody_but_a_named_proxy_is_believed_about_where_a_request_comes_from(tmp_path):
    with visiting(a_site(tmp_path)) as app:
        Visitor(app).post("/l/x", {}, **{"x-forwarded-for": "203.0.113.9", "forwarded": "for=203.0.113.9"})
        assert app.state.shell.store.requests()[-1].address == "testclient"


PROXIES = named_proxies(["10.0.0.5", "10.1.0.0/16"])


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("10.0.0.5", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.5", "198.51.100.1, 203.0.113.9", "203.0.113.9"),  # the first is whatever the browser wrote
        ("10.0.0.5", "203.0.113.9, 10.1.2.3", "203.0.113.9"),  # two of our proxies, one behind the other
        ("10.0.0.5", "", "10.0.0.5"),
        ("10.0.0.5", "<script>", "10.0.0.5"),
        ("10.0.0.5", "2001:db8::1", "2001:db8::1"),
        ("192.0.2.1", "203.0.113.9", None),
        ("testclient", "203.0.113.9", None),
    ],
)
def test_behind_a_proxy_only_the_proxy_is_answered_and_says_who_asks(peer, forwarded, address):
    seen: list[str] = []

    async def page(scope, _receive, _send):
        seen.append(scope["client"][0])

    app = OwnHost(page, origin="https://review.example", host="review.example", proxies=PROXIES)
    headers = [(b"host", b"review.example"), (b"x-forwarded-for", forwarded.encode())]
    scope = {
        "type": "http",
        "client": (peer, 1),
        "headers": headers,
        "raw_path": b"/",
        "query_string": b"",
        "http_version": "1.1",
    }
    refused = False
    try:
        # In a thread of its own: a browser of another test may have a loop running in this one.
        with start_blocking_portal() as portal:
            portal.call(app, scope, None, None)
    except Refused:
        refused = True
    assert seen == ([] if address is None else [address])
    assert refused == (address is None)


def test_an_answer_does_not_wait_for_the_acknowledgement_of_its_own_head():
    with (
        open_socket(Listening(port=0, public="http://127.0.0.1")) as listener,
        socket.create_connection(listener.getsockname()),
    ):
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)

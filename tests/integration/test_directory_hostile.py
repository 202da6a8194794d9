"""The LDAP connector against servers that do what no honest one does, and against what data can make of one."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from connectors.collect import collect
from connectors.directory.ldap import connector as ldap
from connectors.directory.ldif import connector as ldif
from connectors.facts import Collection
from tests.completeness import reason
from tests.integration.slapd import make_certificate, slapd
from tests.servers.directory import PRACTICE, SECRET_ENV, SYSTEM, ldapsearch, settings_for, whole


@dataclass
class Listener:
    """Accepts connections and remembers every byte that it could read."""

    port: int
    connections: int = 0
    received: bytes = b""
    errors: list[str] = field(default_factory=list)


@contextmanager
def listener(folder: Path | None = None, *, start_tls: bool = False, refuses_with: int = 0) -> Iterator[Listener]:
    """Listen, and shake hands with a certificate that nobody trusts when `folder` is given; never answer LDAP."""
    context = None
    if folder is not None:
        _, cert, key = make_certificate(folder)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
    with socket.create_server(("127.0.0.1", 0)) as accepting:
        accepting.settimeout(0.1)
        seen = Listener(accepting.getsockname()[1])
        stop = threading.Event()

        def serve() -> None:
            while not stop.is_set():
                try:
                    peer, _ = accepting.accept()
                except TimeoutError:
                    continue
                seen.connections += 1
                with peer:
                    peer.settimeout(3)
                    _listen_to(peer, seen, context, start_tls=start_tls, code=refuses_with)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield seen
        finally:
            stop.set()
            thread.join(5)


def _listen_to(
    peer: socket.socket, seen: Listener, context: ssl.SSLContext | None, *, start_tls: bool, code: int
) -> None:
    try:
        if start_tls:
            request = peer.recv(4096)
            number = request[2 : 4 + request[3]]  # the BER integer that is the id of the request
            answer = number + bytes([0x78, 7, 0x0A, 1, code, 4, 0, 4, 0])  # extendedResponse with that result
            peer.sendall(bytes([0x30, len(answer)]) + answer)
        if context is None:
            while data := peer.recv(4096):
                seen.received += data
            return
        with context.wrap_socket(peer, server_side=True) as secured:
            while data := secured.recv(4096):
                seen.received += data
    except OSError as error:
        seen.errors.append(str(error))


def _hostile(url: str, **changes: object) -> Collection:
    settings = ldap.Settings.model_validate(
        {"url": url, "base_dn": "dc=t", "bind_dn": "cn=a", "password_env": SECRET_ENV, "timeout_s": 1, **changes}
    )
    return collect(ldap.connect(SYSTEM, settings, Path()))


@pytest.mark.parametrize("scheme", ["ldaps", "ldap"])
def test_an_impostor_never_gets_the_password(scheme, tmp_path, monkeypatch):
    monkeypatch.setenv(SECRET_ENV, "hunter2")
    with listener(tmp_path, start_tls=scheme == "ldap") as impostor:
        text = reason(_hostile(f"{scheme}://127.0.0.1:{impostor.port}"))
    assert "is not trusted: it " in text
    assert "the password was not sent" in text
    assert impostor.connections == 1
    assert impostor.errors, "the handshake must have been tried and broken off"
    assert impostor.received == b""


@pytest.mark.parametrize("code", [1, 2, 3, 4, 10, 13, 52, 53])
def test_a_server_or_somebody_between_that_refuses_starttls_never_gets_the_password(code, monkeypatch):
    monkeypatch.setenv(SECRET_ENV, "hunter2")
    with listener(start_tls=True, refuses_with=code) as server:
        text = reason(_hostile(f"ldap://127.0.0.1:{server.port}"))
    assert "while asking for StartTLS" in text
    assert "the password was not sent" in text or code in (3, 4, 10), "ldap3 keeps the result of these to itself"
    assert b"hunter2" not in server.received


@pytest.mark.parametrize("url", ["ldap://127.0.0.1:{}", "ldaps://127.0.0.1:{}"])
def test_a_silent_server_is_not_waited_for_without_end(url, monkeypatch):
    monkeypatch.setenv(SECRET_ENV, "hunter2")
    with listener() as silent:
        text = reason(_hostile(url.format(silent.port)))
    assert "did not answer within 1 s while " in text
    assert b"hunter2" not in silent.received


def test_a_referral_is_not_followed_and_counts_as_unread(tmp_path, monkeypatch):
    monkeypatch.setenv(SECRET_ENV, "reader")
    with listener() as elsewhere:
        away = (
            "dn: ou=away,dc=t\nobjectClass: referral\nobjectClass: extensibleObject\nou: away\n"
            f"ref: ldap://127.0.0.1:{elsewhere.port}/ou=away,dc=t\n\n"
        )
        with slapd(tmp_path, PRACTICE + away) as own:
            from_the_root = collect(ldap.connect(SYSTEM, settings_for(own), Path()))
            below_it = collect(ldap.connect(SYSTEM, settings_for(own, base_dn="ou=x,ou=away,dc=t"), Path()))
            export = tmp_path / "export.ldif"
            export.write_bytes(ldapsearch(own))
            exported = collect(ldif.connect(SYSTEM, ldif.Settings(file=export), Path()))
    assert "part of `dc=t` is on another server" in reason(from_the_root)
    assert "result 10 (referral)" in reason(below_it)
    assert "part of the directory is on another server" in reason(exported)
    assert elsewhere.connections == 0, "neither a connection nor the password may go to a server that data names"


def test_plain_text_is_possible_on_this_machine_only(tmp_path, monkeypatch):
    monkeypatch.setenv(SECRET_ENV, "reader")
    with slapd(tmp_path, PRACTICE, security="") as own:
        settings = settings_for(own, url=own.url, plain=True, ca_file=None)
        assert whole(collect(ldap.connect(SYSTEM, settings, Path())))

"""
A proxy on loopback between a connector and a directory, which understands just enough BER to change an answer.

Source: RFC 4511 (messages), RFC 2696 (paged results).
"""

import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from enum import Enum

from connectors.testing.certificates import LOOPBACK, ServerCertificate
from connectors.testing.harness import PATIENCE_S, Observation, Target, receive_exactly, server_context

BIND, UNBIND, SEARCH = 0x60, 0x42, 0x63
BOUND, ENTRY, DONE, REFERENCE = 0x61, 0x64, 0x65, 0x73
SEQUENCE, INTEGER, OCTETS, ENUMERATED, CONTROLS = 0x30, 0x02, 0x04, 0x0A, 0xA0
PAGED = b"1.2.840.113556.1.4.319"
MAX_MESSAGE = 64 * 2**20
DRIP_S, DRIP_FOR_S = 0.1, 6 * PATIENCE_S + 8


def tlv(tag: int, value: bytes) -> bytes:
    """Encode one BER element."""
    if len(value) < 0x80:
        return bytes([tag, len(value)]) + value
    length = len(value).to_bytes((len(value).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + value


def elements(data: bytes) -> list[tuple[int, bytes]]:
    """Decode the BER elements that follow each other; raises `ValueError` when they do not fit."""
    found, at = [], 0
    while at < len(data):
        tag, length, start = data[at], data[at + 1], at + 2
        if length & 0x80:
            count = length & 0x7F
            length, start = int.from_bytes(data[start : start + count], "big"), start + count
        if start + length > len(data):
            raise ValueError("an element is longer than what holds it")
        found.append((tag, data[start : start + length]))
        at = start + length
    return found


@dataclass(frozen=True, slots=True)
class LdapMessage:
    """One LDAP message: an operation, and the controls as they came."""

    op: int
    body: bytes
    controls: bytes = b""

    def encode(self, number: bytes) -> bytes:
        """Write it under a message number."""
        extra = tlv(CONTROLS, self.controls) if self.controls else b""
        return tlv(SEQUENCE, tlv(INTEGER, number) + tlv(self.op, self.body) + extra)

    @property
    def cookie(self) -> bytes | None:
        """The cookie of paged results; `None` without that control."""
        for _, control in elements(self.controls):
            parts = elements(control)
            if parts[0][1] == PAGED:
                return elements(elements(parts[-1][1])[0][1])[1][1]
        return None

    def with_cookie(self, cookie: bytes) -> "LdapMessage":
        """Return the end of a page with this cookie instead."""
        value = tlv(SEQUENCE, tlv(INTEGER, b"\x00") + tlv(OCTETS, cookie))
        return replace(self, controls=tlv(SEQUENCE, tlv(OCTETS, PAGED) + tlv(OCTETS, value)))

    def with_result(self, code: int) -> "LdapMessage":
        """Return the end with this result code, and without controls."""
        return LdapMessage(self.op, tlv(ENUMERATED, bytes([code])) + tlv(OCTETS, b"") * 2)


class LdapDelivery(Enum):
    """How an answer arrives."""

    WHOLE = "whole"
    HALF = "half"
    DRIP = "drip"
    RESET = "reset"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class LdapResponse:
    """What follows one request: entries and references, then the end."""

    entries: tuple[LdapMessage, ...]
    done: LdapMessage
    delivery: LdapDelivery = LdapDelivery.WHOLE


Script = Callable[[LdapMessage, LdapResponse], LdapResponse]
"""Gets a request and the directory's answer; returns the answer to give."""


@contextmanager
def ldap_proxy(
    upstream: Target, script: Script, *, seen: Observation | None = None, certificate: ServerCertificate | None = None
) -> Iterator[Target]:
    """Stand before a directory; with a certificate, as LDAPS."""
    with socket.create_server((LOOPBACK[1], 0)) as accepting:
        proxy = _Proxy(accepting, upstream, script, seen or Observation(), certificate)
        thread = threading.Thread(target=proxy.serve, daemon=True)
        thread.start()
        try:
            port = int(accepting.getsockname()[1])
            yield Target(LOOPBACK[1], port, certificate is not None, certificate.ca_file if certificate else None)
        finally:
            proxy.stop.set()
            thread.join(5)


@dataclass
class _Proxy:
    accepting: socket.socket
    upstream: Target
    script: Script
    seen: Observation
    certificate: ServerCertificate | None
    stop: threading.Event = field(default_factory=threading.Event)

    def serve(self) -> None:
        self.accepting.settimeout(0.05)
        while not self.stop.is_set():
            with suppress(TimeoutError):
                client, _ = self.accepting.accept()
                threading.Thread(target=self._secured, args=(client,), daemon=True).start()

    def _secured(self, client: socket.socket) -> None:
        client.settimeout(30)
        with client, suppress(OSError, EOFError, ValueError):
            if self.certificate is None:
                self._talk(client)
                return
            try:
                secured = server_context(self.certificate.certificate, self.certificate.key).wrap_socket(
                    client, server_side=True
                )
            except OSError:
                self.seen.fired += 1
                return
            with secured:
                self._talk(secured)

    def _talk(self, client: socket.socket) -> None:
        with self._upstream() as server:
            while True:
                number, request = _receive(client)
                if self.certificate is not None:
                    self.seen.leaked += len(request.body)
                server.sendall(request.encode(number))
                if request.op == UNBIND:
                    return
                answer = self.script(request, _answer(server))
                if not self._give(client, number, answer):
                    return

    def _upstream(self) -> socket.socket:
        plain = socket.create_connection((self.upstream.host, self.upstream.port), timeout=30)
        if not self.upstream.tls:
            return plain
        context = ssl.create_default_context(cafile=self.upstream.ca_file)
        return context.wrap_socket(plain, server_hostname=self.upstream.host)

    def _give(self, client: socket.socket, number: bytes, answer: LdapResponse) -> bool:
        """Send an answer; `False` when the connection ends with it."""
        data = b"".join(message.encode(number) for message in (*answer.entries, answer.done))
        match answer.delivery:
            case LdapDelivery.WHOLE:
                client.sendall(data)
            case LdapDelivery.HALF:
                client.sendall(data[: len(data) // 2])
            case LdapDelivery.RESET:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            case LdapDelivery.DRIP:
                end = time.monotonic() + DRIP_FOR_S
                for at in range(len(data)):
                    client.sendall(data[at : at + 1])
                    if self.stop.wait(DRIP_S) or time.monotonic() > end:
                        break
        return answer.delivery is LdapDelivery.WHOLE


def _answer(server: socket.socket) -> LdapResponse:
    entries: list[LdapMessage] = []
    while True:
        _, message = _receive(server)
        if message.op not in (ENTRY, REFERENCE):
            return LdapResponse(tuple(entries), message)
        entries.append(message)


def _receive(connection: socket.socket) -> tuple[bytes, LdapMessage]:
    head = receive_exactly(connection, 2)
    length = head[1]
    if length & 0x80:
        length = int.from_bytes(receive_exactly(connection, length & 0x7F), "big")
    if length > MAX_MESSAGE:
        raise ValueError("a message is too long")
    (_, number), (op, body), *controls = elements(receive_exactly(connection, length))
    return number, LdapMessage(op, body, controls[0][1] if controls else b"")

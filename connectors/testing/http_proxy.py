"""A proxy on loopback between a connector and an HTTP source, which hands every request to a script."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from enum import Enum
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from connectors.testing.certificates import LOOPBACK, ServerCertificate
from connectors.testing.harness import Observation, Target, server_context

DRIP_S = 0.1
NOT_PASSED_ON = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "content-encoding"})


@dataclass(frozen=True, slots=True)
class ProxyRequest:
    """What the connector asked."""

    method: str
    target: str
    """Path and query."""
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def key(self) -> tuple[str, str, bytes]:
        """Tell requests apart; two tries of one request are one."""
        return self.method, self.target, self.body


class ResponseDelivery(Enum):
    """How an answer arrives."""

    WHOLE = "whole"
    HALF = "half"
    DRIP = "drip"
    RESET = "reset"


@dataclass(frozen=True, slots=True)
class ProxyResponse:
    """What the connector gets."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    delivery: ResponseDelivery = ResponseDelivery.WHOLE

    def with_header(self, name: str, value: str) -> "ProxyResponse":
        """Return it with this header instead of the one that it had."""
        kept = tuple(h for h in self.headers if h[0].lower() != name.lower())
        return replace(self, headers=(*kept, (name, value)))


Forward = Callable[[ProxyRequest], ProxyResponse]
Script = Callable[[ProxyRequest, Forward], ProxyResponse]


@contextmanager
def http_proxy(
    upstream: str, script: Script, *, seen: Observation | None = None, certificate: ServerCertificate | None = None
) -> Iterator[Target]:
    """
    Stand before `upstream`; with a certificate, over TLS.

    `seen` counts handshakes that the connector broke off, and bytes that it sent over those it did not.
    """
    server = _Server(upstream, script, seen or Observation(), certificate)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    port = int(server.server_address[1])
    try:
        yield Target(LOOPBACK[1], port, certificate is not None, certificate.ca_file if certificate else None)
    finally:
        server.stopped.set()
        server.shutdown()
        server.server_close()
        thread.join(5)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, upstream: str, script: Script, seen: Observation, certificate: ServerCertificate | None) -> None:
        super().__init__((LOOPBACK[1], 0), _Handler)
        self.upstream, self.script, self.seen = urlsplit(upstream), script, seen
        self.tls = server_context(certificate.certificate, certificate.key) if certificate else None
        self.stopped = threading.Event()

    def finish_request(self, request: Any, client_address: Any) -> None:
        request.settimeout(30)
        if self.tls is None:
            super().finish_request(request, client_address)
            return
        try:
            secured = self.tls.wrap_socket(request, server_side=True)
        except OSError:
            self.seen.fired += 1
            return
        before = self.seen.leaked
        with secured:
            super().finish_request(secured, client_address)
        if self.seen.leaked == before:
            self.seen.fired += 1  # some check the name only after the handshake, and hang up

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connector that goes away in the middle is ordinary here."""

    def forward(self, request: ProxyRequest, own: str) -> ProxyResponse:
        connection = HTTPConnection(self.upstream.hostname or "", self.upstream.port or 80, timeout=30)
        try:
            connection.putrequest(request.method, request.target, skip_host=True, skip_accept_encoding=True)
            for name, value in request.headers:
                if name.lower() not in NOT_PASSED_ON | {"accept-encoding", "expect"}:
                    connection.putheader(name, value)
            connection.putheader("Content-Length", str(len(request.body)))
            connection.endheaders(request.body)
            answer = connection.getresponse()
            headers = tuple(h for h in answer.getheaders() if h[0].lower() not in NOT_PASSED_ON)
            origin = f"{self.upstream.scheme}://{self.upstream.netloc}"
            # Links to the source must lead back through the proxy.
            return ProxyResponse(answer.status, headers, answer.read().replace(origin.encode(), own.encode()))
        finally:
            connection.close()


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def _serve(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        body = self.rfile.read(length)
        request = ProxyRequest(self.command, self.path, tuple(self.headers.items()), body)
        if self.server.tls is not None:
            self.server.seen.leaked += 1 + len(body)
        own = f"{'https' if self.server.tls else 'http'}://{LOOPBACK[1]}:{self.server.server_address[1]}"
        reply = self.server.script(request, lambda asked: self.server.forward(asked, own))
        self.close_connection = True
        with suppress(OSError):
            self._send(reply)

    do_GET = do_POST = do_PUT = do_HEAD = _serve  # noqa: N815 - the names are http.server's

    def _send(self, reply: ProxyResponse) -> None:
        if reply.delivery is ResponseDelivery.RESET:
            # With a linger of zero, closing sends RST instead of FIN.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            return
        self.send_response_only(reply.status)
        for name, value in (*reply.headers, ("Content-Length", str(len(reply.body))), ("Connection", "close")):
            self.send_header(name, value)
        self.end_headers()
        if reply.delivery is ResponseDelivery.DRIP:
            for at in range(len(reply.body)):
                self.wfile.write(reply.body[at : at + 1])
                self.wfile.flush()
                if self.server.stopped.wait(DRIP_S):
                    return
            return
        end = len(reply.body) // 2 if reply.delivery is ResponseDelivery.HALF else len(reply.body)
        self.wfile.write(reply.body[:end])

    def log_message(self, *_: object) -> None:
        """Say nothing."""

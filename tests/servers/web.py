"""A server that does at the level of bytes what the test says: for what no well-behaved server can be made to do."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

Act = Callable[[socket.socket], None]
"""What to do with a connection, once its request has been read."""


@dataclass
class Scripted:
    """A running server; `requests` is what it was asked, `port` where it listens."""

    port: int
    scheme: str
    requests: list[bytes] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"{self.scheme}://localhost:{self.port}/api"


def answer(
    body: bytes | str = b"{}",
    status: int = 200,
    *,
    length: int | None = None,
    date: datetime | None = None,
    **headers: str,
) -> Act:
    """Answer; header names have `_` for `-`; `length` is what is said, whatever is sent."""
    data = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(data) if length is None else length}", "Connection: close"]
    lines.append(f"Date: {format_datetime(date or datetime.now(UTC), usegmt=True)}")
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return raw(("\r\n".join(lines) + "\r\n\r\n").encode() + data)


def raw(data: bytes) -> Act:
    """Send these bytes and close."""
    return lambda connection: connection.sendall(data)


def drip(data: bytes, every_s: float = 0.05) -> Act:
    """Send the first bytes at once and then one byte at a time, for as long as anybody reads."""

    def act(connection: socket.socket) -> None:
        connection.sendall(data)
        while True:
            time.sleep(every_s)
            connection.sendall(b"x")

    return act


def reset(data: bytes = b"") -> Act:
    """Send something and break the connection."""

    def act(connection: socket.socket) -> None:
        connection.sendall(data)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")

    return act


@contextmanager
def scripted(*acts: Act, certificate: tuple[Path, Path] | None = None) -> Iterator[Scripted]:
    """Serve on loopback: each connection gets the next act, and the last one for ever after."""
    context = None
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = Scripted(listener.getsockname()[1], "https" if context else "http")
        thread = threading.Thread(target=_accept, args=(listener, server, list(acts), context), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.stopping.set()
            with suppress(OSError):  # wakes it up
                socket.create_connection(("127.0.0.1", server.port), timeout=1).close()
            thread.join(5)


def _accept(listener: socket.socket, server: Scripted, acts: list[Act], context: ssl.SSLContext | None) -> None:
    open_now: list[tuple[threading.Thread, socket.socket]] = []
    while True:
        connection, _ = listener.accept()
        if server.stopping.is_set():
            connection.close()
            break
        thread = threading.Thread(target=_serve, args=(connection, server, acts, context), daemon=True)
        open_now.append((thread, connection))
        thread.start()
    for thread, connection in open_now:
        with suppress(OSError):  # ends what it is doing
            connection.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def _serve(plain: socket.socket, server: Scripted, acts: list[Act], context: ssl.SSLContext | None) -> None:
    with suppress(OSError), plain:  # ssl.SSLError is an OSError: a client that turns away is no fault here
        plain.settimeout(1)
        with context.wrap_socket(plain, server_side=True) if context else plain as connection:
            request = _request(connection)
            if request:
                server.requests.append(request)
                (acts.pop(0) if len(acts) > 1 else acts[0])(connection)


def _request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part:
            return b""
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body

"""A small JSON server on loopback for the fakes of products: it remembers its calls and can be told to misbehave."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True, slots=True)
class Call:
    """One request as it came in."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    form: dict[str, str]


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer: `body` is sent as JSON, or as it is where it is bytes; `None` sends none."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


class Fake:
    """A product; subclasses answer. `calls` are all requests so far."""

    def __init__(self) -> None:
        self.url = ""
        self.calls: list[Call] = []
        self.instead: Callable[[Call], Reply | None] = lambda call: None
        """Gives another answer than the honest one, or `None` for the honest one."""

    def answer(self, call: Call) -> Reply:
        raise NotImplementedError

    def asked(self, method: str, path: str) -> list[Call]:
        """Return the calls of one kind."""
        return [call for call in self.calls if (call.method, call.path) == (method, path)]


@contextmanager
def serve(fake: Fake) -> Iterator[None]:
    """Serve it on a free loopback port, and write its address into `fake.url`."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _handle(self) -> None:
            url = urlsplit(self.path)
            length = int(self.headers.get("content-length") or 0)
            form = _flat(self.rfile.read(length).decode())
            call = Call(self.command, url.path, _flat(url.query), {k.lower(): v for k, v in self.headers.items()}, form)
            fake.calls.append(call)
            reply = fake.instead(call) or fake.answer(call)
            body = reply.body
            data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(reply.status)
            for name, value in {"content-type": "application/json", **reply.headers}.items():
                self.send_header(name, value)
            if reply.status != 204:
                self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_DELETE = _handle  # noqa: N815 - the names of http.server

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    fake.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _flat(query: str) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs(query, keep_blank_values=True).items()}

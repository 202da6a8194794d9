"""
AWS over plain HTTP on loopback: a real moto server, and in front of it what moto lacks, and what a test takes away.

`world()` starts both. Population: see `furnish`. What moto answers is moto's; what `lacks` answers is a fake of ours:
service last accessed data, account access manager, permissions boundaries of permission sets. Every page of a list that
the front pages (`paged`) holds `page_size` items, with one empty page in the middle, which AWS allows.
"""

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import botocore.session

from tests.integration.moto_iam import ACCOUNT, moto_server

Answer = dict[str, Any]
MotoAnswer = tuple[int, str, bytes]
"""Status, type and body."""
Lack = Callable[["Asked"], "Answer | str | None"]
NAMES = {
    "sso": "sso-admin",
    "tagging": "resourcegroupstaggingapi",
    "s3-control": "s3control",
}


@dataclass(frozen=True)
class Asked:
    """One request."""

    service: str
    operation: str
    region: str
    fields: dict[str, Any]
    path: str
    key: str = ""
    """The access key that signed it."""


@dataclass
class World:
    """What stands in front of moto."""

    moto: str
    address: str = ""
    lacks: dict[tuple[str, str], Lack] = field(default_factory=dict)
    denied: dict[tuple[str, str], str] = field(default_factory=dict)
    """Error codes, by service and operation."""
    paged: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    """List and token of answers that the front cuts into pages, as moto does not."""
    page_size: int = 2
    calls: list[Asked] = field(default_factory=list)
    known: dict[tuple[str, ...], MotoAnswer] | None = None
    """
    What moto answered, by request: an empty one has moto asked once for what many tests read, until something changes.
    """
    heard: list[Callable[[Asked, int, bytes], None]] = field(default_factory=list)
    """Told of each answer, its status first, before it is given."""

    def answer(self, asked: Asked) -> tuple[int, str, bytes] | None:
        """Answer in moto's place: with a refusal, or with what moto lacks; `None`: moto is to answer."""
        key = (asked.service, asked.operation)
        if key in self.denied:
            return _refusal(asked, self.denied[key])
        answer = self.lacks[key](asked) if key in self.lacks else None
        if isinstance(answer, str):
            return 200, "text/xml", answer.encode()
        if answer is None:
            return None
        status = int(answer.pop("_status", 200))
        return status, "application/json", json.dumps(answer).encode()

    def once(self, operation: str, request: tuple[str, ...], ask: Callable[[], MotoAnswer]) -> MotoAnswer:
        """Ask moto, or give what it answered before; nothing is remembered over a change, nor while it is at work."""
        if self.known is None or operation.startswith(("Generate", "AssumeRole")):
            return ask()
        if not operation.startswith(("Get", "List", "Describe")):
            self.known.clear()
            return ask()
        answer = self.known.get(request) or ask()
        if answer[0] in (200, 404):
            self.known[request] = answer
        return answer

    def asked(self, service: str, operation: str) -> list[Asked]:
        return [call for call in self.calls if (call.service, call.operation) == (service, operation)]


@contextmanager
def world() -> Iterator[World]:
    """Start moto and the front; stop both in the end."""
    with moto_server() as moto, serve(World(moto)) as front:
        yield front


@contextmanager
def serve(front: World) -> Iterator[World]:
    """Start the front alone: enough for a world whose every answer is a fake."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(front))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    front.address = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield front
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)


def _handler(front: World) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def serve(self) -> None:
            # A client that takes us for its proxy asks for whole addresses.
            self.path = re.sub(r"^http://[^/]+", "", self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked = _asked(self.command, self.path, dict(self.headers.items()), body)
            front.calls.append(asked)
            answered = front.answer(asked) or self.of_moto(asked, body)
            for listen in front.heard:
                listen(asked, answered[0], answered[2])
            self.reply(*answered)

        def of_moto(self, asked: Asked, body: bytes) -> tuple[int, str, bytes]:
            if (asked.service, asked.operation) in front.paged:
                pages = self.page(asked, body, *front.paged[asked.service, asked.operation])
                return 200, "application/json", pages
            return self.forward(asked, body)

        def page(self, asked: Asked, body: bytes, items: str, token: str) -> bytes:
            """Cut moto's whole answer into pages, the second of which is empty."""
            fields = {name: value for name, value in asked.fields.items() if name != token}
            whole = json.loads(self.ask_moto(json.dumps(fields).encode())[2])
            place = int(asked.fields.get(token) or 0)
            size = front.page_size
            pages = [whole[items][start : start + size] for start in range(0, len(whole[items]), size)] or [[]]
            pages.insert(1, [])
            more = {token: str(place + 1)} if place + 1 < len(pages) else {}
            return json.dumps({items: pages[place], **more}).encode()

        def forward(self, asked: Asked, body: bytes) -> MotoAnswer:
            who = self.headers.get("Authorization", "").partition("Credential=")[2].partition(",")[0]
            request = (who, self.command, self.path, asked.operation, body.decode("latin-1"))
            return front.once(asked.operation, request, lambda: self.ask_moto(body))

        def ask_moto(self, body: bytes) -> MotoAnswer:
            connection = HTTPConnection(urlsplit(front.moto).netloc, timeout=30)
            headers = {name: value for name, value in self.headers.items() if name.casefold() != "content-length"}
            connection.request(self.command, self.path, body, headers)
            answer = connection.getresponse()
            data = answer.read()
            connection.close()
            return answer.status, answer.headers.get("Content-Type", "text/xml"), data

        def reply(self, status: int, kind: str, data: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = serve  # noqa: N815

        def log_message(self, *args: object) -> None:
            pass

    return Handler


def _asked(method: str, path: str, headers: dict[str, str], body: bytes) -> Asked:
    names = {name.casefold(): value for name, value in headers.items()}
    scope = re.search(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/", names.get("authorization", ""))
    key, region, signer = (scope[1], scope[2], scope[3]) if scope else ("", "", "")
    service = NAMES.get(signer, signer)
    if service == "s3" and path.startswith("/v20180820/"):
        service = "s3control"
    target = names.get("x-amz-target", "")
    fields: dict[str, Any] = {}
    if target:
        return Asked(service, target.rpartition(".")[2], region, json.loads(body or b"{}"), path, key)
    if b"Action=" in body:
        fields = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        return Asked(service, fields.pop("Action"), region, fields, path, key)
    if body[:1] == b"{":
        fields = json.loads(body)
    return Asked(service, _rest_operation(service, method, path), region, fields, unquote(path), key)


@cache
def _routes(service: str) -> list[tuple[str, str, re.Pattern[str], set[str]]]:
    model = botocore.session.get_session().get_service_model(service)
    found = []
    for name in model.operation_names:
        http = model.operation_model(name).http
        uri, _, query = http["requestUri"].partition("?")
        parts = re.split(r"\{[^}]+\}", uri)
        pattern = re.compile("[^?]+".join(re.escape(part) for part in parts) + "/?$")
        found.append((name, http["method"], pattern, {part.partition("=")[0] for part in query.split("&") if part}))
    return sorted(found, key=lambda route: (-len(route[3]), -len(route[2].pattern), route[0]))


def _rest_operation(service: str, method: str, path: str) -> str:
    place, _, query = path.partition("?")
    given = {part.partition("=")[0] for part in query.split("&") if part}
    for name, verb, pattern, needed in _routes(service) if service else ():
        if verb == method and needed <= given and pattern.match(unquote(place)):
            return name
    return ""


def _refusal(asked: Asked, code: str) -> tuple[int, str, bytes]:
    if asked.service in ("iam", "sts", "sns"):
        text = f"<ErrorResponse><Error><Code>{code}</Code><Message>no</Message></Error></ErrorResponse>"
        return 403, "text/xml", text.encode()
    if asked.service in ("s3", "s3control"):
        inner = f"<Error><Code>{code}</Code><Message>no</Message></Error>"
        return 403, "text/xml", (inner if asked.service == "s3" else f"<ErrorResponse>{inner}</ErrorResponse>").encode()
    return 403, "application/json", json.dumps({"__type": code, "message": "no"}).encode()


__all__ = ["ACCOUNT", "Asked", "World", "serve", "world"]

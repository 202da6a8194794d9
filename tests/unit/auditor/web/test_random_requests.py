"""Requests of random bytes, as they reach the application: each gets a page of ours, and none a failure."""

import asyncio
import random
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import unquote

import pytest

from auditor.web import guard
from auditor.web.middleware.headers import CONTENT_SECURITY
from auditor.web.pages import get, post
from auditor.web.people import SIGNED_IN
from auditor.web.rates import Rate
from auditor.web.sign_in import links, provider_pages
from tests.web_visits import Visitor, a_site, forms_of, visiting

REQUESTS = 150
PIECES = [b"/", b"/sign-in", b"/l/", b"x" * 43, b"%00", b"%0d%0a", b"%ff", b"..", b"%2e", b"\\", b"?", b"&state=", b"%",
          b"iss=", b"error=", b"\xff", b"\x00", b";", b"<script>", b"{", b"/static/", b"/new"]  # fmt: skip
PATHS = [b"/take", b"/l/" + b"x" * 43, b"/l/" + b"x" * 43 + b"/new", b"/sign-in/callback", b"/sign-out", b"/p/a"]
SETS = [b"utf-16", b"idna", b"zlib", b"hex", b"\xff", b"undefined", b"punycode", b"unicode_escape", b""]


class Request:
    """One random request of a browser that holds `value`, with the hidden fields of one of its forms."""

    def __init__(self, chance: random.Random, value: str, hidden: dict[str, str]) -> None:
        self.chance = chance
        path, _, query = (b"/" + b"".join(chance.choices(PIECES, k=chance.randrange(6)))).partition(b"?")
        path = chance.choice(PATHS) if chance.random() < 0.6 else path
        kind = chance.choice([b"application/x-www-form-urlencoded", b"multipart/form-data; boundary=x; charset=", b""])
        kind += chance.choice(SETS) if kind.endswith(b"=") else b""
        headers = [(b"host", b"review.example"), (b"content-type", kind), (b"origin", b"https://review.example")]
        headers += (
            [(b"cookie", b"__Host-auditor=" + value.encode())] if chance.random() < 0.8 else [(b"cookie", self.noise())]
        )
        headers += [(b"content-length", chance.choice([b"5", b"-1", b"x", self.noise()]))] * (chance.random() < 0.2)
        method = chance.choice(["GET", "POST", "POST", "POST", "HEAD", "PUT", "é"])
        self.scope: dict[str, Any] = {
            "type": "http", "http_version": "1.1", "method": method, "path": unquote(path.decode("latin-1")),
            "raw_path": path, "query_string": query, "root_path": "", "scheme": "https", "server": ("x", 1),
            "client": ("127.0.0.1", 1), "headers": headers, "state": {},
        }  # fmt: skip
        body = self.form(kind, {**hidden, "text": "a"})
        cut = chance.randrange(len(body) + 1)
        body = body if chance.random() < 0.4 else body[:cut] + self.noise() + body[cut:]
        self.parts = [body[n : n + 64] for n in range(0, len(body), 64)]
        self.sent: list[Any] = []

    def noise(self) -> bytes:
        return self.chance.randbytes(self.chance.randrange(12))

    def form(self, kind: bytes, fields: dict[str, str]) -> bytes:
        if not kind.startswith(b"multipart"):
            return "&".join(f"{name}={value}" for name, value in fields.items()).encode()
        head = '--x\r\nContent-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
        return "".join(head.format(*field) for field in fields.items()).encode() + b"--x--\r\n"

    async def receive(self) -> dict[str, Any]:
        part = self.parts.pop(0) if self.parts else b""
        return {"type": "http.request", "body": part, "more_body": bool(self.parts)}

    async def send(self, message: Any) -> None:
        self.sent.append(message)


@pytest.mark.parametrize("seed", range(4))
def test_a_random_request_gets_a_page_and_no_failure(tmp_path, monkeypatch, seed):
    for module, name in ((guard, "READS"), (guard, "WRITES"), (guard, "STRANGERS"), (links, "ONE_LINK")):
        monkeypatch.setattr(module, name, Rate(10**6, 10**6))
    monkeypatch.setattr(provider_pages, "STRANGERS", Rate(10**6, 10**6))

    def take(visit):
        visit.form.text("text")
        return visit.redirect("/p/a")

    show = get("/p/{id}", lambda visit: visit.render("sign_in.html.j2"), *SIGNED_IN)
    seen = set()
    with visiting(a_site(tmp_path, show, post("/take", take, *SIGNED_IN))) as app:
        dana = Visitor(app).sign_in("dana")
        hidden = forms_of(dana.get("/p/a").text)[0].hidden
        chance = random.Random(seed)

        async def ask() -> None:
            for _ in range(REQUESTS):
                request = Request(chance, dana.value, hidden)
                await app(request.scope, request.receive, request.send)
                status = request.sent[0]["status"]
                seen.add(status)
                assert status < 500, (request.scope, request.parts)
                assert dict(request.sent[0]["headers"])[b"content-security-policy"] == CONTENT_SECURITY.encode()

        with ThreadPoolExecutor(1) as alone:  # a browser of the tests keeps a loop running in this thread
            alone.submit(asyncio.run, ask()).result()
    assert {303, 400, 403, 404, 405} <= seen, "the requests are not as odd as they should be"

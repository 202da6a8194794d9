"""The made-up EHR itself: three to a page, with a total and the number of the next page."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

TOKEN = "token-of-the-auditor"
PER_PAGE = 3
ROLES = [
    {"id": "r1", "name": "Front desk", "includes": ["r2"]},
    {"id": "r2", "name": "Scheduling", "includes": ["r3"]},
    {"id": "r3", "name": "Read calendar", "includes": ["r1"]},
    {"id": "r4", "name": "Billing", "includes": []},
]
STAFF = [
    {"id": n, "login": login, "name": name, "active": login != "left", "roles": roles}
    for n, (login, name, roles) in enumerate(
        [
            ("areyes", "Ana Reyes", ["r1"]),
            ("bcruz", "Ben Cruz", ["r4"]),
            ("maria1", "Maria Santos", ["r4"]),
            ("left", "Lea Left", ["r1"]),
            ("maria2", "Maria Santos", ["r2"]),
            ("kim", "Dr Kim", ["r3", "r4"]),
            ("robot", "Robot", []),
            ("auditor-ro", "Auditor", ["r3"]),
        ],
        101,
    )
]


def answer(path: str) -> object:
    """Answer one request."""
    url = urlsplit(path)
    if url.path == "/roles":
        return {"roles": ROLES}
    page = int(parse_qs(url.query).get("page", ["1"])[0])
    staff = STAFF[(page - 1) * PER_PAGE : page * PER_PAGE]
    return {"total": len(STAFF), "next": str(page + 1) if page * PER_PAGE < len(STAFF) else None, "staff": staff}


@contextmanager
def clinic_server() -> Iterator[str]:
    """Serve it on a free loopback port, and give the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = self.headers.get("authorization") == f"Bearer {TOKEN}"
            data = json.dumps(answer(self.path) if known else {"error": "who are you?"}).encode()
            self.send_response(200 if known else 401)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)

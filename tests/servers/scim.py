"""
A real SCIM 2.0 server (`scim2-server`, in this process) with a known population; and ways to make it awkward.

The server pages by index or by cursor, caps pages, checks tokens and honours `attributes`. What other servers do and it
does not (leave members out of lists, write roles as bare texts, refuse `attributes`, have no groups) is a `twist`: a
function that changes its answers on the way out.
"""

import json
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qsl
from wsgiref.simple_server import WSGIRequestHandler, make_server

import httpx

TOKEN = "scim-token-0123456789"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

Twist = Callable[[str, dict[str, str], int, Any], tuple[int, Any]]
"""Takes path, query, status and answer; returns the status and the answer to send instead."""


def person(login: str, given: str, family: str, **more: object) -> dict[str, object]:
    return {
        "schemas": [USER],
        "userName": login,
        "name": {"givenName": given, "familyName": family},
        "active": True,
        "emails": [
            {"value": f"{login}@home.example"},
            {"value": f"{login}@clinic.example", "type": "work", "primary": True},
        ],
        **more,
    }


def with_number(user: dict[str, object], number: str) -> dict[str, object]:
    return {**user, "schemas": [USER, ENTERPRISE], ENTERPRISE: {"employeeNumber": number, "costCenter": "unused"}}


PEOPLE: tuple[dict[str, object], ...] = (
    person("auditor", "Access", "Auditor"),
    with_number(person("mreyes", "Maria", "Reyes"), "VMA-01"),
    person("mreyes2", "Maria", "Reyes"),
    person("jvillanueva", "Jenny", "Villanueva", roles=[{"value": "scheduler", "display": "Scheduler"}]),
    person("dcalloway", "Denise", "Calloway", active=False, roles=[{"value": "biller"}]),
    person(
        "drkim", "Hana", "Kim", displayName="Dr. Hana Kim", entitlements=[{"value": "erx", "display": "e-Prescribing"}]
    ),
    {k: v for k, v in person("tquiroga", "Tomás", "Quiroga").items() if k != "active"},
    person("zlast", "Zoë", "Last"),
)
"""Eight accounts: two namesakes, one disabled, one whose state is not said (`tquiroga`)."""

GROUPS: dict[str, tuple[str, ...]] = {
    "Front Desk": ("mreyes", "jvillanueva", "dcalloway"),
    "Reception": ("Front Desk", "zlast"),
    "Staff": ("Reception", "drkim"),
    "Everybody": ("Staff", "Front Desk"),
    "Ring A": ("tquiroga", "Ring B"),
    "Ring B": ("Ring A",),
    "Nobody": (),
}
"""Who is in which group: Front Desk is in Reception, which is in Staff, which is in Everybody; two form a ring."""

LOGINS = frozenset(str(p["userName"]) for p in PEOPLE)


@dataclass
class ScimHarness:
    """A running server: its address, the native ids by login or group name, and the paths that were asked for."""

    url: str
    token: str = TOKEN
    ids: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    """The bearer tokens that it accepts."""


@contextmanager
def scim_server(
    *,
    cursor: bool = False,
    most: int | None = None,
    twist: Twist | None = None,
    people: Iterable[dict[str, object]] = PEOPLE,
) -> Iterator[ScimHarness]:
    """Run the server; `most` is the largest page that it gives, `cursor` makes it page by cursor."""
    # Imported late: its many models take a second and more, which every collection of the tests would pay.
    from scim2_server.memory import InMemoryStorage  # noqa: PLC0415
    from scim2_server.service import ScimService  # noqa: PLC0415
    from scim2_server.testserver.application import BearerTokenApplication  # noqa: PLC0415
    from scim2_server.testserver.cli import ThreadingWSGIServer  # noqa: PLC0415

    provider = _provider(cursor, most or 1000)
    service = ScimService(provider, secret="not a secret: a test")
    app = BearerTokenApplication(InMemoryStorage(), provider, service, bearer_tokens=[TOKEN])
    harness = ScimHarness("", tokens=app.bearer_tokens)
    with make_server("127.0.0.1", 0, _Twisted(app, harness, twist), ThreadingWSGIServer, _Quiet) as server:
        harness.url = f"http://127.0.0.1:{server.server_port}/v2"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            _fill(harness, people)
            harness.asked.clear()
            yield harness
        finally:
            server.shutdown()
            thread.join(5)


@cache
def _provider(cursor: bool, most: int) -> Any:
    """Return what such a server serves, which no request changes; it takes a fifth of a second to build."""
    from scim2_models import Pagination  # noqa: PLC0415
    from scim2_server.utils import load_default_provider  # noqa: PLC0415

    provider = load_default_provider()
    provider.config.filter.max_results = most
    if cursor:
        method = Pagination.DefaultPaginationMethod.cursor
        provider.config.pagination = Pagination(cursor=True, index=False, default_pagination_method=method)
    return provider


def _fill(harness: ScimHarness, people: Iterable[dict[str, object]]) -> None:
    token = {"Authorization": f"Bearer {TOKEN}"}
    # Without TLS there is no authority to load.
    with httpx.Client(base_url=harness.url, headers=token, trust_env=False, verify=False) as client:

        def made(path: str, data: dict[str, object]) -> str:
            answer = client.post(path, json=data)
            answer.raise_for_status()
            return str(answer.json()["id"])

        for one in people:
            harness.ids[str(one["userName"])] = made("/Users", one)
        for name in GROUPS:
            harness.ids[name] = made("/Groups", {"schemas": [GROUP], "displayName": name})
        for name, members in GROUPS.items():
            values = [
                {"value": harness.ids[m], "type": "Group" if m in GROUPS else "User"}
                for m in members
                if m in harness.ids
            ]
            group = {"schemas": [GROUP], "id": harness.ids[name], "displayName": name, "members": values}
            client.put(f"/Groups/{harness.ids[name]}", json=group).raise_for_status()


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        return


class _Twisted:
    """The server, with what it was asked written down and its answers changed where a test wants that."""

    def __init__(self, app: Any, harness: ScimHarness, twist: Twist | None) -> None:
        self.app, self.harness, self.twist = app, harness, twist

    def __call__(self, environ: dict[str, Any], start: Callable[..., object]) -> Iterable[bytes]:
        path = environ["PATH_INFO"].removeprefix("/v2")
        query = dict(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True))
        self.harness.asked.append((path, query))
        said: list[Any] = []
        body = b"".join(self.app(environ, lambda status, headers: said.extend((status, headers))))
        status, headers = said
        if self.twist and environ["REQUEST_METHOD"] == "GET":
            code, data = self.twist(path, query, int(status.split()[0]), json.loads(body or b"null"))
            status, body = f"{code} Twisted", json.dumps(data).encode()
        headers = [(name, value) for name, value in headers if name.lower() != "content-length"]
        start(status, [*headers, ("Content-Length", str(len(body)))])
        return [body]

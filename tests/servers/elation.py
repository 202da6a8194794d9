"""
A small Elation: its API 2.0 as its published description says. It never ran against Elation itself.

Honest in what a connector can trip over: a token by client credentials with only the scopes that were asked for and
registered, pages by a cursor and without a count unless `offset` is given, at most 100 entries, users of all practices
of an enterprise in one list, and licence and DEA numbers beside the names.
"""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.servers._rest import Call, Fake, Reply, serve

CLIENT_ID, CLIENT_SECRET = "client-7", "client-secret-7"
TOKEN = "elation-access-token"
SCOPES = "system/users.read system/delegate_permissions.read"
DEA = "DEA-FK1234567"
PRACTICE, OTHER_PRACTICE = 65540, 65541
PAGE_SIZE = 3

# e-mail: (id, name, active, admin, charts, read-only, type, account type, practice)
USERS: dict[str, tuple[int, str, bool, bool, bool, bool, str, str | None, int]] = {
    "kim@practice.example": (1, "Ana Kim", True, True, True, False, "physician", "regular", PRACTICE),
    "oncall@practice.example": (2, "Otto Call", True, False, True, False, "physician", "ft_non_prescribing", PRACTICE),
    "mreyes@practice.example": (3, "Maria Reyes", True, False, True, False, "staff", None, PRACTICE),
    "maria@practice.example": (4, "Maria Reyes", True, False, False, False, "staff", None, PRACTICE),
    "reader@practice.example": (5, "Rea Der", True, False, True, True, "staff", None, PRACTICE),
    "left@practice.example": (6, "Denise Calloway", False, True, True, False, "staff", None, PRACTICE),
    "boss@practice.example": (7, "Bo Ss", True, True, True, False, "staff", None, PRACTICE),
    "far@elsewhere.example": (8, "Far Away", True, True, True, False, "staff", None, OTHER_PRACTICE),
}
LOGINS = frozenset(USERS)
DISABLED = frozenset({"left@practice.example"})
NAMESAKES = ("mreyes@practice.example", "maria@practice.example")
DELEGATIONS = (
    (11, 901, 3, "rxs", PRACTICE),
    (12, 901, 3, "orders", PRACTICE),
    (13, 902, 3, "rxs", PRACTICE),
    (14, 901, 4, "messages", PRACTICE),
    (15, 901, 6, "bills", PRACTICE),
    (16, 903, 8, "referrals", OTHER_PRACTICE),
    (17, 901, 4, "faxes", PRACTICE),
)


class FakeElation(Fake):
    """Eight users of two practices, seven delegations."""

    def __init__(self, *, registered: str = SCOPES) -> None:
        super().__init__()
        self.registered = set(registered.split())
        self.granted: set[str] = set()
        self.users = [_user(email) for email in USERS]
        self.delegations = [_delegation(row) for row in DELEGATIONS]

    def answer(self, call: Call) -> Reply:
        if call.path == "/api/2.0/oauth2/token/":
            return self._token(call)
        if call.headers.get("authorization") != f"Bearer {TOKEN}":
            return Reply(401, {"detail": "Authentication credentials were not provided."})
        lists = {"users": self.users, "delegate_permissions": self.delegations}
        name = call.path.removeprefix("/api/2.0/").strip("/")
        if name not in lists:
            return Reply(404, {"detail": "Not found."})
        if not {f"system/{name}.read", "apiv2"} & self.granted:
            return Reply(403, {"detail": "You do not have permission to perform this action."})
        return self._list(call, lists[name])

    def _token(self, call: Call) -> Reply:
        basic = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        if call.headers.get("authorization") != f"Basic {basic}":
            return Reply(401, {"error": "invalid_client"})
        if call.form.get("grant_type") != "client_credentials":
            return Reply(400, {"error": "unsupported_grant_type"})
        asked = set(call.form.get("scope", " ".join(self.registered)).split())
        if asked - self.registered:
            return Reply(400, {"error": "invalid_scope"})
        self.granted = asked
        return Reply(200, {"access_token": TOKEN, "token_type": "Bearer", "expires_in": 36000})

    def _list(self, call: Call, rows: list[dict[str, Any]]) -> Reply:
        limit = min(int(call.query.get("limit", 25)), 100)
        by_offset = "offset" in call.query
        start = int(call.query.get("offset") or call.query.get("cursor") or 0)
        way = "offset" if by_offset else "cursor"
        # The links of the product's own examples are of another host than the API's.
        link = f"https://app.elationemr.example{call.path}?limit={limit}&{way}="
        body: dict[str, Any] = {
            "next": f"{link}{start + limit}" if start + limit < len(rows) else None,
            "previous": f"{link}{max(0, start - limit)}" if start else None,
            "results": rows[start : start + limit],
        }
        return Reply(200, {"count": len(rows), **body} if by_offset else body)


@contextmanager
def elation(fake: FakeElation | None = None) -> Iterator[FakeElation]:
    """Serve it at `fake.url`."""
    fake = fake or FakeElation()
    with serve(fake):
        yield fake


def _user(email: str) -> dict[str, Any]:
    id_, name, active, admin, charts, read_only, kind, account_type, practice = USERS[email]
    first, _, last = name.partition(" ")
    return {
        "id": id_,
        "email": email,
        "first_name": first,
        "last_name": last,
        "is_active": active,
        "is_practice_admin": admin,
        "has_chart_access": charts,
        "is_read_only": read_only,
        "credentialed": kind == "physician",
        "user_type": kind,
        "account_type": account_type,
        "practice": practice,
        "physician_qualifications": {"npi": "1234567893", "dea": DEA, "license": "L-1", "license_state": "IL"}
        if kind == "physician"
        else None,
    }


def _delegation(row: tuple[int, int, int, str, int]) -> dict[str, Any]:
    id_, physician, user, kind, practice = row
    return {
        "id": id_,
        "practice": practice,
        "physician": physician,
        "delegate_user": user,
        "permission_type": kind,
        "created_date": "2026-02-01T09:00:00Z",
    }

"""
A small OpenMRS: the REST API of webservices.rest as its source code describes it. It never ran against OpenMRS itself.

Honest in what a connector can trip over: `custom:` representations give what is asked for and refuse what does not
exist, 50 entries unless `limit` says otherwise and never more than the administrator's limit, `totalCount` only when
asked for, a wrong password is answered by `/session` with success, lists of roles need `Manage Roles`, a role by its
uuid does not, and a session stays open until it is deleted. Links name the address that the proxy before it has.
"""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from tests.servers._rest import Call, Fake, Reply, serve

USERNAME, PASSWORD = "access-audit", "open-sesame"
PATIENT = "Wilhelmina Planted-Patient"
PATIENT_UUID = "aaaaaaaa-9999-4999-8999-patientuuid1"
SECRET_QUESTION = "name of the first dog"
NOW_MS = 1_793_880_000_000  # 2026-11-05T12:00:00Z
DAY_MS = 86_400_000
RETIRED = "2026-09-25T17:03:11.000-0500"
# From: openmrs-core, liquibase-core-data.
ANONYMOUS, AUTHENTICATED = "774b2af3-6437-4e5a-a310-547554c7c65c", "f7fd42ef-880e-40c5-972d-e4ae7c990de2"

# name: (uuid, privileges, inherits from)
ROLES: dict[str, tuple[str, list[str], list[str]]] = {
    "Anonymous": (ANONYMOUS, ["Get Locations"], []),
    "Authenticated": (AUTHENTICATED, ["View Navigation Menu", "Get Concepts"], []),
    "Provider": ("8d94f280-c2cc-11de-8d13-0010c6dffd0f", [], []),
    "System Developer": ("8d94f852-c2cc-11de-8d13-0010c6dffd0f", [], []),
    "Access Audit": ("r-audit", ["Get Users"], []),
    "Records": ("r-records", ["Get Patients", "Get Encounters"], []),
    "Front Desk": ("r-front", ["Add Patients", "Edit Patients"], ["Records"]),
    "VMA Scheduler": ("r-vma", ["Get Visits", "Add Visits"], ["Front Desk"]),
    "Ring A": ("r-ring-a", ["Get Orders"], ["Ring B"]),
    "Ring B": ("r-ring-b", ["Get Notes"], ["Ring A"]),
    "IT": ("r-it", ["Manage Modules"], ["System Developer"]),
    "Local": ("r-local", ["App: clinic.whiteboard"], []),
}

# login: (roles, retired, properties)
USERS: dict[str, tuple[list[str], bool, dict[str, str]]] = {
    USERNAME: (["Access Audit"], False, {"lastLoginTimestamp": str(NOW_MS)}),
    "admin": (["System Developer", "Provider"], False, {}),
    "mreyes": (
        ["VMA Scheduler"],
        False,
        {"lastLoginTimestamp": str(NOW_MS - DAY_MS), "patientsVisited": f"{PATIENT_UUID},{PATIENT}"},
    ),
    "jvillanueva": (["Front Desk"], False, {"lockoutTimestamp": str(NOW_MS - 60_000), "loginAttempts": "7"}),
    "lockedlongago": (["Front Desk"], False, {"lockoutTimestamp": str(NOW_MS - DAY_MS)}),
    "dcalloway": (["Front Desk"], True, {"lastLoginTimestamp": str(NOW_MS - 40 * DAY_MS)}),
    "ring": (["Ring A"], False, {}),
    "it": (["IT"], False, {}),
    "nobody": ([], False, {}),
    "local": (["Local", "Front Desk"], False, {"lockoutTimestamp": "", "lastLoginTimestamp": ""}),
}
LOGINS = frozenset(USERS) | {"7-5"}
DISABLED = frozenset(login for login, (_, retired, _) in USERS.items() if retired)
NAMESAKES = ("mreyes", "jvillanueva")
NESTED = ("mreyes", "Get Patients")
PAGE_SIZE = 4


class FakeOpenMrs(Fake):
    """Eleven users: ten by name, and one that has only a system id."""

    def __init__(self, *, roles_readable: bool = False, roles_by_uuid: bool = True, max_limit: int = 100) -> None:
        super().__init__()
        self.roles_readable, self.roles_by_uuid, self.max_limit = roles_readable, roles_by_uuid, max_limit
        self.own_privileges = ["Get Users"]
        self.has_email = True
        self.sessions: set[str] = set()
        self.users = [_user(number, login) for number, login in enumerate(USERS)]
        self.users.append({**_user(99, "ring"), "username": None, "systemId": "7-5", "uuid": "u-system-id"})
        self.roles = [_role(name) for name in ROLES]

    def answer(self, call: Call) -> Reply:
        rest = call.path.removeprefix("/openmrs/ws/rest/v1/")
        signed_in = call.headers.get("authorization") == f"Basic {_basic(USERNAME, PASSWORD)}"
        if rest == "session":
            return self._session(call, signed_in)
        if not signed_in:
            return Reply(401, {"error": {"message": "User is not logged in [Get Users]"}})
        if rest == "user":
            return self._list(call, self.users)
        if rest.startswith("user/"):
            user = next((user for user in self.users if user["uuid"] == rest.removeprefix("user/")), None)
            return Reply(200, _shown(user, _parse(call.query["v"]))) if user else Reply(404, {"error": {}})
        if rest == "role":
            return self._list(call, self.roles) if self.roles_readable else _forbidden("Manage Roles")
        if rest.startswith("user/"):
            users = [user for user in self.users if user["uuid"] == rest.removeprefix("user/")]
            fields = _parse(call.query["v"])
            return Reply(200, _shown(users[0], fields)) if users else Reply(404, {"error": {"message": "not found"}})
        if rest.startswith("role/"):
            found = [role for role in self.roles if role["uuid"] == rest.removeprefix("role/")]
            if not self.roles_by_uuid or not found:
                return _forbidden("Get Roles") if found else Reply(404, {"error": {"message": "not found"}})
            return Reply(200, _shown(found[0], _parse(call.query["v"])))
        return Reply(404, {"error": {"message": "Unknown resource"}})

    def save(
        self, login: str, *, by: str = "admin", roles: list[str] | None = None, retired: bool | None = None
    ) -> None:
        """Save a user as an administrator does: with times in whole seconds, as its database keeps them."""
        user = next(user for user in self.users if user["username"] == login)
        at, who = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000"), {"uuid": f"u-{by}", "display": by}
        user["auditInfo"] |= {"changedBy": who, "dateChanged": at}
        if roles is not None:
            user["roles"] = [_role(name) for name in roles]
        if retired and not user["retired"]:
            user["auditInfo"] |= {"retiredBy": who, "dateRetired": at, "retireReason": f"left; {PATIENT}"}
        if retired is False:
            user["auditInfo"] |= {"retiredBy": None, "dateRetired": None, "retireReason": None}
        user["retired"] = user["retired"] if retired is None else retired

    def _session(self, call: Call, signed_in: bool) -> Reply:
        if call.method == "DELETE":
            self.sessions.discard(call.headers.get("cookie", "").partition("=")[2])
            return Reply(204)
        if not signed_in:
            return Reply(200, {"sessionId": "none", "authenticated": False})
        self.sessions.add("s-1")
        user = {
            "uuid": "u-0",
            "display": USERNAME,
            "privileges": [{"uuid": f"p-{n}", "display": n, "name": n} for n in self.own_privileges],
            "roles": [{"uuid": "r-audit", "display": "Access Audit", "name": "Access Audit"}],
        }
        body = {"sessionId": "s-1", "authenticated": True, "user": user}
        return Reply(200, body, {"set-cookie": "JSESSIONID=s-1; Path=/openmrs; HttpOnly"})

    def _list(self, call: Call, rows: list[dict[str, Any]]) -> Reply:
        limit, start = int(call.query.get("limit", 50)), int(call.query.get("startIndex", 0))
        if limit > self.max_limit:
            return Reply(400, {"error": {"message": f"Administrator has set absolute limit at {self.max_limit}"}})
        fields = _parse(call.query.get("v", "custom:(uuid)"))
        if not self.has_email and "email" in fields:
            return Reply(400, {"error": {"message": "ConversionException on email"}})
        try:
            body: dict[str, Any] = {"results": [_shown(row, fields) for row in rows[start : start + limit]]}
        except KeyError:
            return Reply(400, {"error": {"message": "ConversionException"}})
        outside = f"http://ehr.example.org{call.path}?startIndex="
        links = []
        if start + limit < len(rows):
            links.append({"rel": "next", "uri": f"{outside}{start + limit}", "resourceAlias": None})
        if start:
            links.append({"rel": "prev", "uri": f"{outside}{max(0, start - limit)}", "resourceAlias": None})
        if links:
            body["links"] = links
        if call.query.get("totalCount") == "true":
            body["totalCount"] = len(rows)
        return Reply(200, body)


@contextmanager
def openmrs(fake: FakeOpenMrs | None = None) -> Iterator[FakeOpenMrs]:
    """Serve it; the application is at `fake.url` + `/openmrs`."""
    fake = fake or FakeOpenMrs()
    with serve(fake):
        yield fake


def _forbidden(privilege: str) -> Reply:
    return Reply(403, {"error": {"message": f"Privileges required: [{privilege}]"}})


def _basic(username: str, password: str) -> str:
    return base64.b64encode(f"{username}:{password}".encode()).decode()


def _role(name: str) -> dict[str, Any]:
    uuid, privileges, parents = ROLES[name]
    return {
        "uuid": uuid,
        "name": name,
        "display": name,
        "description": f"what {name} may do",
        "retired": False,
        "privileges": [{"uuid": f"p-{p}", "name": p, "display": p, "description": p} for p in privileges],
        "inheritedRoles": lambda: [_role(parent) for parent in parents],
    }


def _user(number: int, login: str) -> dict[str, Any]:
    roles, retired, properties = USERS[login]
    return {
        "uuid": f"u-{number}",
        "display": login,
        "username": login,
        "systemId": f"{number}-1",
        "email": f"{login}@practice.example",
        "retired": retired,
        "dateCreated": "2026-01-05T08:00:00.000+0000",
        "userProperties": properties,
        "auditInfo": {
            "creator": {"uuid": "u-admin", "display": "admin"},
            "dateCreated": "2026-01-05T08:00:00.000+0000",
            "changedBy": None,
            "dateChanged": None,
            **({"retiredBy": {"uuid": "u-1", "display": "admin"}, "dateRetired": RETIRED} if retired else {}),
        },
        "person": {"uuid": f"person-{number}", "display": "Maria Reyes" if login in NAMESAKES else login.title()},
        "secretQuestion": SECRET_QUESTION,
        "proficientLocales": [],
        "roles": [_role(name) for name in roles],
        "allRoles": [_role(name) for name in sorted(_closure(roles))],
        "privileges": [],
    }


def _closure(roles: list[str]) -> set[str]:
    found: set[str] = set()
    todo = list(roles)
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += ROLES[name][2]
    return found


def _parse(representation: str) -> dict[str, Any]:
    """Read `custom:(uuid,roles:(name))`: a field, or a field with fields of its own."""
    text = representation.removeprefix("custom:")
    if text == representation or not text.startswith("("):
        raise AssertionError(f"only custom representations: {representation}")
    fields, rest = _fields(text[1:])
    assert rest == "", representation
    return fields


def _fields(text: str) -> tuple[dict[str, Any], str]:
    fields: dict[str, Any] = {}
    while text:
        end = next(i for i, c in enumerate(text) if c in ",:)")
        name, mark, text = text[:end], text[end], text[end + 1 :]
        fields[name] = None
        if mark == ":":
            assert text[0] == "(", text
            fields[name], text = _fields(text[1:])
            mark, text = (text[:1], text[1:]) if text[:1] in {",", ")"} else (")", text)
        if mark == ")":
            return fields, text
    raise AssertionError("a bracket is missing")


def _shown(row: dict[str, Any], fields: dict[str, Any]) -> dict[str, Any]:
    shown = {}
    for name, below in fields.items():
        value = row[name]() if callable(row[name]) else row[name]
        if below is not None and isinstance(value, list):
            value = [_shown(item, below) for item in value]
        elif below is not None and isinstance(value, dict):
            value = _shown(value, below)
        shown[name] = value
    return shown

"""
What somebody exports of a small Google Workspace, by GAM and by the Directory API, in their documented shapes.

| user | state | holds |
|---|---|---|
| ana | active | inner → middle → outer; Help Desk Admin in one organizational unit |
| maria1, maria2 | active; one name | helpdesk (a group that carries a custom role) has maria1 |
| left | suspended | nothing but what everybody holds |
| gone | archived | nothing but what everybody holds |
| zoe | active, never signed in | super admin |
`everyone` holds the whole organization; `outer` has a member of another organization; a service account holds a role.
"""

import copy
import csv
import io
from pathlib import Path
from typing import Any

from tests.servers.entra import write as write_files

DOMAIN = "clinic.example"
LOGINS = ["ana", "maria1", "maria2", "left", "gone", "zoe"]
USERS = {login: f"1000{n:017d}" for n, login in enumerate(LOGINS, 1)}
GROUPS = {name: f"0gid{n:05d}" for n, name in enumerate(["inner", "middle", "outer", "helpdesk", "everyone"], 1)}
OUTSIDER = ("2000000000000000000001", "kim@agency.example")
ROBOT = ("3000000000000000000001", "robot@project.iam.gserviceaccount.com")
UNIT = "03ph8a2z1abcdef"
ROLES = {
    "_SEED_ADMIN_ROLE": "9001",
    "_HELP_DESK_ADMIN_ROLE": "9002",
    "Callbacks": "9003",
    "_GROUPS_READER_ROLE": "9004",
}
API = "00haapch16h1ysv"
PRIVILEGES = {
    "_SEED_ADMIN_ROLE": [("01ci93xb3tmzyin", "ADMIN_DASHBOARD"), ("0unknown", "APP_ADMIN")],
    "_HELP_DESK_ADMIN_ROLE": [(API, "USERS_RESET_PASSWORD"), (API, "ORGANIZATION_UNITS_RETRIEVE")],
    "Callbacks": [(API, "USERS_RETRIEVE"), ("03l18frh45c63dw", "MANAGE_EXPORTS")],
    "_GROUPS_READER_ROLE": [(API, "GROUPS_RETRIEVE")],
}


def email(login: str) -> str:
    return f"{login}@{DOMAIN}"


def user(login: str) -> dict[str, Any]:
    return {
        "kind": "admin#directory#user",
        "id": USERS[login],
        "primaryEmail": email(login),
        "name": {"fullName": "Maria Santos" if login.startswith("maria") else login.title()},
        "isAdmin": login == "zoe",
        "isDelegatedAdmin": login in ("ana", "maria1"),
        "lastLoginTime": "1970-01-01T00:00:00.000Z" if login == "zoe" else "2026-01-31T17:30:00.000Z",
        "creationTime": "2024-03-04T08:00:00.000Z",
        "suspended": login == "left",
        "archived": login == "gone",
        "isMailboxSetup": login != "zoe",
        "isEnrolledIn2Sv": login == "ana",
        "isEnforcedIn2Sv": login in ("ana", "zoe"),
        "externalIds": [{"type": "organization", "value": f"E-{login}"}] if login == "ana" else [],
        "aliases": [f"{login}.alias@{DOMAIN}"],
    }


def member(kind: str, id_: str, address: str = "", status: str = "ACTIVE") -> dict[str, Any]:
    found = {"kind": "admin#directory#member", "id": id_, "role": "MEMBER", "type": kind}
    return {**found, **({"email": address} if address else {}), **({"status": status} if status else {})}


MEMBERS = {
    "inner": [member("USER", USERS["ana"], email("ana"))],
    "middle": [member("GROUP", GROUPS["inner"], email("inner"))],
    "outer": [member("GROUP", GROUPS["middle"], email("middle")), member("USER", *OUTSIDER, status="")],
    "helpdesk": [member("USER", USERS["maria1"], email("maria1"))],
    "everyone": [member("CUSTOMER", "C01abcdef")],
}
ASSIGNMENTS = [
    ("_SEED_ADMIN_ROLE", USERS["zoe"], "user", ""),
    ("_HELP_DESK_ADMIN_ROLE", USERS["ana"], "user", UNIT),
    ("Callbacks", GROUPS["helpdesk"], "group", ""),
    ("_GROUPS_READER_ROLE", ROBOT[0], "", ""),
]


def page(kind: str, key: str, values: list[Any], token: str | None = None) -> dict[str, Any]:
    """One answer; Google leaves an empty list out."""
    found: dict[str, Any] = {"kind": f"admin#directory#{kind}", "etag": '"x"'}
    if values:
        found[key] = values
    return {**found, "nextPageToken": token} if token else found


def files() -> dict[str, Any]:
    """Every file of the Directory API by its name."""
    groups = [
        {"id": id_, "email": email(name), "name": name.title(), "directMembersCount": str(len(MEMBERS[name]))}
        for name, id_ in GROUPS.items()
    ]
    roles = [
        {
            "roleId": id_,
            "roleName": name,
            "isSystemRole": name.startswith("_"),
            **({"isSuperAdminRole": True} if name == "_SEED_ADMIN_ROLE" else {}),
            "rolePrivileges": [{"serviceId": s, "privilegeName": p} for s, p in PRIVILEGES[name]],
        }
        for name, id_ in ROLES.items()
    ]
    given = [
        {
            "roleAssignmentId": str(n),
            "roleId": ROLES[role],
            "assignedTo": holder,
            "assigneeType": kind or "user",
            "scopeType": "ORG_UNIT" if unit else "CUSTOMER",
            **({"orgUnitId": unit} if unit else {}),
        }
        for n, (role, holder, kind, unit) in enumerate(ASSIGNMENTS, 1)
    ]
    return {
        "users.json": page("users", "users", [user(login) for login in LOGINS]),
        "groups.json": page("groups", "groups", groups),
        **{
            f"group-members/{GROUPS[name]}.json": page("members", "members", copy.deepcopy(who))
            for name, who in MEMBERS.items()
        },
        "roles.json": page("roles", "items", roles),
        "role-assignments.json": page("roleAssignments", "items", given),
    }


def table(rows: list[dict[str, Any]]) -> str:
    """A CSV as GAM writes it: all columns that any row has, `True` and `False`, a line end after the last row."""
    columns = list(dict.fromkeys(key for row in rows for key in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def gam_files() -> dict[str, str]:
    """The same by GAM."""
    users = []
    for login in LOGINS:
        found = user(login)
        external, alias = found.pop("externalIds"), found.pop("aliases")
        row = {"primaryEmail": found["primaryEmail"], **found, "name.fullName": found.pop("name")["fullName"]}
        row |= {"externalIds": len(external), "aliases": len(alias), "aliases.0": alias[0]}
        row["lastLoginTime"] = "Never" if login == "zoe" else found["lastLoginTime"]
        if external:
            row |= {"externalIds.0.type": "organization", "externalIds.0.value": external[0]["value"]}
        for key in ("name", "kind"):
            row.pop(key, None)
        users.append(row)
    groups = [
        {"email": email(name), "id": id_, "name": name.title(), "directMembersCount": len(MEMBERS[name])}
        for name, id_ in GROUPS.items()
    ]
    members = [
        {
            "group": email(name),
            "id": m["id"],
            "email": m.get("email", ""),
            "type": m["type"],
            "status": m.get("status", ""),
        }
        for name, who in MEMBERS.items()
        for m in who
    ]
    roles = [
        {
            "roleId": id_,
            "roleName": name,
            "isSuperAdminRole": name == "_SEED_ADMIN_ROLE",
            "isSystemRole": name.startswith("_"),
            "privilegeName": privilege,
            "serviceId": service,
        }
        for name, id_ in ROLES.items()
        for service, privilege in PRIVILEGES[name]
    ]
    admins = [
        {
            "roleAssignmentId": n,
            "roleId": ROLES[role],
            "role": role,
            "assignedTo": holder,
            "assignedToUser": next((email(u) for u, i in USERS.items() if i == holder), ""),
            "assignedToGroup": next((email(g) for g, i in GROUPS.items() if i == holder), ""),
            "assignedToServiceAccount": ROBOT[1] if holder == ROBOT[0] else "",
            "assignedToUnknown": False,
            "scopeType": "ORG_UNIT" if unit else "CUSTOMER",
            "orgUnitId": f"id:{unit}" if unit else "",
            "orgUnit": "/Front" if unit else "",
        }
        for n, (role, holder, _, unit) in enumerate(ASSIGNMENTS, 1)
    ]
    rows = {"users": users, "groups": groups, "group-members": members, "adminroles": roles, "admins": admins}
    return {f"{name}.csv": table(found) for name, found in rows.items()}


def write(folder: Path, found: dict[str, Any] | None = None) -> Path:
    """Write the files; `None` instead of a value leaves one out."""
    return write_files(folder, files() if found is None else found)

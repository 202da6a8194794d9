"""
What somebody saves of a small Entra ID directory, in the documented shapes of Microsoft Graph v1.0.

| user | state | holds |
|---|---|---|
| ana | active | inner → middle → outer; User Administrator in one administrative unit |
| maria1, maria2 | active; one name | Helpdesk (a group that carries the role Helpdesk Administrator) has maria1 |
| left | disabled | nothing |
| guest | active guest | nothing |
| zoe | active, never signed in | Global Administrator, eligible |
A program (`sync`) holds Directory Synchronization Accounts.
"""

import json
import shutil
from pathlib import Path
from typing import Any

V1 = "https://graph.microsoft.com/v1.0"
GLOBAL_ADMIN = "62e90394-69f5-4237-9190-012177145e10"
USER_ADMIN = "fe930be7-5e62-47db-91af-98c3a49a38b1"
HELPDESK_ADMIN = "729827e3-9c14-49f7-bb1b-9608f156bbb8"
SYNC = "d29b2b05-8046-44ba-8758-1e26182fcf32"
NAMES = {
    GLOBAL_ADMIN: "Global Administrator",
    USER_ADMIN: "User Administrator",
    HELPDESK_ADMIN: "Helpdesk Administrator",
}
NAMES[SYNC] = "Directory Synchronization Accounts"
UNIT = "/administrativeUnits/5d107bba-d8e2-4e13-b6ae-884be90e5d1a"


def guid(kind: int, number: int) -> str:
    """An object id that is made up."""
    return f"{kind:08x}-0000-4000-8000-{number:012x}"


LOGINS = ["ana", "maria1", "maria2", "left", "guest", "zoe"]
USERS = {login: guid(1, n) for n, login in enumerate(LOGINS, 1)}
GROUPS = {name: guid(2, n) for n, name in enumerate(["inner", "middle", "outer", "helpdesk", "empty"], 1)}
PROGRAM = guid(3, 1)


def upn(login: str) -> str:
    return f"{login}@clinic.example" if login != "guest" else "guest_agency.example#EXT#@clinic.onmicrosoft.com"


def answer(values: list[Any], count: int | None = None, link: str | None = None) -> dict[str, Any]:
    found: dict[str, Any] = {"@odata.context": f"{V1}/$metadata#x"}
    if count is not None:
        found["@odata.count"] = count
    if link:
        found["@odata.nextLink"] = link
    return {**found, "value": values}


def user(login: str) -> dict[str, Any]:
    name = "Maria Santos" if login.startswith("maria") else login.title()
    found = {
        "id": USERS[login],
        "displayName": name,
        "userPrincipalName": upn(login),
        "mail": f"{login}@clinic.example",
        "employeeId": f"E-{login}" if login == "ana" else None,
        "accountEnabled": login != "left",
        "createdDateTime": "2024-03-04T08:00:00Z",
        "userType": "Guest" if login == "guest" else "Member",
        "onPremisesSyncEnabled": True if login == "maria2" else None,
    }
    if login != "zoe":  # Graph leaves it out for who has never signed in
        found["signInActivity"] = {
            "lastSignInDateTime": "2026-01-31T17:30:00Z",
            "lastNonInteractiveSignInDateTime": "2026-01-30T17:30:00Z",
            "lastSuccessfulSignInDateTime": "2026-01-31T17:30:01Z",
        }
    return found


def member(id_: str, kind: str = "user") -> dict[str, Any]:
    return {"@odata.type": f"#microsoft.graph.{kind}", "id": id_}


def assignment(number: int, principal: str, role: str, scope: str = "/", **more: Any) -> dict[str, Any]:
    definition = {"id": role, "displayName": NAMES.get(role, "Custom"), "templateId": role, "isBuiltIn": role in NAMES}
    return {
        "id": f"assignment-{number}",
        "principalId": principal,
        "directoryScopeId": scope,
        "roleDefinitionId": role,
        "roleDefinition": definition,
        **more,
    }


def files() -> dict[str, Any]:
    """Every file by its name, as JSON values that a test may change before they are written."""
    inside = {
        "inner": [member(USERS["ana"])],
        "middle": [member(GROUPS["inner"], "group")],
        "outer": [member(GROUPS["middle"], "group"), member(guid(4, 1), "device")],
        "helpdesk": [member(USERS["maria1"])],
        "empty": [],
    }
    groups = [{"id": id_, "displayName": name.title(), "visibility": None} for name, id_ in GROUPS.items()]
    programs = [
        {"id": PROGRAM, "appId": guid(5, 1), "displayName": "sync", "accountEnabled": True},
        {"id": guid(3, 2), "appId": guid(5, 2), "displayName": "Graph", "accountEnabled": True},
    ]
    registered = [
        {"id": USERS[login], "isMfaCapable": login == "ana", "isMfaRegistered": True}
        for login in LOGINS
        if login != "left"
    ]
    return {
        "users.json": answer([user(login) for login in LOGINS], count=len(LOGINS)),
        "groups.json": answer(groups, count=len(groups)),
        **{f"group-members/{GROUPS[name]}.json": answer(who) for name, who in inside.items()},
        "service-principals.json": answer(programs, count=len(programs)),
        "role-assignments.json": answer(
            [
                assignment(1, USERS["ana"], USER_ADMIN, UNIT),
                assignment(2, GROUPS["helpdesk"], HELPDESK_ADMIN),
                assignment(3, PROGRAM, SYNC),
            ]
        ),
        "role-eligibility.json": answer([assignment(4, USERS["zoe"], GLOBAL_ADMIN, memberType="Direct")]),
        "registration-details.json": answer(registered),
    }


def write(folder: Path, found: dict[str, Any] | None = None) -> Path:
    """Write the files into a new folder; `None` instead of a value leaves one out."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    for name, value in (files() if found is None else found).items():
        if value is not None:
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(value if isinstance(value, str) else json.dumps(value, indent=1))
    return folder

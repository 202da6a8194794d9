"""
What Entra and Google write down of changes, in the documented shapes, of tenants that are made up.

No such server runs here: a `Tenant` changes users of the saved files of `tests.servers.entra` or `.google` and writes
each change down as Microsoft or Google documents it, refused ones too.
Source: Microsoft Graph, directoryAudit; Entra, the portal's download of audit logs; Admin SDK, activities: list.
"""

import csv
import io
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from tests.servers.entra import GROUPS, USERS, answer, upn
from tests.servers.google import page

Json = dict[str, Any]
BOSS = "boss@clinic.example"


def audit(activity: str, at: datetime, login: str, *properties: tuple[str, Any, Any], **more: Any) -> Json:
    """An entry of the directory audit log; a value is written as JSON inside the text, as Graph does."""
    changed = [{"displayName": name, "oldValue": json.dumps(old) if old is not None else None,
                "newValue": json.dumps(new) if new is not None else None} for name, old, new in properties]  # fmt: skip
    target = {"id": USERS[login], "displayName": None, "type": "User", "userPrincipalName": upn(login),
              "groupType": None, "modifiedProperties": changed}  # fmt: skip
    return {
        "id": f"Directory_{uuid4()}_X",
        "category": "UserManagement",
        "correlationId": str(uuid4()),
        "result": "success",
        "resultReason": "",
        "activityDisplayName": activity,
        "activityDateTime": f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}7Z",
        "loggedByService": "Core Directory",
        "operationType": "Update",
        "initiatedBy": {"user": {"id": "b-1", "displayName": None, "userPrincipalName": BOSS}, "app": None},
        "targetResources": [target],
        "additionalDetails": [],
        **more,
    }


def status(at: datetime, login: str, enabled: bool, **more: Any) -> list[Json]:
    """Both entries that one change makes."""
    changed = ("AccountEnabled", [not enabled], [enabled])
    name = "Enable account" if enabled else "Disable account"
    listed = ("Included Updated Properties", None, "AccountEnabled")
    return [audit(name, at, login, changed, **more), audit("Update user", at, login, changed, listed, **more)]


def membership(at: datetime, login: str, group: str, *, joined: bool) -> Json:
    ids, names = (GROUPS[group], group.title())
    values = [("Group.ObjectID", ids), ("Group.DisplayName", names)]
    changed = [(name, None, value) if joined else (name, value, None) for name, value in values]
    return audit("Add member to group" if joined else "Remove member from group", at, login, *changed)


def saved_audits(entries: Iterable[Json]) -> Json:
    """As Graph answers: the newest first."""
    return answer([*entries][::-1])


def portal_csv(entries: Iterable[Json], date: str = "Date (UTC)") -> str:
    """As the portal downloads them: a mark at the start, and room for five changed properties."""
    out = io.StringIO()
    columns = [date, "CorrelationId", "Service", "Category", "Activity", "Result", "ResultReason", "ActorType",
               "ActorDisplayName", "ActorObjectId", "ActorUserPrincipalName", "IPAddress"]  # fmt: skip
    target = ["Type", "DisplayName", "ObjectId", "UserPrincipalName"]
    target += [f"ModifiedProperty{n}{part}" for n in range(1, 6) for part in ("Name", "OldValue", "NewValue")]
    columns += [f"Target1{name}" for name in target]
    writer = csv.DictWriter(out, columns)
    writer.writeheader()
    for entry in entries:
        (of,) = entry["targetResources"]
        row = {date: entry["activityDateTime"], "CorrelationId": entry["correlationId"], "Service": "Core Directory",
               "Category": entry["category"], "Activity": entry["activityDisplayName"], "Result": entry["result"],
               "ActorUserPrincipalName": BOSS, "Target1Type": of["type"], "Target1ObjectId": of["id"],
               "Target1UserPrincipalName": of["userPrincipalName"]}  # fmt: skip
        for n, one in enumerate(of["modifiedProperties"][:5], 1):
            start = f"Target1ModifiedProperty{n}"
            row |= {f"{start}Name": one["displayName"], f"{start}OldValue": one["oldValue"] or "",
                    f"{start}NewValue": one["newValue"] or ""}  # fmt: skip
        writer.writerow(row)
    return "\ufeff" + out.getvalue()


def signed_in(at: datetime, login: str, code: int = 0) -> Json:
    return {"id": str(uuid4()), "createdDateTime": f"{at:%Y-%m-%dT%H:%M:%SZ}", "userId": USERS[login],
            "userPrincipalName": upn(login), "status": {"errorCode": code, "failureReason": "Other."}}  # fmt: skip


def did(name: str, at: datetime, customer: str = "C03az79cb", **parameters: str) -> Json:
    """An activity of the Admin console."""
    values = [{"name": key, "value": value} for key, value in parameters.items()]
    time = f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"
    return {
        "kind": "admin#reports#activity",
        "id": {"time": time, "applicationName": "admin",
               "uniqueQualifier": str(uuid4().int % 10**18), "customerId": customer},
        "actor": {"callerType": "USER", "email": BOSS, "profileId": "1"},
        "events": [{"type": "USER_SETTINGS", "name": name, "parameters": values}],
    }  # fmt: skip


def grouped(name: str, at: datetime, group: str, member: str = "", type_: str = "user", **more: str) -> Json:
    """An activity of the log "Groups Enterprise", whoever did it."""
    said = {"group_id": group, "namespace": "", **more}
    entry = did(name, at, **({**said, "member_id": member, "member_type": type_} if member else said))
    entry["id"]["applicationName"] = "groups_enterprise"
    entry["events"][0]["type"] = "moderator_action"
    return entry


def logged_in(at: datetime, profile: str, name: str = "login_success") -> Json:
    entry = did(name, at)
    return {**entry, "actor": {"email": "", "profileId": profile}}


def saved_activity(entries: Iterable[Json]) -> Json:
    """As Google answers: the newest first."""
    return {**page("x", "items", [*entries][::-1]), "kind": "admin#reports#activities"}

"""
Fakes of Amazon Connect and of WorkSpaces, as their API References describe them, on loopback.

Connect: seven users `agent0` … `agent6`, three to a page; two of them are called Maria Santos. All have the security
profile `Agent`, `agent6` `Admin` as well. WorkSpaces: seven desktops, three to a page: one each of `vma0` … `vma5`, a
second one of `vma1`; that of `vma3` is suspended, and `vma0` never connected.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.servers.aws import ACCOUNT, Asked, World

PER_PAGE = 3
INSTANCE = "11111111-2222-4333-8444-555555555555"
INSTANCE_ARN = f"arn:aws:connect:us-east-1:{ACCOUNT}:instance/{INSTANCE}"
DESCRIBED = {"Id": INSTANCE, "Arn": INSTANCE_ARN, "InstanceStatus": "ACTIVE"}
PROFILES = {
    "Agent": ["BasicAgentAccess", "OutboundCallAccess", "TransferDestinations.View"],
    "Admin": ["Users.Create", "SecurityProfiles.Edit", "ListenCallRecordings", "DownloadCallRecordings"],
}
DIRECTORY = "d-90670b1234"
CONNECTED = 1_790_000_000


def connect_world() -> World:
    """Return a world in which only Connect and STS answer; not started."""
    world = World("")
    users = [f"agent{n}" for n in range(7)]
    ids = {name: f"00000000-0000-4000-8000-00000000000{n}" for n, name in enumerate(users)}
    profiles = {name: f"10000000-0000-4000-8000-00000000000{n}" for n, name in enumerate(PROFILES)}

    def user(asked: Asked) -> dict[str, Any]:
        wanted = asked.path.partition("?")[0].rpartition("/")[2]
        name = next(name for name, id_ in ids.items() if id_ == wanted)
        first, last = ("Maria", "Santos") if name in ("agent2", "agent3") else (name.title(), "Reyes")
        held = [profiles["Agent"], *([profiles["Admin"]] if name == "agent6" else [])]
        person = {"FirstName": first, "LastName": last, "Email": f"{name}@example.com"}
        return {"User": {"Id": wanted, "Username": name, "IdentityInfo": person, "SecurityProfileIds": held}}

    def permissions(asked: Asked) -> dict[str, Any]:
        wanted = asked.path.partition("?")[0].rpartition("/")[2]
        whole = PROFILES[next(name for name, id_ in profiles.items() if id_ == wanted)]
        return page(whole, asked, "Permissions")

    listed = [{"Id": ids[name], "Arn": f"{INSTANCE_ARN}/agent/{ids[name]}", "Username": name} for name in users]
    known = [{"Id": id_, "Name": name} for name, id_ in profiles.items()]
    world.lacks = {
        ("sts", "GetCallerIdentity"): caller,
        ("connect", "DescribeInstance"): lambda asked: {"Instance": DESCRIBED},
        ("connect", "ListUsers"): lambda asked: page(listed, asked, "UserSummaryList"),
        ("connect", "DescribeUser"): user,
        ("connect", "ListSecurityProfiles"): lambda asked: page(known, asked, "SecurityProfileSummaryList"),
        ("connect", "ListSecurityProfilePermissions"): permissions,
    }
    return world


def workspaces_world() -> World:
    """Return a world in which only WorkSpaces and STS answer; not started."""
    world = World("")
    owners = ["vma0", "vma1", "vma1", "vma2", "vma3", "vma4", "vma5"]
    desktops = [
        {
            "WorkspaceId": f"ws-00000000{n}",
            "DirectoryId": DIRECTORY,
            "UserName": owner,
            "State": "SUSPENDED" if owner == "vma3" else ("STOPPED" if n % 2 else "AVAILABLE"),
        }
        for n, owner in enumerate(owners)
    ]

    def connection(n: int, desktop: dict[str, Any]) -> dict[str, Any]:
        last = {"LastKnownUserConnectionTimestamp": CONNECTED + n} if n else {}
        return {"WorkspaceId": desktop["WorkspaceId"], "ConnectionState": "DISCONNECTED", **last}

    connections = [connection(n, desktop) for n, desktop in enumerate(desktops)]
    world.lacks = {
        ("sts", "GetCallerIdentity"): caller,
        ("workspaces", "DescribeWorkspaces"): lambda asked: page(desktops, asked, "Workspaces"),
        ("workspaces", "DescribeWorkspacesConnectionStatus"): lambda asked: page(
            connections, asked, "WorkspacesConnectionStatus"
        ),
    }
    return world


def caller(asked: Asked) -> str:
    """Answer who the auditor is."""
    inner = f"<Arn>arn:aws:iam::{ACCOUNT}:user/auditor</Arn><UserId>AIDA0</UserId><Account>{ACCOUNT}</Account>"
    return (
        f"<GetCallerIdentityResponse><GetCallerIdentityResult>{inner}</GetCallerIdentityResult>"
        "</GetCallerIdentityResponse>"
    )


def page(whole: list[Any], asked: Asked, name: str) -> dict[str, Any]:
    """Return the page that a request asks for, in its body or in its address."""
    token = asked.fields.get("NextToken") or asked.path.rpartition("nextToken=")[2].partition("&")[0]
    start = int(token) if str(token).isdigit() else 0
    end = start + PER_PAGE
    return {name: whole[start:end]} | ({"NextToken": str(end)} if end < len(whole) else {})


def save_connect(folder: Path) -> Path:
    """Write what `docs/aws-save.sh` saves of the instance; return the folder."""
    answers = {name: answer for (service, name), answer in connect_world().lacks.items() if service == "connect"}
    users = whole(answers["ListUsers"], "UserSummaryList")
    profiles = whole(answers["ListSecurityProfiles"], "SecurityProfileSummaryList")
    permissions = answers["ListSecurityProfilePermissions"]
    return save(
        folder,
        {
            "connect.DescribeInstance": [
                {"Instance": {"Id": INSTANCE, "Arn": INSTANCE_ARN, "InstanceStatus": "ACTIVE"}}
            ],
            "connect.ListUsers": [{"UserSummaryList": users}],
            "connect.DescribeUser": [
                answers["DescribeUser"](asked_for(user["Id"])) | {"Request": {"UserId": user["Id"]}} for user in users
            ],
            "connect.ListSecurityProfiles": [{"SecurityProfileSummaryList": profiles}],
            "connect.ListSecurityProfilePermissions": [
                {
                    "Permissions": whole(permissions, "Permissions", profile["Id"]),
                    "Request": {"SecurityProfileId": profile["Id"]},
                }
                for profile in profiles
            ],
        },
    )


def save_workspaces(folder: Path) -> Path:
    """Write what `docs/aws-save.sh` saves of the desktops; return the folder."""
    answers = {name: answer for (service, name), answer in workspaces_world().lacks.items() if service == "workspaces"}
    items = {"DescribeWorkspaces": "Workspaces", "DescribeWorkspacesConnectionStatus": "WorkspacesConnectionStatus"}
    return save(folder, {f"workspaces.{name}": [{key: whole(answers[name], key)}] for name, key in items.items()})


def save(folder: Path, answers: Mapping[str, Any]) -> Path:
    """Write saved answers, a file each; a single answer stands as the command line prints it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, said in answers.items():
        (folder / f"{name}.json").write_text(json.dumps(said[0] if len(said) == 1 else said, indent=1))
    return folder


def whole(answer: Any, name: str, of: str = "") -> list[Any]:
    """Turn the pages of an answer, as the command line does."""
    found: list[Any] = []
    token = ""
    while True:
        said = answer(asked_for(of, token))
        found += said[name]
        if "NextToken" not in said:
            return found
        token = said["NextToken"]


def asked_for(of: str, token: str = "") -> Asked:
    """Return a request that names something at the end of its address."""
    return Asked("", "", "", {}, f"/x/{of}" + (f"?nextToken={token}" if token else ""))

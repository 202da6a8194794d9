"""
Who has a virtual desktop in one account and region, from live or saved answers.

The people are users of a directory; here an account is a person with a desktop, disabled where every desktop of
that person is suspended or being removed. Source: WorkSpaces API Reference, DescribeWorkspaces,
DescribeWorkspacesConnectionStatus.
"""

from collections.abc import Mapping, Sequence, Set
from datetime import datetime
from typing import Any

from connectors.cloud.aws.calls import Call, CallRefused
from connectors.cloud.aws.responses import ResponseSource, moment, records, text
from connectors.connector import Page
from connectors.facts import NEVER, Account, Entitlement, EntitlementKind, Evidence, Grant, Never, Status

DESKTOPS = Call("workspaces", "DescribeWorkspaces", items="Workspaces", more_at="NextToken")
CONNECTIONS = Call(
    "workspaces",
    "DescribeWorkspacesConnectionStatus",
    "last sign-in",
    items="WorkspacesConnectionStatus",
    more_at="NextToken",
)
CALLS = (DESKTOPS, CONNECTIONS)
CLOSED = frozenset(["SUSPENDED", "TERMINATING", "TERMINATED"])
DESKTOP = "desktop"
DIRECTORY_ID = r"^(d|wsd)-[0-9a-z]{8,63}$"


def read_desktops(system: str, answers: ResponseSource, directory: str | None) -> Page:
    """Read all desktops to the end marker, of one directory or of all; raises `SourceError`, `InputError`."""
    desktops = records(answers, DESKTOPS, **asked(directory))
    if directory is not None:
        desktops = [desktop for desktop in desktops if desktop.get("DirectoryId") == directory]
    used, evidence = _last_used(answers, {text(DESKTOPS, desktop, "WorkspaceId") for desktop in desktops})
    people: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for desktop in desktops:
        person = (text(DESKTOPS, desktop, "DirectoryId"), text(DESKTOPS, desktop, "UserName"))
        people.setdefault(person, []).append(desktop)
    accounts = tuple(_person(system, *person, held, used) for person, held in people.items())
    return Page(
        accounts=accounts,
        entitlements=(Entitlement(system, DESKTOP, "virtual desktop", EntitlementKind.PRIVILEGE),),
        grants=tuple(Grant(account.id, DESKTOP) for account in accounts),
        evidence=(Evidence("end", "no `NextToken` on the last page of desktops"), *evidence),
    )


def asked(directory: str | None) -> dict[str, str]:
    """Return the request for the desktops of one directory, or of all."""
    return {"DirectoryId": directory} if directory else {}


def _last_used(
    answers: ResponseSource, listed: Set[str]
) -> tuple[dict[str, datetime | None] | None, tuple[Evidence, ...]]:
    """Return when each desktop was last connected to; `None` when that was refused."""
    try:
        found = records(answers, CONNECTIONS)
    except CallRefused as refused:
        return None, (Evidence("not read", f"last sign-in: {refused.message}"),)
    last = "LastKnownUserConnectionTimestamp"
    used = {text(CONNECTIONS, one, "WorkspaceId"): moment(CONNECTIONS, one, last) for one in found}
    # Whether AWS keeps states of desktops that are gone is not documented, so a difference is told and no error.
    others = len(used.keys() - listed)
    told = f"{len(used)} connection states" + (f", {others} of desktops that are not listed" if others else "")
    return used, (Evidence("connections", told),)


def _person(
    system: str,
    directory: str,
    login: str,
    held: Sequence[Mapping[str, Any]],
    used: Mapping[str, datetime | None] | None,
) -> Account:
    states = {text(DESKTOPS, desktop, "State") for desktop in held}
    ids = [text(DESKTOPS, desktop, "WorkspaceId") for desktop in held]
    return Account(
        system=system,
        id=f"{directory}/{login}",
        login=login,
        name=login,
        status=Status.DISABLED if states <= CLOSED else Status.ACTIVE,
        last_login=_latest(ids, used),
    )


def _latest(ids: Sequence[str], used: Mapping[str, datetime | None] | None) -> datetime | Never | None:
    """Return the last connection to any of the desktops; unknown where AWS left one of them out."""
    if used is None or not all(id_ in used for id_ in ids):
        return None
    return max((when for id_ in ids if (when := used[id_]) is not None), default=NEVER)

"""
Ways into a directory for somebody outside it, as far as a list of its users tells them: guests.

`#EXT#` in a user principal name marks whoever is at home elsewhere (Microsoft Entra External ID, "Properties of a B2B
collaboration user"); in other directories a list of users says nothing of them, and so it is told.
"""

import re
from collections.abc import Iterable

from connectors.facts import Account, Door, DoorKind, System, SystemKind

_HOME = re.compile(r"(?P<name>.+)_(?P<domain>[^_@]+)#EXT#@.*", re.IGNORECASE)
NOT_TOLD = {
    DoorKind.GUEST: "a list of users does not say who is at home elsewhere",
    DoorKind.EXTERNAL_MEMBER: "a list of users does not say who from outside is in a group",
    DoorKind.DELEGATE: "a list of users does not say who may act in somebody's mailbox",
    DoorKind.FORWARDING: "a list of users does not say whose mail goes on to an address outside",
    DoorKind.PROGRAM: "a list of users does not name programs",
}


def doors_in(system: System, accounts: Iterable[Account]) -> tuple[Door, ...]:
    """Return a door for every live guest of a directory."""
    if system.kind is not SystemKind.DIRECTORY:
        return ()
    found = []
    for account in accounts:
        match = _HOME.fullmatch(account.login)
        if match is None or not account.live:
            continue
        address = account.email if account.email and "#ext#" not in account.email.casefold() else None
        who = address or f"{match['name']}@{match['domain']}"
        found.append(
            Door(
                id=f"guest:{account.id}",
                kind=DoorKind.GUEST,
                who=who,
                to="the directory",
                names=(who, who.rpartition("@")[2]),
                account=account.id,
            )
        )
    return tuple(found)


def doors_unread(system: System) -> dict[DoorKind, str]:
    """Return the kinds of doors that a list of users does not tell, and why."""
    if system.kind is not SystemKind.DIRECTORY:
        return {}
    told = {DoorKind.GUEST} if system.product == "entra" else set()
    return {kind: why for kind, why in NOT_TOLD.items() if kind not in told}

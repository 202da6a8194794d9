"""
Ways into an Entra ID directory for somebody outside it: guests, external members, contacts in groups.

Somebody who is at home elsewhere is external whatever `userType` says, which can be changed to `Member`, with all that
members see. What these files do not say is told, too. Source: Microsoft Entra External ID, "Properties of a B2B
collaboration user": `#EXT#` in the user principal name, `creationType` `Invitation`, `userType`.
"""

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from connectors.directory.entra.users import EntraUsers
from connectors.facts import Account, Door, DoorKind, Evidence

NOT_READ: Mapping[DoorKind, str] = MappingProxyType(
    {
        DoorKind.DELEGATE: "who may open or send from somebody's mailbox stands in Exchange",
        DoorKind.FORWARDING: "whose mail goes on to an address outside stands in Exchange",
        DoorKind.PROGRAM: "consents and application permissions of programs were not saved",
        DoorKind.TRUST: "cross-tenant access and partners with delegated administration were not saved",
    }
)
"""What Entra ID has besides, and why it is not told."""
RIGHTS_NOT_READ = (
    "eligible membership in role-assignable groups (PIM for Groups)",
    "app role assignments: who may use which program, and as what",
    "application permissions of programs",
    "which groups somebody may join or manage without being asked, beside the public ones",
)
"""What somebody may hold or get, and these files do not say."""
_HOME = re.compile(r"(?P<name>.+)_(?P<domain>[^_@]+)#EXT#@.*", re.IGNORECASE)


def outside(users: EntraUsers) -> tuple[Door, ...]:
    """Return a door for everybody who is at home in another directory and may sign in here."""
    found = []
    for id_ in sorted(users.external):
        account = users.accounts[id_]
        if account.live:
            member = users.types.get(id_) == "Member"
            found.append(
                Door(
                    id=f"guest:{id_}",
                    kind=DoorKind.GUEST,
                    who=_address(account),
                    to="the directory",
                    names=_names(_address(account)),
                    account=id_,
                    detail="with the rights of a member: `userType` says Member" if member else "",
                )
            )
    return tuple(found)


def contacts(contacts_in: Iterable[tuple[str, str, str]]) -> tuple[Door, ...]:
    """Return a door for every mail contact that is in a group: (id of the contact, its address or id, the group)."""
    return tuple(
        Door(
            id=f"contact:{contact}:{group}",
            kind=DoorKind.EXTERNAL_MEMBER,
            who=address,
            to=f"the group {group}",
            names=_names(address),
        )
        for contact, address, group in contacts_in
    )


def doors_unread(*, groups_read: bool) -> dict[DoorKind, str]:
    """Return the kinds of doors that these files do not say, and why."""
    return {**NOT_READ, **({} if groups_read else {DoorKind.EXTERNAL_MEMBER: "groups were not saved"})}


def not_read() -> tuple[Evidence, ...]:
    """Tell which rights these files do not say."""
    return tuple(Evidence("not read", what) for what in RIGHTS_NOT_READ)


def _address(account: Account) -> str:
    """Return the address at home, which the user principal name of an external user carries."""
    match = _HOME.fullmatch(account.login)
    return account.email or (f"{match['name']}@{match['domain']}" if match else account.login)


def _names(address: str) -> tuple[str, ...]:
    return (address, address.rpartition("@")[2]) if "@" in address else ()

"""Ways into a Google Workspace for somebody outside it: members of groups from elsewhere; and what was not read."""

from collections.abc import Mapping
from types import MappingProxyType

from connectors.directory.google.groups import GoogleGroups
from connectors.directory.google.users import GoogleUsers
from connectors.facts import Door, DoorKind, Evidence

NOT_READ: Mapping[DoorKind, str] = MappingProxyType(
    {
        DoorKind.DELEGATE: "who may open or send from somebody's mailbox was not exported",
        DoorKind.FORWARDING: "whose mail goes on to an address outside was not exported",
        DoorKind.PROGRAM: "programs with somebody's consent or domain-wide delegation were not exported",
        DoorKind.FEDERATED: "whether another identity provider signs people in was not exported",
    }
)
"""What Google Workspace has besides, and why it is not told."""
RIGHTS_NOT_READ = (
    "who may join a group without being asked, and from outside (group settings)",
    "who manages a group: its owners and managers may let others in",
)


def outside(users: GoogleUsers, groups: GoogleGroups) -> tuple[Door, ...]:
    """Return a door for everybody from elsewhere in each group that lists them."""
    found = []
    for id_, account in sorted(users.outsiders.items()):
        for group in sorted(groups.nested.holding.get(id_, ())):
            names = (account.login, account.login.rpartition("@")[2]) if "@" in account.login else ()
            found.append(
                Door(
                    id=f"member:{id_}:{group}",
                    kind=DoorKind.EXTERNAL_MEMBER,
                    who=account.login,
                    to=f"the group {groups.nested.groups[group].name}",
                    names=names,
                    account=id_,
                )
            )
    return tuple(found)


def doors_unread(*, groups_read: bool) -> dict[DoorKind, str]:
    """Return the kinds of doors that these files do not say, and why."""
    return {**NOT_READ, **({} if groups_read else {DoorKind.EXTERNAL_MEMBER: "groups were not exported"})}


def not_read() -> tuple[Evidence, ...]:
    """Tell which rights these files do not say."""
    return tuple(Evidence("not read", what) for what in RIGHTS_NOT_READ)

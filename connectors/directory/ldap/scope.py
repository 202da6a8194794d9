"""What to read of a directory, once its kind is known."""

from typing import TYPE_CHECKING

from connectors.directory.ldap.target import LdapSearch
from connectors.directory.schema.attributes import (
    GROUP_ATTRIBUTES,
    GROUP_FILTER,
    GROUP_FILTER_BY_MEMBERS,
    USER_ATTRIBUTES,
    USER_FILTER,
    USER_FILTER_AD,
    of,
)
from connectors.directory.schema.coverage import part_read
from connectors.directory.schema.dn import normalise
from connectors.directory.schema.server_type import ServerType, server_type_of
from connectors.errors import SourceError, shorten
from connectors.facts import Evidence
from connectors.unproven import BASE, FILTER

if TYPE_CHECKING:
    from connectors.directory.ldap.wire import LdapConnection


class ReadScope:
    """What to read of a directory, once its kind is known."""

    def __init__(
        self, flavour: ServerType, bases: tuple[str, str], user_filter: str | None, group_filter: str, page_size: int
    ) -> None:
        """`bases` are those of accounts and of groups."""
        self.flavour, self.page_size = flavour, page_size
        self.base_dn, self.group_base = bases
        self.own_filter, self.own_group_filter = user_filter is not None, group_filter != GROUP_FILTER
        self._user_filter = user_filter or self.all_users
        self.all_groups = GROUP_FILTER if flavour.attributes == "ad" else GROUP_FILTER_BY_MEMBERS
        self._group_filter = group_filter if self.own_group_filter else self.all_groups

    def base_told(self) -> tuple[Evidence, ...]:
        """Tell where accounts were looked for, when that is not a whole naming context."""
        told = part_read(self.base_dn, self.flavour.roots)
        return (Evidence(BASE, told),) if told else ()

    def filter_told(self, left_out: int) -> tuple[Evidence, ...]:
        """Tell which accounts a filter of the practice's own leaves in, and how many others are there."""
        if not self.own_filter:
            return ()
        told = shorten(self._user_filter)
        if not left_out:
            return (Evidence("filter-checked", f"{told} leaves out no account below the base"),)
        return (Evidence(FILTER, f"only accounts that {told} finds; {left_out} others are there, of unknown state"),)

    @property
    def all_users(self) -> str:
        """The filter that finds everything that can sign in."""
        return USER_FILTER_AD if self.flavour.attributes == "ad" else USER_FILTER

    def search(self, what: str) -> LdapSearch:
        """Return the search for `groups` or for `users`."""
        attributes = of(USER_ATTRIBUTES if what == "users" else GROUP_ATTRIBUTES, self.flavour.attributes)
        if what == "users":
            return LdapSearch(what, self.base_dn, self._user_filter, attributes, self.page_size)
        return LdapSearch(what, self.group_base, self._group_filter, attributes, self.page_size)


def scope_of(
    wire: "LdapConnection", bases: tuple[str, str], user_filter: str | None, group_filter: str, page_size: int
) -> ReadScope:
    """Ask the server what it is; raises `SourceError`."""
    return ReadScope(server_type_of(wire.root()), bases, user_filter, group_filter, page_size)


def refuse_twice(system: str, flavour: ServerType, base_dn: str) -> None:
    """Refuse to read FreeIPA from its root, where every user stands a second time."""
    base = normalise(base_dn)
    if flavour.attributes == "freeipa" and any(base == root or base.startswith("cn=compat,") for root in flavour.roots):
        raise SourceError(
            f"`{system}` is FreeIPA, where users stand a second time below `cn=compat,{flavour.roots[0]}`",
            hint=f"set `base_dn: cn=accounts,{flavour.roots[0]}`",
        )

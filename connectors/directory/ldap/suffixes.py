"""Groups in the other suffixes of a server: they may name who is read, and no base of one suffix finds them."""

from typing import TYPE_CHECKING

from connectors.directory.schema.attributes import GROUP_FILTER_BY_MEMBERS
from connectors.directory.schema.dn import below, member_key, normalise
from connectors.directory.schema.entry import Entry
from connectors.errors import SourceError, shorten

if TYPE_CHECKING:
    from connectors.directory.ldap.wire import LdapConnection

MAX_SUFFIXES = 20
"""More than one server keeps for one practice; the rest is told as not looked at."""
_BY_DN = ("member", "uniqueMember", "roleOccupant")
_BY_NAME = ("memberUid", "memberURL")
"""What says by a name, or by a search, who is in a group: that may be anybody."""


def elsewhere(wire: "LdapConnection", roots: tuple[str, ...], base_dn: str, group_base: str, page_size: int) -> str:
    """
    Tell which groups in other suffixes than that of the base may hold who is read, as a name for them; or nothing.

    What the server does not show of another suffix is not told: it may be another practice's, whose groups are none of
    this one's.
    """
    base, searched = normalise(base_dn), normalise(group_base)
    others = [r for r in roots if r and not below(r, searched) and not below(searched, r)]
    found: dict[str, int] = {}
    for root in others[:MAX_SUFFIXES]:
        try:
            listed = wire.read_all(
                root, GROUP_FILTER_BY_MEMBERS, (*_BY_DN, *_BY_NAME), what="groups", page_size=page_size
            )
        except SourceError:
            continue
        if count := sum(1 for entry in listed if _may_hold(entry, base)):
            found[root] = count
    told = [f"{count} groups in {shorten(root)}" for root, count in found.items()]
    if len(others) > MAX_SUFFIXES:
        told.append(f"groups in {len(others) - MAX_SUFFIXES} suffixes that were not looked at")
    return f"{', '.join(told)}, outside of {shorten(group_base)}" if told else ""


def _may_hold(entry: Entry, base: str) -> bool:
    """Whether a group has a member below the base, or says by a name or a search who is in it."""
    if any(entry.texts(name.lower()) for name in _BY_NAME):
        return True
    return any(below(member_key(value), base) for name in _BY_DN for value in entry.texts(name.lower()))

"""
Members of groups that a search decides (groupOfURLs, dynamicGroup): the search is run, as the server would run it.

What it finds is in the group. That it finds nobody proves nothing, because a filter over attributes that the auditor
may not search finds nobody either; then it stays a search that was not run.
Source: RFC 4516 (LDAP URLs).
"""

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import unquote

from connectors.directory.ldap.target import LdapSearch
from connectors.directory.schema.decode import dn_key
from connectors.directory.schema.dn import normalise
from connectors.directory.schema.entry import BadValue
from connectors.directory.schema.group import DirectoryGroup
from connectors.errors import SourceError

if TYPE_CHECKING:
    from connectors.directory.ldap.wire import LdapConnection

MAX_MEMBERS = 200_000
"""More people than a practice has: a search that finds more is left as it is."""
_DEPTHS = {"": "base", "base": "base", "one": "one", "sub": "sub", "subordinate": "sub"}


def search_of(url: str, page_size: int) -> LdapSearch | None:
    """Return the search of an LDAP URL; `None` for one on another server, or of another kind than the usual."""
    scheme, _, rest = url.partition(":///")
    if scheme.lower() not in {"ldap", "ldaps"}:
        return None
    base, attributes, depth, found, extensions = (*rest.split("?"), "", "", "", "")[:5]
    if attributes or extensions or depth.lower() not in _DEPTHS:
        return None
    dn, search_filter = unquote(base), unquote(found) or "(objectClass=*)"
    try:
        normalise(dn)
    except ValueError:
        return None
    kind = _DEPTHS[depth.lower()]
    return LdapSearch("members", dn, search_filter, ("1.1",), page_size, kind)  # type: ignore[arg-type]


def with_found(group: DirectoryGroup, wire: "LdapConnection", page_size: int) -> DirectoryGroup:
    """Return the group with those whom its searches find; a search that finds nobody stays with it."""
    members, unclear = set(group.members), group.unclear
    for url in group.searches:
        found = _run(search_of(url, page_size), wire)
        members.update(found)
        unclear = unclear or not found
    return replace(group, members=frozenset(members - {group.entitlement.id}), searches=(), unclear=unclear)


def _run(search: LdapSearch | None, wire: "LdapConnection") -> set[str]:
    found: set[str] = set()
    cookie = b""
    try:
        while search is not None:
            entries, references, cookie = wire.page(search, cookie)
            found.update(dn_key(entry) for entry in entries)
            if references or len(found) > MAX_MEMBERS:
                return set()
            if not cookie:
                break
    except (SourceError, BadValue):
        return set()
    return found

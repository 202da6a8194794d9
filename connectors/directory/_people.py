"""Entries of people for a roster: everybody whom a filter finds, or the members of one group."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from connectors.directory._dn import normalise
from connectors.directory._entry import Entry
from connectors.directory._flavour import ignorable
from connectors.directory._group import is_group
from connectors.directory._read import Scope, whole_group
from connectors.errors import SourceDenied, SourceTruncated

if TYPE_CHECKING:
    from connectors.directory._wire import Wire


def entries(system: str, wire: "Wire", scope: Scope, attributes: tuple[str, ...]) -> Iterator[Entry]:
    """Yield the entries that the filter for users finds, to the proven end; raises `SourceError`."""
    search = replace(scope.search("users"), attributes=attributes)
    cookie = b""
    while True:
        found, references, cookie = wire.page(search, cookie)
        if any(not ignorable(scope.flavour, uri) for uri in references):
            raise SourceTruncated(
                f"`{system}` says that part of `{scope.base_dn}` is on another server",
                hint="narrow `base_dn` to what this server holds",
            )
        yield from found
        if not cookie:
            return


def members(system: str, wire: "Wire", group: str) -> frozenset[str]:
    """Return the DNs, normalised, of the people in a group and in the groups in it; raises `SourceError`."""
    found, seen, groups = set[str](), {normalise(group)}, [group]
    while groups:
        dn = groups.pop()
        entry = wire.read_entry(dn, ("objectClass", "member", "uniqueMember"))
        if entry is None or not is_group(entry):
            raise SourceDenied(
                f"`{system}` does not show `{dn}` as a group",
                hint="check the DN, and let the auditor's account read it with its `member`",
            )
        whole = whole_group(system, wire, entry)
        for member in (*whole.texts("member"), *whole.texts("uniquemember")):
            key = normalise(member)
            if key in seen:
                continue
            seen.add(key)
            inner = wire.read_entry(member, ("objectClass",))
            if inner is not None and is_group(inner):
                groups.append(member)
            else:
                found.add(key)
    return frozenset(found)

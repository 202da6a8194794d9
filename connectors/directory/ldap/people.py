"""Entries of people for a roster: everybody whom a filter finds, or the members of one group."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from connectors.directory.ldap.read import whole_group
from connectors.directory.ldap.scope import ReadScope
from connectors.directory.schema.decode import dn_key, is_account, is_managed_service
from connectors.directory.schema.dn import member_key, normalise
from connectors.directory.schema.entry import Entry, read_sid
from connectors.directory.schema.group import decode_group, is_group
from connectors.directory.schema.server_type import ignorable
from connectors.errors import SourceDenied, SourceTruncated

if TYPE_CHECKING:
    from connectors.directory.ldap.wire import LdapConnection

NAMED_BY = ("objectClass", "uid", "cn", "sAMAccountName", "userPrincipalName")
"""What tells who somebody is, and whether it is somebody; asked for besides the columns."""
_GROUP = (
    *("objectClass", "cn", "objectSid", "gidNumber", "member", "uniqueMember", "roleOccupant", "ibm-memberGroup"),
    *("memberUid", "memberURL", "memberQueryURL", "sudoUser", "nisNetgroupTriple", "memberNisNetgroup"),
)


def entries(system: str, wire: "LdapConnection", scope: ReadScope, attributes: tuple[str, ...]) -> Iterator[Entry]:
    """Yield the entries that the filter for users finds, to the proven end; raises `SourceError` and `BadValue`."""
    search = replace(scope.search("users"), attributes=tuple(dict.fromkeys((*NAMED_BY, *attributes))))
    cookie = b""
    while True:
        found, references, cookie = wire.page(search, cookie)
        if any(not ignorable(scope.flavour, uri) for uri in references):
            raise SourceTruncated(
                f"`{system}` says that part of `{scope.base_dn}` is on another server",
                hint="narrow `base_dn` to what this server holds",
            )
        yield from (entry for entry in found if scope.own_filter or _is_somebody(entry))
        if not cookie:
            return


def logins(entry: Entry) -> set[str]:
    """Return the names by which a canary may name an entry, in small letters."""
    return {text.casefold() for name in NAMED_BY[1:] for text in entry.texts(name.lower())}


def members(system: str, wire: "LdapConnection", scope: ReadScope, group: str) -> frozenset[str]:
    """
    Return the DNs, normalised, of the people in a group and in the groups in it, also by their primary group.

    Raises `SourceError` for a group that cannot be read, and for one that names people otherwise than by DN.
    """
    found, seen, groups = set[str](), {normalise(group)}, [group]
    while groups:
        dn = groups.pop()
        entry = wire.read_entry(dn, _GROUP)
        if entry is None or not is_group(entry):
            raise SourceDenied(
                f"`{system}` does not show `{dn}` as a group",
                hint="check the DN, and let the auditor's account read it with its `member`",
            )
        listed = _listed(system, dn, whole_group(system, wire, entry))
        primary = _by_primary_group(wire, scope, entry)
        if not listed and not primary:
            raise SourceDenied(
                f"`{system}` shows no member of `{dn}`",
                hint="let the auditor's account read `member` and `uniqueMember`, or name another group",
            )
        found |= primary
        for key in listed - seen:
            seen.add(key)
            inner = wire.read_entry(key, _GROUP)
            if inner is not None and is_group(inner):
                groups.append(key)
            else:
                found.add(key)
    return frozenset(found)


def _is_somebody(entry: Entry) -> bool:
    return is_account(entry) and not is_managed_service(entry.classes)


def _listed(system: str, dn: str, entry: Entry) -> set[str]:
    group = decode_group(system, entry)
    others = {key for key in group.members if "=" not in key or key.startswith(("?", "uid:", "sid:", "cn:", "mail:"))}
    if others or group.searches or group.unclear:
        raise SourceTruncated(
            f"`{system}`: the group `{dn}` names people otherwise than by DN, so not all of them can be found",
            hint="take a group that lists its members (`member`), or the unit where they stand as `base_dn`",
        )
    return {member_key(key) for key in group.members}


def _by_primary_group(wire: "LdapConnection", scope: ReadScope, entry: Entry) -> set[str]:
    """Return whose primary group it is: AD and Unix do not list these as members."""
    gid = entry.text("gidnumber") if "posixgroup" in entry.classes else None
    sid = read_sid(entry) if scope.flavour.attributes == "ad" else None
    number = sid.rpartition("-")[2] if sid else gid
    if number is None or not number.isdecimal():
        return set()
    attribute = "primaryGroupID" if sid else "gidNumber"
    kind = "(objectClass=user)" if sid else "(objectClass=posixAccount)"
    wanted = f"(&{kind}({attribute}={number}))"
    found: set[str] = set()
    for root in scope.flavour.roots or (scope.base_dn,):
        found.update(dn_key(one) for one in wire.read_all(root, wanted, NAMED_BY) if _is_somebody(one))
    return found

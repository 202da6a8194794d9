"""Single accounts of a directory, found by the id that survives a rename, with the groups that list them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from connectors.directory.ldap.read import inactivity_policies, site_of
from connectors.directory.ldap.scope import ReadScope
from connectors.directory.schema.attributes import USER_ATTRIBUTES, of
from connectors.directory.schema.decode import DirectoryUser, decode_user, dn_key, is_account
from connectors.directory.schema.entry import Entry
from connectors.directory.schema.inactivity import with_inactivity
from connectors.facts import Account
from connectors.one_account import AccountNow

if TYPE_CHECKING:
    from connectors.directory.ldap.wire import LdapConnection

AT_ONCE = 50
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
_ID_NAMES = {"openldap": ("entryUUID",), "389": ("nsUniqueId",), "freeipa": ("ipaUniqueID", "nsUniqueId")}


def accounts_now(
    system: str, wire: "LdapConnection", scope: ReadScope, accounts: Sequence[Account], now: datetime
) -> Mapping[str, AccountNow]:
    """Return each of these accounts that lies below the base and may be seen; raises `SourceError` or `BadValue`."""
    flavour = scope.flavour
    site = site_of(wire, flavour, now)
    policies = inactivity_policies(wire, flavour)
    found: dict[str, AccountNow] = {}
    for entry in _entries(wire, scope, accounts):
        if not is_account(entry):
            continue  # of one that is hidden, a server may show the name alone
        user = decode_user(system, entry, now, site)
        if user.policy:
            user = with_inactivity(user, policies, now)
        found[user.account.id] = AccountNow(user.account, _given(wire, scope, entry, user), frozenset(user.within))
    asked = {account.id for account in accounts}
    return {id_: one for id_, one in found.items() if id_ in asked}


def _entries(wire: "LdapConnection", scope: ReadScope, accounts: Sequence[Account]) -> Iterator[Entry]:
    """Yield the entries: by log-in and id first, which an index finds, then by the id alone, who was renamed."""
    attributes = of(USER_ATTRIBUTES, scope.flavour.attributes)
    kind = scope.flavour.attributes
    for start in range(0, len(accounts), AT_ONCE):
        some = accounts[start : start + AT_ONCE]
        by_id = {account.id: _by_id(account.id, kind) for account in some}
        quick = [f"(&{_by_login(account.login)}{by_id[account.id]})" for account in some if by_id[account.id]]
        seen = wire.read_all(scope.base_dn, f"(|{''.join(quick)})", attributes, what="accounts") if quick else []
        yield from seen
        # The filters are compared, not the entries: an entry is decoded once, by whoever asks for it.
        if len(seen) < len(quick):
            slow = [by_id[account.id] for account in some if by_id[account.id]]
            yield from wire.read_all(scope.base_dn, f"(|{''.join(slow)})", attributes, what="accounts")
        for account in some:
            if not by_id[account.id] and (entry := wire.read_entry(account.id, attributes)) is not None:
                yield entry


def _by_id(id_: str, kind: str) -> str:
    """Return the filter for an id; empty where the id is a DN, which is read as such."""
    if kind == "ad" and _UUID.fullmatch(id_):
        octets = "".join(f"\\{byte:02x}" for byte in UUID(id_).bytes_le)
        return f"(objectGUID={octets})"
    if "=" in id_:
        return ""
    names = _ID_NAMES.get(kind, ("entryUUID", "nsUniqueId", "ipaUniqueID"))
    return f"(|{''.join(f'({name}={escaped(id_)})' for name in names)})"


def _by_login(login: str) -> str:
    value = escaped(login)
    return f"(|(uid={value})(sAMAccountName={value})(cn={value}))"


def _given(wire: "LdapConnection", scope: ReadScope, entry: Entry, user: DirectoryUser) -> frozenset[str]:
    """Return the groups that list the account, by its DN or its name, its primary groups, and its roles."""
    dn, uids = escaped(entry.dn), entry.texts("uid") or [user.account.login]
    named = "".join(f"(memberUid={escaped(uid)})" for uid in uids)
    named += "".join(_primary(key) for key in user.primaries)
    asked = f"(|(member={dn})(uniqueMember={dn}){named})"
    groups = wire.read_all(scope.group_base, asked, ("objectClass", "cn"), what="groups")
    return frozenset({*(dn_key(group) for group in groups), *user.roles})


def _primary(key: str) -> str:
    kind, _, value = key.partition(":")
    if kind == "sid":
        return f"(objectSid={escaped(value)})"
    return f"(&(objectClass=posixGroup)(gidNumber={escaped(value)}))"


def escaped(value: str) -> str:
    """Write a value into a filter (RFC 4515 section 3): nothing in it can end or widen it."""
    return "".join(f"\\{byte:02x}" if byte in b"\\*()\x00" or byte > 0x7E else chr(byte) for byte in value.encode())

"""
Members of groups that are no entries of the directory: accounts of trusted domains, and Windows' own identities.

A group of AD names them by `CN=<SID>,CN=ForeignSecurityPrincipals,…` (MS-ADTS 3.1.1.4.5.38), FreeIPA by the SID in
ipaExternalMember. The SID is all that the directory knows of them.
"""

import re
from dataclasses import dataclass

from connectors.directory.schema.dn import below, first_value
from connectors.facts import Account, Entitlement, EntitlementKind, Status

_PRINCIPAL = re.compile(r"cn=(s-1-\d{1,15}(?:-\d{1,10}){1,15}),cn=foreignsecurityprincipals,.+", re.ASCII)
_SID = re.compile(r"S-1-\d{1,15}(?:-\d{1,10}){1,15}", re.ASCII)

EVERYBODY = {
    "S-1-1-0": "Everyone",
    "S-1-5-2": "Network",
    "S-1-5-4": "Interactive",
    "S-1-5-11": "Authenticated Users",
    "S-1-5-14": "Remote Interactive Logon",
    "S-1-5-15": "This Organization",
}
"""What every account of a domain becomes when it signs in, in one way or another (MS-DTYP 2.4.2.4)."""


@dataclass(frozen=True, slots=True)
class ForeignPrincipal:
    """An account of another domain, or a group of them: their own directory says which."""

    key: str
    """As groups name it."""
    id: str
    name: str


def identity_of(key: str) -> str:
    """Return the SID that a member key stands for, or nothing when it names an entry."""
    if key.startswith("sid:"):
        return key[4:] if _SID.fullmatch(key, 4) else ""
    match = _PRINCIPAL.fullmatch(key) if key.startswith("cn=s-1-") else None
    return match[1].upper() if match else ""


def everybody(system: str, key: str) -> Entitlement | None:
    """Return what every account holds when a member key names one of Windows' identities that all of them have."""
    sid = identity_of(key)
    name = EVERYBODY.get(sid)
    return Entitlement(system, key, name, EntitlementKind.GROUP, aliases=(sid,)) if name else None


def elsewhere(system: str, key: str) -> Entitlement:
    """Return a group that somebody is in and that was not read: by its SID the catalog may know it all the same."""
    sid = key.removeprefix("sid:")
    name = sid if sid != key else first_value(key)[1]
    return Entitlement(system, key, f"{name}, not read", EntitlementKind.GROUP, aliases=(sid,) if sid != key else ())


def foreign_principal(key: str, home: tuple[str, ...]) -> ForeignPrincipal | None:
    """Return who is meant when a member key names somebody of another domain; `home` are the roots of this one."""
    sid = identity_of(key)
    if sid:
        # Other SIDs are Windows' own: services and domain controllers, never people.
        return ForeignPrincipal(key, sid, f"somebody of another domain, {sid}") if sid.startswith("S-1-5-21-") else None
    if not home or key.startswith(("?", "uid:")) or ",dc=" not in key or any(below(key, root) for root in home):
        return None
    return ForeignPrincipal(key, key, first_value(key)[1])


def account_of(system: str, person: ForeignPrincipal) -> Account:
    """Return the account as far as this directory knows it: it may be live."""
    return Account(system, person.id, person.id, person.name, Status.UNKNOWN)

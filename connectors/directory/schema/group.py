"""What group attributes mean: one entry in, one entitlement with the keys of its members out."""

import re
from dataclasses import dataclass

from connectors.directory.schema.attributes import GROUP_CLASSES, MEMBER_DNS, MEMBER_MAILS, MEMBER_SEARCHES, MEMBERS
from connectors.directory.schema.decode import dn_key, identifier, is_deleted, within
from connectors.directory.schema.dn import first_value, fold, member_key
from connectors.directory.schema.entry import Entry, read_sid
from connectors.facts import Entitlement, EntitlementKind

_PLACE = re.compile(r"(.+?(?<!\\))(?:,dc=(?:[^,\\]|\\.)+)+")
"""A DN without the domain at its end."""
_TRIPLE = re.compile(r"\([^,()]*,([^,()]*),[^,()]*\)")
_ROLES = frozenset({"organizationalrole", "accessrole", "sudorole"})
_NO_GROUP = frozenset({"alias", "referral"})
EVERYBODY_HERE = "everybody:"
"""The key of a member that stands for every account."""


@dataclass(frozen=True, slots=True)
class DirectoryGroup:
    """An entitlement, its own keys, and the keys of its members."""

    entitlement: Entitlement
    keys: tuple[str, ...]
    members: frozenset[str]
    searches: tuple[str, ...] = ()
    """Searches whose results are members too (groupOfURLs), as LDAP URLs."""
    unclear: bool = False
    """It names members in a way that is not understood."""
    within: tuple[str, ...] = ()
    """DNs of the groups that the directory itself says it is in."""
    private: bool = False
    """It stands for one person and has no other members: FreeIPA makes one for each user."""


def is_group(entry: Entry) -> bool:
    """
    Tell whether the entry is a group that can hold people; groups of machines cannot.

    Whatever has members is one, of whatever class. An organizationalRole with a password and nobody in it is an account
    (Debian's `cn=admin`).
    """
    classes = entry.classes
    if "ipahostgroup" in classes or classes & _NO_GROUP or is_deleted(entry):
        return False
    if not MEMBERS.isdisjoint(entry.attributes):
        return True
    return bool(classes & GROUP_CLASSES) and not classes >= {"organizationalrole", "simplesecurityobject"}


def decode_group(system: str, entry: Entry) -> DirectoryGroup:
    """Decode a group; the values of `member` must already be whole. Raises `BadValue`."""
    key = dn_key(entry)
    sid = read_sid(entry)
    name = entry.text("cn") or entry.text("samaccountname") or first_value(entry.dn)[1]
    called = [n for n in (entry.text("cn"), entry.text("samaccountname")) if n and not _looks_like_key(n)]
    aliases = [a for a in (sid, identifier(entry), entry.dn, "" if entry.is_ad else place(key), *called) if a]
    listed = [member_key(v) for a in MEMBER_DNS for v in entry.texts(a) if v]
    others = [f"uid:{fold(u)}" for u in entry.texts("memberuid")]
    others += [f"sid:{s.upper()}" for s in entry.texts("ipaexternalmember")]
    others += [f"mail:{fold(m)}" for a in MEMBER_MAILS for m in entry.texts(a)]
    named, unclear = _named(entry)
    gid = entry.text("gidnumber") if "posixgroup" in entry.classes else None
    is_role = ",cn=roles,cn=accounts" in place(key) or entry.classes & _ROLES  # the first are FreeIPA's
    kind = EntitlementKind.ROLE if is_role else EntitlementKind.GROUP
    return DirectoryGroup(
        Entitlement(system, key, name, kind, aliases=tuple(dict.fromkeys(aliases))),
        keys=tuple(k for k in (f"sid:{sid}" if sid else "", f"gid:{gid}" if gid else "") if k),
        members=frozenset([*listed, *others, *named]),
        searches=tuple(url for a in MEMBER_SEARCHES for url in entry.texts(a)),
        unclear=unclear,
        within=within(entry),
        private="mepmanagedentry" in entry.classes and not listed and not others,
    )


def _named(entry: Entry) -> tuple[list[str], bool]:
    """Return the members of netgroups (RFC 2307) and of sudo rules (sudoers.ldap(5)), and whether some are unclear."""
    found = [f"cn:{fold(name)}" for name in entry.texts("membernisnetgroup")]
    unclear = False
    for triple in entry.texts("nisnetgrouptriple"):
        match = _TRIPLE.fullmatch(triple)
        user = match[1].strip() if match else ""
        unclear = unclear or match is None
        # Without a user it speaks of a machine, or of everybody; `-` is nobody.
        found += [f"uid:{fold(user)}"] if user not in {"", "-"} else []
    for user in entry.texts("sudouser"):
        if user == "ALL":
            found.append(EVERYBODY_HERE)
        elif user.startswith(("#", "%#", "%:")):
            unclear = True
        elif not user.startswith("!"):
            found.append(f"cn:{fold(user[1:])}" if user[:1] in {"%", "+"} else f"uid:{fold(user)}")
    return found, unclear


def place(key: str) -> str:
    """
    Return a normalised DN without the domain at its end, or nothing when it does not end in one.

    It is the same in every practice (`cn=admins,cn=groups,cn=accounts`), and nobody can choose it by naming a group.
    """
    match = _PLACE.fullmatch(key)
    return match[1] if match else ""


def _looks_like_key(name: str) -> bool:
    """Whether a name could pass for a SID or a DN: whoever may name a group must not choose how it is judged."""
    return "=" in name or name.upper().startswith("S-1-")

"""What group attributes mean: one entry in, one entitlement with the keys of its members out."""

import re
from dataclasses import dataclass

from connectors.directory._attributes import GROUP_CLASSES
from connectors.directory._decode import dn_key, identifier, is_deleted, within
from connectors.directory._dn import first_value, member_key
from connectors.directory._entry import Entry, read_sid
from connectors.facts import Entitlement, EntitlementKind

_PLACE = re.compile(r"(.+?(?<!\\))(?:,dc=(?:[^,\\]|\\.)+)+")
"""A DN without the domain at its end."""


@dataclass(frozen=True, slots=True)
class Group:
    """An entitlement, its own keys, and the keys of its members."""

    entitlement: Entitlement
    keys: tuple[str, ...]
    members: frozenset[str]
    computed: bool = False
    """Its members are the result of a search (groupOfURLs) that the server did not run for us."""
    within: tuple[str, ...] = ()
    """DNs of the groups that AD itself says it is in, where that was asked for."""
    private: bool = False
    """It stands for one person and has no other members: FreeIPA makes one for each user."""


def is_group(entry: Entry) -> bool:
    """Tell whether the entry is a group of a known kind that can hold people; groups of machines cannot."""
    classes = entry.classes
    return bool(classes & GROUP_CLASSES) and "ipahostgroup" not in classes and not is_deleted(entry)


def decode_group(system: str, entry: Entry) -> Group:
    """Decode a group; the values of `member` must already be whole. Raises `BadValue`."""
    key = dn_key(entry)
    sid = read_sid(entry)
    name = entry.text("cn") or entry.text("samaccountname") or first_value(entry.dn)[1]
    called = [n for n in (entry.text("cn"), entry.text("samaccountname")) if n and not _looks_like_key(n)]
    aliases = [a for a in (sid, identifier(entry), entry.dn, "" if entry.is_ad else place(key), *called) if a]
    listed = [member_key(v) for a in ("member", "uniquemember") for v in entry.texts(a) if v]
    others = [f"uid:{u.casefold()}" for u in entry.texts("memberuid")]
    others += [f"sid:{s.upper()}" for s in entry.texts("ipaexternalmember")]
    gid = entry.text("gidnumber") if "posixgroup" in entry.classes else None
    kind = EntitlementKind.ROLE if ",cn=roles,cn=accounts" in place(key) else EntitlementKind.GROUP  # FreeIPA's roles
    return Group(
        Entitlement(system, key, name, kind, aliases=tuple(dict.fromkeys(aliases))),
        keys=tuple(k for k in (f"sid:{sid}" if sid else "", f"gid:{gid}" if gid else "") if k),
        members=frozenset([*listed, *others]),
        computed="memberurl" in entry.attributes and not listed,
        within=within(entry),
        private="mepmanagedentry" in entry.classes and not listed and not others,
    )


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

"""
Ways into a domain for somebody outside it: whole domains that it trusts, and members of its groups from elsewhere.

Sources: MS-ADTS 6.1.6.7 (trustedDomain: trustDirection, trustPartner, trustAttributes); FreeIPA's schema (60ipa-trust).
"""

from collections.abc import Iterable, Mapping

from connectors.directory.schema.entry import Entry
from connectors.directory.schema.foreign_principals import ForeignPrincipal
from connectors.directory.schema.times import integer
from connectors.facts import Door, DoorKind

TRUST_CLASSES = frozenset({"trusteddomain", "ipanttrusteddomain"})
TRUST_FILTER = "(|(objectClass=trustedDomain)(objectClass=ipaNTTrustedDomain))"
TRUST_ATTRIBUTES = (
    *("objectClass", "cn", "trustPartner", "trustDirection", "trustAttributes"),
    *("ipaNTTrustPartner", "ipaNTTrustDirection"),
)
_OUTBOUND = 0x2
"""This domain trusts the other: its people can be let in here (TRUST_DIRECTION_OUTBOUND)."""
_FILTERS = {0x4: "SIDs of other domains are filtered out", 0x8: "the whole forest"}


def trust_of(entry: Entry, root: str) -> Door | None:
    """Return the trust that an entry stands for, if it lets anybody in here; raises `BadValue`."""
    direction = entry.read("trustdirection", integer)
    if direction is None:
        direction = entry.read("ipanttrustdirection", integer)
    if direction is not None and not direction & _OUTBOUND:
        return None
    partner = entry.text("trustpartner") or entry.text("ipanttrustpartner") or entry.text("cn") or entry.dn
    flags = entry.read("trustattributes", integer) or 0
    told = [text for bit, text in _FILTERS.items() if flags & bit]
    if direction is None:
        told.append("in which direction is not shown")
    return Door(
        id=f"trust:{partner.casefold()}",
        kind=DoorKind.TRUST,
        who=partner,
        to=f"the domain {root}",
        names=(partner,),
        detail="; ".join(told),
    )


def member_doors(
    people: Iterable[ForeignPrincipal], holding: Mapping[str, Iterable[str]], names: Mapping[str, str]
) -> tuple[Door, ...]:
    """Return a door for everybody from elsewhere in each group that lists them; `names` are those of the groups."""
    return tuple(
        Door(
            id=f"member:{person.id}:{group}",
            kind=DoorKind.EXTERNAL_MEMBER,
            who=person.name,
            to=f"the group {names.get(group, group)}",
            names=(person.id,),
            account=person.id,
        )
        for person in people
        for group in sorted(set(holding.get(person.key, ())))
    )

"""What `auditor catalog check` tells a machine: the fields are the public keys, in their order."""

from dataclasses import dataclass
from pathlib import Path

from auditor.mapping.unclassified import UnclassifiedHolding, UnclassifiedReport
from connectors.facts import EntitlementKind, Partial


@dataclass(frozen=True, slots=True)
class UnclassifiedData:
    """One entitlement that no catalog classifies."""

    system: str
    product: str
    entitlement: str
    name: str
    kind: EntitlementKind
    holders: int
    live_holders: int
    reason: str
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReadData:
    """A system that was read whole."""

    system: str
    read: bool
    source: str


@dataclass(frozen=True, slots=True)
class UnreadData:
    """A system that was not."""

    system: str
    read: bool
    reason: str


@dataclass(frozen=True, slots=True)
class CatalogCheckData:
    """The whole answer."""

    unclassified: tuple[UnclassifiedData, ...]
    systems: tuple[ReadData | UnreadData, ...]
    written: tuple[str, ...]
    """Files."""


def check_data(looked: UnclassifiedReport, written: tuple[Path, ...]) -> CatalogCheckData:
    """Return what was looked at for a machine."""
    read = (ReadData(c.system.id, read=True, source=c.source) for c in looked.collections)
    unread = (
        UnreadData(c.system.id, read=False, reason=c.completeness.reason)
        for c in looked.unread
        if isinstance(c.completeness, Partial)
    )
    return CatalogCheckData(
        unclassified=tuple(_unclassified(gap) for gap in looked.gaps),
        systems=(*read, *unread),
        written=tuple(str(path) for path in written),
    )


def _unclassified(gap: UnclassifiedHolding) -> UnclassifiedData:
    unknown, entitlement = gap.unknown, gap.unknown.entitlement
    return UnclassifiedData(
        system=gap.system,
        product=gap.product,
        entitlement=entitlement.id,
        name=entitlement.name,
        kind=entitlement.kind,
        holders=unknown.holders,
        live_holders=unknown.live_holders,
        reason=unknown.reason,
        path=gap.path,
    )

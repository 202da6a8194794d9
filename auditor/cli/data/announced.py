"""What the gates tell a machine of notices: the fields are the public keys, in their order."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from auditor.gates.announced import Announced
from auditor.headcount.events import EventKind


@dataclass(frozen=True, slots=True)
class AnnouncedData:
    """What one notice claims, weighed against the roster."""

    notice: str
    event: EventKind
    claimed: bool
    """Always: a notice is never taken for the roster."""
    effective: datetime
    roles: tuple[str, ...]
    known_since: datetime
    received_at: datetime | None
    """`None`: it was made here."""
    delivered_at: datetime | None
    sender: str
    sender_name: str
    number: int
    by: str
    confirmed: bool
    roster: str
    """What the roster says instead."""
    contradicts: tuple[str, ...]
    """Ids of notices."""
    remarks: tuple[str, ...]
    clocks: tuple[str, ...]


def announced_data(found: Iterable[Announced]) -> tuple[AnnouncedData, ...]:
    """Return what notices claim, for a machine."""
    return tuple(_notice(one) for one in found)


def _notice(one: Announced) -> AnnouncedData:
    claim = one.claim
    return AnnouncedData(
        notice=claim.id,
        event=one.event,
        claimed=True,
        effective=claim.effective,
        roles=claim.roles,
        known_since=claim.known_since,
        received_at=None if claim.ours else claim.received_at,
        delivered_at=claim.delivered_at,
        sender=claim.sender,
        sender_name=claim.sender_name,
        number=claim.number,
        by=claim.by,
        confirmed=not one.roster,
        roster=one.roster,
        contradicts=one.against,
        remarks=one.remarks,
        clocks=one.clocks,
    )

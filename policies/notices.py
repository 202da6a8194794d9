"""
What notices between an agency and a practice claim, and which of them cannot hold together.

A claim is a word of the other side (or of one's own to it), never a fact: the roster alone says who is engaged. Every
instant that somebody else wrote is only what they say; the one that counts for a clock is the receipt, on our own
clock. So nothing that is dated back makes anybody late who could not know of it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from itertools import combinations

from connectors.inputs.dates import day_of

CONFIRM_DAYS = 7
"""Within how many days the roster is to say what a notice says, unless the practice says otherwise: our choice."""


class ClaimKind(StrEnum):
    """What a notice says of somebody."""

    START = "start"
    ROLE_CHANGE = "role-change"
    LEAVE = "leave"


@dataclass(frozen=True, slots=True)
class Claim:
    """What one notice says, and when it came."""

    id: str
    """Of the notice: `N-` and ten digits."""
    kind: ClaimKind
    vma: str
    """As the sender names them; perhaps nobody on the roster."""
    name: str
    """Of the VMA, as the sender writes it; empty where it does not say."""
    roles: tuple[str, ...]
    """The roles from then on; empty for an end, and where the sender does not say."""
    effective: datetime
    """Since, or until, when: by the sender's word."""
    known_since: datetime
    """Since when the sender knows of it: by the sender's word."""
    made_at: datetime
    """When the notice was made: by the sender's word."""
    received_at: datetime
    """When it was taken down here, on the clock here; of one that was made here, when it was made."""
    sender: str
    sender_name: str
    number: int
    """The sender's count of its notices to the recipient."""
    by: str
    """Who gave notice."""
    ours: bool = False
    """It was made here, and tells the other side."""
    taken_back: bool = False
    """The sender took it back: it claims nothing any more, and stays where it is."""
    key_revoked: bool = False
    """The key that signed it was revoked after it came."""
    delivered_at: datetime | None = None
    """Of one that was made here: when it arrived, by the receipt of the other side; `None`: no receipt is here."""

    @property
    def starts(self) -> datetime:
        """The instant from which hours count for whoever has to act: nobody acts before the end, or before knowing."""
        return max(self.effective, self.received_at)

    @property
    def told_at(self) -> datetime | None:
        """The instant at which its recipient had it, by the recipient's clock; `None` while nobody has proved it."""
        return self.delivered_at if self.ours else self.received_at

    @property
    def back_dated(self) -> bool:
        """Whether it speaks of what was over already when it came."""
        return self.effective < self.received_at

    def day(self, timezone: str) -> date:
        """Return the last day of work, or the first day of what begins, on the practice's calendar."""
        moment = self.effective - timedelta(microseconds=1) if self.kind is ClaimKind.LEAVE else self.effective
        return day_of(moment, timezone)

    def says(self, timezone: str) -> str:
        """Say in words what is claimed, of which day."""
        day, roles = self.day(timezone), ", ".join(self.roles)
        match self.kind:
            case ClaimKind.LEAVE:
                return f"last day {day}"
            case ClaimKind.START:
                return f"starts on {day}" + (f" as {roles}" if roles else "")
        return f"from {day} on in the role {roles}"

    def confirm_by(self, days: int, timezone: str) -> date:
        """Return the last day on which the roster may still be silent about it."""
        return day_of(self.starts, timezone) + timedelta(days=days)


@dataclass(frozen=True, slots=True)
class Sender:
    """How whole it is what one party sent."""

    id: str
    name: str
    received: int
    """How many of its notices are here."""
    missing: tuple[int, ...] = ()
    """Numbers below the highest that never came; at most `MANY_MISSING`."""
    missing_count: int = 0
    """How many there are of them."""
    twice: tuple[int, ...] = ()
    """Numbers that two different notices bear."""
    torn: tuple[int, ...] = ()
    """Numbers of notices that do not continue the one before, though that one is here."""

    @property
    def whole(self) -> bool:
        """Whether every number up to the highest is there once, each bound to the one before it."""
        return not (self.missing_count or self.twice or self.torn)

    @property
    def faults(self) -> str:
        """Say what is wrong with what it sent; empty where it is whole."""
        found = []
        if self.missing_count:
            more = self.missing_count - len(self.missing)
            found.append(f"number {_numbers(self.missing)}{f' and {more} more' if more else ''} never came")
        if self.twice:
            found.append(f"number {_numbers(self.twice)} came twice, with another content")
        if self.torn:
            found.append(f"number {_numbers(self.torn)} does not continue the one before it")
        return "; ".join(found)


MANY_MISSING = 20
"""So many missing numbers are named; the rest is counted."""


def _numbers(numbers: Sequence[int]) -> str:
    """Name numbers, the first of them."""
    return ", ".join(map(str, numbers[:MANY_MISSING]))


@dataclass(frozen=True)  # without slots: what stands is kept
class Announcements:
    """Everything that notices claim at one instant."""

    claims: tuple[Claim, ...] = ()
    """In the order in which they came, those that were taken back too."""
    senders: tuple[Sender, ...] = ()
    confirm_days: int = CONFIRM_DAYS

    @cached_property
    def standing(self) -> dict[str, tuple[Claim, ...]]:
        """What was not taken back, by VMA, in the order of the instants that it speaks of."""
        found: dict[str, list[Claim]] = defaultdict(list)
        for claim in sorted(self.claims, key=_when):
            if not claim.taken_back:
                found[claim.vma].append(claim)
        return {vma: tuple(claims) for vma, claims in sorted(found.items())}

    def of(self, vma: str) -> tuple[Claim, ...]:
        """Return what stands about a VMA, by the instants that it speaks of."""
        return self.standing.get(vma, ())


NOTHING_ANNOUNCED = Announcements()


def _when(claim: Claim) -> tuple[datetime, str]:
    return claim.effective, claim.id


def contradictions(claims: Sequence[Claim]) -> Iterator[tuple[Claim, Claim]]:
    """
    Yield each two claims about one VMA that cannot both hold; `claims` are all that stand about that VMA.

    Of one instant, different things cannot hold, save an end and the start that follows at once. Of what follows each
    other without anything between: who has left cannot leave again or change role before a start, and who is there
    cannot start before leaving.
    """
    moments: dict[datetime, list[Claim]] = defaultdict(list)
    for claim in sorted(claims, key=_when):
        moments[claim.effective].append(claim)
    before: list[Claim] = []
    for now in moments.values():
        yield from ((a, b) for a, b in combinations(now, 2) if not _together(a, b))
        begins = {ClaimKind.LEAVE, ClaimKind.START} <= {c.kind for c in now}
        first = [c for c in now if not (begins and c.kind is ClaimKind.START)]
        yield from ((a, b) for a in before for b in first if not _may_follow(a.kind, b.kind))
        before = [c for c in now if not (begins and c.kind is ClaimKind.LEAVE)]


def _together(a: Claim, b: Claim) -> bool:
    """Whether both can hold of one instant: they say the same, or one ends what the other begins anew."""
    same = (a.kind, frozenset(a.roles)) == (b.kind, frozenset(b.roles))
    return same or {a.kind, b.kind} == {ClaimKind.LEAVE, ClaimKind.START}


def _may_follow(before: ClaimKind, after: ClaimKind) -> bool:
    """Whether what is said first leaves room for what is said next."""
    there = before is not ClaimKind.LEAVE
    return after is not ClaimKind.START if there else after is ClaimKind.START


def sender_of(id_: str, name: str, notices: Iterable[tuple[int, str, str]]) -> Sender:
    """Say how whole it is what came from a sender: of each notice the number, its hash, and that of the one before."""
    by_number: dict[int, dict[str, str]] = defaultdict(dict)
    for number, hash_, previous in notices:
        by_number[number][hash_] = previous
    numbers = sorted(by_number)
    missing: list[int] = []
    last = 0
    for number in numbers:
        missing += range(last + 1, min(number, last + 1 + MANY_MISSING - len(missing)))
        last = number
    return Sender(
        id=id_,
        name=name,
        received=sum(len(found) for found in by_number.values()),
        missing=tuple(missing),
        missing_count=(numbers[-1] if numbers else 0) - len(numbers),
        twice=tuple(n for n in numbers if len(by_number[n]) > 1),
        torn=tuple(
            n for n in numbers if n - 1 in by_number and not by_number[n - 1].keys() >= set(by_number[n].values())
        ),
    )

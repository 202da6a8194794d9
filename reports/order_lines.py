"""
What somebody must do, and what notices claim, in words: the lines from which every page and format is drawn.

An order is called for by the roster, a claim is a word of somebody else; neither is closed by a word.
"""

from dataclasses import dataclass
from datetime import date, datetime

CLOSES = (
    "Nobody closes an order by hand, not by a word or a tick: it closes when the next audit reads the system whole and "
    "sees that it is done, or by the system's own record."
)


@dataclass(frozen=True, slots=True)
class SheetOrder:
    """One order, in words."""

    id: str
    state: str
    """`open`, `overdue`, `done`, or `no longer called for`."""
    kind: str
    vma: str
    person: str
    why: str
    """What called for it: `left on 2026-10-16`."""
    system: str
    system_title: str
    holds_phi: bool
    account: str
    """The log-in; empty where an account is to be made."""
    entitlement: str
    steps: tuple[str, ...]
    """Plain words first, then exactly where or how in that product."""
    before: str
    """What must be settled first; empty for nothing."""
    who: str
    """Who must act."""
    due: datetime | None
    """By the practice's own clock; `None`: it has none for this."""
    clocks: tuple[str, ...]
    """Every clock in a sentence, the practice's own first."""
    sources: tuple[str, ...]
    """Whose choice each of these clocks is, and where that stands."""
    hours_over: float | None
    """By how many hours it is overdue now; `None`: it is not."""
    over: str
    """The same in words, such as `33 days`; empty: it is not."""
    opened: str
    """Since when it has been open, in words."""
    opened_at: datetime | None
    """`None`: no audit has recorded it yet."""
    opened_audit: int | None
    times: int
    """How often it was opened so far."""
    note: str
    """What is to be known of its standing, such as that its system was not read; empty for nothing."""
    proof: str
    """Of one that ended: what shows it."""
    earliest: datetime | None
    latest: datetime | None
    """Between which instants it was done."""
    timely: str
    """Of one that is done: `in time`, `late` or `not proven in time` by the practice's own clock; empty without one."""
    record_source: str | None
    """The system's own record that tells of it, its id there, and SHA-256 of its bytes; `None`: only reads tell."""
    record_id: str | None
    record_sha256: str | None
    actor: str | None


@dataclass(frozen=True, slots=True)
class ClaimLine:
    """What one notice says of somebody, beside the roster; nobody acts on it before the roster says so."""

    id: str
    vma: str
    whom: str
    kind: str
    """`start`, `role-change` or `leave`."""
    sender: str
    by: str
    """Who gave notice."""
    says: str
    """What is claimed, of which day, until or since which instant."""
    came: str
    """When it came, or left and arrived, on the clock here."""
    roster: str
    """What the roster says instead; empty where it says the same."""
    confirm_by: date
    """The last day on which the roster may still be silent about it; after that it is a finding."""
    overdue: bool
    """That day is over, and the roster does not say the same."""
    against: tuple[str, ...]
    """The ids of the notices that cannot be so together with it."""
    remarks: tuple[str, ...]
    clocks: tuple[str, ...]
    """One sentence for each clock, each with its name."""


@dataclass(frozen=True, slots=True)
class OrderLines:
    """What was to be done at an audit."""

    open: tuple[SheetOrder, ...]
    """Most urgent first."""
    ended: tuple[SheetOrder, ...]
    """Those that ended not long before, each with its proof, the latest first."""
    ended_since: date
    """From which day on they are listed."""
    claims: tuple[ClaimLine, ...]
    """What notices claim: first what the roster ought to have said by now."""

    @property
    def overdue(self) -> int:
        """How many orders are overdue."""
        return sum(order.state == "overdue" for order in self.open)

    @property
    def unconfirmed(self) -> int:
        """How many claims the roster does not confirm."""
        return sum(bool(claim.roster) for claim in self.claims)

    @property
    def contradicted(self) -> int:
        """How many claims cannot be so together with another one."""
        return sum(bool(claim.against) for claim in self.claims)

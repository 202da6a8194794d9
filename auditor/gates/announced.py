"""What notices claim of a VMA, beside what the roster says: shown at every gate, and never taken for the roster."""

from collections.abc import Collection
from dataclasses import dataclass

from auditor.clocks import Clocks
from auditor.headcount.events import EventKind
from auditor.notices.claims import CLAIMED as EVENTS
from auditor.notices.words import CLAIMED, by_clocks, came, edge, remarks
from policies.engine.announced import roster_says
from policies.engine.case import Case
from policies.notices import Claim, ClaimKind, contradictions

NO_CLOCKS = Clocks((), ())


def only_announced(case: Case, vma: str) -> str:
    """Say that notices name somebody whom the roster does not; empty where none does."""
    claims = case.announced.of(vma)
    if not claims:
        return ""
    said = "; ".join(f"{c.id} of {c.sender_name}: {c.says(case.practice.timezone)}" for c in claims)
    return f"only a notice names them ({said}): put them on the roster first, or "


@dataclass(frozen=True, slots=True)
class Announced:
    """One claim, weighed against the roster."""

    claim: Claim
    event: EventKind
    """The headcount event that it claims."""
    roster: str
    """What the roster says instead; empty where it confirms the claim."""
    against: tuple[str, ...]
    """The ids of the notices that cannot be so together with it."""
    remarks: tuple[str, ...]
    clocks: tuple[str, ...]
    """One sentence for each clock."""

    def lines(self, timezone: str) -> tuple[str, ...]:
        """Return it for people: what is claimed, when it came, what the roster says, what each clock says."""
        c = self.claim
        first = f"{c.id}: {c.sender_name} ({c.by}): {c.says(timezone)}, {edge(c, timezone)}; {came(c, timezone)}"
        roster = f"{CLAIMED}; {self.roster}" if self.roster else "the roster says the same"
        against = (f"cannot be so together with {', '.join(self.against)}",) if self.against else ()
        return first, roster, *against, *self.remarks, *self.clocks


def announced(
    case: Case, vma: str, clocks: Clocks = NO_CLOCKS, kinds: Collection[ClaimKind] = tuple(ClaimKind)
) -> tuple[Announced, ...]:
    """Return what stands about a VMA, by the instants that it speaks of."""
    claims, zone = case.announced.of(vma), case.practice.timezone
    pairs = [(a.id, b.id) for a, b in contradictions(claims)]
    told = (*clocks.own, *clocks.proposed)
    return tuple(
        Announced(
            claim,
            EVENTS[claim.kind],
            roster_says(case, claim),
            tuple(sorted({b if a == claim.id else a for a, b in pairs if claim.id in (a, b)})),
            remarks(claim, zone),
            by_clocks(claim, told, case.at, zone),
        )
        for claim in claims
        if claim.kind in kinds
    )

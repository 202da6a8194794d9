"""By when an order is to be done: by the practice's own clock, then the proposed rule's where it is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from auditor.clocks import Clocks
from auditor.snapshot import OrderCause, WorkOrder
from policies.clocks import Clock, Matter

_MATTER = {
    OrderCause.LEFT: Matter.ACCESS_END,
    OrderCause.ROLE_CHANGED: Matter.ROLE_CHANGE,
    OrderCause.REVIEW: Matter.ROLE_CHANGE,
}
BEFORE_WORK = "it is to be there when the work begins: the checklist of `auditor onboard`; no HIPAA rule asks for it"


@dataclass(frozen=True, slots=True)
class DueBy:
    """One instant by which an order is to be done."""

    at: datetime
    clock: Clock | None
    """`None`: no clock in hours, the work begins then."""
    source: str

    @property
    def proposed(self) -> bool:
        """Whether it is the proposed rule's, which no verdict rests on."""
        return self.clock is not None and self.clock.proposed

    def says(self, timezone: str) -> str:
        """Return the sentence about it, in the practice's time."""
        when = f"{self.at.astimezone(ZoneInfo(timezone)):%Y-%m-%d %H:%M} {timezone}"
        if self.clock is None:
            return f"due by {when}, when the work begins"
        return self.clock.says(f"due by {when}")


def dues(order: WorkOrder, clocks: Clocks) -> tuple[DueBy, ...]:
    """Return by when an order is to be done, by each clock that counts for it; none where the practice has none."""
    if order.cause is OrderCause.JOINED:
        return (DueBy(order.since, None, BEFORE_WORK),)
    matter = _MATTER[order.cause]
    told = clocks.told_for(matter)
    return tuple(DueBy(clock.due(order.since), clock, clock.source) for clock in told)


def own_due(found: Sequence[DueBy]) -> DueBy | None:
    """Return the one that counts: the proposed rule's never makes anything overdue."""
    return next((due for due in found if not due.proposed), None)

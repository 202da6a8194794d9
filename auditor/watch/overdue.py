"""
Orders that are overdue: each step is due for telling once for each time that an order was opened.

By the practice's own clock alone: the proposed rule's makes nothing overdue. Told are ids and systems, no name.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from auditor.clocks import Clocks
from auditor.orders.due import dues, own_due
from auditor.snapshot import WorkOrder

HOUR = 3600


@dataclass(frozen=True, slots=True)
class OverdueOrder:
    """One order that has come to a step."""

    id: str
    system: str
    whom: str
    """The VMA's id, as a message may show it."""
    cause: str
    hours: int
    """Whole hours that it is overdue."""
    step: int
    """The last step that it has come to, in hours."""
    key: str
    """Says once and for all which step of which opening this is; for our own notes, never sent."""


@dataclass(frozen=True, slots=True)
class DatedOrder:
    """An open order with the instant by which it is to be done."""

    order: WorkOrder
    due: datetime

    def keys(self, steps: Sequence[int], now: datetime) -> list[str]:
        """Return the keys of all steps that it has come to."""
        return [f"order {self.order.id} {self.order.since.isoformat()} {s}" for s in self.reached(steps, now)]

    def reached(self, steps: Sequence[int], now: datetime) -> list[int]:
        """Return the steps that it has come to, in hours; it is overdue after its instant, not at it."""
        return [step for step in sorted(set(steps)) if now > self.due + timedelta(hours=step)]

    def at_step(self, steps: Sequence[int], now: datetime, whom: str) -> OverdueOrder:
        """Return it as it is told now; it must have come to a step."""
        hours = int((now - self.due).total_seconds() // HOUR)
        order, step = self.order, self.reached(steps, now)[-1]
        return OverdueOrder(order.id, order.system, whom, order.cause.value, hours, step, self.keys(steps, now)[-1])


def dated(orders: Sequence[WorkOrder], clocks: Clocks) -> Iterator[DatedOrder]:
    """Yield the orders that have an instant by the practice's own clock, the first due first."""
    found = [(own.at, order) for order in orders if (own := own_due(dues(order, clocks))) is not None]
    for at, order in sorted(found, key=lambda one: (one[0], one[1].id)):
        yield DatedOrder(order, at)

"""Which orders what a gate saw calls for: by their ids, so that a ticket and a gate speak of the same."""

from collections.abc import Sequence

from auditor.cli.console import print_lines, styled
from auditor.cli.gate_gather import Gathered
from auditor.orders.called_for import called_for
from auditor.orders.tell import in_short
from auditor.snapshot import WorkOrder
from policies.engine.case import Case
from reports.words import plural


def orders_of(gathered: Gathered, vma: str) -> tuple[WorkOrder, ...]:
    """Return the orders of a VMA, in the order of their ids; audits open and close them (`auditor orders`)."""
    found = called_for(gathered.case, None, lambda _: {vma: gathered.past.engagements}, only={vma})
    return tuple(sorted(found, key=lambda order: order.id))


def print_orders(orders: Sequence[WorkOrder], case: Case, vma: str) -> None:
    """Print them, each on a line; nothing where there is none."""
    if not orders:
        return
    print_lines("", styled(f"{plural(len(orders), 'order')}: `auditor orders {vma}` says who, how and by when", "bold"))
    for order in orders:
        print_lines(f"  {order.id}  {in_short(order)} in {case.systems[order.system].title}")

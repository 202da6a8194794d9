"""What `auditor orders` tells a machine."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from auditor.cli.data.unsettled import VmaUnsettledData
from reports.as_json import Keys
from reports.order_lines import SheetOrder

KEYS: Keys = {SheetOrder: {"over": None}}
"""By how much one is overdue is told in hours."""


@dataclass(frozen=True, slots=True)
class OrdersData:
    """The orders that were asked for, as they stand at an instant."""

    practice: str
    at: datetime
    audit: int
    open: int
    overdue: int
    orders: tuple[SheetOrder, ...]
    not_read: Mapping[str, str]
    not_settled: tuple[VmaUnsettledData, ...]

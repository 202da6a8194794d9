"""
Orders as people read them: a few lines each, a table for a tracker, and a sheet to print for whoever must act.

`SheetOrder` (`reports.order_lines`) is the model from which every format is drawn. The sheet needs no network and
no script; what a stranger named (logins, groups) stays text.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from reports.html import page
from reports.order_lines import SheetOrder
from reports.spreadsheet import harmless


@dataclass(frozen=True, slots=True)
class OrderSheet:
    """What one person must do."""

    practice: str
    timezone: str
    who: str
    at: datetime
    """When it was made."""
    as_of: str
    """By which audit, in words."""
    tool_version: str
    orders: tuple[SheetOrder, ...]

    @property
    def overdue(self) -> int:
        """How many are overdue."""
        return sum(order.state == "overdue" for order in self.orders)


COLUMNS = (
    "id",
    "state",
    "due",
    "hours_over",
    "kind",
    "system",
    "system_title",
    "account",
    "entitlement",
    "vma",
    "person",
    "why",
    "who",
    "steps",
    "before",
    "clocks",
    "opened",
    "times",
    "note",
    "proof",
    "earliest",
    "latest",
    "opened_at",
    "opened_audit",
    "timely",
    "record_source",
    "record_id",
    "record_sha256",
    "actor",
)
"""Of the table for a tracker: public, so new ones come last."""


def render(sheet: OrderSheet) -> str:
    """Return the sheet as a page; the same orders give the same bytes."""
    return page("orders.html.j2", f"{sheet.practice} · {sheet.who}", "Orders", styles=("orders.css",), d=sheet)


def as_csv(orders: Sequence[SheetOrder]) -> str:
    """Return the table, by RFC 4180; a cell that a spreadsheet would run begins with an apostrophe."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for order in orders:
        writer.writerow([_cell(getattr(order, name)) for name in COLUMNS])
    return text.getvalue()


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case tuple():
            text = " | ".join(value)
        case datetime():
            text = value.isoformat().replace("+00:00", "Z")
        case float():
            text = f"{value:.1f}"
        case _:
            text = str(value)
    return harmless(text)

"""
Orders as people read them: a few lines each, a table for a tracker, and a sheet to print for whoever must act.

`SheetOrder` is the model from which every format is drawn, so that they cannot disagree. The sheet needs no network and
no script; what a stranger named (logins, groups) stays text.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from reports.html import page
from reports.spreadsheet import harmless


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


CLOSES = (
    "Nobody closes an order by hand, not by a word or a tick: it closes when the next audit reads the system whole and "
    "sees that it is done, or by the system's own record."
)

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
    return page(
        "orders.html.j2", f"{sheet.practice} · {sheet.who}", "Orders", styles=("orders.css",), d=sheet, closes=CLOSES
    )


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

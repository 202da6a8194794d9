"""Orders and claims as the samples of pages have them: long, hostile, in several scripts, of every kind there is."""

from datetime import UTC, date, datetime, timedelta

from reports.order_lines import ClaimLine, OrderLines, SheetOrder
from tests.report_findings import HEBREW, IMAGE, SCRIPT

AT = datetime(2026, 11, 20, 23, tzinfo=UTC)


def order(number: int, **fields: object) -> SheetOrder:
    facts: dict[str, object] = {
        "id": f"O-ABCDEFGHI{number}",
        "state": "open",
        "kind": "disable",
        "vma": "VMA-06",
        "person": HEBREW,
        "why": "left on 2026-10-16",
        "system": "ehr",
        "system_title": SCRIPT,
        "holds_phi": True,
        "account": "x" * 120,
        "entitlement": "",
        "steps": ("disable it", SCRIPT),
        "before": "",
        "who": SCRIPT,
        "due": AT,
        "clocks": ("by the practice's own clock, 24 h: due",),
        "sources": ("its choice",),
        "hours_over": None,
        "over": "",
        "opened": "today",
        "opened_at": AT,
        "opened_audit": 1,
        "times": 1,
        "note": "",
        "proof": "",
        "earliest": None,
        "latest": None,
        "timely": "",
        "record_source": None,
        "record_id": None,
        "record_sha256": None,
        "actor": None,
    }
    return SheetOrder(**(facts | fields))  # type: ignore[arg-type]


def claim(number: int, **fields: object) -> ClaimLine:
    facts: dict[str, object] = {
        "id": f"N-000000000{number}",
        "vma": "VMA-07",
        "whom": SCRIPT,
        "kind": "leave",
        "sender": IMAGE,
        "by": HEBREW,
        "says": "last day 2026-11-06, until 2026-11-07 00:00 America/Chicago",
        "came": "received 2026-11-06 09:00 America/Chicago",
        "roster": "",
        "confirm_by": date(2026, 11, 13),
        "overdue": False,
        "against": (),
        "remarks": (),
        "clocks": (),
    }
    return ClaimLine(**(facts | fields))  # type: ignore[arg-type]


def order_lines() -> OrderLines:
    """Return everything that the section can show."""
    proof = {"record_source": SCRIPT, "record_id": "y" * 200, "record_sha256": "0" * 64, "actor": IMAGE}
    done = {"earliest": AT - timedelta(seconds=1), "latest": AT, "timely": "late", "proof": SCRIPT}
    return OrderLines(
        open=(
            order(2, state="overdue", over="33 days", hours_over=800.0),
            order(3, before=SCRIPT, note=SCRIPT, clocks=(), sources=(), account=""),
        ),
        ended=(order(4, state="done", **done, **proof), order(5, state="no longer called for", proof="it is")),
        ended_since=date(2026, 8, 22),
        claims=(
            claim(1, roster=SCRIPT, overdue=True, clocks=("by the practice's own clock, 24 h: due",)),
            claim(2, against=("N-0000000001",), remarks=(IMAGE,)),
            claim(3, roster="the roster names nobody of this id"),
            claim(4),
        ),
    )

"""A sheet for each person who must act, and the table for a tracker, as files."""

import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from auditor import __version__
from auditor.snapshot import AuditSummary
from connectors.errors import AuditorError
from connectors.inputs.file_writing import write_whole
from connectors.inputs.files import opened
from policies.engine.case import Case
from reports.order_lines import SheetOrder
from reports.order_sheet import OrderSheet, as_csv, render


def sheets_of(case: Case, audit: AuditSummary, now: datetime, orders: Sequence[SheetOrder]) -> dict[str, OrderSheet]:
    """Return by file name the sheet of each person who must act; whoever has nothing to do gets none."""
    zone = case.practice.timezone
    by_person: dict[str, list[SheetOrder]] = {}
    for order in orders:
        by_person.setdefault(order.who, []).append(order)
    as_of = f"audit {audit.id} of {audit.at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M} {zone}"
    return {
        f"orders-{number}-{_plain(who)}.html": OrderSheet(
            case.practice.name, zone, who, now, as_of, __version__, tuple(mine)
        )
        for number, (who, mine) in enumerate(sorted(by_person.items()), 1)
    }


def write_sheets(folder: Path, sheets: dict[str, OrderSheet]) -> None:
    """Write the sheets, and take away those that an earlier run wrote there: what is done is on no sheet."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("orders-*.html"):
            if re.fullmatch(r"orders-\d+-[a-z0-9-]*\.html", old.name) and old.name not in sheets and _ours(old):
                old.unlink()
        for name, sheet in sheets.items():
            write_whole(folder / name, render(sheet).encode())
    except OSError as error:
        raise _refused(folder, error) from None


def write_csv(path: Path, orders: Sequence[SheetOrder]) -> None:
    """Write the table."""
    try:
        write_whole(path, as_csv(orders).encode())
    except OSError as error:
        raise _refused(path, error) from None


def _ours(page: Path) -> bool:
    with opened(page) as file:
        return b'<meta name="generator" content="auditor ' in file.read(4096)


def _refused(path: Path, error: OSError) -> AuditorError:
    return AuditorError(f"`{path}` cannot be written: `{error.strerror}`", hint="choose another place")


def _plain(who: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", who.casefold()).strip("-")[:40] or "somebody"

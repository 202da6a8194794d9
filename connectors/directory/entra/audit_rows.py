"""
The directory audit log of Entra ID as rows: from answers of Graph, from the portal's JSON, and from its CSV.

Source: Microsoft Graph, directoryAudit, targetResource and modifiedProperty resource types; Entra, "How to download
logs in Microsoft Entra ID".
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

from connectors.audit_log import SECOND, LogRecord
from connectors.directory.saved.pages import load_pages, next_page
from connectors.errors import InputError
from connectors.inputs.fields import MAX_TEXT, Fields, FromFile
from connectors.inputs.stamps import Stamp, oldest_first, parse_stamp
from connectors.inputs.tables import Row, Table, read_table

NEXT = "@odata.nextLink"
TIME = "activityDateTime"
MOST = 5
"""How many changed properties of a target the portal's CSV has room for."""
_LONGEST = 100_000
_NAMES = ("activity", "result", "target1objectid")
_AGAIN = "set the portal's language to English and download again, or better save JSON as docs/connect-entra.md says"


@dataclass(frozen=True, slots=True)
class AuditTarget:
    """What a change was done to, and which of its properties it set."""

    id: str
    type: str
    """`user`, `group`, `role`; empty where the log does not say."""
    properties: Mapping[str, tuple[str, str]]
    """By name in lower case: the value before and after, as text."""
    cut: bool = False
    """There may have been more of them."""


@dataclass(frozen=True, slots=True)
class EntraAuditRow:
    """One entry of the log."""

    at: datetime
    within: timedelta
    activity: str
    success: bool
    actor: str
    targets: tuple[AuditTarget, ...]
    record: LogRecord


def read_rows(path: Path) -> tuple[list[EntraAuditRow], list[str]]:
    """Return the rows in the order of their times, and what seems to be missing; raises `InputError`."""
    rows, gaps = (list(_csv_rows(path)), []) if path.suffix == ".csv" else _json_rows(path)
    once = {(row.record.id, row.record.sha256): row for row in rows}  # pages that overlap tell an entry twice
    return oldest_first(list(once.values())), gaps


def entries_of(path: Path, what: str, time: str) -> tuple[list[Fields], list[str]]:
    """
    Return the entries of a log that was saved as answers of Graph, or as the portal's JSON, which is a bare list.

    Raises `InputError`, and `SourceTruncated` where the last page says that there is more.
    """
    pages = load_pages(path)
    listed: list[Any] = []
    gaps: list[str] = []
    if all(isinstance(page, dict) and time.casefold() in map(str.casefold, page) for page in pages):
        listed = pages
    else:
        for number, page in enumerate(pages, 1):
            values = page.get("value") if isinstance(page, dict) else None
            if not isinstance(page, dict) or not isinstance(values, list):
                raise InputError(
                    path,
                    f"page {number} has no list `value`",
                    expected=f"the answer of Graph as it came, or entries with `{time}`",
                    hint="save whole answers; a refusal says which permission or licence is missing",
                )
            link = next_page(path, page, NEXT, expected="an address", number=number, of=len(pages))
            gaps += _narrowed(link or "", time)
            listed += values
    origin = FromFile(path, longest=_LONGEST, any_case=True)
    return [Fields(origin, f"{what} {number}", value) for number, value in enumerate(listed, 1)], list(
        dict.fromkeys(gaps)
    )


def stamp_of(entry: Fields, key: str) -> Stamp:
    """Return an instant that must be there, at least a second wide: several servers write one log."""
    try:
        stamp = parse_stamp(entry.text(key))
    except ValueError:
        entry.refuse(key, "no time with its offset", "a time as Graph writes it, such as `2026-11-20T17:42:10Z`")
    return Stamp(stamp.at, max(stamp.resolution, SECOND))


def record_of(path: Path, id_: str, values: object) -> LogRecord:
    """Return the record, hashed in one spelling."""
    raw = json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return LogRecord.of(path.stem, id_[:MAX_TEXT], raw.encode())


def _narrowed(link: str, time: str) -> list[str]:
    """Tell a filter by anything but the time: then what is not there proves nothing."""
    query = unquote_plus(link).partition("$filter=")[2].partition("&")[0]
    words = [part for part in query.replace(" and ", "\n").splitlines() if part.strip() and time not in part]
    return [f"it was saved with a filter by more than the time: {words[0].strip()[:80]}"] if words else []


def _json_rows(path: Path) -> tuple[list[EntraAuditRow], list[str]]:
    entries, gaps = entries_of(path, "audit", TIME)
    return [_json_row(path, entry) for entry in entries], gaps


def _json_row(path: Path, entry: Fields) -> EntraAuditRow:
    stamp = stamp_of(entry, TIME)
    return EntraAuditRow(
        at=stamp.at,
        within=stamp.resolution,
        activity=entry.text("activityDisplayName"),
        success=(entry.text_or_none("result") or "").casefold() == "success",
        actor=_actor(entry.part("initiatedBy")),
        targets=tuple(map(_target, entry.entries("targetResources", "target", optional=True))),
        record=record_of(path, entry.text("id"), entry.values),
    )


def _actor(by: Fields | None) -> str:
    if by is None:
        return ""
    user, app = by.part("user"), by.part("app")
    found = [user.text_or_none(key) for key in ("userPrincipalName", "displayName", "id")] if user else []
    found += [app.text_or_none(key) for key in ("displayName", "servicePrincipalId", "appId")] if app else []
    return next((name for name in found if name), "")[:MAX_TEXT]


def _target(target: Fields) -> AuditTarget:
    set_ = {}
    for one in target.entries("modifiedProperties", "property", optional=True):
        before, after = (one.text_or_none(key) or "" for key in ("oldValue", "newValue"))
        set_[(one.text_or_none("displayName") or "").casefold()] = (plain(before), plain(after))
    return AuditTarget((target.text_or_none("id") or "").lower(), (target.text_or_none("type") or "").casefold(), set_)


def plain(value: str) -> str:
    """Return a value of a property, which stands as JSON inside a text, often in a list of one."""
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        return value.strip().lower()
    while isinstance(found, list) and found:
        found = found[0]
    if isinstance(found, bool):
        return str(found).lower()
    return found.strip().lower() if isinstance(found, str) else value.strip().lower()


def _csv_rows(path: Path) -> Iterator[EntraAuditRow]:
    table = read_table(path)
    names = {_key(name): name for name in table.header}
    date = next((names[key] for key in ("date(utc)", "date") if key in names), None)
    missing = next((name for name in _NAMES if name not in names), None)
    if date is None or missing:
        raise InputError(
            path,
            f"this is not the portal's audit log in English: there is no column `{missing or 'Date (UTC)'}`",
            line=table.header_line,
            found=", ".join(table.header[:6]),
            hint=_AGAIN,
        )
    for line, row in table.rows:
        values = {key: row[name] for key, name in names.items()}
        yield _csv_row(table, line, row, date, values)


def _csv_row(table: Table, line: int, row: Row, date: str, values: Mapping[str, str]) -> EntraAuditRow:
    written = table.value(line, row, date, required=True)
    try:
        stamp = parse_stamp(written, utc="utc" in date.casefold())
    except ValueError:
        table.refuse(
            line,
            date,
            "this is no time in UTC",
            found=written,
            expected="a time such as `2026-11-20T17:42:10Z`",
            hint=f"do not open it with a spreadsheet before, which rewrites times; {_AGAIN}",
        )
    activity, correlation = values["activity"].strip(), values.get("correlationid", "").strip()
    actor = next(
        (v for key in ("actoruserprincipalname", "actordisplayname") if (v := values.get(key, "").strip())), ""
    )
    return EntraAuditRow(
        at=stamp.at,
        within=max(stamp.resolution, SECOND),
        activity=activity,
        success=values["result"].strip().casefold() == "success",
        actor=actor,
        targets=tuple(_csv_targets(values)),
        record=record_of(table.path, f"{correlation or 'line'} {written} {activity}", values),
    )


def _csv_targets(values: Mapping[str, str]) -> Iterator[AuditTarget]:
    for number in range(1, 10):
        start = f"target{number}"
        id_ = values.get(f"{start}objectid")
        if id_ is None:
            return
        set_: dict[str, tuple[str, str]] = {}
        for place in range(1, MOST + 1):
            name, before, after = (
                values.get(f"{start}modifiedproperty{place}{part}", "") for part in ("name", "oldvalue", "newvalue")
            )
            if name.strip():
                set_[name.strip().casefold()] = (plain(before), plain(after))
        yield AuditTarget(
            id_.strip().lower(), values.get(f"{start}type", "").strip().casefold(), set_, len(set_) == MOST
        )


def _key(name: str) -> str:
    return "".join(name.split()).casefold()

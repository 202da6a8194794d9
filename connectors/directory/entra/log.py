"""When users of Entra ID changed, from saved audit and sign-in logs beside the other files."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from connectors.audit_log import SECOND, LogAnswer, LogEvent, LogKind, LogQuestion
from connectors.directory.entra.audit_events import TELLS, AuditEvents
from connectors.directory.entra.audit_rows import entries_of, read_rows, record_of, stamp_of
from connectors.directory.saved.folder import SavedFolder
from connectors.errors import InputError
from connectors.inputs.files import modified_at
from connectors.inputs.stamps import parse_stamp
from connectors.inputs.tables import read_table

AUDITS = ("directory-audits.json", "directory-audits.csv")
SIGN_INS = ("sign-ins.json", "sign-ins.csv")
DELIVERY = timedelta(minutes=15)
"""Entra's logs tell most of what happened within minutes; what is younger may be missing."""
LIVES_ON = (
    "access tokens that were issued before last about 1 hour; with continuous access evaluation up to 15 minutes",
)
_HALF = "five changed properties fill the portal's CSV, so that of {} changes it may not show the status: save JSON"


def read_entra_log(system: str, files: SavedFolder, question: LogQuestion) -> LogAnswer:
    """Return what the saved logs say; raises `InputError` where the audit log was not saved, or cannot be used."""
    path = files.find(*AUDITS)
    if path is None:
        raise InputError(
            f"{files.folder.name}/{AUDITS[0]}",
            "there is no such file",
            expected=" or ".join(f"`{name}`" for name in AUDITS),
            hint="save it beside the others; docs/connect-entra.md says how",
        )
    rows, gaps = read_rows(path)
    seen = AuditEvents(system, question)
    events = seen.read(rows)
    if seen.cut:
        gaps.append(_HALF.format(seen.cut))
    if not rows:
        gaps.append("the audit log is empty: nothing says from when it is")
    sign_ins = files.find(*SIGN_INS)
    if sign_ins is not None:
        events += _sign_ins(system, sign_ins, question)
    return LogAnswer(
        system=system,
        source=", ".join(p.name for p in (path, sign_ins) if p is not None),
        read_at=modified_at(path) - DELIVERY,
        events=tuple(sorted(events, key=lambda event: event.at)),
        covers_from=min(row.at for row in rows) if rows and not gaps else None,
        covers=TELLS,
        gaps=tuple(gaps),
        lives_on=LIVES_ON,
    )


def _sign_ins(system: str, path: Path, question: LogQuestion) -> Iterator[LogEvent]:
    """Yield the sign-ins that succeeded. Source: Microsoft Graph, signIn resource type; `errorCode` 0 is success."""
    asked = {account.id for account in question.accounts}
    if path.suffix == ".csv":
        yield from _csv_sign_ins(system, path, asked)
        return
    for entry in entries_of(path, "sign-in", "createdDateTime")[0]:
        who, status = (entry.text_or_none("userId") or "").lower(), entry.part("status")
        if who in asked and status is not None and status.number_or_none("errorCode") == 0:
            at, within = stamp_of(entry, "createdDateTime")
            record = record_of(path, entry.text("id"), entry.values)
            yield LogEvent(system, who, LogKind.SIGNED_IN, at, within, record)


def _csv_sign_ins(system: str, path: Path, asked: set[str]) -> Iterator[LogEvent]:
    table = read_table(path)
    names = {"".join(name.split()).casefold(): name for name in table.header}
    columns = ("date(utc)", "requestid", "userid", "status")
    if missing := next((name for name in columns if name not in names), None):
        raise InputError(
            path,
            f"this is not the portal's list of sign-ins in English: there is no column like `{missing}`",
            line=table.header_line,
            hint="set the portal's language to English and download again, or save JSON",
        )
    for line, row in table.rows:
        written, request, who, status = (row[names[name]].strip() for name in columns)
        if who.lower() not in asked or status.casefold() != "success":
            continue
        try:
            at, within = parse_stamp(written, utc=True)
        except ValueError:
            table.refuse(line, names[columns[0]], "this is no time", found=written, expected="ISO 8601")
        record = record_of(path, request or f"line {line}", row)
        yield LogEvent(system, who.lower(), LogKind.SIGNED_IN, at, max(within, SECOND), record)

"""
A forecast as a calendar file (RFC 5545): one all-day event for each item, on the first day on which it is out of step.

The identifier of an event comes from the practice and from what makes the item, not from its day or wording: a
calendar that reads the file again updates the event instead of adding a second one.
"""

import hashlib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from icalendar import Alarm, Calendar, Event

from auditor.forecast.forecast import Forecast, ForeseenItem, ForeseenKind
from connectors.errors import AuditorError
from connectors.inputs.file_writing import write_whole
from connectors.inputs.files import opened
from policies.engine.case import Practice

_FIRST = b"BEGIN:VCALENDAR"
WARN_DAYS_BEFORE = 7
"""How many days ahead a calendar reminds; the practice's choice, no rule names a number."""


def as_calendar(forecast: Forecast, practice: Practice, seen_at: datetime, today: date | None = None) -> bytes:
    """
    Return the calendar file; what is out of step by `today` already stands there on that day, and not in the past.

    It names VMAs by their ids only and no login: calendars are shared more widely than reports. `seen_at` is the
    audit on which the forecast rests; the same forecast of the same audit gives the same bytes.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//auditor//forecast//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", f"{practice.name}: controls that fall due")
    for item in forecast.items:
        calendar.add_component(_event(item, practice, seen_at, max(item.day, today or item.day)))
    content: bytes = calendar.to_ical()
    return content


def _event(item: ForeseenItem, practice: Practice, seen_at: datetime, day: date) -> Event:
    event = Event()
    event.add("uid", f"{uid(item, practice)}@auditor.invalid")
    event.add("dtstamp", seen_at.astimezone(UTC))
    event.add("last-modified", seen_at.astimezone(UTC))
    # A later audit outranks an earlier one, whichever file is read last.
    event.add("sequence", int(seen_at.timestamp()) // 60)
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))
    event.add("transp", "TRANSPARENT")
    event.add("class", "CONFIDENTIAL")
    event.add("summary", summary(item))
    event.add("description", description(item, day))
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", summary(item))
    alarm.add("trigger", timedelta(days=-WARN_DAYS_BEFORE if day == item.day else 0))
    event.add_component(alarm)
    return event


def uid(item: ForeseenItem, practice: Practice) -> str:
    """Return what names the item for ever."""
    return hashlib.sha256(f"{practice.id}\x00{item.key}".encode()).hexdigest()[:32]


def summary(item: ForeseenItem) -> str:
    """Return one line without names."""
    subject = item.key.removeprefix("agreement ") if item.kind is ForeseenKind.AGREEMENT else ", ".join(item.whom)
    return f"{item.kind.value}: {subject}" if subject else item.kind.value


def description(item: ForeseenItem, day: date) -> str:
    """Return what a calendar may tell: whom by id, how much follows, and where the rest is."""
    overdue = f"Out of step since {item.day}."
    lines = [f"Out of step from {item.day} if nobody acts." if day == item.day else overdue]
    if item.whom:
        lines.append(f"Concerns: {', '.join(item.whom)}.")
    if item.findings:
        lines.append(f"Findings: {', '.join(item.findings)}.")
    lines.append("`auditor forecast` says what to do.")
    return "\n".join(lines)


def write_calendar(path: Path, content: bytes) -> None:
    """
    Write the calendar file, whole or not at all.

    Raises `AuditorError` when it cannot be written, or when something that is no calendar is there already.
    """
    try:
        if path.exists() and not (path.is_file() and _is_calendar(path)):
            raise AuditorError(
                f"`{path}` is there already, and is not a calendar",
                hint="nothing was overwritten; give the calendar a file of its own with `--ics`",
            )
        write_whole(path, content)
    except OSError as error:
        raise AuditorError(
            f"the calendar `{path}` cannot be written: `{error.strerror}`",
            hint="choose a folder that is there and that you may write to with `--ics`",
        ) from None


def _is_calendar(path: Path) -> bool:
    with opened(path) as file:
        return file.read(len(_FIRST)) in (_FIRST, b"")

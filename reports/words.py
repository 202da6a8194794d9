"""Words that every format shares: dates, verdicts, kinds of step. No locale, no clock: same input, same bytes."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from connectors.inputs.dates import day_of
from reports.model import Report

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

VERDICT_STATES = {"in step": "good", "not in step": "bad", "not evaluable": "unknown"}
"""How a verdict looks; an unknown word looks like `unknown`, never like `good`."""

STEP_WORDS = {"vma": "VMA", "template": "role template", "citation": "rule in law"}
"""Kinds of path steps whose name alone does not read well."""

RETENTION = (
    "Keep this report and its evidence for 6 years from its creation or "
    "from when it last was in effect, whichever is later (45 CFR 164.316(b)(2)(i))."
)
CLAIM = (
    "This report supports compliance with the HIPAA Security Rule. It certifies nothing: "
    "HHS recognises no certification of compliance."
)
ADDRESSABLE = (
    "does not mean optional: the practice implements the specification, or documents why that is not "
    "reasonable and appropriate, and what equivalent measure it takes instead (45 CFR 164.306(d)(3))."
)
"""Completes a sentence that begins with `Addressable`."""


def month(day: date) -> str:
    """Return the month's short English name."""
    return _MONTHS[day.month - 1]


def day_text(day: date) -> str:
    """Return a day that no reader can take for another: `24 Nov 2026`."""
    return f"{day.day} {month(day)} {day.year}"


def instant_text(at: datetime, timezone: str) -> str:
    """Return an instant in the practice's own time, and in UTC: `Tuesday 24 Nov 2026, 08:00 (America/Chicago), …`."""
    local, utc = at.astimezone(ZoneInfo(timezone)), at.astimezone(UTC)
    text = f"{_WEEKDAYS[local.weekday()]} {day_text(local)}, {local:%H:%M} ({timezone})"
    if timezone == "UTC":
        return text
    return f"{text}, {utc:%H:%M} UTC" if local.date() == utc.date() else f"{text}, {utc_text(utc)}"


def utc_text(at: datetime) -> str:
    """Return an instant in UTC: `24 Nov 2026, 14:00 UTC`."""
    utc = at.astimezone(UTC)
    return f"{day_text(utc)}, {utc:%H:%M} UTC"


def clock_time(moment: datetime, timezone: str) -> str:
    """
    Return a moment on the practice's clock, to the second: `2026-10-30 17:42:11 CDT`.

    A fraction is told as the end of its second, so that nothing is told as earlier than it was.
    """
    if moment.microsecond:
        moment = moment.replace(microsecond=0) + timedelta(seconds=1)
    return f"{moment.astimezone(ZoneInfo(timezone)):%Y-%m-%d %H:%M:%S %Z}"


def clock_begin(moment: datetime, timezone: str) -> str:
    """Return the second in which a moment lies, on the practice's clock: the earlier end of a time that has two."""
    return clock_time(moment.replace(microsecond=0), timezone)


def within_a_second(earliest: datetime | None, latest: datetime) -> bool:
    """Whether both ends of a time lie in one second of the clock, or at its end."""
    return earliest is not None and latest - earliest.replace(microsecond=0) <= timedelta(seconds=1)


def clock_span(earliest: datetime | None, latest: datetime, timezone: str) -> str:
    """
    Say between which seconds of the practice's clock something lies; one second is told as its end.

    The earlier end is rounded down and the later one up, so that what was true is never left out.
    """
    end = clock_time(latest, timezone)
    if earliest is None or within_a_second(earliest, latest):
        return end
    return f"between {clock_begin(earliest, timezone)} and {end}"


def today(report: Report) -> date:
    """Return the practice's calendar day at the instant of judgment."""
    return day_of(report.at, report.timezone)


def plain_kind(kind: str) -> str:
    """Return `role-changed` as `role changed`, and the kinds of steps in words."""
    return STEP_WORDS.get(kind, kind.replace("-", " ").replace("_", " "))


def plural(count: int, one: str, many: str = "") -> str:
    """Return a number with its noun: `1 finding`, `1,204 findings`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"

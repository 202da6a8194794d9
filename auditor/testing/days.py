"""The days of a clinic: one fixed today, and days before and after it."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

TODAY = date(2026, 11, 23)
ZONE = "America/Chicago"
"""The timezone of the practice."""


def noon(day: date) -> datetime:
    """Return noon of a day at the practice: on no clock is it another day."""
    return datetime.combine(day, time(12), ZoneInfo(ZONE)).astimezone(UTC)


def ago(days: int) -> date:
    """Return a day before today."""
    return TODAY - timedelta(days=days)


def ahead(days: int) -> date:
    """Return a day after today."""
    return TODAY + timedelta(days=days)

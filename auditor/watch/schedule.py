"""
Which instant of the schedule is due: times of the day in the practice's time zone, through every change of its clocks.

Each time comes exactly once on each of its days. A time that the clocks skip in spring comes as much later as they
skip; one that they pass twice in autumn comes at the first pass (PEP 495, `fold=0`).
"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from auditor.watch_settings import DAYS, Schedule
from connectors.inputs.dates import day_of

FAR_DAYS = 8
"""Every schedule that is not empty has an instant within a week."""


def last_due(schedule: Schedule, timezone: str, now: datetime) -> datetime | None:
    """Return the latest instant of the schedule that is not after `now`, UTC; `None` for an empty one."""
    return max((i for i in _around(schedule, timezone, now) if i <= now), default=None)


def next_due(schedule: Schedule, timezone: str, now: datetime) -> datetime | None:
    """Return the first instant of the schedule after `now`, UTC; `None` for an empty one."""
    return min((i for i in _around(schedule, timezone, now) if i > now), default=None)


def _around(schedule: Schedule, timezone: str, now: datetime) -> list[datetime]:
    today = day_of(now, timezone)
    days = (today + timedelta(days=n) for n in range(-FAR_DAYS, FAR_DAYS + 1))
    return [instant for day in days for instant in on(schedule, timezone, day)]


def on(schedule: Schedule, timezone: str, day: date) -> list[datetime]:
    """Return the instants of one calendar day of the practice, UTC."""
    if DAYS[day.weekday()] not in schedule.days:
        return []
    zone = ZoneInfo(timezone)
    return [datetime.combine(day, at, zone).astimezone(UTC) for at in sorted(set(schedule.at))]

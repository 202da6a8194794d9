"""
When a row of OpenEMR's log was written: local time of PHP without an offset, in whole seconds.

OpenEMR sets PHP's zone to its global `gbl_time_zone`. The hour that comes twice when a clock is put back is told as an
hour wide; without a zone a stamp can mean any of the world's. The row is written after its statement took effect, which
may have been in the second before: half a second is more than that takes.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from connectors.audit_log import SECOND

LEAD = timedelta(milliseconds=500)
"""By how much a statement may be older than its row."""
EASTMOST, WESTMOST = timedelta(hours=14), timedelta(hours=12)
"""The zones of the world lie between UTC-12 and UTC+14."""


@dataclass(frozen=True, slots=True)
class LogStamp:
    """From when on, and how much later at most."""

    at: datetime
    resolution: timedelta
    exists: bool = True
    """Whether the zone has such a time at all: not in the hour that is left out in spring."""

    @property
    def end(self) -> datetime:
        """When it is over."""
        return self.at + self.resolution


def stamp(text: str | None, zone: str | None) -> LogStamp | None:
    """Read a DATETIME of MariaDB; `None` for one that is no time."""
    try:
        local = datetime.strptime(text or "", "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007 - the zone follows
    except ValueError:
        return None
    if not 1990 <= local.year < 2200:
        return None
    if zone is None:
        return LogStamp(local.replace(tzinfo=UTC) - EASTMOST - LEAD, EASTMOST + WESTMOST + LEAD + SECOND)
    there = ZoneInfo(zone)
    one, two = sorted(local.replace(tzinfo=there, fold=fold).astimezone(UTC) for fold in (0, 1))
    exists = one.astimezone(there).replace(tzinfo=None) == local
    return LogStamp(one - LEAD, two - one + LEAD + SECOND, exists)


def shifted(text: str | None, hours: tuple[float, ...], zone: str | None) -> LogStamp | None:
    """Read a DATETIME that was written in a zone of these offsets, or in `zone`: as wide as they lie apart."""
    own, plain = stamp(text, zone), stamp(text, "UTC")
    if own is None or plain is None:
        return None
    every = [own, *(LogStamp(plain.at - timedelta(hours=h), plain.resolution) for h in hours)]
    first = min(s.at for s in every)
    return LogStamp(first, max(s.end for s in every) - first)

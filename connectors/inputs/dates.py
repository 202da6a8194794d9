"""
Days and instants as text: ISO 8601 always, one other order only when the configuration names it.

`03/04/2026` is a March day in one country and an April day in another, so nothing is guessed.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DateFormat = Literal["YYYY-MM-DD", "MM/DD/YYYY", "DD/MM/YYYY", "DD.MM.YYYY", "MM/DD/YY", "DD-MMM-YYYY", "MMM DD, YYYY"]
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_TIME = (
    r"(?:,?[T ] *(?P<H>[0-9]{1,2}):(?P<M>[0-9]{2})(?::(?P<S>[0-9]{2})(?:\.[0-9]{1,9})?)?"
    r" *(?P<half>[AaPp][Mm])?(?P<zone>Z|[+-][0-9]{2}:?[0-9]{2}| ?(?:UTC|GMT|[ECMP][SD]T)\b)?)?"
)
_ZONE_HOURS = {
    "UTC": 0,
    "GMT": 0,
    "EDT": -4,
    "EST": -5,
    "CDT": -5,
    "CST": -6,
    "MDT": -6,
    "MST": -7,
    "PDT": -7,
    "PST": -8,
}
"""What reports of the United States print behind a time; an offset at that instant, so no summer time is missed."""
_PATTERNS: dict[str, re.Pattern[str]] = {
    "YYYY-MM-DD": re.compile(r"(?P<y>[0-9]{4})-(?P<m>[0-9]{2})-(?P<d>[0-9]{2})" + _TIME),
    "MM/DD/YYYY": re.compile(r"(?P<m>[0-9]{1,2})/(?P<d>[0-9]{1,2})/(?P<y>[0-9]{4})" + _TIME),
    "DD/MM/YYYY": re.compile(r"(?P<d>[0-9]{1,2})/(?P<m>[0-9]{1,2})/(?P<y>[0-9]{4})" + _TIME),
    "DD.MM.YYYY": re.compile(r"(?P<d>[0-9]{1,2})\.(?P<m>[0-9]{1,2})\.(?P<y>[0-9]{4})" + _TIME),
    "MM/DD/YY": re.compile(r"(?P<m>[0-9]{1,2})/(?P<d>[0-9]{1,2})/(?P<y>[0-9]{2})" + _TIME),
    "DD-MMM-YYYY": re.compile(r"(?P<d>[0-9]{1,2})[- ](?P<m>[A-Za-z]{3})[- ](?P<y>[0-9]{4})" + _TIME),
    "MMM DD, YYYY": re.compile(r"(?P<m>[A-Za-z]{3})[a-z]{0,6}\.? (?P<d>[0-9]{1,2}),? (?P<y>[0-9]{4})" + _TIME),
}
_US_ZONES = frozenset(("EST", "EDT", "ET", "CST", "CDT", "CT", "MST", "MDT", "MT", "PST", "PDT", "PT", "AKST", "HST"))
_US_TOLD = (
    "`America/New_York` (Eastern), `America/Chicago` (Central), `America/Denver` (Mountain), "
    "`America/Phoenix` (Arizona), `America/Los_Angeles` (Pacific), `America/Anchorage` (Alaska), "
    "`Pacific/Honolulu` (Hawaii)"
)
_SLASHED = re.compile(r"(?P<y>[0-9]{4})/(?P<m>[0-9]{2})/(?P<d>[0-9]{2})" + _TIME)
"""The year first leaves no doubt, whatever stands between."""
_TICKS = re.compile(r"1[23][0-9]{16}")
"""100 nanoseconds since 1601, as Active Directory counts (MS-DTYP 2.3.3)."""
_UNIX = re.compile(r"(?:/Date\()?(?P<s>1[0-9]{9}|2[0-9]{9})(?P<ms>[0-9]{3})?(?:[+-][0-9]{4})?(?:\)/)?")
_SINCE_1601 = 11_644_473_600
YEARS = range(1900, 2200)
"""Anything else is a placeholder, such as 9999-12-31 for `never`."""


@dataclass(frozen=True, slots=True)
class DateStyle:
    """How a file writes its dates, and in which time zone it writes times that name none."""

    format: DateFormat = "YYYY-MM-DD"
    timezone: str = "UTC"

    @property
    def expected(self) -> str:
        """What a person should write."""
        return "a date as YYYY-MM-DD" + ("" if self.format == "YYYY-MM-DD" else f" or {self.format}")

    def day(self, text: str) -> date:
        """Return a calendar day; midnight may stand behind it. Raises `ValueError` for anything else."""
        moment = self._parse(text)
        if moment.tzinfo is not None or (moment.hour, moment.minute, moment.second) != (0, 0, 0):
            raise ValueError("a day has no time")
        return moment.date()

    def instant(self, text: str) -> datetime:
        """
        Return an instant in UTC; a day means its first moment. Raises `ValueError`.

        When a clock is put back, the hour that comes twice is read as its first pass.
        """
        if text.isdigit() or text.startswith("/Date("):
            return _machine_time(text)
        moment = self._parse(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=ZoneInfo(self.timezone))
        return moment.astimezone(UTC)

    def within(self, text: str) -> tuple[datetime, bool] | None:
        """Return the first date in a line of text as an instant, and whether it says a time of day."""
        for pattern in (_PATTERNS["YYYY-MM-DD"], _SLASHED, _PATTERNS[self.format]):
            for match in re.finditer(rf"(?<![0-9/.-])(?:{pattern.pattern})(?![0-9/])", text):
                try:
                    return self.instant(match[0].strip()), match["H"] is not None
                except ValueError:
                    continue
        return None

    def _parse(self, text: str) -> datetime:
        # ISO 8601 is accepted beside the configured format: it can be mistaken for none of the others, and the
        # date cells of a workbook arrive in it.
        match = (
            _PATTERNS["YYYY-MM-DD"].fullmatch(text)
            or _SLASHED.fullmatch(text)
            or _PATTERNS[self.format].fullmatch(text)
        )
        if not match:
            raise ValueError("not a date in this format")
        part = match.groupdict()
        # Reports on access began after the year 2000, so two digits of a year leave no doubt.
        year = int(part["y"]) + (2000 if len(part["y"]) == 2 else 0)
        if year not in YEARS:
            raise ValueError("not a year in use")
        month = int(part["m"]) if part["m"].isdigit() else _MONTHS.index(part["m"].lower()) + 1
        hour = int(part["H"] or 0)
        if part["half"]:
            if not 1 <= hour <= 12:
                raise ValueError("not an hour of twelve")
            hour = hour % 12 + (12 if part["half"].lower() == "pm" else 0)
        moment = datetime(  # noqa: DTZ001 - the zone follows
            year, month, int(part["d"]), hour, int(part["M"] or 0), int(part["S"] or 0)
        )
        if not part["zone"]:
            return moment
        zone = part["zone"].strip()
        if zone in _ZONE_HOURS:
            return moment.replace(tzinfo=timezone(timedelta(hours=_ZONE_HOURS[zone])))
        return moment.replace(tzinfo=datetime.strptime(zone, "%z").tzinfo)


def _machine_time(text: str) -> datetime:
    """Return what a program wrote as a number: ticks since 1601, or seconds or milliseconds since 1970."""
    if _TICKS.fullmatch(text):
        return datetime.fromtimestamp(int(text) / 10**7 - _SINCE_1601, UTC).replace(microsecond=0)
    match = _UNIX.fullmatch(text)
    if not match:
        raise ValueError("not a date in this format")
    return datetime.fromtimestamp(int(match["s"]), UTC)


def known_timezone(name: str) -> str:
    """
    Return the IANA name of a time zone as it is; raises `ValueError` when there is none of that name.

    `EST`, `MST` and `HST` are in the IANA database, but as offsets that never change to summer time: whoever writes one
    of them means the zone of a place, and every second half year would be an hour off.
    """
    if name.upper() in _US_ZONES:
        raise ValueError(f"an IANA time zone: {_US_TOLD}; `{name}` is not one, as it knows no summer time")
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"an IANA time zone, such as {_US_TOLD}") from None
    return name


def day_of(moment: datetime, timezone: str) -> date:
    """Return the practice's calendar day of an instant."""
    return moment.astimezone(ZoneInfo(timezone)).date()

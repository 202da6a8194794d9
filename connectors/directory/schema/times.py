"""
The two ways in which directories write a moment.

Sources: RFC 4517 section 3.3.13 (GeneralizedTime); MS-DTYP 2.3.3 (FILETIME: 100 ns since 1601-01-01 UTC).
"""

import re
from datetime import UTC, datetime, timedelta

_GENERALIZED = re.compile(
    r"(\d{4})(0[1-9]|1[0-2])([0-3]\d)([01]\d|2[0-3])"  # year, month, day, hour
    r"(?:([0-5]\d)([0-5]\d|60)?)?"  # minute, second
    r"(?:[.,](\d{1,9})\d*)?"  # fraction of the smallest unit that is there
    r"(?:Z|([+-])([01]\d|2[0-3])([0-5]\d)?)",
    re.ASCII,
)
_USUAL = re.compile(r"\d{4}(?:0[1-9]|1[0-2])[0-3]\d(?:[01]\d|2[0-3])[0-5]\d[0-5]\dZ", re.ASCII)
"""How nearly every server writes it: whole seconds, UTC."""
_DIGITS = re.compile(r"-?\d{1,19}", re.ASCII)
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)

NEVER_EXPIRES = 0x7FFF_FFFF_FFFF_FFFF
"""The largest FILETIME; with 0 the two values of accountExpires that mean "does not expire" (MS-ADA1)."""

_LAST_FILETIME = int((datetime.max.replace(tzinfo=UTC) - _EPOCH).total_seconds()) * 10_000_000


def generalized_time(text: str) -> datetime:
    """Read a GeneralizedTime; raises `ValueError` for anything else, including the year 0."""
    if _USUAL.fullmatch(text):
        return datetime.fromisoformat(f"{text[:8]}T{text[8:]}")
    match = _GENERALIZED.fullmatch(text)
    if not match:
        raise ValueError("not a GeneralizedTime")
    year, month, day, hour, minute, second, fraction, sign, off_hours, off_minutes = match.groups()
    unit = timedelta(seconds=1) if second else timedelta(minutes=1) if minute else timedelta(hours=1)
    offset = timedelta(hours=int(off_hours or 0), minutes=int(off_minutes or 0))
    moment = datetime(int(year), int(month), int(day), int(hour), tzinfo=UTC)
    moment += timedelta(minutes=int(minute or 0), seconds=int(second or 0))
    if fraction:
        moment += unit * (int(fraction) / 10 ** len(fraction))
    try:
        return moment + offset if sign == "-" else moment - offset
    except OverflowError:
        raise ValueError("outside the calendar") from None


def is_generalized_time(text: str) -> bool:
    """Tell whether it is one."""
    try:
        generalized_time(text)
    except ValueError:
        return False
    return True


def integer(text: str) -> int:
    """Read a directory integer (RFC 4517 section 3.3.16), at most 64 bits; raises `ValueError`."""
    if not _DIGITS.fullmatch(text):
        raise ValueError("not a whole number")
    return int(text)


def filetime(text: str) -> datetime | None:
    """Read a FILETIME; 0 means that it never happened (`None`); raises `ValueError` outside the calendar."""
    value = integer(text)
    if value == 0:
        return None
    if not 0 < value <= _LAST_FILETIME:
        raise ValueError("outside the calendar")
    return _EPOCH + timedelta(microseconds=value // 10)


def account_expires(text: str) -> datetime | None:
    """Read AD's accountExpires; 0, the largest value, and every moment after the year 9999 mean "never" (`None`)."""
    return None if integer(text) > _LAST_FILETIME else filetime(text)


def days(text: str) -> datetime | None:
    """Read a day of shadow(5), counted from 1970; 0 is not to be used, and below it there is none (`None`)."""
    value = integer(text)
    try:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=value) if value > 0 else None
    except OverflowError:
        return None


def seconds(text: str) -> datetime | None:
    """Read Samba's seconds since 1970; 0, and the largest number of 32 bits or more, mean "never" (`None`)."""
    value = integer(text)
    return datetime.fromtimestamp(value, UTC) if 0 < value < 2**31 - 1 else None

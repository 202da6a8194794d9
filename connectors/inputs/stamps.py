"""Stamps of records of changes: an instant, and how finely it is written, which decides how exact it can be."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Protocol, TypeVar

from connectors.inputs.dates import YEARS

# From: RFC 3339, section 5.6; blanks for the `T`, and more digits than a computer's clock has, are usual.
_STAMP = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(?:[.,](\d{1,9}))? ?(Z|z|UTC|[+-]\d{2}:?\d{2})?", re.ASCII
)


class Stamp(NamedTuple):
    """The truth lies in [`at`, `at` + `resolution`): what is written is cut off, never rounded up."""

    at: datetime
    resolution: timedelta


def parse_stamp(text: str, *, utc: bool = False) -> Stamp:
    """
    Return an instant in UTC with its resolution, from one second to one microsecond.

    Without an offset it is no instant, unless whoever asks knows that it is `utc`: `ValueError`.
    """
    match = _STAMP.fullmatch(text.strip())
    if match is None:
        raise ValueError("no time with seconds")
    day, time, fraction, zone = match.groups()
    if zone is None and not utc:
        raise ValueError("the offset from UTC is missing")
    if int(day[:4]) not in YEARS:
        raise ValueError("no year in use")
    offset = "+00:00" if zone in (None, "Z", "z", "UTC") else zone
    digits = (fraction or "")[:6]
    at = datetime.fromisoformat(f"{day}T{time}{offset}").astimezone(UTC)
    at += timedelta(microseconds=int(digits.ljust(6, "0")))
    return Stamp(at, timedelta(microseconds=10 ** (6 - len(digits))))


class Stamped(Protocol):
    """Anything that happened at some time."""

    @property
    def at(self) -> datetime:
        """When."""


Entry = TypeVar("Entry", bound=Stamped)


def oldest_first(entries: Sequence[Entry]) -> list[Entry]:
    """
    Return a log in the order of its times, whichever end it begins with; of one time, as the log has them.

    Where all are of one time, it begins with the newest, as the vendors that use this document.
    """
    backwards = bool(entries) and entries[0].at >= entries[-1].at
    return sorted(reversed(entries) if backwards else entries, key=lambda entry: entry.at)

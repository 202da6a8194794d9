"""What a forecast is: the days looked at, and each thing that falls out of step on them."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class ForeseenKind(StrEnum):
    """Why something falls out of step."""

    AGREEMENT = "agreement ends"
    CONTRACT = "contract ends"
    START = "start without cover"
    ATTESTATION = "attestation expires"
    REQUEST = "approval expires"
    EXCEPTION = "exception expires"
    REVIEW = "review due"
    UNOWNED = "work without owner"
    DORMANT = "account dormant"
    OTHER = "out of step"


@dataclass(frozen=True, slots=True)
class ForeseenItem:
    """One thing that falls out of step."""

    day: date
    """The first day on which it is out of step."""
    kind: ForeseenKind
    key: str
    """What makes it this item and no other: stays the same when the day, a name or the wording changes."""
    what: str
    whom: tuple[str, ...]
    """VMA ids, or system ids where it concerns no VMA."""
    todo: str
    follows: tuple[str, ...] = ()
    """What the audit of that day would find because of it, in words."""
    findings: tuple[str, ...] = ()
    """The ids of those findings."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """The days looked at, and what falls out of step on them."""

    first: date
    last: date
    items: tuple[ForeseenItem, ...]
    not_read: dict[str, str]
    """Systems of which the audit knows nothing, with the reason: what falls out of step there is not foreseen."""
    not_judged: int = 0
    """How many checks could not be judged on the first day: what falls out of step there is not foreseen either."""

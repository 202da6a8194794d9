"""The seats of a headcount cap: who has one, and from which day."""

from bisect import bisect_left, insort
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from policies.agreements.days import FOREVER, after


@dataclass(frozen=True, slots=True)
class Stay:
    """Days on which a VMA works through one link of a chain, without a day between them, whatever the roles."""

    vma: str
    start: date
    end: date


def turn(stay: Stay) -> tuple[date, str]:
    """Return whose turn it is to get a seat: who started first, then by id."""
    return stay.start, stay.vma


def seats(stays: Iterable[Stay], cap: int) -> dict[Stay, date]:
    """
    Give out `cap` seats to stays in their turn, and return from which day each has one; a stay without one is left out.

    Seats go by start date, and are freed only by those who started earlier and end; so each VMA gets a seat on one day
    and keeps it for the stay, and that day is the end of the k-th predecessor to leave.
    """
    given: dict[Stay, date] = {}
    ends: list[date] = []
    for stay in stays:
        still_here = len(ends) - bisect_left(ends, stay.start)
        surplus = still_here - cap
        if surplus < 0:
            given[stay] = stay.start
        else:
            freed = ends[len(ends) - still_here + surplus]
            if freed != FOREVER:
                given[stay] = after(freed)
        insort(ends, stay.end)
    return given

"""
Lag and lockstep as one HTML page: the two step lines, what is owed, and every number of `auditor lag`.

`LagPage` is the model from which the page and the text of the command are both drawn, so they cannot disagree. The
page needs no network and no script, and is readable on paper; what its picture says stands in a table too.
"""

from dataclasses import dataclass
from datetime import date, datetime

from reports.html import page


@dataclass(frozen=True, slots=True)
class Stretch:
    """From one instant to the next, in which neither line moves."""

    first: datetime
    last: datetime
    headcount: int
    controlled: int


@dataclass(frozen=True, slots=True)
class LagRow:
    """The lags of one control, agency, role or system, in hours, as words."""

    name: str
    median: str
    p90: str
    maximum: str
    open: int
    count: int


@dataclass(frozen=True, slots=True)
class LagTable:
    """The lags by one way of grouping."""

    title: str
    rows: tuple[LagRow, ...]


@dataclass(frozen=True, slots=True)
class OwedControl:
    """One control that is not in place now."""

    name: str
    id: str
    control: str
    hours: str
    why: str


@dataclass(frozen=True, slots=True)
class Early:
    """One account that worked before its agreement was in force."""

    name: str
    id: str
    account: str
    since: date
    until: str


@dataclass(frozen=True, slots=True)
class LagPage:
    """The whole answer."""

    practice: str
    timezone: str
    tool_version: str
    first: date
    last: date
    at: datetime
    lockstep: str
    """A share of a hundred, or that it is not defined."""
    whole: bool
    """Whether no control was missing on any day."""
    exposure: str
    vma_days: str
    stretches: tuple[Stretch, ...]
    """One after the other, from the first instant to the last."""
    alone: tuple[tuple[str, str], ...]
    """Each control, and the lockstep if it were the only one."""
    tables: tuple[LagTable, ...]
    owed: tuple[OwedControl, ...]
    early: tuple[Early, ...]
    left_out: tuple[str, ...]
    not_read: tuple[str, ...]
    notes: tuple[str, ...] = ()
    """What else is to be known of the numbers: by whose controls, and which stored sentences count otherwise."""

    @property
    def top(self) -> int:
        """The highest headcount."""
        return max((s.headcount for s in self.stretches), default=0)


@dataclass(frozen=True, slots=True)
class ChartBlock:
    """One stretch of the picture, in per cent of its width and height, measured from the upper left."""

    x: str
    width: str
    headcount: str
    """How far below the upper edge the line of the headcount lies."""
    controlled: str
    missing: str
    """How high the area between the two lines is."""
    below: str
    """How high the area under the lower line is."""


def blocks(lag: LagPage) -> tuple[ChartBlock, ...]:
    """Lay out the picture; none where there was nobody, or no time."""
    if not lag.stretches or lag.top == 0:
        return ()
    start = lag.stretches[0].first.timestamp()
    length = lag.stretches[-1].last.timestamp() - start
    if length <= 0:
        return ()

    def share(part: float, of: float) -> str:
        return f"{part * 100 / of:.3f}%"

    return tuple(
        ChartBlock(
            x=share(s.first.timestamp() - start, length),
            width=share(s.last.timestamp() - s.first.timestamp(), length),
            headcount=share(lag.top - s.headcount, lag.top),
            controlled=share(lag.top - s.controlled, lag.top),
            missing=share(s.headcount - s.controlled, lag.top),
            below=share(s.controlled, lag.top),
        )
        for s in lag.stretches
    )


def render(lag: LagPage) -> str:
    """Return the page; the same answer gives the same bytes."""
    left = f"{lag.practice} · {lag.first} to {lag.last}"
    return page("lag.html.j2", left, "Lag and lockstep", d=lag, blocks=blocks(lag))

"""Where each bar of the coverage picture begins and ends, in per cent of its width."""

from dataclasses import dataclass
from datetime import date, timedelta

from reports.model import Report
from reports.timeline_model import CoverageRow
from reports.words import month, today

_QUARTERS_ABOVE = 13
_YEARS_ABOVE = 40
"""Above so many months, only quarters, or only years, are written under the picture."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One stretch of days."""

    x: str
    width: str
    start: date
    end: date
    label: str
    state: str

    @property
    def days(self) -> int:
        """How many days it has, both ends included."""
        return (self.end - self.start).days + 1


@dataclass(frozen=True, slots=True)
class Lane:
    """One VMA's row: the whole engagement, and upon it the days that are covered and not covered."""

    row: CoverageRow
    engagement: Bar | None
    """From the first day to the last; `None` when that lies outside the picture."""
    stays: tuple[Bar, ...]
    """The stays themselves, without the days between."""
    bars: tuple[Bar, ...]

    def days(self, state: str) -> int:
        """How many days of the picture are in that state."""
        return sum(bar.days for bar in self.bars if bar.state == state)


@dataclass(frozen=True, slots=True)
class Tick:
    """The first day of a month."""

    x: str
    label: str
    """Empty where the picture has no room for words."""


@dataclass(frozen=True, slots=True)
class Picture:
    """The whole picture."""

    lanes: tuple[Lane, ...]
    ticks: tuple[Tick, ...]
    today: str | None
    """`None` when the day of the audit lies outside the picture."""


class _Scale:
    """Days to per cent, three decimals, so that the same days give the same bytes."""

    def __init__(self, first: date, last: date) -> None:
        self.first, self.last = first, max(first, last)
        self.total = (self.last - first).days + 1

    def at(self, day: date, offset: float = 0) -> str:
        return f"{((day - self.first).days + offset) * 100 / self.total:.3f}%"

    def bar(self, start: date, end: date, label: str, state: str) -> Bar | None:
        start, end = max(start, self.first), min(end, self.last)
        if end < start:
            return None
        width = f"{((end - start).days + 1) * 100 / self.total:.3f}%"
        return Bar(self.at(start), width, start, end, label, state)


def picture(report: Report, rows: tuple[CoverageRow, ...]) -> Picture:
    """Lay out the coverage of these rows between the report's first and last day of coverage."""
    scale = _Scale(report.coverage_from, report.coverage_to)
    day = today(report)
    return Picture(
        tuple(_lane(scale, row) for row in rows),
        _ticks(scale),
        scale.at(day, 0.5) if scale.first <= day <= scale.last else None,
    )


def _lane(scale: _Scale, row: CoverageRow) -> Lane:
    start, end = row.engagement
    bars = (scale.bar(span.start, span.end, span.label, span.state) for span in row.spans)
    stays = (
        scale.bar(first, last or scale.last, "engaged", "engaged") for first, last in row.stays or (row.engagement,)
    )
    whole = scale.bar(start, end or scale.last, "engaged", "engaged")
    return Lane(row, whole, tuple(bar for bar in stays if bar), tuple(bar for bar in bars if bar))


def _ticks(scale: _Scale) -> tuple[Tick, ...]:
    firsts = []
    day = scale.first.replace(day=1)
    while day <= scale.last:
        if day >= scale.first:
            firsts.append(day)
        day = (day + timedelta(days=31)).replace(day=1)
    return tuple(Tick(scale.at(day), _tick_label(day, firsts)) for day in firsts)


def _tick_label(day: date, firsts: list[date]) -> str:
    if len(firsts) > _YEARS_ABOVE:
        return str(day.year) if day.month == 1 else ""
    if len(firsts) > _QUARTERS_ABOVE and day.month not in (1, 4, 7, 10):
        return ""
    return str(day.year) if day.month == 1 and day != firsts[0] else month(day)

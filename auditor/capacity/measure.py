"""The signals, measured: each one's figures, its trend, its level, and whether it is on. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from auditor.capacity.checklist import CapacityChecklist, Signal
from auditor.capacity.figures import Figures
from auditor.capacity.trend import Trend, mann_kendall


@dataclass(frozen=True, slots=True)
class MeasuredSignal:
    """One signal of the practice, or of one role."""

    signal: Signal
    role: str
    """Empty: the whole practice."""
    weeks: tuple[int, ...]
    """The places of the weeks that have a value: a share of nothing is no figure."""
    values: tuple[float, ...]
    trend: Trend | None
    """`None` when there are too few weeks."""
    recent: float | None
    """The median of the last weeks; `None` when there is no value."""
    worsens: bool
    improves: bool
    over: bool
    reason: str
    """Why it could not be measured; empty when it was."""

    @property
    def on(self) -> bool:
        """Whether it signals a ceiling, by its trend or by its level."""
        return self.worsens or self.over

    @property
    def text(self) -> str:
        """What it says, in words, with its figures."""
        if self.trend is None or self.recent is None:
            return f"not measured: {self.reason}"
        show = self.signal.show
        first, last = show(self.values[0]), show(self.values[-1])
        trend = "no trend"
        if self.worsens:
            trend = "worse from week to week"
        elif self.improves:
            trend = "better from week to week"
        step = f"{show(abs(self.trend.slope))} {'up' if self.trend.slope > 0 else 'down'} a week"
        text = f"{first} → {last}, {trend} ({step}, {chance(self.trend.p)}, {len(self.values)} weeks)"
        if self.signal.level is not None:
            side = "above" if self.signal.bad_up else "below"
            text += f"; lately {show(self.recent)}, {side if self.over else 'within'} {show(self.signal.level)}"
        return text


def chance(p: float) -> str:
    """Write how likely a figure is by chance alone."""
    return "p < 0.001" if p < 0.001 else f"p {p:.3f}"


def measure(figures: Figures, checklist: CapacityChecklist, role: str = "") -> tuple[MeasuredSignal, ...]:
    """Measure every signal of the checklist, of the practice or of one role."""
    return tuple(
        _measure(figures, checklist, signal, role) for signal in checklist.signals if signal.by_role or not role
    )


def series(figures: Figures, signal: Signal, role: str) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """Return the weeks that have a value, and the values; raises `KeyError` when a column is not in the file."""
    above = [sum(row) for row in zip(*(figures.values[role, name] for name in signal.of), strict=True)]
    below = figures.values[role, signal.per] if signal.per is not None else tuple(1.0 for _ in above)
    weeks = tuple(i for i, value in enumerate(below) if value > 0)
    return weeks, tuple(above[i] / below[i] for i in weeks)


def _measure(figures: Figures, checklist: CapacityChecklist, signal: Signal, role: str) -> MeasuredSignal:
    missing = [name for name in signal.columns if name not in figures.columns]
    if missing:
        return _unmeasured(signal, role, f"the file has no column {', '.join(missing)}")
    weeks, values = series(figures, signal, role)
    test = checklist.test
    if len(values) < test.weeks:
        return _unmeasured(signal, role, f"{len(values)} weeks have a figure, {test.weeks} are needed")
    trend = mann_kendall(values)
    sure = trend.p <= test.confidence and abs(trend.slope) * (len(values) - 1) >= test.change * median(values)
    bad = trend.s > 0 if signal.bad_up else trend.s < 0
    recent = median(values[-test.recent :])
    return MeasuredSignal(
        signal,
        role,
        weeks,
        values,
        trend,
        recent,
        worsens=sure and bad,
        improves=sure and not bad,
        over=_worse(signal, recent),
        reason="",
    )


def _worse(signal: Signal, value: float) -> bool:
    if signal.level is None:
        return False
    return value > signal.level if signal.bad_up else value < signal.level


def _unmeasured(signal: Signal, role: str, reason: str) -> MeasuredSignal:
    return MeasuredSignal(signal, role, (), (), None, None, worsens=False, improves=False, over=False, reason=reason)


def ceiling(measured: Sequence[MeasuredSignal], checklist: CapacityChecklist) -> bool:
    """Whether as many signals are on at once as make a ceiling."""
    return sum(m.on for m in measured) >= checklist.test.ceiling

"""Whether the VMA who was added last made the figures better, the same, or worse. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from statistics import median

from auditor.capacity.checklist import CapacityChecklist, Signal
from auditor.capacity.figures import Figures
from auditor.capacity.measure import series
from auditor.capacity.trend import before_after
from connectors.facts import Engagement


class HiresVerdict(StrEnum):
    """What became of the figures."""

    BETTER = "better"
    SAME = "same"
    WORSE = "worse"
    MIXED = "mixed"
    EARLY = "too early to tell"
    UNKNOWN = "cannot be told"


@dataclass(frozen=True, slots=True)
class Hire:
    """One addition of a VMA."""

    vma: str
    """Empty when only the figures tell of it."""
    role: str
    start: date


@dataclass(frozen=True, slots=True)
class Compared:
    """One symptom before and after."""

    signal: Signal
    before: float
    after: float
    p: float
    verdict: HiresVerdict


@dataclass(frozen=True, slots=True)
class Effect:
    """What one hire did."""

    hire: Hire
    verdict: HiresVerdict
    reason: str
    compared: tuple[Compared, ...]

    @property
    def structural(self) -> bool:
        """Whether somebody was added and nothing became better: then the structure is the problem."""
        return self.verdict in (HiresVerdict.SAME, HiresVerdict.WORSE, HiresVerdict.MIXED)


def hires(figures: Figures, engagements: Sequence[Engagement] | None) -> tuple[Hire, ...]:
    """Return who was added during the weeks of the file, the last first: by the roster, else by the column `vmas`."""
    if engagements is not None:
        first: dict[str, Engagement] = {}
        for engagement in sorted(engagements, key=lambda e: e.start):
            first.setdefault(engagement.vma, engagement)
        joined = [e for e in first.values() if figures.week_of(e.start) is not None and e.start > figures.weeks[0]]
        found = [Hire(e.vma, e.roles[0], e.start) for e in joined]
    else:
        found = list(_by_count(figures))
    return tuple(sorted(found, key=lambda h: (h.start, h.vma), reverse=True))


def _by_count(figures: Figures) -> Iterator[Hire]:
    for role in figures.roles or ("",):
        counts = figures.values.get((role, "vmas"), ())
        for i in range(1, len(counts)):
            if counts[i] > counts[i - 1]:
                yield Hire("", role, figures.weeks[i])


def effect(figures: Figures, checklist: CapacityChecklist, hire: Hire) -> Effect:
    """Compare the symptoms before and after a hire: those of the VMA's own role where the file tells roles apart."""
    test = checklist.test
    start = figures.week_of(hire.start)
    if start is None:
        return Effect(hire, HiresVerdict.UNKNOWN, "the hire is outside of the weeks of the file", ())
    role = hire.role if hire.role in figures.roles else ""
    learned = start + test.settling
    if len(figures.weeks) - learned < test.after:
        weeks = max(0, len(figures.weeks) - learned)
        reason = f"{weeks} weeks after the first {test.settling}, {test.after} are needed"
        return Effect(hire, HiresVerdict.EARLY, reason, ())
    compared = tuple(_compared(figures, checklist, role, start, learned))
    if not compared:
        return Effect(hire, HiresVerdict.UNKNOWN, f"no symptom has {test.after} weeks before and after it", ())
    where = f"of {role}" if role else "of the whole practice"
    return Effect(hire, _overall(compared), f"by the figures {where}", compared)


def _compared(
    figures: Figures, checklist: CapacityChecklist, role: str, start: int, learned: int
) -> Iterator[Compared]:
    test = checklist.test
    for signal in checklist.signals:
        if not signal.symptom or any(name not in figures.columns for name in signal.columns):
            continue
        weeks, values = series(figures, signal, role)
        by_week = dict(zip(weeks, values, strict=True))
        before = [by_week[i] for i in range(max(0, start - test.before), start) if i in by_week]
        after = [by_week[i] for i in range(learned, min(learned + test.before, len(figures.weeks))) if i in by_week]
        if len(before) < test.after or len(after) < test.after:
            continue
        was, is_ = median(before), median(after)
        p = before_after(before, after)
        verdict = HiresVerdict.SAME
        if p <= test.hire_confidence and was != is_:
            verdict = HiresVerdict.WORSE if (is_ > was) == signal.bad_up else HiresVerdict.BETTER
        yield Compared(signal, was, is_, p, verdict)


def _overall(compared: Sequence[Compared]) -> HiresVerdict:
    found = {c.verdict for c in compared} - {HiresVerdict.SAME}
    if not found:
        return HiresVerdict.SAME
    return found.pop() if len(found) == 1 else HiresVerdict.MIXED

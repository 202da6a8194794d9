"""What `auditor capacity` tells a machine."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from auditor.capacity.advise import Capacity, CapacityAdvice, Cost, Lever
from auditor.capacity.hires import Compared, Effect, HiresVerdict
from auditor.capacity.measure import MeasuredSignal
from auditor.capacity.trend import Trend
from auditor.cli.data import plan
from auditor.cli.data.plan import PlanData
from reports.as_json import SCHEMA_VERSION, SPREAD, Keys


@dataclass(frozen=True, slots=True)
class SignalData:
    """One signal of the practice, or of one role."""

    id: str
    role: str | None
    formula: str
    kind: Literal["symptom", "load"]
    on: bool
    worsens: bool
    improves: bool
    over: bool
    level: float | None
    recent: float | None
    values: tuple[float, ...]
    weeks: tuple[int, ...]
    trend: Trend | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class PartData:
    """What one column of the figures costs."""

    column: str
    recent: float
    hours: float
    """For one."""


@dataclass(frozen=True, slots=True)
class CostData:
    """What the bottleneck of a role costs each week."""

    role: str | None
    hours_a_week: float
    parts: tuple[PartData, ...]


@dataclass(frozen=True, slots=True)
class ComparedData:
    """One symptom before and after a hire."""

    id: str
    before: float
    after: float
    p: float
    verdict: HiresVerdict


@dataclass(frozen=True, slots=True)
class HireData:
    """What one hire did to the figures."""

    vma: str | None
    role: str | None
    start: date
    verdict: HiresVerdict
    reason: str
    symptoms: tuple[ComparedData, ...]


@dataclass(frozen=True, slots=True)
class AdviceData:
    """Which lever, and why."""

    lever: Lever
    role: str | None
    count: int
    why: str
    plan: str | None


@dataclass(frozen=True, slots=True)
class HirePlanData:
    """The plan of the hire that is advised, as `auditor plan` tells it by itself."""

    schema_version: int
    plan: PlanData


@dataclass(frozen=True, slots=True)
class CapacityData:
    """Whether it is a ceiling, what it costs, and what to do."""

    source: str
    weeks: tuple[date, ...]
    measured: bool
    ceiling: bool
    ceilings: tuple[str, ...]
    signals: tuple[SignalData, ...]
    costs: tuple[CostData, ...]
    hires: tuple[HireData, ...]
    advice: AdviceData
    plan: HirePlanData | None


KEYS: Keys = {**plan.KEYS, Trend: {"n": None}, HirePlanData: {"plan": SPREAD}}


def capacity_data(found: Capacity, planned: PlanData | None) -> CapacityData:
    """Return the answer for a machine."""
    return CapacityData(
        source=found.source,
        weeks=found.weeks,
        measured=found.measured,
        ceiling=found.ceiling,
        ceilings=found.ceilings,
        signals=tuple(_signal(m) for signals in (found.practice, *(s for _, s in found.roles)) for m in signals),
        costs=tuple(_cost(cost) for cost in found.costs),
        hires=tuple(_hire(effect) for effect in found.effects),
        advice=_advice(found.advice),
        plan=HirePlanData(SCHEMA_VERSION, planned) if planned is not None else None,
    )


def _signal(measured: MeasuredSignal) -> SignalData:
    return SignalData(
        id=measured.signal.id,
        role=measured.role or None,
        formula=measured.signal.formula,
        kind="symptom" if measured.signal.symptom else "load",
        on=measured.on,
        worsens=measured.worsens,
        improves=measured.improves,
        over=measured.over,
        level=measured.signal.level,
        recent=measured.recent,
        values=_rounded(measured.values),
        weeks=measured.weeks,
        trend=measured.trend,
        reason=measured.reason or None,
    )


def _rounded(values: Sequence[float]) -> tuple[float, ...]:
    return tuple(round(value, 6) for value in values)


def _cost(cost: Cost) -> CostData:
    parts = tuple(PartData(name, count, each) for name, count, each in cost.parts)
    return CostData(cost.role or None, round(cost.hours, 3), parts)


def _hire(effect: Effect) -> HireData:
    hire, symptoms = effect.hire, tuple(_compared(c) for c in effect.compared)
    return HireData(hire.vma or None, hire.role or None, hire.start, effect.verdict, effect.reason, symptoms)


def _compared(c: Compared) -> ComparedData:
    return ComparedData(c.signal.id, c.before, c.after, c.p, c.verdict)


def _advice(advice: CapacityAdvice) -> AdviceData:
    return AdviceData(advice.lever, advice.role or None, advice.count, advice.why, advice.plan or None)

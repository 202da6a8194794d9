"""What `auditor lag` tells a machine: the fields are the public keys, in their order."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from auditor.figures.owed import Owed, owed
from auditor.lag.controls import By, Control
from auditor.lag.earlier import Otherwise
from auditor.lag.history import in_words
from auditor.lag.lag import Lag, LagState, Lockstep, LockstepPoint
from auditor.lag.measured import OutOfOrder
from auditor.lag.report import LagGroup, LagReport
from auditor.lag.spans import HOUR
from reports.as_json import Keys

KEYS: Keys = {Otherwise: {"said": "said_under_a_baa"}}
"""Public keys that are no names of fields."""


@dataclass(frozen=True, slots=True)
class StepData:
    """From an instant on: how many VMAs there were, and of how many every control was in place."""

    at: str
    headcount: int
    controlled: int


@dataclass(frozen=True, slots=True)
class ControlData:
    """A control that was counted."""

    id: str
    title: str
    by: By
    due_hours: int


@dataclass(frozen=True, slots=True)
class LagRowData:
    """How long one control of one VMA took."""

    vma: str
    control: str
    agency: str | None
    roles: tuple[str, ...]
    due: str
    in_place: str | None
    hours: float | None
    """`None`: not due yet."""
    state: LagState
    finding_stands: bool
    owed_since: str | None


@dataclass(frozen=True, slots=True)
class OwedData:
    """One control of one VMA that is due and not in place."""

    vma: str
    name: str
    control: str
    title: str
    since: str
    hours: float
    missing: bool
    """It is missing; where not, it is merely not shown to be in place."""
    finding_stands: bool
    had_been_in_place: bool


@dataclass(frozen=True, slots=True)
class GroupData:
    """The lags of one group; `None`: too many are open to say."""

    by: str
    name: str
    control: str
    count: int
    open: int
    median_hours: float | None
    p90_hours: float | None
    maximum_hours: float
    maximum_is_open: bool


@dataclass(frozen=True, slots=True)
class EarlyData:
    """An account that worked before its agreement was in force."""

    vma: str
    system: str
    login: str
    account_from: str
    agreement_from: str | None
    hours: float


@dataclass(frozen=True, slots=True)
class LagData:
    """The whole answer; shares are percentages, and the exact one a fraction."""

    since: datetime
    as_of: datetime
    lockstep: float | None
    lockstep_exact: str | None
    lockstep_by_control: Mapping[str, float | None]
    vma_days: float
    exposure_vma_days: float
    steps: tuple[StepData, ...]
    controls: tuple[ControlData, ...]
    not_counted: tuple[str, ...]
    lags: tuple[LagRowData, ...]
    owed_now: tuple[OwedData, ...]
    groups: tuple[GroupData, ...]
    out_of_order: tuple[EarlyData, ...]
    not_read: tuple[str, ...]
    own_controls: str
    controls_other_than_the_reports: tuple[str, ...]
    stored_sentences_that_count_otherwise: tuple[Otherwise, ...]
    bare_words: int
    """Attestations of a review without a closed review: they count for nobody."""


def lag_data(report: LagReport) -> LagData:
    """Return a report for a machine."""
    step = report.lockstep
    return LagData(
        since=report.since,
        as_of=report.now,
        lockstep=_percent(step),
        lockstep_exact=None if step.share is None else str(step.share),
        lockstep_by_control={id_: _percent(one) for id_, one in report.alone.items()},
        vma_days=float(step.vma_days),
        exposure_vma_days=float(step.exposure),
        steps=tuple(_step(s) for s in step.steps),
        controls=tuple(_control(c) for c in report.controls),
        not_counted=report.left_out,
        lags=tuple(_lag(lag) for lag in report.lags),
        owed_now=tuple(owed_data(one) for one in owed(report)),
        groups=tuple(_group(g) for g in report.groups),
        out_of_order=tuple(_early(o) for o in report.out_of_order),
        not_read=report.unread,
        own_controls=report.own_controls,
        controls_other_than_the_reports=report.other_controls,
        stored_sentences_that_count_otherwise=report.otherwise,
        bare_words=report.bare_words,
    )


def owed_data(one: Owed) -> OwedData:
    """Return one control that is owed for a machine."""
    since = in_words(one.since)
    told = one.vma, one.name, one.control, one.title, since, one.hours, one.missing, one.finding, one.lapsed
    return OwedData(*told)


def _percent(step: Lockstep) -> float | None:
    return None if step.share is None else float(step.share * 100)


def _instant(second: int | None) -> str | None:
    return None if second is None else in_words(second)


def _step(one: LockstepPoint) -> StepData:
    return StepData(in_words(one.at), one.headcount, one.controlled)


def _control(one: Control) -> ControlData:
    return ControlData(one.id, one.title, one.by, one.due_hours)


def _lag(lag: Lag) -> LagRowData:
    return LagRowData(
        vma=lag.duty.vma,
        control=lag.duty.control,
        agency=lag.duty.agency,
        roles=lag.duty.roles,
        due=in_words(lag.duty.due),
        in_place=_instant(lag.in_place),
        hours=None if lag.state is LagState.NOT_DUE else lag.hours,
        state=lag.state,
        finding_stands=lag.broken,
        owed_since=_instant(lag.owed_since),
    )


def _group(group: LagGroup) -> GroupData:
    told = group.estimate
    return GroupData(
        by=group.kind,
        name=group.name,
        control=group.control,
        count=told.count,
        open=told.open,
        median_hours=None if told.median is None else told.median / HOUR,
        p90_hours=None if told.p90 is None else told.p90 / HOUR,
        maximum_hours=told.maximum / HOUR,
        maximum_is_open=told.maximum_is_open,
    )


def _early(one: OutOfOrder) -> EarlyData:
    account, agreement = in_words(one.account_from), _instant(one.agreement_from)
    return EarlyData(one.vma, one.system, one.login, account, agreement, one.hours)

"""
What is owed: each control that is due for a VMA and not in place, at one instant, longest first.

One definition for every output that says *owed*: the controls owe (`policies/controls.yaml`, or the practice's own),
never an event, an account or a person. What an event called for and nobody did is another thing
(`auditor.drift.attribution.NotDone`); a finding is one more, and breaks a control where the control goes by its rule.
"""

from dataclasses import dataclass
from datetime import datetime

from auditor.audit.inputs import Inputs
from auditor.config import Config
from auditor.lag.controls import By
from auditor.lag.lag import LagState
from auditor.lag.report import LagReport, lag_report
from auditor.lag.spans import HOUR
from auditor.store import Store

_BY_DATES = (By.REGISTER, By.ATTESTED)
"""How controls are shown that no unread system can hide: what is not in place there is missing, and not unproven."""


@dataclass(frozen=True, slots=True)
class Owed:
    """One control of one VMA that is due and not in place."""

    vma: str
    name: str
    control: str
    title: str
    since: int
    """Seconds since 1970: since when it has been due and not in place."""
    seconds: int
    """How long that is."""
    missing: bool
    """It is missing; where not, it is merely not shown to be in place."""
    finding: bool
    """A finding stands against it."""
    lapsed: bool
    """It had been in place."""

    @property
    def hours(self) -> float:
        """How long it has been owed, in hours that passed."""
        return self.seconds / HOUR


def owed(report: LagReport) -> tuple[Owed, ...]:
    """Return everything that is owed at the instant of a report, longest first."""
    now = int(report.now.timestamp())
    controls = {control.id: control for control in report.controls}
    found = (
        Owed(
            vma=lag.duty.vma,
            name=report.names.get(lag.duty.vma, lag.duty.vma),
            control=lag.duty.control,
            title=controls[lag.duty.control].title,
            since=lag.owed_since,
            seconds=now - lag.owed_since,
            missing=lag.broken or controls[lag.duty.control].by in _BY_DATES,
            finding=lag.broken,
            lapsed=lag.state is LagState.IN_PLACE,
        )
        for lag in report.lags
        if lag.owed_since is not None
    )
    return tuple(sorted(found, key=lambda one: (-one.seconds, one.vma, one.control)))


def owed_at(config: Config, inputs: Inputs, store: Store, at: datetime) -> tuple[Owed, ...]:
    """Return what was owed at the instant of an audit, as `auditor lag --as-of` tells it."""
    return owed(lag_report(config, inputs, store, now=at, since=None))

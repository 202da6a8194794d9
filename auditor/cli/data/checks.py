"""What `auditor doctor` and `auditor connect` tell a machine of what they tried."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from auditor.connecting.checks import Check, CheckState


@dataclass(frozen=True, slots=True)
class TriedStepData:
    """One step, and what was found."""

    step: str
    state: CheckState
    found: str
    advice: str


@dataclass(frozen=True, slots=True)
class OfData:
    """One step of the practice, or of a system."""

    of: str
    step: str
    state: CheckState
    found: str
    advice: str


@dataclass(frozen=True, slots=True)
class DoctorData:
    """Whether all is there that the next audit needs."""

    ok: bool
    failed: int
    warnings: int
    checks: tuple[OfData, ...]


@dataclass(frozen=True, slots=True)
class ConnectData:
    """How a system was tried, and what became of the configuration."""

    system: str
    ok: bool
    steps: tuple[TriedStepData, ...]
    setup: str | None
    written: bool
    diff: tuple[str, ...]


def steps_data(checks: Iterable[Check]) -> tuple[TriedStepData, ...]:
    """Return steps for a machine."""
    return tuple(TriedStepData(c.step, c.state, c.found, c.advice) for c in checks)


def doctor_data(results: Mapping[str, Sequence[Check]]) -> DoctorData:
    """Return all checks for a machine."""
    all_ = tuple((of, check) for of, checks in results.items() for check in checks)
    failed = sum(check.failed for _, check in all_)
    return DoctorData(
        ok=not failed,
        failed=failed,
        warnings=sum(check.state is CheckState.WARNING for _, check in all_),
        checks=tuple(OfData(of, c.step, c.state, c.found, c.advice) for of, c in all_),
    )

"""What one check said."""

from dataclasses import dataclass
from enum import StrEnum

from connectors.errors import AuditorError, InputError


class CheckState(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARNING = "warning"
    """It works, and somebody should look at it."""
    FAILED = "failed"
    SKIPPED = "not-tried"
    """Something before it failed, or there is nothing to try."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check, tried or not."""

    step: str
    state: CheckState
    found: str
    """What worked, or what did not."""
    advice: str = ""
    """What to do."""
    usage: bool = False
    """Whether a file that a person wrote is at fault, and not the system."""

    @property
    def failed(self) -> bool:
        """Whether nothing after it can work."""
        return self.state is CheckState.FAILED


def failure(step: str, error: Exception) -> Check:
    """Return what an error says; the text of one that is not ours may hold a secret, so only its type is told."""
    if isinstance(error, AuditorError):
        return Check(step, CheckState.FAILED, error.message, error.hint, usage=isinstance(error, InputError))
    return Check(
        step,
        CheckState.FAILED,
        f"the connector failed with {type(error).__name__}",
        "run again; if it stays, report it with the type of the error",
    )

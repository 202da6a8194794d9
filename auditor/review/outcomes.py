"""What became of something that a reviewer wanted: one of five, so that every page and sheet handles each."""

from dataclasses import dataclass
from datetime import datetime

from auditor.review_records import Decision, DecisionKind, ReviewState

BECAUSE_OF_OTHERS = "nothing was recorded, because of the others"
"""Why a decision was refused that could have been recorded alone."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a question stands, for people."""

    version: int
    decision: DecisionKind | None
    reason: str
    by: str
    at: datetime | None
    reviewer: str
    """Who is to decide it."""
    closed: str | None


@dataclass(frozen=True, slots=True)
class Done:
    """It is recorded."""

    state: ReviewState | None
    decision: Decision | None = None


@dataclass(frozen=True, slots=True)
class Repeated:
    """The very same had been recorded before (a double click, a page sent twice): nothing was added."""

    decision: Decision | None = None


@dataclass(frozen=True, slots=True)
class Stale:
    """What was shown is no longer so; nothing was recorded."""

    question: str
    shown: Standing
    now: Standing


@dataclass(frozen=True, slots=True)
class Refused:
    """It may not be so; nothing was recorded."""

    why: str
    field: str = ""
    """The field to mend: `kind`, `reason`, `expires`, `compensating`, `change_to`, `items`, `to`, `name`; or empty."""
    question: str = ""


@dataclass(frozen=True, slots=True)
class NotYours:
    """There is no such question, or it is another reviewer's: the two are never told apart."""


Outcome = Done | Repeated | Stale | Refused | NotYours

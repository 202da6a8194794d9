"""What was decided and happened since: decisions, signatures, events, seals, and how each question stands."""

from dataclasses import dataclass
from datetime import date, datetime

from auditor.review_records.kinds import Advice, DecisionKind, ReviewEventKind, SealKind


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about exactly one question as it was shown."""

    campaign: str
    question: str
    version: int
    """The version of the question after it; 1 is the first decision."""
    kind: DecisionKind
    reason: str
    expires: date | None
    """Of an exception."""
    compensating: str
    """Of an exception: what protects meanwhile."""
    change_to: str
    items: tuple[str, ...]
    """Numbers of the items that it is about, where not about all; the others are kept."""
    reviewer: str
    reviewer_name: str
    signed_in: str
    """How the reviewer was known: issuer and subject, the id of a link, the digest of a spreadsheet."""
    at: datetime
    served_at: datetime | None
    """When the page was given out on which it was decided; of no pace where `None`."""
    advice: Advice
    seen: tuple[str, ...]
    """The state at the decision by the last audit of then: its number, then `ITEM held`, `not held` or `not known`."""
    amends: bool
    """Made after the signature or the close: an amendment."""
    key: str
    """Idempotency: a repeated key is the same decision."""
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Signature:
    """A reviewer signed what was decided so far."""

    campaign: str
    reviewer: str
    reviewer_name: str
    signed_in: str
    at: datetime
    statement: str
    decided: int
    undecided: int
    summary: str
    """SHA-256 of the list that was shown before."""
    key: str
    id: int | None = None


@dataclass(frozen=True, slots=True)
class ReviewEvent:
    """Something that happened beside decisions."""

    campaign: str
    question: str | None
    reviewer: str | None
    """Who got it, is told, or did it."""
    kind: ReviewEventKind
    at: datetime
    by: str
    detail: str
    key: str | None
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Seal:
    """The digest of a campaign at one moment; each has an entry of the ledger of its own."""

    campaign: str
    practice: str
    kind: SealKind
    at: datetime
    by: str
    statement: str
    digest: str
    """SHA-256 over every record of the campaign up to those that `upto` names."""
    upto: tuple[str, ...]
    """`TABLE NUMBER`: the last record of each table that it covers."""
    id: int | None = None


@dataclass(frozen=True, slots=True)
class ReviewState:
    """How a question stands now."""

    campaign: str
    question: str
    version: int
    """0 before anything was decided; counts every change, also delegation."""
    reviewer: str
    person: str
    risk: int
    decision: DecisionKind | None
    decided: int | None
    """Number of the decision."""
    signed: bool
    closed: str | None
    """Why it closed without a decision: what the systems show."""


@dataclass(frozen=True, slots=True)
class ReviewProgress:
    """One person before one reviewer."""

    campaign: str
    reviewer: str
    person: str
    name: str
    total: int
    open: int
    risk: int
    """The greatest of the questions."""

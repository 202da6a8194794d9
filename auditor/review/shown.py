"""What was shown to a reviewer and came back: whether it is still so, was sent before, and may still be decided."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from auditor.review.basis import Basis
from auditor.review.outcomes import Outcome, Refused, Repeated
from auditor.review.wanted import Who
from auditor.review_records import Question, ReviewState


@dataclass(frozen=True, slots=True)
class Shown:
    """Which question was shown, in which version, on which form."""

    campaign: str
    question: str
    version: int
    key: str


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A question that is somebody's to decide, with what it is judged by."""

    question: Question
    state: ReviewState
    basis: Basis


def settled(found: AskedQuestion, *, amends: bool) -> str:
    """Say why a question is no longer to be decided; empty where it is."""
    state, closed = found.state, found.basis.closed
    if state.closed is not None:
        return f"there is nothing left to decide: {state.closed}"
    if amends:
        return "" if closed or state.signed else "it is not signed yet: decide it anew, without an amendment"
    if closed:
        return "the review is closed: only an amendment changes it, and is seen as one"
    return "it is signed: only an amendment changes it, and is seen as one" if state.signed else ""


def repeated(basis: Basis, who: Who, shown: Shown) -> Outcome | None:
    """Return what a key did before; one that was used for another question is no repetition."""
    before = basis.decisions.get(own_key(who, shown.key))
    if before is None:
        return None
    if (before.campaign, before.question, before.reviewer) != (shown.campaign, shown.question, who.reviewer):
        return Refused("this form was used for another question: open the page again", "key", shown.question)
    return Repeated(before)


def own_key(who: Who, key: str) -> str:
    """Make a key the reviewer's own: nobody can use up, or ask for, another's."""
    return hashlib.sha256(f"{who.reviewer}\x00{key}".encode("utf-8", "surrogatepass")).hexdigest()


def served_before(served: datetime | None, now: datetime) -> datetime | None:
    """A page that was given out in the future, or days ago, tells no pace."""
    return served if served is not None and served <= now else None

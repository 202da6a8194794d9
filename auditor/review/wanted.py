"""What a reviewer may decide, and what a decision must say: pure, the rules against waving through."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from auditor.review.outcomes import Refused
from auditor.review_records import Advice, DecisionKind, Question, ReviewItem

MAX_TEXT = 500
MIN_REASON = 10
LONGEST_EXCEPTION = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Who:
    """Who asks, and how they were known: never a name that a form says."""

    reviewer: str
    """The id under `review.reviewers`."""
    signed_in: str
    """Issuer and subject, `link ID`, or `sheet SHA256`: kept with every decision."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A decision about exactly the question that was shown, in the version in which it was shown."""

    campaign: str
    question: str
    version: int
    kind: DecisionKind
    key: str
    """Idempotency: made anew for each form that is given out; at least 16 characters."""
    reason: str = ""
    expires: date | None = None
    compensating: str = ""
    change_to: str = ""
    items: tuple[int, ...] = ()
    """To remove or change some of the items only: their numbers; the others are kept."""
    served_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What the reviewer gave as reasons before, in this campaign."""

    last: str
    """The last reason."""
    in_this_call: Collection[str] = ()
    """Reasons that came with it, for other questions, each as `alike` makes it."""
    several: bool = False
    """Whether other decisions came with it."""


def refusal(wanted: Wanted, question: Question, items: Sequence[ReviewItem], said: Said, today: date) -> Refused | None:
    """Say why a decision may not be so; `None` where it may."""
    return (
        _form(wanted, question)
        or _exception(wanted, question, today)
        or _change(wanted, question)
        or _items(wanted, question, items)
        or _reason(wanted, question, said)
    )


def _form(wanted: Wanted, question: Question) -> Refused | None:
    for name in ("reason", "compensating", "change_to"):
        text = getattr(wanted, name)
        if len(text) > MAX_TEXT or not text.isprintable():
            return _no(question, name, f"printable text, at most {MAX_TEXT} characters")
    if not (16 <= len(wanted.key) <= 200 and wanted.key.isascii()):
        return _no(question, "key", "the form was not given out by this program")
    if wanted.kind is DecisionKind.UNDONE:
        return _no(question, "kind", "a decision is one of: keep, remove, change, exception")
    return None


def needs_reason(question: Question, kind: DecisionKind) -> bool:
    """Whether a decision goes against the advice, or is one that always says why."""
    if kind is DecisionKind.EXCEPTION:
        return True
    if question.advice is Advice.KEEP:
        return kind is not DecisionKind.KEEP
    return kind is DecisionKind.KEEP


def _exception(wanted: Wanted, question: Question, today: date) -> Refused | None:
    if wanted.kind is not DecisionKind.EXCEPTION:
        other = wanted.expires is not None or wanted.compensating.strip()
        return (
            _no(question, "expires", "only an exception has a last day and a compensating control") if other else None
        )
    if wanted.expires is None or wanted.expires <= today:
        return _no(question, "expires", "an exception needs a last day that is still to come")
    if wanted.expires > today + LONGEST_EXCEPTION:
        return _no(question, "expires", "an exception lasts a year at most: ask again then")
    if len(wanted.compensating.strip()) < MIN_REASON:
        return _no(question, "compensating", "say what protects meanwhile, in a few words")
    return None


def _change(wanted: Wanted, question: Question) -> Refused | None:
    said = wanted.change_to.strip()
    if wanted.kind is DecisionKind.CHANGE and len(said) < 3:
        return _no(question, "change_to", "say what is to be given instead")
    if wanted.kind is not DecisionKind.CHANGE and said:
        return _no(question, "change_to", "only a change says what is to be given instead")
    return None


def _items(wanted: Wanted, question: Question, items: Sequence[ReviewItem]) -> Refused | None:
    if not wanted.items:
        return None
    if wanted.kind not in (DecisionKind.REMOVE, DecisionKind.CHANGE):
        return _no(question, "items", "only to remove or to change is decided for some of the items")
    known = {item.id for item in items}
    if not set(wanted.items) <= known:
        return _no(question, "items", "these items are not among those of the question")
    return None


def _reason(wanted: Wanted, question: Question, said: Said) -> Refused | None:
    reason = " ".join(wanted.reason.split())
    against = needs_reason(question, wanted.kind)
    together = said.several and wanted.kind is DecisionKind.KEEP and not question.bulk
    if not (against or together):
        return None
    if len(reason) < MIN_REASON or len(set(reason)) < 4:
        why = "it goes against the advice" if against else "it is not to be kept together with others"
        return _no(question, "reason", f"say why, in {MIN_REASON} characters or more: {why}")
    again = alike(reason) == alike(said.last) or alike(reason) in said.in_this_call
    if again and wanted.kind in (DecisionKind.KEEP, DecisionKind.EXCEPTION):
        return _no(question, "reason", "the same reason as for another question: say what is so of this one")
    return None


def alike(reason: str) -> str:
    """Return what two reasons have alike that say the same."""
    return " ".join(reason.split()).casefold()


def _no(question: Question, field: str, why: str) -> Refused:
    return Refused(why, field, question.question)

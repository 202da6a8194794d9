"""How each campaign went: what was decided, what became of it, who sealed it; and how each reviewer decided."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from auditor.review.annexes.campaigns import CampaignFacts, Reviews
from auditor.review.annexes.making import About, made
from auditor.review.quality import Pace, remarks
from auditor.review.removals import RemovalState
from auditor.review_records import DecisionKind
from reports.annexes import Annex, AnnexRow, Instead, LookedAt, NotLookedAt, RowState
from reports.words import plural

PROGRESS = About(
    "review-progress",
    "how the review went",
    "Was access reviewed, by whom, when, and what came of it?",
    "OCR audit protocol, 164.308(a)(4)(ii)(C): reviewed and recertified in time by appropriate personnel; "
    "45 CFR 164.308(a)(1)(ii)(D), 164.308(a)(8)",
)
REVIEWERS = About(
    "review-reviewers",
    "how each reviewer decided",
    "Who decided how much, is anybody behind, and does anything look like approving unseen?",
    "45 CFR 164.308(a)(4)(ii)(C); for whoever answers for the review: none of it proves that somebody did not look",
)


@dataclass(frozen=True, slots=True)
class CampaignProgress(AnnexRow):
    """One campaign."""

    review: str
    scope: str
    period_from: date
    period_to: date
    opened_at: datetime
    opened_by: str
    due: date
    people: int
    items: int
    questions: int
    decided: int
    closed_by_proof: int
    """Questions that closed because the systems show that nothing of them is left."""
    by_nobody: int
    """Questions that nobody has decided."""
    keep: int
    remove: int
    change: int
    exception: int
    removals_decided: int
    """Decided to be taken away, and asked of nobody yet."""
    removals_asked_for: int
    removals_removed: int
    removals_came_back: int
    decided_late: int
    """People about whom something was decided only after it was due."""
    signed_by: tuple[str, ...]
    closed_at: datetime | Instead
    sealed_by: str
    ledger_entry: int | Instead | None
    seal: str
    """SHA-256 of everything that was recorded of it, as sealed at the close."""
    opened_over: tuple[str, ...]
    """Systems that were not read whole, and over which it was opened all the same: by whom, and why."""


@dataclass(frozen=True, slots=True)
class ReviewerProgress(AnnexRow):
    """One reviewer in one campaign."""

    review: str
    reviewer: str
    questions: int
    still_open: int
    overdue: int
    signed: bool
    decisions: int
    seconds_for_a_decision: float | None
    """The median between page and answer, at most five minutes; `None`: a spreadsheet has no pace."""
    longest_run_kept_against_advice: int
    remarks: tuple[str, ...]


def campaign_progress(reviews: Reviews) -> Annex:
    """Return the annex; its figures are those of `auditor review status`."""
    rows = [_row(one) for one in reviews.campaigns]
    told = "; ".join(_sentence(one) for one in reviews.campaigns) or "Access was not reviewed"
    unread = [
        NotLookedAt(
            reason, f"not read whole when {one.status.record.campaign.name} was opened: nothing was decided there"
        )
        for one in reviews.campaigns
        for reason in one.status.record.campaign.unread
    ]
    notes = ("As the audits that were stored by then saw it: what this audit shows removed, the next report tells.",)
    return made(
        PROGRESS,
        CampaignProgress,
        rows,
        told,
        looked_at=(LookedAt("reviews", len(rows)),),
        not_evaluated=(*reviews.missing, *unread),
        notes=notes if rows else (),
    )


def reviewers(reviews: Reviews) -> Annex:
    """Return the annex; its figures are those of `auditor review status`."""
    rows = [row for one in reviews.campaigns for row in _reviewers(one)]
    behind = sum(bool(row.overdue) for row in rows)
    told = f"{plural(len(rows), 'reviewer')}, {behind or 'none'} overdue" if rows else "Nobody has decided anything"
    return made(
        REVIEWERS,
        ReviewerProgress,
        rows,
        told,
        looked_at=(LookedAt("decisions", sum(row.decisions for row in rows)),),
        not_evaluated=reviews.missing,
    )


def _sentence(one: CampaignFacts) -> str:
    status, closed = one.status, one.status.record.closed
    done = status.decided + status.closed_by_proof
    told = f"{status.record.campaign.name}: {done} of {plural(status.questions, 'question')} done"
    if status.undecided:
        told += f", {len(status.undecided)} {'decided by nobody' if closed else 'still to decide'}"
    if status.removals:
        removed = status.count(RemovalState.REMOVED)
        told += f"; {removed} of {plural(len(status.removals), 'removal')} shown done"
    return told + (f"; sealed by {closed.by}" if closed else "; still open")


def _row(one: CampaignFacts) -> CampaignProgress:
    status, record = one.status, one.status.record
    campaign, closed = record.campaign, record.closed
    kinds = status.by_kind
    behind = any(reviewer.overdue for reviewer in status.reviewers)
    came_back, waiting = status.count(RemovalState.CAME_BACK), len(status.undecided)
    open_ = bool(came_back or (waiting and closed) or (behind and not closed))
    whole = closed is not None and not waiting and status.count(RemovalState.REMOVED) == len(status.removals)
    return CampaignProgress(
        state=RowState.OPEN if open_ else RowState.IN_ORDER if whole else RowState.TOLD,
        review=f"{campaign.name} ({campaign.id})",
        scope=campaign.scope.value,
        period_from=campaign.period_from,
        period_to=campaign.period_to,
        opened_at=campaign.opened_at,
        opened_by=campaign.opened_by,
        due=campaign.due,
        people=len(record.people),
        items=status.items,
        questions=status.questions,
        decided=status.decided,
        closed_by_proof=status.closed_by_proof,
        by_nobody=waiting,
        keep=kinds.get(DecisionKind.KEEP, 0),
        remove=kinds.get(DecisionKind.REMOVE, 0),
        change=kinds.get(DecisionKind.CHANGE, 0),
        exception=kinds.get(DecisionKind.EXCEPTION, 0),
        removals_decided=status.count(RemovalState.DECIDED),
        removals_asked_for=status.count(RemovalState.ASKED_FOR),
        removals_removed=status.count(RemovalState.REMOVED),
        removals_came_back=came_back,
        decided_late=len(status.late),
        signed_by=tuple(dict.fromkeys(signature.reviewer_name for signature in record.signatures)),
        closed_at=closed.at if closed else Instead.BLANK,
        sealed_by=closed.by if closed else "",
        ledger_entry=one.entry if closed else Instead.BLANK,
        seal=closed.digest if closed else "",
        opened_over=tuple(f"{a.system}, accepted by {a.by}: {a.reason}" for a in campaign.accepted),
    )


def _reviewers(one: CampaignFacts) -> Iterator[ReviewerProgress]:
    status = one.status
    closed = status.record.closed is not None
    paces = {pace.reviewer: pace for pace in status.paces}
    for reviewer in status.reviewers:
        pace = paces.get(reviewer.reviewer)
        late = bool(reviewer.overdue) and not closed
        yield ReviewerProgress(
            state=RowState.OPEN if late else RowState.TOLD,
            review=status.record.campaign.name,
            reviewer=reviewer.name,
            questions=reviewer.questions,
            still_open=reviewer.open,
            overdue=reviewer.overdue,
            signed=reviewer.signed,
            decisions=pace.decided if pace else 0,
            seconds_for_a_decision=pace.median_s if pace else None,
            longest_run_kept_against_advice=pace.streak if pace else 0,
            remarks=_remarks(pace, closed=closed) if pace else (),
        )


def _remarks(pace: Pace, *, closed: bool) -> tuple[str, ...]:
    """Return what stands out; check items are disclosed after the signature, so not while others still decide."""
    return remarks(pace if closed else replace(pace, checks_kept=0))

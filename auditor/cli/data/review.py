"""What the commands about reviews tell a machine (`auditor review start`, `status`, `close`)."""

from dataclasses import dataclass
from datetime import date, datetime

from auditor.review.cadence import DueReview
from auditor.review.closing import Closed
from auditor.review.opening import Opened
from auditor.review.quality import Pace, remarks
from auditor.review.removals import Removal
from auditor.review.status import ReviewerStatus, Status
from auditor.review_records import AcceptedUnread, Question


@dataclass(frozen=True, slots=True)
class QuestionData:
    """One question."""

    question: str
    person: str
    name: str
    kind: str
    title: str
    advice: str
    reviewer: str
    due_on: date
    findings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OpenedData:
    """A review that was opened."""

    campaign: str
    name: str
    scope: str
    period_from: date
    period_to: date
    due_on: date
    audit: int
    audit_before: int | None
    people: int
    questions: tuple[QuestionData, ...]
    items: int
    population_digest: str
    roster_digest: str
    policy_digest: str
    unread: tuple[str, ...]
    accepted: tuple[AcceptedUnread, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RemovalData:
    """What became of a decision to take something away."""

    question: str
    person: str
    system: str
    login: str
    what: str
    """Native name; empty: the whole account."""
    decision: str
    decided_by: str
    decided_at: datetime
    order: str
    state: str
    since: datetime
    proof: str


@dataclass(frozen=True, slots=True)
class PaceData:
    """How one reviewer decided."""

    reviewer: str
    name: str
    decided: int
    median_s: float | None
    streak: int
    kept_share: float
    checks: int
    checks_kept: int
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StatusData:
    """One review as it stands."""

    campaign: str
    name: str
    scope: str
    closed: datetime | None
    due_on: date
    days_left: int
    items: int
    questions: int
    decided: int
    closed_by_proof: int
    undecided: tuple[QuestionData, ...]
    decisions: dict[str, int]
    reviewers: tuple[ReviewerStatus, ...]
    removals: tuple[RemovalData, ...]
    unsigned: tuple[str, ...]
    late: tuple[tuple[str, date], ...]
    paces: tuple[PaceData, ...]
    unread: tuple[str, ...]
    accepted: tuple[AcceptedUnread, ...]
    due_reviews: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClosedData:
    """A review that was closed."""

    campaign: str
    name: str
    entry: int
    head: str
    digest: str
    questions: int
    undecided: int
    late: tuple[str, ...]
    statement: str
    annexes: str


def question_data(q: Question, reviewer: str | None = None) -> QuestionData:
    """Return a question for a machine."""
    return QuestionData(
        q.question,
        q.person,
        q.person_name,
        q.kind.value,
        q.title,
        q.advice.value,
        reviewer or q.reviewer,
        q.due,
        q.findings,
    )


def opened_data(opened: Opened) -> OpenedData:
    """Return an opening for a machine."""
    c, asked = opened.campaign, opened.asked
    return OpenedData(
        campaign=c.id,
        name=c.name,
        scope=c.scope.value,
        period_from=c.period_from,
        period_to=c.period_to,
        due_on=c.due,
        audit=c.audit,
        audit_before=c.audit_before,
        people=len(asked.people),
        questions=tuple(question_data(q) for q in asked.questions),
        items=len(asked.items),
        population_digest=c.population_digest,
        roster_digest=c.roster_digest,
        policy_digest=c.policy_digest,
        unread=c.unread,
        accepted=c.accepted,
        left_out=c.left_out,
    )


def status_data(status: Status, due: tuple[DueReview, ...]) -> StatusData:
    """Return a review's state for a machine."""
    c = status.record.campaign
    reviewers = {s.question: s.reviewer for s in status.record.states}
    closed = status.record.closed
    return StatusData(
        campaign=c.id,
        name=c.name,
        scope=c.scope.value,
        closed=closed.at if closed else None,
        due_on=c.due,
        days_left=status.days_left,
        items=status.items,
        questions=status.questions,
        decided=status.decided,
        closed_by_proof=status.closed_by_proof,
        undecided=tuple(question_data(q, reviewers[q.question]) for q in status.undecided),
        decisions={kind.value: count for kind, count in status.by_kind.items()},
        reviewers=status.reviewers,
        removals=tuple(_removal(r) for r in status.removals),
        unsigned=status.lacking.unsigned,
        late=status.late,
        paces=tuple(_pace(p) for p in status.paces),
        unread=c.unread,
        accepted=c.accepted,
        due_reviews=tuple(one.says for one in due),
    )


def closed_data(closed: Closed) -> ClosedData:
    """Return a close for a machine."""
    seal = closed.record.closed
    assert seal is not None  # noqa: S101 - it was closed just now
    open_ = sum(s.decision is None and s.closed is None for s in closed.record.states)
    c = closed.record.campaign
    return ClosedData(
        c.id,
        c.name,
        closed.entry.n,
        str(closed.entry.head),
        seal.digest,
        len(closed.record.questions),
        open_,
        closed.late,
        seal.statement,
        str(closed.annexes),
    )


def _removal(r: Removal) -> RemovalData:
    return RemovalData(
        question=r.question.question,
        person=r.question.person_name,
        system=r.item.system,
        login=r.item.login,
        what=r.item.given_name,
        decision=r.decision.kind.value,
        decided_by=r.decision.reviewer_name,
        decided_at=r.decision.at,
        order=r.order,
        state=r.state.value,
        since=r.since,
        proof=r.proof,
    )


def _pace(p: Pace) -> PaceData:
    return PaceData(
        p.reviewer, p.name, p.decided, p.median_s, p.streak, p.kept_share, p.checks, p.checks_kept, remarks(p)
    )

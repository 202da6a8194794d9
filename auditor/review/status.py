"""How far a review is, for the officer: who is behind, what nobody decided, and what became of each removal."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from auditor.review.closing import Lacking, lacking, reviewed_late
from auditor.review.counters import is_open
from auditor.review.quality import Pace, paces
from auditor.review.removals import Removal, RemovalState, decided_kinds, removals, undecided
from auditor.review.state import CampaignRecord
from auditor.review_records import DecisionKind, Question
from auditor.review_settings import ReviewSettings
from auditor.store import Store
from connectors.inputs.dates import day_of


@dataclass(frozen=True, slots=True)
class ReviewerStatus:
    """One reviewer in a campaign."""

    reviewer: str
    name: str
    questions: int
    open: int
    overdue: int
    signed: bool
    """Whether everything that is decided is signed, and something is."""


@dataclass(frozen=True, slots=True)
class Status:
    """One campaign as it stands."""

    record: CampaignRecord
    items: int
    questions: int
    decided: int
    closed_by_proof: int
    """Questions that closed because the systems show that nothing of them is left."""
    undecided: tuple[Question, ...]
    by_kind: dict[DecisionKind, int]
    reviewers: tuple[ReviewerStatus, ...]
    """Those who are most behind first."""
    removals: tuple[Removal, ...]
    lacking: Lacking
    late: tuple[tuple[str, date], ...]
    paces: tuple[Pace, ...]
    days_left: int
    """Until everything is due; negative when it is over."""

    def count(self, state: RemovalState) -> int:
        """Return how many removals are in a state."""
        return sum(removal.state is state for removal in self.removals)


def status_of(store: Store, record: CampaignRecord, settings: ReviewSettings, timezone: str, now: datetime) -> Status:
    """Return how a campaign stands."""
    today = day_of(now, timezone)
    due = {q.question: q.due for q in record.questions}
    real = [s for s in record.states if s.question in due]
    decided = [s for s in real if s.decision is not None]
    return Status(
        record=record,
        items=len(record.items),
        questions=len(real),
        decided=len(decided),
        closed_by_proof=sum(s.closed is not None and s.decision is None for s in real),
        undecided=undecided(record),
        by_kind=decided_kinds(record),
        reviewers=tuple(_reviewers(record, settings, due, today)),
        removals=removals(store, record),
        lacking=lacking(record, settings),
        late=reviewed_late(record, timezone),
        paces=paces(record),
        days_left=(record.campaign.due - today).days,
    )


def _reviewers(
    record: CampaignRecord, settings: ReviewSettings, due: dict[str, date], today: date
) -> Iterable[ReviewerStatus]:
    found = []
    for reviewer in sorted({s.reviewer for s in record.states}):
        mine = [s for s in record.states if s.reviewer == reviewer]
        open_ = [s for s in mine if is_open(s)]
        decided = [s for s in mine if s.decision is not None]
        known = settings.reviewers.get(reviewer)
        found.append(
            ReviewerStatus(
                reviewer=reviewer,
                name=known.name if known else f"{reviewer} (no longer a reviewer)",
                questions=len(mine),
                open=len(open_),
                overdue=sum(due[s.question] < today for s in open_),
                signed=bool(decided) and all(s.signed for s in decided),
            )
        )
    return sorted(found, key=lambda r: (-r.overdue, -r.open, r.reviewer))

"""What became of each decision to take something away: decided, asked for, removed, come back; each told apart."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from auditor.review.annexes.campaigns import CampaignFacts, Reviews
from auditor.review.annexes.making import About, made
from auditor.review.removals import RemovalState
from reports.annexes import Annex, AnnexRow, LookedAt, RowState
from reports.words import plural

ABOUT = About(
    "review-removals",
    "what was decided to be removed",
    "What did reviewers take away, and what shows that it is gone?",
    "OCR audit protocol, 164.312(a)(1): proof of removal or modification; 45 CFR 164.308(a)(4)(ii)(C)",
)


@dataclass(frozen=True, slots=True)
class DecidedRemoval(AnnexRow):
    """One thing that a reviewer decided to take away."""

    review: str
    person: str
    system: str
    login: str
    what: str
    decided_by: str
    decided_at: datetime
    reason: str
    standing: str
    """`decided`, `asked for`, `removed` or `came back`."""
    since: datetime
    """When it came to this: decided, asked for, or removed no later than this."""
    order: str
    proof: str


def campaign_removals(reviews: Reviews) -> Annex:
    """Return the annex; its figures are those of `auditor review status`."""
    rows = [row for one in reviews.campaigns for row in _rows(one)]
    counts = {state: sum(row.standing == state.value for row in rows) for state in RemovalState}
    told = f"{plural(len(rows), 'removal')} decided"
    told += ": " + ", ".join(f"{count} {state.value}" for state, count in counts.items() if count) if rows else ""
    return made(
        ABOUT,
        DecidedRemoval,
        rows,
        told if reviews.campaigns else "What was to be removed is not known",
        looked_at=(LookedAt("questions decided", sum(one.status.decided for one in reviews.campaigns)),),
        not_evaluated=reviews.missing,
    )


_STATES = {
    RemovalState.DECIDED: RowState.TOLD,
    RemovalState.ASKED_FOR: RowState.OPEN,
    RemovalState.REMOVED: RowState.IN_ORDER,
    RemovalState.CAME_BACK: RowState.OPEN,
}


def _rows(one: CampaignFacts) -> Iterator[DecidedRemoval]:
    for removal in one.status.removals:
        item, decision = removal.item, removal.decision
        yield DecidedRemoval(
            state=_STATES[removal.state],
            review=one.status.record.campaign.name,
            person=removal.question.person_name,
            system=item.system_title,
            login=item.login,
            what=item.given_name or "the account",
            decided_by=decision.reviewer_name,
            decided_at=decision.at,
            reason=decision.reason,
            standing=removal.state.value,
            since=removal.since,
            order="" if removal.state is RemovalState.DECIDED else removal.order,
            proof=removal.proof,
        )

"""What decisions are judged by, read at once for all that come together; it moves along as they are recorded."""

from collections.abc import Collection
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Connection, select
from sqlmodel import col

from auditor.review.seen import Seen, seen_now
from auditor.review.state import closed_ids
from auditor.review_records import Campaign, Decision, Question, ReviewItem, ReviewState
from auditor.store.reviews import CAMPAIGN, DECISION, ITEM, QUESTION, STATE, batches, read, read_one
from auditor.store.tables import DecisionRow


@dataclass
class Basis:
    """Everything about some questions of one campaign, in the transaction in which they are decided."""

    campaign: Campaign
    closed: bool
    states: dict[str, ReviewState]
    questions: dict[str, Question]
    items: dict[str, list[ReviewItem]]
    decisions: dict[str, Decision]
    """By key: what was recorded under the keys that came."""
    seen: Seen
    """How the last audit shows the items."""
    _reasons: list[tuple[str, str]] = field(default_factory=list)
    """The last reasons of the reviewer: of two questions at least, the newest first."""

    def last_reason(self, question: str) -> str:
        """Return the reason that the reviewer gave last, for another question than this one; empty where none."""
        return next((reason for other, reason in self._reasons if other != question), "")

    def recorded(self, key: str, decision: Decision, after: ReviewState) -> None:
        """Move along: a decision was recorded, and its question stands otherwise."""
        self.decisions[key] = decision
        self.states[after.question] = after
        if decision.reason:
            self._reasons = [(decision.question, decision.reason), *self._reasons[:2]]


def basis_of(
    connection: Connection,
    practice: str,
    campaign: str,
    reviewer: str,
    *,
    asked: Collection[str],
    keys: Collection[str],
) -> Basis | None:
    """Read what some questions of one campaign are judged by; `None` where this practice has no such campaign."""
    c = CAMPAIGN.table.c
    found = read_one(connection, CAMPAIGN, c.campaign == campaign, c.practice == practice)
    if found is None:
        return None
    s, q, i, d = (kind.table.c for kind in (STATE, QUESTION, ITEM, DECISION))
    states: dict[str, ReviewState] = {}
    questions: dict[str, Question] = {}
    items: dict[str, list[ReviewItem]] = {}
    decisions: dict[str, Decision] = {}
    for ids in batches(asked):
        states.update({x.question: x for x in read(connection, STATE, s.campaign == campaign, s.question.in_(ids))})
        here = q.campaign == campaign, q.question.in_(ids)
        questions.update({x.question: x for x in read(connection, QUESTION, *here)})
        for item in read(connection, ITEM, i.campaign == campaign, i.question.in_(ids)):
            items.setdefault(item.question, []).append(item)
    for ids in batches(keys):
        decisions.update({x.key: x for x in read(connection, DECISION, d.key.in_(ids))})
    seen = seen_now(connection, found, [item for those in items.values() for item in those])
    closed = campaign in closed_ids(connection, practice)
    reasons = _reasons(connection, campaign, reviewer)
    return Basis(found, closed, states, questions, items, decisions, seen, reasons)


def _reasons(connection: Connection, campaign: str, reviewer: str) -> list[tuple[str, str]]:
    """Return the last question with a reason, and the last other one."""
    mine = (col(DecisionRow.campaign) == campaign, col(DecisionRow.reviewer) == reviewer, col(DecisionRow.reason) != "")
    last = _last(connection, *mine)
    other = _last(connection, *mine, col(DecisionRow.question) != last[0]) if last else None
    return [found for found in (last, other) if found]


def _last(connection: Connection, *which: ColumnElement[bool]) -> tuple[str, str] | None:
    query = select(col(DecisionRow.question), col(DecisionRow.reason)).where(*which)
    row = connection.execute(query.order_by(col(DecisionRow.id).desc()).limit(1)).first()
    return None if row is None else (row[0], row[1])

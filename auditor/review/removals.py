"""
What became of each decision to take something away: decided, asked for, removed; each told apart, none by a word.

*Decided* is the reviewer's word. *Asked for* is an order (`auditor.orders`). *Removed* is what the systems show: an
order that a read proved done, or a thing that a later whole read no longer shows.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection

from auditor.orders.decided import TAKES
from auditor.orders.identity import order_id
from auditor.review.counters import is_open
from auditor.review.seen import held_now
from auditor.review.state import CampaignRecord
from auditor.review_records import Decision, DecisionKind, HeldThen, Question, ReviewItem
from auditor.snapshot import AuditSummary, OrderEnd, OrderEnding, OrderKind
from auditor.store import Store
from auditor.store.reading import last_audit
from auditor.store.records import WORK_ORDER


class RemovalState(StrEnum):
    """How far a removal is."""

    DECIDED = "decided"
    """No order asks for it yet: it is not signed, or no audit was made since."""
    ASKED_FOR = "asked for"
    REMOVED = "removed"
    CAME_BACK = "came back"
    """It was removed, and is held again: it is asked for anew."""


@dataclass(frozen=True, slots=True)
class Removal:
    """One thing that somebody decided to take away."""

    question: Question
    decision: Decision
    item: ReviewItem
    """One of the items of the thing; `given` says what goes."""
    order: str
    state: RemovalState
    since: datetime
    """When it came to this state: decided, asked for, or removed no later than this."""
    proof: str
    """What shows that it is removed; empty otherwise."""


def removals(store: Store, record: CampaignRecord) -> tuple[Removal, ...]:
    """Return what a campaign decided to take away, by the newest decision about each question."""
    practice = record.campaign.practice
    newest: dict[str, Decision] = {}
    for d in record.decisions:
        newest[d.question] = d
    taking = {q: d for q, d in newest.items() if d.kind in TAKES}
    if not taking:
        return ()
    audits = {a.id: a for a in store.audits(practice)}
    opened: dict[str, int] = {}
    for first, _, order in store.intervals(practice, WORK_ORDER):
        opened[order.id] = max(first, opened.get(order.id, 0))
    ends: dict[str, tuple[int, OrderEnd]] = {}
    for audit, end in store.order_ends(practice):
        ends[end.order] = (audit, end)
    open_ = {order.id for order in store.open_orders(practice)}
    follow = _Follow(audits, opened, ends, open_)
    with store.reviewed() as connection:
        held = _held(connection, record, taking)
    questions = {q.question: q for q in record.questions}
    return tuple(
        follow.one(questions[item.question], taking[item.question], item, held[item.id or 0])
        for item in _things(record.items, taking)
        if not questions[item.question].seeded
    )


def _things(items: Iterable[ReviewItem], taking: Mapping[str, Decision]) -> list[ReviewItem]:
    """Return one item of each thing; where the account itself goes, that stands for all that it holds."""
    whole = {(i.system, i.account) for i in items if not i.given and _about(i, taking)}
    found: dict[tuple[str, str, str], ReviewItem] = {}
    for item in items:
        if _about(item, taking) and (not item.given or (item.system, item.account) not in whole):
            found.setdefault((item.system, item.account, item.given), item)
    return list(found.values())


def _about(item: ReviewItem, taking: Mapping[str, Decision]) -> bool:
    decision = taking.get(item.question)
    return decision is not None and (not decision.items or str(item.id) in decision.items)


def _held(connection: Connection, record: CampaignRecord, taking: Mapping[str, Decision]) -> dict[int, HeldThen]:
    practice = record.campaign.practice
    items = [i for i in record.items if i.question in taking]
    return held_now(connection, practice, last_audit(connection, practice) or record.campaign.audit, items)


@dataclass(frozen=True, slots=True)
class _Follow:
    audits: Mapping[int, AuditSummary]
    opened: Mapping[str, int]
    ends: Mapping[str, tuple[int, OrderEnd]]
    open: frozenset[str] | set[str]

    def one(self, question: Question, decision: Decision, item: ReviewItem, held: HeldThen) -> Removal:
        kind = OrderKind.REMOVE if item.given else OrderKind.DISABLE
        last = self.audits[max(self.audits)]
        id_ = order_id(last.practice, kind, question.person, (item.system, item.account), item.given)

        def removal(state: RemovalState, since: datetime, proof: str = "") -> Removal:
            return Removal(question, decision, item, id_, state, since, proof)

        ended = self.ends.get(id_)
        done = ended is not None and ended[1].ending is OrderEnding.DONE and ended[1].latest >= decision.at
        if id_ in self.open:
            at = self.audits[self.opened[id_]].at
            return removal(RemovalState.CAME_BACK if done else RemovalState.ASKED_FOR, at)
        if ended is not None and done:
            return removal(RemovalState.REMOVED, ended[1].latest, ended[1].proof)
        if held is HeldThen.NOT_HELD:
            # It went before an order could ask for it: the audit that no longer shows it is the proof.
            proof = f"{item.system_title} was read whole by audit {last.id}, which no longer shows it"
            return removal(RemovalState.REMOVED, last.at, proof)
        return removal(RemovalState.DECIDED, decision.at)


def undecided(record: CampaignRecord) -> tuple[Question, ...]:
    """Return the questions that nobody has decided and that no proof closed, the riskiest first."""
    open_ = {s.question for s in record.states if is_open(s)}
    return tuple(sorted((q for q in record.questions if q.question in open_), key=lambda q: (-q.risk, q.question)))


def decided_kinds(record: CampaignRecord) -> dict[DecisionKind, int]:
    """Return how many questions stand decided in each way."""
    found: dict[DecisionKind, int] = {}
    for state in record.states:
        if state.decision is not None:
            found[state.decision] = found.get(state.decision, 0) + 1
    return found

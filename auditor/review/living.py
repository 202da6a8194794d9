"""
An open campaign goes on with every audit: who joined is added, with the reason; what the systems prove gone is closed.

Nothing that was asked changes its words: what somebody holds since the opening is a question of its own, and so is what
came back after it was proved gone, and what the role explained at the opening and explains no more. The open questions
about somebody who has left since are asked anew as a leaver's. What a decision was about stays what it was.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from auditor.audit.inputs import Inputs
from auditor.config import Config
from auditor.history.projection import Baseline, load_baseline
from auditor.ledger.statements import StatementKind, in_force
from auditor.review.asking import Asked, Asker
from auditor.review.counters import is_open, moved_and_counted, state_of, stepped
from auditor.review.grouping import Draft
from auditor.review.holding_then import Then
from auditor.review.opening import write
from auditor.review.proof import gone, newer_whole
from auditor.review.state import CampaignRecord, open_campaigns, record_of
from auditor.review_records import (
    Campaign,
    Question,
    QuestionKind,
    ReviewEvent,
    ReviewEventKind,
    ReviewItem,
    ReviewScope,
    ReviewState,
)
from auditor.review_settings import ReviewSettings
from auditor.store import Store
from auditor.store.reviews import EVENT, add, read_one
from connectors.errors import AuditorError
from connectors.inputs.dates import day_of
from policies.engine.case import Case

SOON = timedelta(days=3)
"""What is added so shortly before the due day, or after it, gets days of its own."""
_Item = tuple[str, str, str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Brought:
    """What an audit did to a campaign."""

    campaign: Campaign
    added: tuple[Question, ...]
    closed: tuple[str, ...]
    """Ids of questions that closed by proof, or are asked anew as a leaver's."""
    unasked: tuple[str, ...]
    """About whom nobody may decide, and why: a reviewer is to be named."""


def bring_along(config: Config, inputs: Inputs, store: Store, *, clock: Callable[[], datetime]) -> tuple[Brought, ...]:
    """Bring every open campaign of a practice along with its last audit; does nothing a second time."""
    if config.review is None:
        return ()
    practice = config.practice
    with store.reviewed() as connection:
        records = [record_of(connection, c) for c in open_campaigns(connection, practice.id)]
    audits = store.audits(practice.id)
    if not records or all(record.campaign.audit == audits[-1].id for record in records):
        return ()
    base = load_baseline(config, inputs, store, str(audits[-1].id))
    found = [
        _Living(config.review, store, base, record, now=clock()).run()
        for record in records
        if record.campaign.audit != base.audit.id
    ]
    return tuple(found)


class _Living:
    """One campaign after one audit."""

    def __init__(
        self,
        settings: ReviewSettings,
        store: Store,
        base: Baseline,
        record: CampaignRecord,
        *,
        now: datetime,
    ) -> None:
        self._settings, self._store, self._base, self._record = settings, store, base, record
        self._case: Case = base.case
        self._timezone, self._now = base.case.practice.timezone, now
        self._people = {p.person for p in record.people}
        self._states = {s.question: s for s in record.states}
        kinds = {q.question: q.kind for q in record.questions}
        closed = {s.question for s in record.states if s.closed is not None}
        standing = [i for i in record.items if i.question not in closed]
        self._known: set[_Item] = {_item(i) for i in standing}
        self._one_by_one = {_item(i) for i in standing if kinds[i.question] is not QuestionKind.EXPLAINED}
        """What is asked about for its own sake, and not as a part of what the role explains."""
        self._gone = {_item(i) for i in record.items} - self._known
        """What was asked about, and proved gone: held again, it is asked about again."""

    def run(self) -> Brought:
        proved = self._proved()
        added, unasked = self._new()
        left = self._left()
        with self._store.reviewing() as connection:
            fresh = [
                a for a in (*added, *left) if state_of(connection, self._record.campaign.id, a[0].question) is None
            ]
            known = self._people
            for question, asked in fresh:
                people = tuple(p for p in asked.people if p.person not in known)
                known = known | {p.person for p in people}
                write(connection, replace(asked, people=people))
                add(connection, EVENT, [self._event(question.question, ReviewEventKind.ADDED, question.opened_because)])
            anew = {q.person for q, _ in fresh if q.kind is QuestionKind.LEFT}
            closed = []
            for state, why in (*proved, *self._asked_anew(anew)):
                now = state_of(connection, state.campaign, state.question)
                if now is not None and is_open(now):
                    moved_and_counted(connection, now, stepped(now, closed=why), self._name(now.question))
                    add(connection, EVENT, [self._event(now.question, ReviewEventKind.CLOSED, why)])
                    closed.append(now.question)
            for text in unasked:
                key = f"{self._record.campaign.id} {text}"[:300]
                if read_one(connection, EVENT, EVENT.table.c.key == key) is None:
                    noted = ReviewEvent(
                        self._record.campaign.id, None, None, ReviewEventKind.NOTED, self._now, "the audit", text, key
                    )
                    add(connection, EVENT, [noted])
        return Brought(self._record.campaign, tuple(q for q, _ in fresh), tuple(closed), tuple(unasked))

    def _proved(self) -> list[tuple[ReviewState, str]]:
        """Return the open questions of which the systems show that nothing is left."""
        items: dict[str, list[ReviewItem]] = {}
        for item in self._record.items:
            items.setdefault(item.question, []).append(item)
        users = {p.person: p.users for p in self._record.people}
        reads = self._store.reads(self._record.campaign.audit)
        frozen = {system: as_of for system, (_, as_of, _) in reads.items()}
        kinds = {q.question: q.kind for q in self._record.questions}
        found = []
        for state in self._states.values():
            mine = items.get(state.question, [])
            if not is_open(state) or not mine:
                continue
            if kinds[state.question] is QuestionKind.DOOR:
                if self._answered(state.question, mine, frozen):
                    found.append((state, f"audit {self._base.audit.id} finds no fault with it any more"))
                continue
            proofs = [gone(self._case, item, users.get(state.person, ()), frozen) for item in mine]
            if all(proofs):
                told = "; ".join(dict.fromkeys(proofs))
                found.append((state, f"audit {self._base.audit.id} shows that nothing of it is left: {told}"[:500]))
        return found

    def _answered(self, question: str, items: Sequence[ReviewItem], frozen: Mapping[str, datetime]) -> bool:
        """Whether a newer whole read of its system no longer finds fault with a way in from outside."""
        [asked] = [q for q in self._record.questions if q.question == question]
        now = self._store.at(self._case.practice.id, self._base.audit.id).snapshot.findings
        newer = all(newer_whole(self._case, item.system, frozen) for item in items)
        return newer and not set(asked.findings) & now.keys()

    def _new(self) -> tuple[list[tuple[Question, Asked]], list[str]]:
        """Return what is held and was not asked about, each with its question; and about whom nobody may decide."""
        campaign = self._record.campaign
        only = self._people if campaign.scope is ReviewScope.EVENT else None
        asker = self._asker()
        drafts, _ = asker.drafts(campaign.scope, only)
        added: list[tuple[Question, Asked]] = []
        unasked: list[str] = []
        gone_accounts = {(system, account) for system, account, _, _ in self._gone}
        for draft in drafts:
            stranger = draft.holder.id not in self._people
            whole = not stranger and draft.kind in (QuestionKind.EXPLAINED, QuestionKind.LEFT)
            if whole and not gone_accounts & {thing.key for thing in draft.things}:
                continue
            try:
                asked = asker.put([draft], because="", at=self._now)
            except AuditorError as error:
                unasked.append(error.message)
                continue
            known = self._known if draft.kind is QuestionKind.EXPLAINED else self._one_by_one
            items = tuple(
                i for i in asked.items if _item(i) not in known and not (whole and _item(i) not in self._gone)
            )
            if items:
                because = self._because(draft, items, stranger=stranger)
                questions = tuple(replace(q, opened_because=because) for q in asked.questions)
                added.append(self._renumbered(replace(asked, questions=questions, items=items)))
        return added, unasked

    def _left(self) -> list[tuple[Question, Asked]]:
        """Return a leaver's question for everybody who has left since, and about whom something is open."""
        open_ = {s.person for s in self._states.values() if is_open(s)}
        known = {q.person for q in self._record.questions if q.kind is QuestionKind.LEFT}
        asker = self._asker()
        drafts, _ = asker.drafts(self._record.campaign.scope, open_ - known)
        found = []
        for draft in drafts:
            if draft.kind is QuestionKind.LEFT and draft.holder.id in open_ - known:
                asked = asker.put(
                    [draft], because=f"left since the opening, as audit {self._base.audit.id} says", at=self._now
                )
                found.append(self._renumbered(asked))
        return found

    def _asked_anew(self, people: Iterable[str]) -> list[tuple[ReviewState, str]]:
        why = "the person has left since: it is asked anew as a leaver's access"
        return [(s, why) for s in self._states.values() if s.person in set(people) and is_open(s)]

    def _renumbered(self, asked: Asked) -> tuple[Question, Asked]:
        """Give a question an id of its own where the campaign has one of the same kind about the same."""
        [question] = asked.questions
        id_ = question.question
        if id_ in self._states:
            id_ = f"{id_}-{self._base.audit.id}"
        question = replace(question, question=id_)
        items = tuple(replace(i, question=id_) for i in asked.items)
        return question, replace(asked, questions=(question,), items=items)

    def _because(self, draft: Draft, items: Iterable[ReviewItem], *, stranger: bool) -> str:
        engagement = self._case.engagements.get(draft.holder.id)
        seen = f"seen by audit {self._base.audit.id}"
        if stranger and engagement is not None and engagement.start >= self._record.campaign.period_from:
            return f"joined on {engagement.start}, {seen}"
        held = {_item(i) for i in items}
        if held & self._gone:
            return f"held again after it was proved gone, {seen}"
        if held & self._known:
            return f"the role explained it at the opening and does not now, {seen}"
        return f"new since the opening, {seen}"

    def _asker(self) -> Asker:
        campaign, practice = self._record.campaign, self._case.practice.id
        return Asker(
            case=self._case,
            settings=self._settings,
            campaign=campaign.id,
            prepared_by=campaign.prepared_by,
            findings=self._store.at(practice, self._base.audit.id).snapshot.findings,
            approvals=in_force(self._base.statements, self._case.today),
            accepted={
                s.about: s
                for s in in_force(self._base.statements, self._case.today)
                if s.kind is StatementKind.EXCEPTION
            },
            then=Then(self._store, practice, self._base.audit.id, campaign.audit_before, self._timezone),
            due=self._due(),
        )

    def _due(self) -> date:
        today = day_of(self._now, self._timezone)
        due = self._record.campaign.due
        return due if due >= today + SOON else today + timedelta(days=self._settings.due_days)

    def _event(self, question: str, kind: ReviewEventKind, detail: str) -> ReviewEvent:
        by = f"audit {self._base.audit.id}"
        return ReviewEvent(self._record.campaign.id, question, None, kind, self._now, by, detail, None)

    def _name(self, question: str) -> str:
        return next(q.person_name for q in self._record.questions if q.question == question)


def _item(item: ReviewItem) -> _Item:
    return item.system, item.account, item.entitlement, item.path


def added_since(questions: Sequence[Question]) -> tuple[Question, ...]:
    """Return those that were added after the opening."""
    return tuple(q for q in questions if q.opened_because != "opening")

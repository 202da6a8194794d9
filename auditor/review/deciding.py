"""Decisions inside one transaction: judged, written, counted; never about anything but what was shown."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select
from sqlmodel import col

from auditor import __version__
from auditor.review.counters import moved, state_of, stepped
from auditor.review.outcomes import Done, NotYours, Outcome, Refused, Repeated, Stale, Standing
from auditor.review.routing import barred
from auditor.review.seen import seen_now
from auditor.review.state import closed_ids
from auditor.review.wanted import MAX_TEXT, Said, Wanted, Who, refusal
from auditor.review_records import (
    Campaign,
    Decision,
    DecisionKind,
    Question,
    ReviewEvent,
    ReviewEventKind,
    ReviewItem,
    ReviewPerson,
    ReviewState,
    Seal,
    SealKind,
)
from auditor.store.reviews import CAMPAIGN, DECISION, EVENT, ITEM, PERSON, QUESTION, add_one, read, read_one
from auditor.store.saving import add_seal
from auditor.store.tables import DecisionRow
from connectors.inputs.dates import day_of

if TYPE_CHECKING:
    from auditor.review.desk import Desk


@dataclass(frozen=True, slots=True)
class Shown:
    """Which question was shown, in which version, on which form."""

    campaign: str
    question: str
    version: int
    key: str


@dataclass(frozen=True, slots=True)
class _Found:
    question: Question
    state: ReviewState


class Deciding:
    """What a reviewer changes, in the transaction of one connection."""

    def __init__(self, desk: "Desk", connection: Connection) -> None:
        self._desk, self._connection = desk, connection

    def decide_all(self, who: Who, wanted: Sequence[Wanted]) -> tuple[Outcome, ...]:
        """Record decisions; the caller takes all of them back where one may not be."""
        outcomes: list[Outcome] = []
        reasons: list[str] = []
        for one in wanted:
            outcomes.append(self._decide(who, one, reasons, several=len(wanted) > 1, amends=False))
            reasons.append(one.reason)
        return tuple(outcomes)

    def amend(self, who: Who, wanted: Wanted) -> Outcome:
        """Decide anew what was signed or closed, with a seal of its own."""
        outcome = self._decide(who, wanted, (), several=False, amends=True)
        if isinstance(outcome, Done) and outcome.decision is not None:
            d = outcome.decision
            statement = f"{wanted.question} is decided anew: {d.kind.value}: {d.reason}"
            seal = Seal(
                d.campaign, self._desk.practice, SealKind.AMENDED, d.at, d.reviewer_name, statement[:500], "", ()
            )
            add_seal(self._connection, seal, __version__, self._desk.signer)
        return outcome

    def undo(self, who: Who, shown: Shown) -> Outcome:
        """Take a decision back."""
        found = self._found(who, shown, amends=False)
        if not isinstance(found, _Found):
            return found
        if found.state.decision is None:
            return Refused("nothing is decided that could be undone", "", shown.question)
        nothing = Wanted(shown.campaign, shown.question, shown.version, DecisionKind.UNDONE, shown.key)
        undone = self._written(who, found.question, nothing, amends=False)
        return self._record(found, undone, stepped(found.state, decision=None, decided=None))

    def delegate(self, who: Who, shown: Shown, to: str, reason: str) -> Outcome:
        """Hand a question over."""
        key = _own(who, shown.key)
        if read_one(self._connection, EVENT, EVENT.table.c.key == key) is not None:
            return Repeated()
        found = self._found(who, shown, amends=False)
        if not isinstance(found, _Found):
            return found
        if (no := self._not_to(found, to, reason)) is not None:
            return no
        after = stepped(found.state, reviewer=to)
        moved(self._connection, found.state, after, found.question.person_name)
        told = f"to {self._desk.settings.reviewers[to].name}: {' '.join(reason.split())}"
        kind, now = ReviewEventKind.DELEGATED, self._desk.clock()
        add_one(
            self._connection,
            EVENT,
            ReviewEvent(shown.campaign, shown.question, to, kind, now, self._name(who), told, key),
        )
        return Done(after)

    def _not_to(self, found: "_Found", to: str, reason: str) -> Refused | None:
        id_ = found.question.question
        if found.state.decision is not None:
            return Refused("it is decided: undo it first, then hand it over", "", id_)
        if to not in dict(self.takers(found.question, found.state.reviewer)):
            return Refused("this reviewer may not decide it, or is not one", "to", id_)
        if not reason.isprintable() or len(reason) > MAX_TEXT or len(reason.strip()) < 3:
            return Refused("say why, in a few words", "reason", id_)
        return None

    def takers(self, question: Question, now: str) -> tuple[tuple[str, str], ...]:
        """Return who else may decide a question, by id and name."""
        campaign, person = self._campaign(question.campaign), self._person(question)
        users = dict(zip(person.users, person.user_names, strict=True))
        settings = self._desk.settings
        return tuple(
            (id_, r.name)
            for id_, r in settings.reviewers.items()
            if id_ != now and not barred(settings, id_, campaign.prepared_by, users, privileged=question.privileged)
        )

    def _decide(self, who: Who, wanted: Wanted, reasons: Sequence[str], *, several: bool, amends: bool) -> Outcome:
        shown = Shown(wanted.campaign, wanted.question, wanted.version, wanted.key)
        found = self._found(who, shown, amends=amends)
        if not isinstance(found, _Found):
            return found
        items = self._items(found.question)
        said = Said(self._last_reason(who, wanted.campaign, wanted.question), reasons, several)
        today = day_of(self._desk.clock(), self._desk.timezone)
        if (no := refusal(wanted, found.question, items, said, today)) is not None:
            return no
        decision = self._written(who, found.question, wanted, amends=amends, items=items)
        return self._record(found, decision, stepped(found.state, decision=wanted.kind, signed=amends))

    def _found(self, who: Who, shown: Shown, *, amends: bool) -> "_Found | Outcome":
        """Return the question as it was shown; or what keeps it from being changed."""
        if (before := self._repeated(who, shown)) is not None:
            return before
        found = self._mine(who, shown)
        if found is None:
            return NotYours()
        if found.state.version != shown.version:
            return self._stale(found.state, shown.version)
        why = self._settled(shown.campaign, found.state, amends=amends)
        return Refused(why, "", shown.question) if why else found

    def _record(self, found: "_Found", decision: Decision, after: ReviewState) -> Outcome:
        number = add_one(self._connection, DECISION, decision)
        if after.decision is not None:
            after = replace(after, decided=number)
        if not moved(self._connection, found.state, after, found.question.person_name):
            raise AssertionError("another writer changed a state inside of a transaction that holds the write lock")
        return Done(after, replace(decision, id=number))

    def _written(
        self, who: Who, question: Question, wanted: Wanted, *, amends: bool, items: Sequence[ReviewItem] = ()
    ) -> Decision:
        now = self._desk.clock()
        return Decision(
            campaign=wanted.campaign,
            question=wanted.question,
            version=wanted.version + 1,
            kind=wanted.kind,
            reason=" ".join(wanted.reason.split()),
            expires=wanted.expires,
            compensating=" ".join(wanted.compensating.split()),
            change_to=" ".join(wanted.change_to.split()),
            items=tuple(str(number) for number in sorted(set(wanted.items))),
            reviewer=who.reviewer,
            reviewer_name=self._name(who),
            signed_in=who.signed_in,
            at=now,
            served_at=_served(wanted.served_at, now),
            advice=question.advice,
            seen=seen_now(self._connection, self._campaign(wanted.campaign), items),
            amends=amends,
            key=_own(who, wanted.key),
        )

    def _mine(self, who: Who, shown: Shown) -> "_Found | None":
        """Return a question that is somebody's to decide."""
        reviewer, c, q = self._desk.settings.reviewers.get(who.reviewer), CAMPAIGN.table.c, QUESTION.table.c
        here = (c.campaign == shown.campaign, c.practice == self._desk.practice)
        if reviewer is None or not {"reviewer", "officer"} & set(reviewer.roles):
            return None
        if read_one(self._connection, CAMPAIGN, *here) is None:
            return None
        state = state_of(self._connection, shown.campaign, shown.question)
        if state is None or state.reviewer != who.reviewer:
            return None
        asked = read_one(self._connection, QUESTION, q.campaign == shown.campaign, q.question == shown.question)
        return None if asked is None else _Found(asked, state)

    def _settled(self, campaign: str, state: ReviewState, *, amends: bool) -> str:
        """Say why a question is no longer to be decided; empty where it is."""
        closed = campaign in closed_ids(self._connection, self._desk.practice)
        if state.closed is not None:
            return f"there is nothing left to decide: {state.closed}"
        if amends:
            return "" if closed or state.signed else "it is not signed yet: decide it anew, without an amendment"
        if closed:
            return "the review is closed: only an amendment changes it, and is seen as one"
        return "it is signed: only an amendment changes it, and is seen as one" if state.signed else ""

    def _repeated(self, who: Who, shown: Shown) -> Outcome | None:
        """Return what a key did before; one that was used for another question is no repetition."""
        before = read_one(self._connection, DECISION, DECISION.table.c.key == _own(who, shown.key))
        if before is None:
            return None
        if (before.campaign, before.question, before.reviewer) != (shown.campaign, shown.question, who.reviewer):
            return Refused("this form was used for another question: open the page again", "key", shown.question)
        return Repeated(before)

    def _stale(self, state: ReviewState, shown: int) -> Stale:
        return Stale(state.question, self._standing(state, shown), self._standing(state, state.version))

    def _standing(self, state: ReviewState, version: int) -> Standing:
        """Return how a question stood in a version."""
        c = DECISION.table.c
        found = read(
            self._connection, DECISION, c.campaign == state.campaign, c.question == state.question, c.version <= version
        )
        last = found[-1] if found else None
        stands = last is not None and last.kind is not DecisionKind.UNDONE
        return Standing(
            version=version,
            decision=last.kind if last is not None and stands else None,
            reason=last.reason if last is not None and stands else "",
            by=last.reviewer_name if last is not None else "",
            at=last.at if last is not None else None,
            reviewer=state.reviewer,
            closed=state.closed if version == state.version else None,
        )

    def _items(self, question: Question) -> list[ReviewItem]:
        c = ITEM.table.c
        return read(self._connection, ITEM, c.campaign == question.campaign, c.question == question.question)

    def _campaign(self, campaign: str) -> Campaign:
        found = read_one(self._connection, CAMPAIGN, CAMPAIGN.table.c.campaign == campaign)
        assert found is not None  # noqa: S101 - asked only after it was found
        return found

    def _person(self, question: Question) -> ReviewPerson:
        c = PERSON.table.c
        found = read_one(self._connection, PERSON, c.campaign == question.campaign, c.person == question.person)
        assert found is not None  # noqa: S101 - written together with the question
        return found

    def _last_reason(self, who: Who, campaign: str, question: str) -> str:
        """Return the reason that somebody gave last, for another question than this one."""
        c = DecisionRow
        query = select(col(c.reason)).where(
            col(c.campaign) == campaign,
            col(c.reviewer) == who.reviewer,
            col(c.question) != question,
            col(c.reason) != "",
        )
        return self._connection.scalar(query.order_by(col(c.id).desc()).limit(1)) or ""

    def _name(self, who: Who) -> str:
        return self._desk.settings.reviewers[who.reviewer].name


def _own(who: Who, key: str) -> str:
    """Make a key the reviewer's own: nobody can use up, or ask for, another's."""
    return hashlib.sha256(f"{who.reviewer}\x00{key}".encode("utf-8", "surrogatepass")).hexdigest()


def _served(served: datetime | None, now: datetime) -> datetime | None:
    """A page that was given out in the future, or days ago, tells no pace."""
    return served if served is not None and served <= now else None

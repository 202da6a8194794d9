"""Decisions inside one transaction: judged, written, counted; never about anything but what was shown."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from auditor import __version__
from auditor.review.basis import Basis, basis_of
from auditor.review.counters import moved, recount, stepped
from auditor.review.outcomes import Done, NotYours, Outcome, Refused, Repeated, Stale, Standing
from auditor.review.routing import barred, knowing, privileged_users
from auditor.review.shown import AskedQuestion, Shown, own_key, repeated, served_before, settled
from auditor.review.wanted import MAX_TEXT, Said, Wanted, Who, alike, refusal
from auditor.review_records import (
    Campaign,
    Decision,
    DecisionKind,
    Question,
    QuestionKind,
    ReviewEvent,
    ReviewEventKind,
    ReviewItem,
    ReviewPerson,
    ReviewState,
    Seal,
    SealKind,
)
from auditor.store.reviews import CAMPAIGN, DECISION, EVENT, PERSON, QUESTION, add_one, read, read_one
from auditor.store.saving import add_seal
from connectors.inputs.dates import day_of

if TYPE_CHECKING:
    from auditor.review.desk import Desk


class Deciding:
    """What a reviewer changes, in the transaction of one connection."""

    def __init__(self, desk: "Desk", connection: Connection) -> None:
        self._desk, self._connection = desk, connection
        self._bases: dict[str, Basis | None] = {}
        """By campaign: what the questions that were shown are judged by."""
        self._touched: dict[tuple[str, str, str], str] = {}
        """Whose questions before whom are to be counted anew, with the person's name."""

    def decide_all(self, who: Who, wanted: Sequence[Wanted]) -> tuple[Outcome, ...]:
        """Record decisions; the caller takes all of them back where one may not be."""
        outcomes: list[Outcome] = []
        reasons: set[str] = set()
        self._read(who, [Shown(one.campaign, one.question, one.version, one.key) for one in wanted])
        for one in wanted:
            outcomes.append(self._decide(who, one, reasons, several=len(wanted) > 1, amends=False))
            reasons.add(alike(one.reason))
        self._count()
        return tuple(outcomes)

    def amend(self, who: Who, wanted: Wanted) -> Outcome:
        """Decide anew what was signed or closed, with a seal of its own."""
        self._read(who, [Shown(wanted.campaign, wanted.question, wanted.version, wanted.key)])
        outcome = self._decide(who, wanted, (), several=False, amends=True)
        self._count()
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
        self._read(who, [shown])
        found = self._found(who, shown, amends=False)
        if not isinstance(found, AskedQuestion):
            return found
        if found.state.decision is None:
            return Refused("nothing is decided that could be undone", "", shown.question)
        nothing = Wanted(shown.campaign, shown.question, shown.version, DecisionKind.UNDONE, shown.key)
        undone = self._written(who, found, nothing, amends=False)
        outcome = self._record(found, undone, stepped(found.state, decision=None, decided=None))
        self._count()
        return outcome

    def delegate(self, who: Who, shown: Shown, to: str, reason: str) -> Outcome:
        """Hand a question over."""
        key = own_key(who, shown.key)
        if read_one(self._connection, EVENT, EVENT.table.c.key == key) is not None:
            return Repeated()
        self._read(who, [shown])
        found = self._found(who, shown, amends=False)
        if not isinstance(found, AskedQuestion):
            return found
        if (no := self._not_to(found, to, reason)) is not None:
            return no
        after = stepped(found.state, reviewer=to)
        self._move(found, after)
        self._count()
        told = f"to {self._desk.settings.reviewers[to].name}: {' '.join(reason.split())}"
        kind, now = ReviewEventKind.DELEGATED, self._desk.clock()
        add_one(
            self._connection,
            EVENT,
            ReviewEvent(shown.campaign, shown.question, to, kind, now, self._name(who), told, key),
        )
        return Done(after)

    def _not_to(self, found: "AskedQuestion", to: str, reason: str) -> Refused | None:
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
        settings = knowing(self._desk.settings, self._privileged(question) if question.privileged else {})
        return tuple(
            (id_, r.name)
            for id_, r in settings.reviewers.items()
            if id_ != now and not barred(settings, id_, campaign.prepared_by, users, privileged=question.privileged)
        )

    def _read(self, who: Who, shown: Sequence[Shown]) -> None:
        """Read at once what everything that was shown is judged by."""
        for campaign in dict.fromkeys(one.campaign for one in shown):
            mine = [one for one in shown if one.campaign == campaign]
            asked, keys = [one.question for one in mine], [own_key(who, one.key) for one in mine]
            self._bases[campaign] = basis_of(
                self._connection, self._desk.practice, campaign, who.reviewer, asked=asked, keys=keys
            )

    def _decide(self, who: Who, wanted: Wanted, reasons: Collection[str], *, several: bool, amends: bool) -> Outcome:
        shown = Shown(wanted.campaign, wanted.question, wanted.version, wanted.key)
        found = self._found(who, shown, amends=amends)
        if not isinstance(found, AskedQuestion):
            return found
        items = found.basis.items.get(wanted.question, [])
        said = Said(found.basis.last_reason(wanted.question), reasons, several)
        today = day_of(self._desk.clock(), self._desk.timezone)
        if (no := refusal(wanted, found.question, items, said, today)) is not None:
            return no
        decision = self._written(who, found, wanted, amends=amends, items=items)
        return self._record(found, decision, stepped(found.state, decision=wanted.kind, signed=amends))

    def _found(self, who: Who, shown: Shown, *, amends: bool) -> "AskedQuestion | Outcome":
        """Return the question as it was shown; or what keeps it from being changed."""
        basis = self._bases[shown.campaign]
        if basis is not None and (before := repeated(basis, who, shown)) is not None:
            return before
        found = self._mine(basis, who, shown)
        if found is None:
            return NotYours()
        if found.state.version != shown.version:
            return self._stale(found.state, shown.version)
        why = settled(found, amends=amends)
        return Refused(why, "", shown.question) if why else found

    def _record(self, found: "AskedQuestion", decision: Decision, after: ReviewState) -> Outcome:
        number = add_one(self._connection, DECISION, decision)
        if after.decision is not None:
            after = replace(after, decided=number)
        self._move(found, after)
        decision = replace(decision, id=number)
        found.basis.recorded(decision.key, decision, after)
        return Done(after, decision)

    def _move(self, found: "AskedQuestion", after: ReviewState) -> None:
        if not moved(self._connection, found.state, after):
            raise AssertionError("another writer changed a state inside of a transaction that holds the write lock")
        for reviewer in (found.state.reviewer, after.reviewer):
            self._touched[after.campaign, reviewer, after.person] = found.question.person_name

    def _count(self) -> None:
        """Count anew what was touched: once for each person, however many decisions came together."""
        for (campaign, reviewer, person), name in self._touched.items():
            recount(self._connection, campaign, reviewer, person, name)
        self._touched.clear()

    def _written(
        self, who: Who, found: "AskedQuestion", wanted: Wanted, *, amends: bool, items: Sequence[ReviewItem] = ()
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
            served_at=served_before(wanted.served_at, now),
            advice=found.question.advice,
            seen=found.basis.seen.of(items),
            amends=amends,
            key=own_key(who, wanted.key),
        )

    def _mine(self, basis: Basis | None, who: Who, shown: Shown) -> "AskedQuestion | None":
        """Return a question that is somebody's to decide."""
        reviewer = self._desk.settings.reviewers.get(who.reviewer)
        if basis is None or reviewer is None or not {"reviewer", "officer"} & set(reviewer.roles):
            return None
        state, question = basis.states.get(shown.question), basis.questions.get(shown.question)
        if state is None or question is None or state.reviewer != who.reviewer:
            return None
        return AskedQuestion(question, state, basis)

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

    def _campaign(self, campaign: str) -> Campaign:
        found = read_one(self._connection, CAMPAIGN, CAMPAIGN.table.c.campaign == campaign)
        assert found is not None  # noqa: S101 - asked only after it was found
        return found

    def _person(self, question: Question) -> ReviewPerson:
        c = PERSON.table.c
        found = read_one(self._connection, PERSON, c.campaign == question.campaign, c.person == question.person)
        assert found is not None  # noqa: S101 - written together with the question
        return found

    def _privileged(self, question: Question) -> dict[str, str]:
        """Return who holds privileged access, as far as the campaign asks about it."""
        q, p = QUESTION.table.c, PERSON.table.c
        asked = read(self._connection, QUESTION, q.campaign == question.campaign, q.privileged.is_(True))
        held = {one.person for one in asked if one.kind is not QuestionKind.SERVICE}
        people = read(self._connection, PERSON, p.campaign == question.campaign, p.person.in_(held))
        return privileged_users(people)

    def _name(self, who: Who) -> str:
        return self._desk.settings.reviewers[who.reviewer].name

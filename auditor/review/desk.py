"""
The desk: the one door through which a page or a spreadsheet reads a review and changes it.

A reviewer sees the own questions and no others; a question of somebody else, and one that there is not, are the same
answer. Each change is one transaction that holds the only write lock, names the version that was shown, and has a key:
two clicks, a stale tab and a crash leave each decision there once or not at all.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from auditor.ledger.keys import Signer
from auditor.review.counters import is_open, state_of
from auditor.review.deciding import Deciding
from auditor.review.outcomes import BECAUSE_OF_OTHERS, Done, Outcome, Refused, Repeated
from auditor.review.shown import Shown
from auditor.review.signing import Signing, Summary, summary
from auditor.review.state import open_campaigns
from auditor.review.wanted import Wanted, Who
from auditor.review_records import Campaign, Decision, Question, ReviewItem, ReviewPerson, ReviewProgress, ReviewState
from auditor.review_settings import ReviewSettings
from auditor.store import Store
from auditor.store.reviews import CAMPAIGN, DECISION, ITEM, PERSON, PROGRESS, QUESTION, STATE, read, read_one


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One person before a reviewer."""

    person: str
    name: str
    total: int
    open: int
    risk: int


@dataclass(frozen=True, slots=True)
class QuestionView:
    """A question as it is shown, with all that it is about."""

    question: Question
    state: ReviewState
    """Its `version` goes into the form."""
    items: tuple[ReviewItem, ...]
    decision: Decision | None
    """What stands; `None`: nobody has decided."""

    @property
    def open(self) -> bool:
        """Whether it waits for a decision."""
        return is_open(self.state)


@dataclass(frozen=True, slots=True)
class PersonView:
    """One person, with the questions about them: the riskiest first, what the role explains last."""

    campaign: Campaign
    person: ReviewPerson
    questions: tuple[QuestionView, ...]


@dataclass(frozen=True)
class Desk:
    """The reviews of one practice, for its reviewers."""

    store: Store
    practice: str
    timezone: str
    settings: ReviewSettings
    signer: Signer
    clock: Callable[[], datetime]

    # ---- reading ----

    def campaigns(self, who: Who) -> tuple[Campaign, ...]:
        """Return the open campaigns in which somebody has questions; all of them to the officer and the auditor."""
        with self.store.reviewed() as connection:
            found = open_campaigns(connection, self.practice)
            if self.sees_all(who):
                return tuple(found)
            c = PROGRESS.table.c
            mine = {p.campaign for p in read(connection, PROGRESS, c.reviewer == who.reviewer)}
            return tuple(campaign for campaign in found if campaign.id in mine)

    def people(self, who: Who, campaign: str, *, offset: int = 0, limit: int = 100) -> tuple[PersonLine, ...]:
        """Return the people whom somebody is to decide about, open and riskiest first; by counters, so it is cheap."""
        with self.store.reviewed() as connection:
            if self._campaign(connection, campaign) is None:
                return ()
            c = PROGRESS.table.c
            lines = read(
                connection,
                PROGRESS,
                c.campaign == campaign,
                c.reviewer == who.reviewer,
                order=((c.open == 0), c.risk.desc(), c.person),
            )
        return tuple(_line(p) for p in lines[offset : offset + limit])

    def progress(self, who: Who, campaign: str) -> tuple[int, int]:
        """Return how many questions somebody has, and how many are open."""
        lines = self.people(who, campaign, limit=2**31)
        return sum(p.total for p in lines), sum(p.open for p in lines)

    def person(self, who: Who, campaign: str, person: str) -> PersonView | None:
        """Return one person with the own questions; `None` alike where there is none and where they are another's."""
        with self.store.reviewed() as connection:
            found = self._campaign(connection, campaign)
            if found is None:
                return None
            s, q, p, i, d = (kind.table.c for kind in (STATE, QUESTION, PERSON, ITEM, DECISION))
            which = [s.campaign == campaign, s.person == person]
            if not self.sees_all(who):
                which.append(s.reviewer == who.reviewer)
            states = {x.question: x for x in read(connection, STATE, *which)}
            if not states:
                return None
            known = read_one(connection, PERSON, p.campaign == campaign, p.person == person)
            questions = read(connection, QUESTION, q.campaign == campaign, q.question.in_(states))
            items: dict[str, list[ReviewItem]] = {}
            for item in read(connection, ITEM, i.campaign == campaign, i.question.in_(states)):
                items.setdefault(item.question, []).append(item)
            decided = [x.decided for x in states.values() if x.decided is not None]
            decisions = {x.id: x for x in read(connection, DECISION, d.id.in_(decided))} if decided else {}
        assert known is not None  # noqa: S101 - written together with the questions
        views = tuple(
            QuestionView(
                question=one,
                state=states[one.question],
                items=tuple(items.get(one.question, ())),
                decision=decisions.get(states[one.question].decided),
            )
            for one in sorted(questions, key=lambda one: (-one.risk, one.question))
        )
        return PersonView(found, known, views)

    def question(self, who: Who, campaign: str, question: str) -> QuestionView | None:
        """Return one question; `None` alike where there is none and where it is another's."""
        with self.store.reviewed() as connection:
            if self._campaign(connection, campaign) is None:
                return None
            state = state_of(connection, campaign, question)
        if state is None:
            return None
        view = self.person(who, campaign, state.person)
        return next((v for v in view.questions if v.question.question == question), None) if view else None

    def summary(self, who: Who, campaign: str) -> Summary | None:
        """Return everything that somebody has decided, in sentences, as it is shown before signing."""
        with self.store.reviewed() as connection:
            found = self._campaign(connection, campaign)
            return None if found is None else summary(connection, campaign, who.reviewer)

    def may_take(self, who: Who, campaign: str, question: str) -> tuple[tuple[str, str], ...]:
        """Return the ids and names of those to whom somebody could hand a question over."""
        view = self.question(who, campaign, question)
        if view is None:
            return ()
        with self.store.reviewed() as connection:
            return Deciding(self, connection).takers(view.question, view.state.reviewer)

    # ---- changing ----

    def decide(self, who: Who, wanted: Wanted) -> Outcome:
        """Record a decision about exactly the question that was shown."""
        return self.decide_all(who, (wanted,))[0]

    def decide_all(self, who: Who, wanted: Sequence[Wanted]) -> tuple[Outcome, ...]:
        """
        Record decisions that came together, such as a spreadsheet's: all of them, or none.

        Returns one outcome for each, in their order. When any is refused, stale or not theirs, nothing is recorded,
        and those that could have been are `Refused` for that reason.
        """
        with self.store.reviewing() as connection, connection.begin_nested() as savepoint:
            outcomes = Deciding(self, connection).decide_all(who, wanted)
            if any(_stops(outcome) for outcome in outcomes):
                savepoint.rollback()
                return _none_recorded(outcomes)
        return outcomes

    def undo(self, who: Who, campaign: str, question: str, version: int, *, key: str) -> Outcome:
        """Take a decision back; until the reviewer signs."""
        with self.store.reviewing() as connection:
            return Deciding(self, connection).undo(who, Shown(campaign, question, version, key))

    def delegate(
        self, who: Who, campaign: str, question: str, version: int, *, to: str, reason: str, key: str
    ) -> Outcome:
        """Hand a question over to another reviewer who may decide it; whoever decided keeps what was decided."""
        with self.store.reviewing() as connection:
            return Deciding(self, connection).delegate(who, Shown(campaign, question, version, key), to, reason)

    def sign(self, who: Who, campaign: str, *, name: str, mark: str, key: str) -> Outcome:
        """
        Sign what was decided, as `summary` showed it: `mark` is that of the summary, `name` what the reviewer typed.

        Refused while something is open. From then on only an amendment changes a decision.
        """
        with self.store.reviewing() as connection:
            return Signing(self, connection).sign(who, campaign, name, mark, key)

    def amend(self, who: Who, wanted: Wanted) -> Outcome:
        """Decide anew what was signed or closed: a further decision with a seal of its own, the earlier one stays."""
        with self.store.reviewing() as connection:
            return Deciding(self, connection).amend(who, wanted)

    # ---- who ----

    def sees_all(self, who: Who) -> bool:
        """Whether somebody reads everything: the officer and the auditor."""
        reviewer = self.settings.reviewers.get(who.reviewer)
        return reviewer is not None and bool({"officer", "auditor"} & set(reviewer.roles))

    def _campaign(self, connection: Connection, campaign: str) -> Campaign | None:
        c = CAMPAIGN.table.c
        return read_one(connection, CAMPAIGN, c.campaign == campaign, c.practice == self.practice)


def _line(p: ReviewProgress) -> PersonLine:
    return PersonLine(p.person, p.name, p.total, p.open, p.risk)


def _stops(outcome: Outcome) -> bool:
    return not isinstance(outcome, Done | Repeated)


def _none_recorded(outcomes: Sequence[Outcome]) -> tuple[Outcome, ...]:
    return tuple(
        Refused(BECAUSE_OF_OTHERS, "", outcome.decision.question if outcome.decision else "")
        if isinstance(outcome, Done)
        else outcome
        for outcome in outcomes
    )

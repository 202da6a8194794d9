"""Signing: the list of what was decided, shown in sentences first, then signed and sealed as it was shown."""

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection, update

from auditor import __version__
from auditor.ledger.entries import canonical
from auditor.ledger.persons import same_person
from auditor.review.counters import is_open
from auditor.review.outcomes import Done, NotYours, Outcome, Refused, Repeated, Stale, Standing
from auditor.review.state import closed_ids
from auditor.review.wanted import Who
from auditor.review_records import Decision, DecisionKind, Question, ReviewState, Seal, SealKind, Signature
from auditor.store.reviews import CAMPAIGN, DECISION, QUESTION, SIGNATURE, STATE, add_one, read, read_one
from auditor.store.saving import add_seal

if TYPE_CHECKING:
    from auditor.review.desk import Desk

_SAYS = {
    DecisionKind.KEEP: "keeps",
    DecisionKind.REMOVE: "loses",
    DecisionKind.CHANGE: "is to get something else for",
    DecisionKind.EXCEPTION: "keeps for now, as an exception,",
}


@dataclass(frozen=True, slots=True)
class SummaryLine:
    """One question in the list before the signature."""

    question: Question
    state: ReviewState
    decision: Decision | None
    says: str
    """The decision as a sentence."""


@dataclass(frozen=True, slots=True)
class Summary:
    """Everything that one reviewer decided in one campaign."""

    lines: tuple[SummaryLine, ...]
    mark: str
    """SHA-256 of it: what is signed is what was shown."""
    decided: int
    undecided: int
    signed: bool
    """Whether all that is decided is signed."""


def summary(connection: Connection, campaign: str, reviewer: str) -> Summary:
    """Return the list of one reviewer, in the order in which it was asked."""
    s, q, d = STATE.table.c, QUESTION.table.c, DECISION.table.c
    states = {x.question: x for x in read(connection, STATE, s.campaign == campaign, s.reviewer == reviewer)}
    questions = [x for x in read(connection, QUESTION, q.campaign == campaign) if x.question in states]
    decisions = {x.id: x for x in read(connection, DECISION, d.campaign == campaign, d.reviewer == reviewer)}
    lines = tuple(_line(x, states[x.question], decisions.get(states[x.question].decided)) for x in questions)
    shown = [[line.question.question, line.state.version, line.says] for line in lines]
    decided = [line for line in lines if line.decision is not None]
    return Summary(
        lines=lines,
        mark=hashlib.sha256(canonical(shown)).hexdigest(),
        decided=len(decided),
        undecided=sum(is_open(line.state) for line in lines),
        signed=bool(decided) and all(line.state.signed for line in decided),
    )


def _line(question: Question, state: ReviewState, decision: Decision | None) -> SummaryLine:
    if decision is None:
        says = f"{question.person_name}: {question.title}: " + (
            f"closed without a decision, {state.closed}" if state.closed else "not decided"
        )
        return SummaryLine(question, state, None, says)
    says = f"{question.person_name} {_SAYS[decision.kind]}: {question.title}"
    if decision.items:
        says += f" ({len(decision.items)} of its items)"
    if decision.change_to:
        says += f"; instead: {decision.change_to}"
    if decision.expires:
        says += f"; until {decision.expires}, meanwhile {decision.compensating}"
    return SummaryLine(question, state, decision, says + (f"; because: {decision.reason}" if decision.reason else ""))


class Signing:
    """The signature of a reviewer, in the transaction of one connection."""

    def __init__(self, desk: "Desk", connection: Connection) -> None:
        self._desk, self._connection = desk, connection

    def sign(self, who: Who, campaign: str, name: str, mark: str, key: str) -> Outcome:
        """Sign what was shown."""
        connection, c = self._connection, CAMPAIGN.table.c
        found = read_one(connection, CAMPAIGN, c.campaign == campaign, c.practice == self._desk.practice)
        reviewer = self._desk.settings.reviewers.get(who.reviewer)
        if found is None or reviewer is None:
            return NotYours()
        own_key = hashlib.sha256(f"{who.reviewer}\x00sign\x00{key}".encode("utf-8", "surrogatepass")).hexdigest()
        if read_one(connection, SIGNATURE, SIGNATURE.table.c.key == own_key) is not None:
            return Repeated()
        shown = summary(connection, campaign, who.reviewer)
        if (stopped := self._stopped(shown, campaign, who, name, mark)) is not None:
            return stopped
        now = self._desk.clock()
        statement = (
            f"I, {reviewer.name}, decided these {shown.decided} questions myself, knowing what each person needs "
            "for the work; none of them is about my own access."
        )
        add_one(
            connection,
            SIGNATURE,
            Signature(
                campaign,
                who.reviewer,
                reviewer.name,
                who.signed_in,
                now,
                statement,
                shown.decided,
                shown.undecided,
                mark,
                own_key,
            ),
        )
        t = STATE.table
        which = (t.c.campaign == campaign, t.c.reviewer == who.reviewer, t.c.decision.is_not(None))
        connection.execute(update(t).where(*which).values(signed=1))
        seal = Seal(campaign, self._desk.practice, SealKind.SIGNED, now, reviewer.name, statement, "", ())
        add_seal(connection, seal, __version__, self._desk.signer)
        return Done(None)

    def _stopped(self, shown: Summary, campaign: str, who: Who, name: str, mark: str) -> Outcome | None:
        """Return what keeps somebody from signing."""
        if not shown.lines:
            return NotYours()
        if shown.mark != mark:
            nothing = Standing(0, None, "", "", None, who.reviewer, None)
            return Stale("", nothing, nothing)
        why, field = "", ""
        if campaign in closed_ids(self._connection, self._desk.practice):
            why = "the review is closed"
        elif shown.undecided:
            why = f"{shown.undecided} of {len(shown.lines)} questions are not decided: silence is never a yes"
        elif shown.signed or not shown.decided:
            why = "everything is signed already" if shown.signed else "nothing was decided that could be signed"
        elif not name.strip() or not name.isprintable() or len(name) > 200 or not same_person(name, self._name(who)):
            why, field = "type your own name, as the list of reviewers has it", "name"
        return Refused(why, field) if why else None

    def _name(self, who: Who) -> str:
        return self._desk.settings.reviewers[who.reviewer].name

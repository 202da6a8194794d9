"""The working rows: how each question stands, and how far each reviewer is with each person; never what is sealed."""

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import Connection, bindparam, delete, update

from auditor.review_records import Question, ReviewProgress, ReviewState
from auditor.store.reviews import PROGRESS, STATE, add, read, read_one


def write_working(connection: Connection, questions: Iterable[Question]) -> None:
    """Write the states of new questions, and count them."""
    questions = tuple(questions)
    add(connection, STATE, (new_state(q) for q in questions))
    names = {(q.campaign, q.reviewer, q.person): q.person_name for q in questions}
    for (campaign, reviewer, person), name in names.items():
        recount(connection, campaign, reviewer, person, name)


def new_state(q: Question) -> ReviewState:
    """Return the state of a question that nobody has decided."""
    return ReviewState(
        campaign=q.campaign,
        question=q.question,
        version=0,
        reviewer=q.reviewer,
        person=q.person,
        risk=q.risk,
        decision=None,
        decided=None,
        signed=False,
        closed=None,
    )


def state_of(connection: Connection, campaign: str, question: str) -> ReviewState | None:
    """Return how a question stands."""
    c = STATE.table.c
    return read_one(connection, STATE, c.campaign == campaign, c.question == question)


_S = STATE.table.c
_MOVE = update(STATE.table).where(
    _S.campaign == bindparam("of"), _S.question == bindparam("which"), _S.version == bindparam("shown")
)


def moved(connection: Connection, before: ReviewState, after: ReviewState) -> bool:
    """
    Write a state in the place of another; return whether the other still stood. To be counted anew (`recount`).

    `after` must have a version greater by one.
    """
    where = {"of": before.campaign, "which": before.question, "shown": before.version}
    return connection.execute(_MOVE, {**STATE.values(after), **where}).rowcount == 1


def moved_and_counted(connection: Connection, before: ReviewState, after: ReviewState, name: str) -> bool:
    """Do the same for one question, and count its person anew before both reviewers."""
    if not moved(connection, before, after):
        return False
    for reviewer in dict.fromkeys((before.reviewer, after.reviewer)):
        recount(connection, before.campaign, reviewer, before.person, name)
    return True


def recount(connection: Connection, campaign: str, reviewer: str, person: str, name: str) -> None:
    """Count the questions about one person before one reviewer."""
    t, p = STATE.table.c, PROGRESS.table.c
    states = read(connection, STATE, t.campaign == campaign, t.reviewer == reviewer, t.person == person)
    connection.execute(delete(PROGRESS.table).where(p.campaign == campaign, p.reviewer == reviewer, p.person == person))
    if states:
        open_ = [s for s in states if is_open(s)]
        progress = ReviewProgress(
            campaign, reviewer, person, name, len(states), len(open_), max(s.risk for s in open_ or states)
        )
        add(connection, PROGRESS, [progress])


def is_open(state: ReviewState) -> bool:
    """Whether a question still waits for a decision."""
    return state.decision is None and state.closed is None


def stepped(state: ReviewState, **changes: object) -> ReviewState:
    """Return the next version of a state."""
    return replace(state, version=state.version + 1, **changes)  # type: ignore[arg-type]

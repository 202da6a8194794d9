"""
Who was included in a review: by reviews that were closed and sealed, never by a word.

An attestation of `access-review` ties to no list of what was reviewed. It stays among the statements, is told as the
bare word that it is, and makes nobody reviewed. Source: 45 CFR 164.308(a)(4)(ii)(C), reviewed and certified.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from sqlalchemy import Connection

from auditor.ledger.statements import Statement, StatementKind
from auditor.review_records import Campaign, Decision, DecisionKind, ReviewEventKind, ReviewScope, Seal, SealKind
from auditor.store import Store
from auditor.store.reviews import CAMPAIGN, DECISION, EVENT, PERSON, QUESTION, SEAL, read
from connectors.inputs.dates import day_of

TOPIC = "access-review"


def bare_words(statements: Iterable[Statement]) -> tuple[Statement, ...]:
    """Return the attestations of a review that rest on nothing but a word."""
    return tuple(s for s in statements if s.kind is StatementKind.ATTESTATION and s.topic.casefold() == TOPIC)


def resting_on_reviews(
    store: Store, practice: str, timezone: str, statements: Iterable[Statement], until: datetime | None = None
) -> tuple[Statement, ...]:
    """Return the statements with those about reviews in the place of bare words; as of an instant, or of now."""
    statements = tuple(statements)
    bare = {s.id for s in bare_words(statements)}
    with store.reviewed() as connection:
        found = [
            one
            for campaign in read(connection, CAMPAIGN, CAMPAIGN.table.c.practice == practice)
            if _whole(campaign)
            for one in _of(connection, campaign, timezone)
            if until is None or (one.recorded_at is not None and one.recorded_at <= until)
        ]
    return (*(s for s in statements if s.id not in bare), *found)


def _whole(campaign: Campaign) -> bool:
    """Whether all access of its people was asked about; one that opened itself has nobody who accepts a gap."""
    if campaign.scope is ReviewScope.EVENT:
        return not campaign.unread
    return campaign.scope is ReviewScope.ALL


def _of(connection: Connection, campaign: Campaign, timezone: str) -> Iterator[Statement]:
    """Yield who was included in a closed review: everybody about whom all that was asked was answered."""
    id_ = campaign.id
    seals = read(connection, SEAL, SEAL.table.c.campaign == id_, SEAL.table.c.kind == SealKind.CLOSED.value)
    if not seals:
        return
    answered = _answered(connection, id_, seals[0])
    proved = {
        e.question: e.at
        for e in read(connection, EVENT, EVENT.table.c.campaign == id_)
        if e.kind is ReviewEventKind.CLOSED and e.question is not None
    }
    asked: dict[str, list[str]] = {}
    for question in read(connection, QUESTION, QUESTION.table.c.campaign == id_):
        if not question.seeded:
            asked.setdefault(question.person, []).append(question.question)
    mine: dict[str, list[str]] = {}
    for person in read(connection, PERSON, PERSON.table.c.campaign == id_):
        for user in person.users:
            mine.setdefault(user, []).extend(asked.get(person.person, ()))
    for user, questions in sorted(mine.items()):
        ends = [answered[q].at if q in answered else proved.get(q) for q in questions]
        if questions and all(end is not None for end in ends):
            last = max(end for end in ends if end is not None)
            by = ", ".join(dict.fromkeys(answered[q].reviewer_name for q in questions if q in answered))
            yield Statement(
                campaign.practice,
                StatementKind.ATTESTATION,
                user,
                TOPIC,
                by or seals[0].by,
                day_of(last, timezone),
                reason=f"review {campaign.name} ({id_})",
                recorded_at=seals[0].at,
            )


def _answered(connection: Connection, campaign: str, closed: Seal) -> dict[str, Decision]:
    """Return the decision that stood at the close, by question."""
    newest: dict[str, Decision] = {}
    for decision in read(connection, DECISION, DECISION.table.c.campaign == campaign):
        if decision.at <= closed.at:
            newest[decision.question] = decision
    return {q: d for q, d in newest.items() if d.kind is not DecisionKind.UNDONE}

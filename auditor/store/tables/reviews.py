"""
The tables of the access reviews (`auditor.review_records`): the first eight are only ever added to.

Each row has a number of its own, in the order in which things happened; the seals say up to which they cover.
"""

from typing import Annotated

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from auditor.review_records import (
    AcceptedUnread,
    Advice,
    DecisionKind,
    HeldThen,
    QuestionKind,
    ReviewEventKind,
    ReviewScope,
    SealKind,
)
from auditor.store import forms
from auditor.store.forms import one_of
from auditor.store.tables.columns import At, Day, Flag, Instant, Names


class _Numbered(SQLModel):
    id: int | None = Field(default=None, primary_key=True)


class CampaignRow(_Numbered, table=True):
    """A campaign as it was opened."""

    __tablename__ = "review_campaign"
    __table_args__ = (UniqueConstraint("campaign"),)

    campaign: Annotated[str, At("id")]
    practice: str = Field(index=True)
    name: str
    scope: Annotated[str, one_of(ReviewScope)]
    period_from: Day
    period_to: Day
    opened_at: Instant
    opened_by: str
    prepared_by: str
    due: Day
    audit: int = Field(foreign_key="audit.id")
    audit_before: int | None = Field(default=None, foreign_key="audit.id")
    population_digest: str
    roster_digest: str
    policy_digest: str
    accepted: Annotated[str, forms.listed(AcceptedUnread)]
    unread: Names
    because: Names
    left_out: Names


class ReviewPersonRow(_Numbered, table=True):
    """Whose access is asked about."""

    __tablename__ = "review_person"
    __table_args__ = (UniqueConstraint("campaign", "person"),)

    campaign: str
    person: str
    name: str
    kind: str
    users: Names
    user_names: Names
    roles: Names
    agency: str | None = None
    start: Day | None = None
    end: Day | None = None
    facts: Names
    changes: Names


class QuestionRow(_Numbered, table=True):
    """A question as it was asked."""

    __tablename__ = "review_question"
    __table_args__ = (
        UniqueConstraint("campaign", "question"),
        Index("ix_review_question_person", "campaign", "person"),
    )

    campaign: str
    question: str
    person: str
    person_name: str
    kind: Annotated[str, one_of(QuestionKind)]
    capabilities: Names
    title: str
    why: Names
    findings: Names
    advice: Annotated[str, one_of(Advice)]
    advice_why: str
    risk: int
    privileged: Flag
    bulk: Flag
    seeded: Flag
    reviewer: str
    routed: str
    due: Day
    opened_because: str
    added_at: Instant


class ReviewItemRow(_Numbered, table=True):
    """One thing that is held."""

    __tablename__ = "review_item"
    __table_args__ = (Index("ix_review_item_question", "campaign", "question"),)

    campaign: str
    question: str
    system: str
    system_title: str
    account: str
    login: str
    entitlement: str
    name: str
    given: str
    given_name: str
    path: Names
    capabilities: Names
    last_used: str | None = None
    held_before: Annotated[str, one_of(HeldThen)]
    held_since: Day | None = None


class DecisionRow(_Numbered, table=True):
    """A decision."""

    __tablename__ = "review_decision"
    __table_args__ = (
        UniqueConstraint("key"),
        UniqueConstraint("campaign", "question", "version"),
        Index("ix_review_decision_reviewer", "campaign", "reviewer"),
    )

    campaign: str
    question: str
    version: int
    kind: Annotated[str, one_of(DecisionKind)]
    reason: str
    expires: Day | None = None
    compensating: str
    change_to: str
    items: Names
    reviewer: str
    reviewer_name: str
    signed_in: str
    at: Instant
    served_at: Instant | None = None
    advice: Annotated[str, one_of(Advice)]
    seen: Names
    amends: Flag
    key: str


class SignatureRow(_Numbered, table=True):
    """A reviewer's signature."""

    __tablename__ = "review_signature"
    __table_args__ = (UniqueConstraint("key"), Index("ix_review_signature_campaign", "campaign"))

    campaign: str
    reviewer: str
    reviewer_name: str
    signed_in: str
    at: Instant
    statement: str
    decided: int
    undecided: int
    summary: str
    key: str


class ReviewEventRow(_Numbered, table=True):
    """Something that happened beside decisions."""

    __tablename__ = "review_event"
    __table_args__ = (UniqueConstraint("key"), Index("ix_review_event_campaign", "campaign", "question"))

    campaign: str
    question: str | None = None
    reviewer: str | None = None
    kind: Annotated[str, one_of(ReviewEventKind)]
    at: Instant
    by: str
    detail: str
    key: str | None = None


class SealRow(_Numbered, table=True):
    """A seal, with an entry of the ledger of its own."""

    __tablename__ = "review_seal"
    __table_args__ = (Index("ix_review_seal_campaign", "campaign"),)

    campaign: str
    practice: str
    kind: Annotated[str, one_of(SealKind)]
    at: Instant
    by: str
    statement: str
    digest: str
    upto: Names


class ReviewStateRow(SQLModel, table=True):
    """How a question stands now; follows from the rows above."""

    __tablename__ = "review_state"
    __table_args__ = (Index("ix_review_state_reviewer", "campaign", "reviewer", "person"),)

    campaign: str = Field(primary_key=True)
    question: str = Field(primary_key=True)
    version: int
    reviewer: str
    person: str
    risk: int
    decision: Annotated[str | None, one_of(DecisionKind)] = None
    decided: int | None = None
    signed: Flag
    closed: str | None = None


class ReviewProgressRow(SQLModel, table=True):
    """One person before one reviewer; follows from the states, so that no overview has to count."""

    __tablename__ = "review_progress"

    campaign: str = Field(primary_key=True)
    reviewer: str = Field(primary_key=True)
    person: str = Field(primary_key=True)
    name: str
    total: int
    open: int
    risk: int

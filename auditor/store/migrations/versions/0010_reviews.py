"""Reviews: campaigns, what they asked, what was decided, and their seals."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.schema import SchemaItem

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Bring the schema to this version; history only goes forward, so there is no way back."""
    _table(
        "review_campaign",
        _text("campaign", "practice", "name", "scope", "period_from", "period_to", "opened_at", "opened_by"),
        _text("prepared_by", "due"),
        [sa.Column("audit", sa.Integer(), nullable=False), sa.Column("audit_before", sa.Integer(), nullable=True)],
        _text("population_digest", "roster_digest", "policy_digest", "accepted", "unread", "because", "left_out"),
        [
            sa.UniqueConstraint("campaign"),
            sa.ForeignKeyConstraint(["audit"], ["audit.id"]),
            sa.ForeignKeyConstraint(["audit_before"], ["audit.id"]),
        ],
    )
    op.create_index("ix_review_campaign_practice", "review_campaign", ["practice"])
    _table(
        "review_person",
        _text("campaign", "person", "name", "kind", "users", "user_names", "roles"),
        _text("agency", "start", "end", null=True),
        _text("facts", "changes"),
        [sa.UniqueConstraint("campaign", "person")],
    )
    _table(
        "review_question",
        _text("campaign", "question", "person", "person_name", "kind", "capabilities", "title", "why", "findings"),
        _text("advice", "advice_why"),
        _number("risk"),
        _flag("privileged", "bulk", "seeded"),
        _text("reviewer", "routed", "due", "opened_because", "added_at"),
        [sa.UniqueConstraint("campaign", "question")],
    )
    op.create_index("ix_review_question_person", "review_question", ["campaign", "person"])
    _table(
        "review_item",
        _text("campaign", "question", "system", "system_title", "account", "login", "entitlement", "name", "given"),
        _text("given_name", "path", "capabilities"),
        _text("last_used", null=True),
        _text("held_before"),
        _text("held_since", null=True),
    )
    op.create_index("ix_review_item_question", "review_item", ["campaign", "question"])
    _table(
        "review_decision",
        _text("campaign", "question"),
        _number("version"),
        _text("kind", "reason"),
        _text("expires", null=True),
        _text("compensating", "change_to", "items", "reviewer", "reviewer_name", "signed_in", "at"),
        _text("served_at", null=True),
        _text("advice", "seen"),
        _flag("amends"),
        _text("key"),
        [sa.UniqueConstraint("key"), sa.UniqueConstraint("campaign", "question", "version")],
    )
    op.create_index("ix_review_decision_reviewer", "review_decision", ["campaign", "reviewer"])
    _table(
        "review_signature",
        _text("campaign", "reviewer", "reviewer_name", "signed_in", "at", "statement"),
        _number("decided", "undecided"),
        _text("summary", "key"),
        [sa.UniqueConstraint("key")],
    )
    op.create_index("ix_review_signature_campaign", "review_signature", ["campaign"])
    _table(
        "review_event",
        _text("campaign"),
        _text("question", "reviewer", null=True),
        _text("kind", "at", "by", "detail"),
        _text("key", null=True),
        [sa.UniqueConstraint("key")],
    )
    op.create_index("ix_review_event_campaign", "review_event", ["campaign", "question"])
    _table("review_seal", _text("campaign", "practice", "kind", "at", "by", "statement", "digest", "upto"))
    op.create_index("ix_review_seal_campaign", "review_seal", ["campaign"])
    _working_tables()


def _working_tables() -> None:
    op.create_table(
        "review_state",
        *_text("campaign", "question"),
        *_number("version"),
        *_text("reviewer", "person"),
        *_number("risk"),
        *_text("decision", null=True),
        sa.Column("decided", sa.Integer(), nullable=True),
        *_flag("signed"),
        *_text("closed", null=True),
        sa.PrimaryKeyConstraint("campaign", "question"),
    )
    op.create_index("ix_review_state_reviewer", "review_state", ["campaign", "reviewer", "person"])
    op.create_table(
        "review_progress",
        *_text("campaign", "reviewer", "person", "name"),
        *_number("total", "open", "risk"),
        sa.PrimaryKeyConstraint("campaign", "reviewer", "person"),
    )


def _table(name: str, *parts: Sequence[SchemaItem]) -> None:
    columns = [column for part in parts for column in part]
    op.create_table(name, sa.Column("id", sa.Integer(), nullable=False), sa.PrimaryKeyConstraint("id"), *columns)


def _text(*names: str, null: bool = False) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(), nullable=null) for name in names]


def _number(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer(), nullable=False) for name in names]


def _flag(*names: str) -> list[sa.Column[bool]]:
    return [sa.Column(name, sa.Boolean(), nullable=False) for name in names]

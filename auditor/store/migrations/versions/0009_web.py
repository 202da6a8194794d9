"""Web: who came to the pages, by which way, and what they asked to change."""

import sqlalchemy as sa
from alembic import op

from auditor.store.partial import where

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Bring the schema to this version; nothing of the history changes, and no entry of the ledger names these rows."""
    op.create_table(
        "web_link",
        sa.Column("id", sa.Integer(), nullable=False),
        *(_text(name) for name in ("digest", "person", "purpose", "made", "made_by", "expires")),
        _text("number", null=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        *(_text(name, null=True) for name in ("used", "revoked")),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest"),
    )
    op.create_index("ix_web_link_person", "web_link", ["person"])
    op.create_table(
        "web_identity",
        sa.Column("id", sa.Integer(), nullable=False),
        *(_text(name) for name in ("issuer", "subject", "person", "email", "made")),
        _text("ended", null=True),
        sa.PrimaryKeyConstraint("id"),
    )
    for name, column in (("ix_web_identity_subject", "subject"), ("ix_web_identity_person", "person")):
        op.create_index(name, "web_identity", ["issuer", column], unique=True, **where("ended IS NULL"))
    op.create_table(
        "web_session",
        sa.Column("id", sa.Integer(), nullable=False),
        *(_text(name) for name in ("digest", "person", "means")),
        *(_text(name, null=True) for name in ("issuer", "subject")),
        sa.Column("link", sa.Integer(), nullable=True),
        *(_text(name) for name in ("made", "seen")),
        _text("ended", null=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest"),
        sa.ForeignKeyConstraint(["link"], ["web_link.id"]),
    )
    op.create_index("ix_web_session_person", "web_session", ["person"])
    op.create_table(
        "web_request",
        sa.Column("id", sa.Integer(), nullable=False),
        *(_text(name) for name in ("at", "method", "route", "address")),
        sa.Column("session", sa.Integer(), nullable=True),
        *(_text(name, null=True) for name in ("person", "about", "outcome")),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["session"], ["web_session.id"]),
        sa.PrimaryKeyConstraint("id"),
    )


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=null)

"""Terms: the agreements, role templates and systems that each audit went by."""

import sqlalchemy as sa
from alembic import op

from auditor.store.partial import where

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Bring the schema to this version; history only goes forward, so there is no way back."""
    op.create_table(
        "term",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("practice", sa.String(), nullable=False),
        sa.Column("from_audit", sa.Integer(), nullable=False),
        sa.Column("to_audit", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("term", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["from_audit"], ["audit.id"]),
        sa.ForeignKeyConstraint(["to_audit"], ["audit.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_term_now", "term", ["practice", "kind", "term"], unique=True, **where("to_audit IS NULL"))
    op.create_index("ix_term_from", "term", ["from_audit"])
    op.create_index("ix_term_to", "term", ["to_audit"], **where("to_audit IS NOT NULL"))

"""Statements of people: attestations, requests, exceptions, withdrawals."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Bring the schema to this version; history only goes forward, so there is no way back."""
    op.create_table(
        "statement",
        sa.Column("statement", sa.String(), nullable=False),
        sa.Column("practice", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("signature", sa.String(), nullable=False),
        sa.Column("audit", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("statement"),
        sa.ForeignKeyConstraint(["audit"], ["audit.id"]),
    )
    op.create_index("ix_statement_practice", "statement", ["practice"])
    op.create_index("ix_statement_audit", "statement", ["audit"])

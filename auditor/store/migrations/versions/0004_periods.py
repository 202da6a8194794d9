"""Periods: the engagements of a VMA beside the one that counts, so that none of them is lost."""

import sqlalchemy as sa
from alembic import op

from auditor.store.partial import where

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """
    Bring the schema to this version; history only goes forward, so there is no way back.

    Audits of before kept one engagement of each VMA and have no rows here: what the ledger vouches for is the same.
    """
    op.create_table(
        "period",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("practice", sa.String(), nullable=False),
        sa.Column("from_audit", sa.Integer(), nullable=False),
        sa.Column("to_audit", sa.Integer(), nullable=True),
        sa.Column("vma", sa.String(), nullable=False),
        sa.Column("start", sa.String(), nullable=False),
        sa.Column("end", sa.String(), nullable=True),
        sa.Column("agency", sa.String(), nullable=True),
        sa.Column("employment", sa.String(), nullable=False),
        sa.Column("roles", sa.String(), nullable=False),
        sa.Column("locations", sa.String(), nullable=False),
        sa.Column("hours", sa.String(), nullable=True),
        sa.Column("on_leave", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["from_audit"], ["audit.id"]),
        sa.ForeignKeyConstraint(["to_audit"], ["audit.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_period_now", "period", ["practice", "vma", "start"], unique=True, **where("to_audit IS NULL"))
    op.create_index("ix_period_from", "period", ["from_audit"])
    op.create_index("ix_period_to", "period", ["to_audit"], **where("to_audit IS NOT NULL"))

"""Logs: what the systems' own records say of when access changed."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """
    Bring the schema to this version; history only goes forward, so there is no way back.

    Audits of before asked no record and have no rows here: what the ledger vouches for is the same.
    """
    op.create_table(
        "log_read",
        sa.Column("audit", sa.Integer(), nullable=False),
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("read_at", sa.String(), nullable=False),
        sa.Column("covers_from", sa.String(), nullable=True),
        sa.Column("covers", sa.String(), nullable=False),
        sa.Column("clock_low", sa.Integer(), nullable=True),
        sa.Column("clock_high", sa.Integer(), nullable=True),
        sa.Column("clock_by", sa.String(), nullable=True),
        sa.Column("gaps", sa.String(), nullable=False),
        sa.Column("lives_on", sa.String(), nullable=False),
        sa.Column("doubted", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("hint", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["audit"], ["audit.id"]),
        sa.PrimaryKeyConstraint("audit", "system"),
    )
    op.create_table(
        "log_event",
        sa.Column("audit", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("resolution", sa.Integer(), nullable=False),
        sa.Column("record_source", sa.String(), nullable=False),
        sa.Column("record_id", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("entitlement", sa.String(), nullable=True),
        sa.Column("actor", sa.String(), nullable=True),
        sa.Column("host", sa.String(), nullable=True),
        sa.Column("last_only", sa.Boolean(), nullable=False),
        sa.Column("upper_bound", sa.Boolean(), nullable=False),
        sa.Column("changes", sa.Integer(), nullable=True),
        sa.Column("expires", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["audit"], ["audit.id"]),
        sa.PrimaryKeyConstraint("audit", "n"),
    )
    op.create_index("ix_log_event_account", "log_event", ["system", "account"])

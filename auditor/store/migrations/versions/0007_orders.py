"""Orders: what is to be done in a system for an account, and what showed that it was."""

import sqlalchemy as sa
from alembic import op

from auditor.store.partial import where

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Bring the schema to this version; history only goes forward, so there is no way back."""
    op.create_table(
        "work_order",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("practice", sa.String(), nullable=False),
        sa.Column("from_audit", sa.Integer(), nullable=False),
        sa.Column("to_audit", sa.Integer(), nullable=True),
        *(_text(n) for n in ("work_order", "kind", "cause", "vma", "system", "account", "entitlement", "login")),
        *(_text(name) for name in ("name", "since")),
        sa.ForeignKeyConstraint(["from_audit"], ["audit.id"]),
        sa.ForeignKeyConstraint(["to_audit"], ["audit.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "ix_work_order_now", "work_order", ["practice", "work_order"], unique=True, **where("to_audit IS NULL")
    )
    op.create_index("ix_work_order_from", "work_order", ["from_audit"])
    op.create_index("ix_work_order_to", "work_order", ["to_audit"], **where("to_audit IS NOT NULL"))
    op.create_index("ix_work_order_work_order", "work_order", ["work_order"])
    op.create_table(
        "order_end",
        sa.Column("audit", sa.Integer(), nullable=False),
        *(_text(name) for name in ("work_order", "ending", "proof", "earliest", "latest")),
        *(_text(name, null=True) for name in ("source", "record", "sha256", "actor")),
        sa.ForeignKeyConstraint(["audit"], ["audit.id"]),
        sa.PrimaryKeyConstraint("audit", "work_order"),
    )


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=null)

"""The first schema: audits, history as intervals, the ledger."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.schema import SchemaItem

from auditor.store.partial import where

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Bring the schema to this version; history only goes forward, so there is no way back."""
    _records()
    _interval("account", ("system", "account"), *_account())
    _interval("sign_in", ("system", "account"), _text("last_login"))
    _interval("owner", ("system", "account"), _text("people"), _text("kind", null=True), _text("reason"))
    _interval("entitlement", ("system", "entitlement"), *_entitlement())
    _interval("grant", ("system", "account", "entitlement", "path"))
    _interval("engagement", ("vma",), *_engagement())
    _interval("finding", ("finding",), *_finding())
    op.create_index("ix_finding_finding", "finding", ["finding"])


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=null)


def _texts(*names: str) -> list[sa.Column[str]]:
    return [_text(name) for name in names]


def _number(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=null)


def _flag(name: str, *, null: bool = False) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=null)


def _records() -> None:
    op.create_table(
        "audit",
        _number("id"),
        *_texts("practice", "at", "tool_version", "policy_digest", "result_digest"),
        _number("exit_code"),
        *_texts("headline", "counts"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_audit_practice", "audit", ["practice"])
    op.create_table(
        "collection",
        _number("audit"),
        _text("system"),
        _flag("complete"),
        *_texts("source", "as_of", "evidence"),
        _text("reason", null=True),
        _text("hint", null=True),
        _number("accounts"),
        sa.ForeignKeyConstraint(["audit"], ["audit.id"]),
        sa.PrimaryKeyConstraint("audit", "system"),
    )
    op.create_table(
        "accepted_drop",
        *(_number("audit"), _text("system"), _number("before"), _number("missing"), _number("now"), _text("reason")),
        sa.ForeignKeyConstraint(["audit"], ["audit.id"]),
        sa.PrimaryKeyConstraint("audit", "system"),
    )
    op.create_table(
        "ledger",
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        *_texts("body", "hash", "signature"),
        sa.PrimaryKeyConstraint("n"),
    )


def _interval(table: str, key: Sequence[str], *others: SchemaItem) -> None:
    op.create_table(
        table,
        _number("id"),
        _text("practice"),
        _number("from_audit"),
        _number("to_audit", null=True),
        *_texts(*key),
        *others,
        sa.ForeignKeyConstraint(["from_audit"], ["audit.id"]),
        sa.ForeignKeyConstraint(["to_audit"], ["audit.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(f"ix_{table}_now", table, ["practice", *key], unique=True, **where("to_audit IS NULL"))
    op.create_index(f"ix_{table}_from", table, ["from_audit"])
    op.create_index(f"ix_{table}_to", table, ["to_audit"], **where("to_audit IS NOT NULL"))


def _account() -> Sequence[SchemaItem]:
    return (
        *_texts("login", "name", "status"),
        *(_text("email", null=True), _text("employee_id", null=True), _text("created", null=True)),
        *(_number("last_login_lag_days"), _flag("mfa", null=True), _text("expires", null=True), _flag("service")),
    )


def _entitlement() -> Sequence[SchemaItem]:
    return (*_texts("name", "kind", "aliases"), _text("document", null=True), _flag("container"))


def _engagement() -> Sequence[SchemaItem]:
    return (
        *(_text("name"), _text("email", null=True), _text("kind"), _text("logins"), _text("owner", null=True)),
        *(_text("agency", null=True), _text("employment"), _text("roles"), _text("start"), _text("end", null=True)),
        *(_text("locations"), _text("hours", null=True), _flag("on_leave")),
    )


def _finding() -> Sequence[SchemaItem]:
    return (
        *_texts("rule", "severity", "subject_kind", "subject_id", "subject_name"),
        _text("system", null=True),
        *_texts("what", "title", "observed", "expected", "remedy", "path", "citations"),
        *(_text("since", null=True), _text("vma", null=True)),
    )

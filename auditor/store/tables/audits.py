"""What an audit leaves beside its history: itself, how each system was read, which losses were accepted."""

from typing import Annotated

from sqlmodel import Field, SQLModel

from auditor.store import forms
from auditor.store.tables.columns import Flag, Instant


class AuditRow(SQLModel, table=True):
    """One audit; recorded once, never changed."""

    __tablename__ = "audit"

    id: int | None = Field(default=None, primary_key=True)
    practice: str = Field(index=True)
    at: Instant
    tool_version: str
    policy_digest: str
    result_digest: str
    exit_code: int
    headline: str
    counts: Annotated[str, forms.COUNTS]


class CollectionRow(SQLModel, table=True):
    """How one system was read in one audit, and why that was or was not the whole of it."""

    __tablename__ = "collection"

    audit: int = Field(primary_key=True, foreign_key="audit.id")
    system: str = Field(primary_key=True)
    complete: Flag
    source: str
    as_of: Instant
    evidence: Annotated[str, forms.EVIDENCE]
    reason: str | None = None
    hint: str | None = None
    accounts: int


class AcceptedDropRow(SQLModel, table=True):
    """A sudden loss of accounts that somebody accepted for one audit, with the reason given."""

    __tablename__ = "accepted_drop"

    audit: int = Field(primary_key=True, foreign_key="audit.id")
    system: str = Field(primary_key=True)
    before: int
    missing: int
    now: int
    reason: str

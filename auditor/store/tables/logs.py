"""What the systems' own records of changes told, and how they were read."""

from typing import Annotated

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from auditor.store import forms
from auditor.store.forms import one_of
from auditor.store.tables.columns import At, Flag, Instant, Names
from connectors.audit_log import LogKind


class LogReadRow(SQLModel, table=True):
    """How the record of changes of one system was read in one audit, and what of it could not be."""

    __tablename__ = "log_read"

    audit: int = Field(primary_key=True, foreign_key="audit.id")
    system: str = Field(primary_key=True)
    source: str
    read_at: Instant
    covers_from: Instant | None = None
    covers: Names
    clock_low: Annotated[int | None, forms.LASTING] = None
    clock_high: Annotated[int | None, forms.LASTING] = None
    clock_by: str | None = None
    gaps: Names
    lives_on: Names
    doubted: Names
    reason: str | None = None
    hint: str | None = None


class LogEventRow(SQLModel, table=True):
    """One change of access as a system's own record tells it; recorded by the first audit that read it."""

    __tablename__ = "log_event"
    __table_args__ = (Index("ix_log_event_record", "system", "account", "record_id"),)

    audit: int = Field(primary_key=True, foreign_key="audit.id")
    n: int = Field(primary_key=True)
    system: str
    account: str
    kind: Annotated[str, one_of(LogKind)]
    at: Instant
    resolution: Annotated[int, forms.LASTING]
    record_source: Annotated[str, At("record.source")]
    record_id: Annotated[str, At("record.id")]
    sha256: str
    entitlement: str | None = None
    actor: str | None = None
    host: str | None = None
    last_only: Flag
    upper_bound: Flag
    changes: int | None = None
    expires: Instant | None = None

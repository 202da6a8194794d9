"""Orders: history while they are open, and how each ended."""

from typing import Annotated

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from auditor.snapshot import OrderCause, OrderEnding, OrderKind
from auditor.store.forms import one_of
from auditor.store.tables.columns import At, Instant, IntervalRow, indexes


class WorkOrderRow(IntervalRow, table=True):
    """An order while it was open: from the audit that opened it to the audit that found it done, or not called for."""

    __tablename__ = "work_order"
    __table_args__ = (*indexes("work_order"), Index("ix_work_order_work_order", "work_order"))

    work_order: Annotated[str, At("id")]
    kind: Annotated[str, one_of(OrderKind)]
    cause: Annotated[str, one_of(OrderCause)]
    vma: str
    system: str
    account: str
    entitlement: str
    login: str
    name: str
    since: Instant


class OrderEndRow(SQLModel, table=True):
    """The end of an order, with what shows it; recorded with the audit that found it."""

    __tablename__ = "order_end"

    audit: int = Field(primary_key=True, foreign_key="audit.id")
    work_order: Annotated[str, At("order")] = Field(primary_key=True)
    ending: Annotated[str, one_of(OrderEnding)]
    proof: str
    earliest: Instant
    latest: Instant
    source: str | None = None
    record: str | None = None
    sha256: str | None = None
    actor: str | None = None

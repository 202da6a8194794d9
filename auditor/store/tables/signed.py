"""What was signed, as its bytes: entries of the ledger, statements of people, notices."""

from typing import Annotated

from sqlmodel import Field, SQLModel

from auditor.ledger.notices import NoticeEvent
from auditor.store.forms import one_of
from auditor.store.tables.columns import At, Instant


class StatementRow(SQLModel, table=True):
    """What a person states (`auditor.ledger.statements`), as the bytes that were signed."""

    __tablename__ = "statement"

    statement: str = Field(primary_key=True)
    practice: str = Field(index=True)
    body: str
    signature: str
    audit: int | None = Field(default=None, foreign_key="audit.id", index=True)
    """The audit whose ledger entry covers it; null until the next one."""


class NoticeRow(SQLModel, table=True):
    """Something that happened with a notice or a key (`auditor.ledger.notices`), with an entry of its own."""

    __tablename__ = "notice"

    id: int | None = Field(default=None, primary_key=True)
    practice: Annotated[str, At("party")] = Field(index=True)
    at: Instant
    event: Annotated[str, one_of(NoticeEvent)]
    about: str = Field(index=True)
    outcome: str
    detail: str
    file: str | None = None


class LedgerRow(SQLModel, table=True):
    """One entry of the ledger, as bytes: the body is never written again from its parts."""

    __tablename__ = "ledger"

    n: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    body: str
    hash: str
    signature: str

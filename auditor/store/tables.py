"""
The tables of the store.

History is kept as intervals: a row is true from the audit `from_audit` until, but not at, the audit `to_audit`; null
means that it is still true. What stays the same from one audit to the next is stored once.

Values are stored as the ledger hashes them: instants and days as text, lists as canonical JSON, nothing as a float.
"""

from sqlalchemy import Index, Table, text
from sqlmodel import Field, SQLModel

from auditor.ledger.entries import KEYS

# Tables are looked up by their names, and statements are SQLAlchemy Core: 200,000 grants are no place for objects.


class AuditRow(SQLModel, table=True):
    """One audit; recorded once, never changed."""

    __tablename__ = "audit"

    id: int | None = Field(default=None, primary_key=True)
    practice: str = Field(index=True)
    at: str
    tool_version: str
    policy_digest: str
    result_digest: str
    exit_code: int
    headline: str
    counts: str


class CollectionRow(SQLModel, table=True):
    """How one system was read in one audit, and why that was or was not the whole of it."""

    __tablename__ = "collection"

    audit: int = Field(primary_key=True, foreign_key="audit.id")
    system: str = Field(primary_key=True)
    complete: bool
    source: str
    as_of: str
    evidence: str
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


class StatementRow(SQLModel, table=True):
    """What a person states (`auditor.ledger.statements`), as the bytes that were signed."""

    __tablename__ = "statement"

    statement: str = Field(primary_key=True)
    practice: str = Field(index=True)
    body: str
    signature: str
    audit: int | None = Field(default=None, foreign_key="audit.id", index=True)
    """The audit whose ledger entry covers it; null until the next one."""


class LedgerRow(SQLModel, table=True):
    """One entry of the ledger, as bytes: the body is never written again from its parts."""

    __tablename__ = "ledger"

    n: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    body: str
    hash: str
    signature: str


class _Interval(SQLModel):
    id: int | None = Field(default=None, primary_key=True)
    practice: str
    from_audit: int = Field(foreign_key="audit.id")
    to_audit: int | None = Field(default=None, foreign_key="audit.id")


def _indexes(table: str) -> tuple[Index, ...]:
    """Make what is true now quick to find and impossible to store twice, and what one audit changed quick to verify."""
    return (
        Index(f"ix_{table}_now", "practice", *KEYS[table], unique=True, sqlite_where=text("to_audit IS NULL")),
        Index(f"ix_{table}_from", "from_audit"),
        Index(f"ix_{table}_to", "to_audit", sqlite_where=text("to_audit IS NOT NULL")),
    )


class AccountRow(_Interval, table=True):
    """An account, without its last sign-in."""

    __tablename__ = "account"
    __table_args__ = _indexes("account")

    system: str
    account: str
    login: str
    name: str
    status: str
    email: str | None = None
    employee_id: str | None = None
    created: str | None = None
    last_login_lag_days: int
    mfa: bool | None = None
    expires: str | None = None
    service: bool


class SignInRow(_Interval, table=True):
    """The last sign-in of an account, apart because it changes every day; no row where the source does not say."""

    __tablename__ = "sign_in"
    __table_args__ = _indexes("sign_in")

    system: str
    account: str
    last_login: str


class OwnerRow(_Interval, table=True):
    """To whom an account belongs."""

    __tablename__ = "owner"
    __table_args__ = _indexes("owner")

    system: str
    account: str
    people: str
    kind: str | None = None
    reason: str


class EntitlementRow(_Interval, table=True):
    """Something that can be held in a system."""

    __tablename__ = "entitlement"
    __table_args__ = _indexes("entitlement")

    system: str
    entitlement: str
    name: str
    kind: str
    aliases: str
    document: str | None = None
    container: bool


class GrantRow(_Interval, table=True):
    """An account holds an entitlement."""

    __tablename__ = "grant"
    __table_args__ = _indexes("grant")

    system: str
    account: str
    entitlement: str
    path: str


class EngagementRow(_Interval, table=True):
    """A VMA on the roster: the person and the engagement, which are one line of it."""

    __tablename__ = "engagement"
    __table_args__ = _indexes("engagement")

    vma: str
    name: str
    email: str | None = None
    kind: str
    logins: str
    owner: str | None = None
    agency: str | None = None
    employment: str
    roles: str
    start: str
    end: str | None = None
    locations: str
    hours: str | None = None
    on_leave: bool


class PeriodRow(_Interval, table=True):
    """Another engagement of a VMA on the roster, past or to come, beside the one that counts (`EngagementRow`)."""

    __tablename__ = "period"
    __table_args__ = _indexes("period")

    vma: str
    start: str
    end: str | None = None
    agency: str | None = None
    employment: str
    roles: str
    locations: str
    hours: str | None = None
    on_leave: bool


class FindingRow(_Interval, table=True):
    """A finding, from the audit that made it to the audit that found it gone."""

    __tablename__ = "finding"
    __table_args__ = (*_indexes("finding"), Index("ix_finding_finding", "finding"))

    finding: str
    rule: str
    severity: str
    subject_kind: str
    subject_id: str
    subject_name: str
    system: str | None = None
    what: str
    title: str
    observed: str
    expected: str
    remedy: str
    path: str
    citations: str
    since: str | None = None
    vma: str | None = None


class TermRow(_Interval, table=True):
    """An agreement, a role template or a system that the audits went by (`auditor.drift.policy_terms`)."""

    __tablename__ = "term"
    __table_args__ = _indexes("term")

    kind: str
    term: str
    body: str


METADATA = SQLModel.metadata
"""Of all tables; for the migrations."""


def table_of(name: str) -> Table:
    """Return a table by its name."""
    return METADATA.tables[name]


def columns_of(name: str) -> tuple[str, ...]:
    """Return the columns of an interval table that hold facts, those that name the thing first."""
    keys = KEYS[name]
    others = (
        c.name for c in table_of(name).columns if c.name not in ("id", "practice", "from_audit", "to_audit", *keys)
    )
    return (*keys, *others)

"""
The tables of the store: the one declaration of each record, from which its columns and both codecs follow.

History is kept as intervals: a row is true from the audit `from_audit` until, but not at, the audit `to_audit`; null
means that it is still true. What stays the same from one audit to the next is stored once.

A column says how its value is written (`auditor.store.forms`; text and numbers stand as they are). It holds the field
of its name, of the record or of one within it, or the field that it says (`At`). `auditor.store.records` says of which
record.
"""

from dataclasses import dataclass
from typing import Annotated

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from auditor.ledger.entries import KEYS
from auditor.ledger.notices import NoticeEvent
from auditor.snapshot import OrderCause, OrderEnding, OrderKind
from auditor.store import forms
from auditor.store.forms import one_of
from auditor.store.partial import where
from connectors.audit_log import LogKind
from connectors.facts import Employment, EntitlementKind, PersonKind, Status
from policies.engine.outcomes import Severity


@dataclass(frozen=True)
class At:
    """The fields of the record that a column holds, `system.id` for one of a record within; all say the same."""

    paths: tuple[str, ...]

    def __init__(self, *paths: str) -> None:
        object.__setattr__(self, "paths", paths)


Names = Annotated[str, forms.NAMES]
Flag = Annotated[bool, forms.FLAG]
Instant = Annotated[str, forms.INSTANT]
Day = Annotated[str, forms.DAY]


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
    __table_args__ = (Index("ix_log_event_account", "system", "account"),)

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


class IntervalRow(SQLModel):
    """What every row of the history has."""

    id: int | None = Field(default=None, primary_key=True)
    practice: str
    from_audit: int = Field(foreign_key="audit.id")
    to_audit: int | None = Field(default=None, foreign_key="audit.id")


def _indexes(table: str) -> tuple[Index, ...]:
    """Make what is true now quick to find and impossible to store twice, and what one audit changed quick to verify."""
    return (
        Index(f"ix_{table}_now", "practice", *KEYS[table], unique=True, **where("to_audit IS NULL")),
        Index(f"ix_{table}_from", "from_audit"),
        Index(f"ix_{table}_to", "to_audit", **where("to_audit IS NOT NULL")),
    )


class AccountRow(IntervalRow, table=True):
    """An account, without its last sign-in."""

    __tablename__ = "account"
    __table_args__ = _indexes("account")

    system: str
    account: Annotated[str, At("id")]
    login: str
    name: str
    status: Annotated[str, one_of(Status)]
    email: str | None = None
    employee_id: str | None = None
    created: Instant | None = None
    last_login_lag_days: int
    mfa: Flag | None = None
    expires: Instant | None = None
    service: Flag


class SignInRow(IntervalRow, table=True):
    """The last sign-in of an account, apart because it changes every day; no row where the source does not say."""

    __tablename__ = "sign_in"
    __table_args__ = _indexes("sign_in")

    system: str
    account: str
    last_login: Annotated[str, forms.SIGN_IN]


class OwnerRow(IntervalRow, table=True):
    """To whom an account belongs."""

    __tablename__ = "owner"
    __table_args__ = _indexes("owner")

    system: str
    account: str
    people: Names
    kind: Annotated[str | None, one_of(PersonKind)] = None
    reason: str


class EntitlementRow(IntervalRow, table=True):
    """Something that can be held in a system."""

    __tablename__ = "entitlement"
    __table_args__ = _indexes("entitlement")

    system: str
    entitlement: Annotated[str, At("id")]
    name: str
    kind: Annotated[str, one_of(EntitlementKind)]
    aliases: Names
    document: str | None = None
    container: Flag


class GrantRow(IntervalRow, table=True):
    """An account holds an entitlement."""

    __tablename__ = "grant"
    __table_args__ = _indexes("grant")

    system: str
    account: str
    entitlement: str
    path: Names


class EngagementRow(IntervalRow, table=True):
    """A VMA on the roster: the person and the engagement, which are one line of it."""

    __tablename__ = "engagement"
    __table_args__ = _indexes("engagement")

    vma: Annotated[str, At("person.id", "engagement.vma")]
    name: str
    email: str | None = None
    kind: Annotated[str, one_of(PersonKind)]
    logins: Annotated[str, forms.LOGINS]
    owner: str | None = None
    agency: str | None = None
    employment: Annotated[str, one_of(Employment)]
    roles: Names
    start: Day
    end: Day | None = None
    locations: Names
    hours: Annotated[str | None, forms.HOURS] = None
    on_leave: Flag


class PeriodRow(IntervalRow, table=True):
    """Another engagement of a VMA on the roster, past or to come, beside the one that counts (`EngagementRow`)."""

    __tablename__ = "period"
    __table_args__ = _indexes("period")

    vma: str
    start: Day
    end: Day | None = None
    agency: str | None = None
    employment: Annotated[str, one_of(Employment)]
    roles: Names
    locations: Names
    hours: Annotated[str | None, forms.HOURS] = None
    on_leave: Flag


class FindingRow(IntervalRow, table=True):
    """A finding, from the audit that made it to the audit that found it gone."""

    __tablename__ = "finding"
    __table_args__ = (*_indexes("finding"), Index("ix_finding_finding", "finding"))

    finding: Annotated[str, At("id")]
    rule: str
    severity: Annotated[str, one_of(Severity)]
    subject_kind: Annotated[str, At("finding.subject.kind")]
    subject_id: Annotated[str, At("finding.subject.id")]
    subject_name: Annotated[str, At("finding.subject.name")]
    system: str | None = None
    what: str
    title: str
    observed: str
    expected: str
    remedy: str
    path: Annotated[str, forms.STEPS]
    citations: Annotated[str, forms.CITATIONS]
    since: Day | None = None
    vma: str | None = None


class PolicyRow(IntervalRow, table=True):
    """An agreement, a role template, a system or an installed rule that the audits went by (`auditor.store.policy`)."""

    __tablename__ = "term"
    __table_args__ = _indexes("term")

    kind: str
    term: str
    body: str


class WorkOrderRow(IntervalRow, table=True):
    """An order while it was open: from the audit that opened it to the audit that found it done, or not called for."""

    __tablename__ = "work_order"
    __table_args__ = (*_indexes("work_order"), Index("ix_work_order_work_order", "work_order"))

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


METADATA = SQLModel.metadata
"""Of all tables; for the migrations."""

"""Which record stands in which table, and what of a snapshot is such a record."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from auditor.ledger.entries import instant
from auditor.ledger.notices import NoticeRecord
from auditor.snapshot import AcceptedDrop, AuditSummary, OrderEnd, Snapshot, WorkOrder
from auditor.store import tables
from auditor.store.policy import PolicyTerm, terms_of
from auditor.store.record import StoredRecord
from connectors.audit_log import DoubtedEvent, LogAnswer, LogEvent, LogUnread
from connectors.facts import (
    Account,
    Collection,
    Complete,
    Engagement,
    Entitlement,
    Evidence,
    Grant,
    Never,
    Partial,
    Person,
)
from policies.engine.case import Owner
from policies.engine.outcomes import Finding


@dataclass(frozen=True, slots=True)
class SystemRead:
    """How one system was read in one audit."""

    system: str
    complete: bool
    source: str
    as_of: datetime
    evidence: tuple[Evidence, ...]
    """What the source told of its being whole."""
    reason: str | None
    """Why it is not whole."""
    hint: str | None
    accounts: int

    @classmethod
    def of(cls, system: str, c: Collection) -> "SystemRead":
        """Return what is kept of a collection beside its facts."""
        said = c.completeness
        evidence = said.evidence if isinstance(said, Complete) else ()
        why = said if isinstance(said, Partial) else None
        return cls(
            system=system,
            complete=c.complete,
            source=c.source,
            as_of=c.as_of,
            evidence=evidence,
            reason=None if why is None else why.reason,
            hint=None if why is None else why.hint,
            accounts=len(c.accounts),
        )

    @property
    def partial(self) -> Partial | None:
        """Why it is not whole; `None` where it is."""
        return None if self.complete else Partial(self.reason or "", self.hint or "")


@dataclass(frozen=True, slots=True)
class SignIn:
    """When an account was used last, as far as its system says."""

    system: str
    account: str
    last_login: datetime | Never


@dataclass(frozen=True, slots=True)
class OwnedAccount:
    """Whose an account is."""

    system: str
    account: str
    owner: Owner


@dataclass(frozen=True, slots=True)
class SystemGrant:
    """A grant, and the system in which it is."""

    system: str
    grant: Grant


@dataclass(frozen=True, slots=True)
class RosterLine:
    """A VMA with the engagement that counts."""

    person: Person
    engagement: Engagement


@dataclass(frozen=True, slots=True)
class KnownFinding:
    """A finding by its identity."""

    id: str
    finding: Finding


@dataclass(frozen=True, slots=True)
class LogRead:
    """How the record of changes of one system was read in one audit; `reason`: why it was not."""

    system: str
    source: str
    read_at: datetime
    covers_from: datetime | None
    """Since when the record had no gap, by its own word."""
    covers: tuple[str, ...]
    """The kinds of changes that it would have shown (`connectors.audit_log.LogKind`)."""
    clock_low: timedelta | None
    """By how much its clock was ahead of ours, at least; `None`: nobody could ask it."""
    clock_high: timedelta | None
    clock_by: str | None
    gaps: tuple[str, ...]
    lives_on: tuple[str, ...]
    doubted: tuple[str, ...]
    """What it told and could not be believed, in words."""
    reason: str | None = None
    hint: str | None = None

    @classmethod
    def of(cls, answer: LogAnswer | LogUnread) -> "LogRead":
        """Return what is kept of an answer beside its events."""
        if isinstance(answer, LogUnread):
            nothing = (None, (), None, None, None, (), (), ())
            return cls(answer.system, "", answer.read_at, *nothing, answer.reason, answer.hint or None)
        clock = answer.clock
        return cls(
            system=answer.system,
            source=answer.source,
            read_at=answer.read_at,
            covers_from=answer.covers_from,
            covers=tuple(sorted(answer.covers)),
            clock_low=None if clock is None else timedelta(seconds=clock.low),
            clock_high=None if clock is None else timedelta(seconds=clock.high),
            clock_by=None if clock is None else clock.by,
            gaps=answer.gaps,
            lives_on=answer.lives_on,
            doubted=tuple(told_doubt(one) for one in answer.doubted),
        )


def told_doubt(one: DoubtedEvent) -> str:
    """Say which event is not believed, and why."""
    event = one.event
    return f"{event.record.source} {event.record.id}: {event.kind} of {event.account} at {instant(event.at)}: {one.why}"


AUDIT = StoredRecord(
    tables.AuditRow, AuditSummary, given=("id",), unread=("tool_version", "policy_digest", "result_digest")
)
COLLECTION = StoredRecord(tables.CollectionRow, SystemRead, outside=("audit",))
ACCEPTED_DROP = StoredRecord(tables.AcceptedDropRow, AcceptedDrop, outside=("audit",))
LOG_READ = StoredRecord(tables.LogReadRow, LogRead, outside=("audit",))
LOG_EVENT = StoredRecord(tables.LogEventRow, LogEvent, outside=("audit", "n"))
ACCOUNT = StoredRecord(tables.AccountRow, Account, elsewhere=("last_login",))
SIGN_IN = StoredRecord(tables.SignInRow, SignIn)
OWNER = StoredRecord(tables.OwnerRow, OwnedAccount)
ENTITLEMENT = StoredRecord(tables.EntitlementRow, Entitlement)
GRANT = StoredRecord(tables.GrantRow, SystemGrant)
ENGAGEMENT = StoredRecord(tables.EngagementRow, RosterLine)
PERIOD = StoredRecord(tables.PeriodRow, Engagement)
FINDING = StoredRecord(tables.FindingRow, KnownFinding)
POLICY = StoredRecord(tables.PolicyRow, PolicyTerm)
NOTICE = StoredRecord(tables.NoticeRow, NoticeRecord, given=("id",))
WORK_ORDER = StoredRecord(tables.WorkOrderRow, WorkOrder)
ORDER_END = StoredRecord(tables.OrderEndRow, OrderEnd, outside=("audit",))


def held(snapshot: Snapshot) -> Iterator[tuple[StoredRecord[Any], Iterable[Any]]]:
    """Yield every kind of record of the history with what a snapshot holds of it, in a stable order."""
    yield ACCOUNT, (account for _, account in sorted(snapshot.accounts.items()))
    yield SIGN_IN, _sign_ins(snapshot)
    yield OWNER, (OwnedAccount(*key, owner) for key, owner in sorted(snapshot.owners.items()))
    yield ENTITLEMENT, (entitlement for _, entitlement in sorted(snapshot.entitlements.items()))
    yield GRANT, (SystemGrant(*one) for one in sorted(snapshot.grants, key=_grant))
    yield ENGAGEMENT, (RosterLine(snapshot.people[vma], e) for vma, e in sorted(snapshot.engagements.items()))
    yield PERIOD, sorted(snapshot.others, key=_period)
    yield FINDING, (KnownFinding(id_, finding) for id_, finding in sorted(snapshot.findings.items()))
    yield POLICY, terms_of(snapshot.policy)
    yield WORK_ORDER, (order for _, order in sorted(snapshot.orders.items()))


def _sign_ins(snapshot: Snapshot) -> Iterator[SignIn]:
    for key, account in sorted(snapshot.accounts.items()):
        if account.last_login is not None:
            yield SignIn(*key, account.last_login)


def _grant(one: tuple[str, Grant]) -> tuple[str, str, str, tuple[str, ...]]:
    system, grant = one
    return system, grant.account, grant.entitlement, grant.path


def _period(e: Engagement) -> tuple[str, date]:
    return e.vma, e.start

"""What `auditor drift` tells a machine: the fields are the public keys, in their order, but for those in `KEYS`."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from auditor.drift.attribution import AccessSums, AttributedChange, Cause, DriftReport, NotDone
from auditor.drift.change import ChangeKind
from auditor.drift.moments import Moments
from auditor.figures.owed import Owed
from auditor.headcount.events import EventKind
from auditor.instants.instant import Instant
from auditor.instants.unseen import UnseenAccess
from auditor.reporting.lag_data import OwedData, owed_data
from auditor.snapshot import AuditSummary
from policies.engine.case import Case
from policies.vocabulary import Vocabulary
from reports.as_json import Keys


@dataclass(frozen=True, slots=True)
class AuditData:
    """One of the two audits."""

    audit: int
    at: datetime


@dataclass(frozen=True, slots=True)
class EventData:
    """What happened to the engagement of a VMA."""

    vma: str
    kind: EventKind
    detail: str


@dataclass(frozen=True, slots=True)
class ControlEventData:
    """What happened to an agreement, a template, a rule or a system."""

    about: str
    kind: EventKind
    detail: str


@dataclass(frozen=True, slots=True)
class ChangeData:
    """One change of access with its one cause."""

    kind: ChangeKind
    system: str
    login: str
    people: tuple[str, ...]
    assignment: str | None
    cause: Cause
    by: str
    note: str


@dataclass(frozen=True, slots=True)
class DatedChangeData(ChangeData):
    """One change, with when it took effect by the system's own record; `None` where only the two audits tell."""

    instant: Instant | None


@dataclass(frozen=True, slots=True)
class NotDoneData:
    """What an event called for and nobody did."""

    vma: str
    event: EventKind
    system: str
    login: str
    what: str


@dataclass(frozen=True, slots=True)
class SumsData:
    """One VMA in one system: the sums of all changes, and the capabilities by id."""

    vma: str
    system: str
    accounts: int
    entitlements: int
    gained: tuple[str, ...]
    lost: tuple[str, ...]
    phi_gained: tuple[str, ...]
    phi_lost: tuple[str, ...]
    by_cause: Mapping[Cause, int]


@dataclass(frozen=True, slots=True)
class UnseenData:
    """What came and went again between two audits."""

    system: str
    account: str
    entitlement: str | None
    """What was held meanwhile; none: the account could be used at all."""
    began: datetime
    """The earliest that its record can mean."""
    ended: datetime
    """The latest that its record can mean."""
    given_by: str | None
    taken_by: str | None
    records: tuple[str, str]
    """Of the beginning and of the end."""


@dataclass(frozen=True, slots=True)
class DriftData:
    """The whole answer."""

    first: AuditData
    last: AuditData
    events: tuple[EventData, ...]
    control_events: tuple[ControlEventData, ...]
    changes: Mapping[str, int]
    """How many there are by cause, and in `total`."""
    told: tuple[DatedChangeData, ...]
    unseen: tuple[UnseenData, ...]
    """What came and went again between the two audits, by the systems' own records."""
    not_done: tuple[NotDoneData, ...]
    owed: tuple[NotDoneData, ...]
    """The name that `not_done` had first: it stays for whoever reads it."""
    owed_now: tuple[OwedData, ...]
    outside_offboarding: tuple[ChangeData, ...]
    not_read: Mapping[str, str]
    """The reason, by system."""
    by_vma_and_system: tuple[SumsData, ...]


KEYS: Keys = {DriftData: {"first": "from", "last": "to"}}
"""Public keys that are no names of fields."""


def drift_data(
    result: DriftReport,
    first: AuditSummary,
    last: AuditSummary,
    case: Case,
    owed: Sequence[Owed],
    *,
    moments: Moments,
) -> DriftData:
    """Return a comparison for a machine; `case` and what is `owed` are those of the later audit."""
    not_done, counts = tuple(_not_done(o) for o in result.not_done), Counter(t.cause for t in result.attributed)
    return DriftData(
        first=AuditData(first.id, first.at),
        last=AuditData(last.id, last.at),
        events=tuple(EventData(e.vma, e.kind, e.detail) for e in result.events if e.vma),
        control_events=tuple(ControlEventData(e.about, e.kind, e.detail) for e in result.events if not e.vma),
        changes={"total": len(result.attributed), **{cause: counts[cause] for cause in Cause}},
        told=tuple(DatedChangeData(*_change(t), moments.of(t.change)) for t in result.attributed),
        unseen=tuple(_unseen(one) for one in moments.unseen()),
        not_done=not_done,
        owed=not_done,
        owed_now=tuple(owed_data(one) for one in owed),
        outside_offboarding=tuple(ChangeData(*_change(t)) for t in result.outside_offboarding),
        not_read={system: partial.reason for system, partial in result.not_read.items()},
        by_vma_and_system=tuple(_sums(line, case.policy.vocabulary) for line in result.lines),
    )


def _unseen(one: UnseenAccess) -> UnseenData:
    began, ended = one.began, one.ended
    return UnseenData(
        one.system,
        one.account,
        one.entitlement,
        began.at,
        ended.at + ended.resolution,
        began.actor,
        ended.actor,
        (f"{began.record.source} {began.record.id}", f"{ended.record.source} {ended.record.id}"),
    )


def _change(
    told: AttributedChange,
) -> tuple[ChangeKind, str, str, tuple[str, ...], str | None, Cause, str, str]:
    one = told.change
    return one.kind, one.system, one.login, one.people, one.assignment, told.cause, told.by, told.note


def _not_done(one: NotDone) -> NotDoneData:
    return NotDoneData(one.event.vma, one.event.kind, one.system, one.login, one.what)


def _sums(line: AccessSums, words: Vocabulary) -> SumsData:
    return SumsData(
        vma=line.vma,
        system=line.system,
        accounts=line.accounts,
        entitlements=line.entitlements,
        gained=words.names(line.gained),
        lost=words.names(line.lost),
        phi_gained=line.phi_gained,
        phi_lost=line.phi_lost,
        by_cause=line.by_cause,
    )

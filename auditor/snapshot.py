"""What was true at one audit: the unit that the store keeps, that drift compares, and that the ledger vouches for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from connectors.facts import Account, Collection, Engagement, Entitlement, Grant, Person
from policies.agreements.register import Agreement
from policies.engine.case import AccountKey, Owner
from policies.engine.outcomes import Finding


@dataclass(frozen=True, slots=True)
class TemplateTerms:
    """What a role template said: ids of capabilities, in their order."""

    requires: tuple[str, ...]
    allows: tuple[str, ...]
    never: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SystemTerms:
    """What was configured of a system."""

    title: str
    product: str
    holds_phi: bool


@dataclass(frozen=True, slots=True)
class PolicySnapshot:
    """What an audit went by, each by its id; nothing at all in an audit older than its table."""

    agreements: Mapping[str, Agreement] = field(default_factory=dict)
    templates: Mapping[str, TemplateTerms] = field(default_factory=dict)
    systems: Mapping[str, SystemTerms] = field(default_factory=dict)
    rules: Mapping[str, str] = field(default_factory=dict)
    """By id of each rule that is not shipped: the package that offered it, with its version."""

    @property
    def kept(self) -> bool:
        """Whether the audit kept what it went by."""
        return bool(self.agreements or self.templates or self.systems)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """
    The facts and the open findings at one instant.

    Of a system that was not read whole, a snapshot from the store holds what the last complete read saw; a snapshot of
    the present holds nothing.
    """

    people: Mapping[str, Person]
    """VMAs on the roster, by id."""
    engagements: Mapping[str, Engagement]
    """By VMA id, the one that counted then."""
    accounts: Mapping[AccountKey, Account]
    owners: Mapping[AccountKey, Owner]
    entitlements: Mapping[AccountKey, Entitlement]
    """By (system id, entitlement id)."""
    grants: frozenset[tuple[str, Grant]]
    """(system id, grant)."""
    findings: Mapping[str, Finding]
    """Open findings, by identity."""
    policy: PolicySnapshot = field(default_factory=PolicySnapshot)
    """What the audit went by (`auditor.drift.policy_snapshot`)."""
    others: tuple[Engagement, ...] = ()
    """The other engagements that the roster had, past and to come, in the order of ids and days; none in an audit older
    than this table, which kept only the one that counted."""
    known: frozenset[str] = field(default=frozenset(), compare=False)
    """Systems that this audit, or one before it, had read whole: one without accounts here was empty then."""

    @property
    def rows(self) -> tuple[Engagement, ...]:
        """Every engagement that the roster had, in the order of ids and days."""
        return tuple(sorted((*self.engagements.values(), *self.others), key=lambda e: (e.vma, e.start)))


@dataclass(frozen=True, slots=True)
class AuditSummary:
    """One audit in the store."""

    id: int
    practice: str
    at: datetime
    exit_code: int
    headline: str
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Stored:
    """One audit with everything that was true then."""

    audit: AuditSummary
    snapshot: Snapshot
    first_seen: Mapping[str, datetime]
    """By identity of each open finding: the instant of the first audit that ever found it."""


@dataclass(frozen=True, slots=True)
class AcceptedDrop:
    """Somebody accepted that a system suddenly has fewer accounts; recorded with the audit that used it."""

    system: str
    before: int
    missing: int
    now: int
    reason: str


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """One audit to be saved, whole or not at all."""

    practice: str
    at: datetime
    tool_version: str
    policy_digest: str
    result_digest: str
    """SHA-256 of the canonical JSON of everything that was judged."""
    exit_code: int
    headline: str
    counts: Mapping[str, int]
    collections: Mapping[str, Collection]
    snapshot: Snapshot
    keep_open: frozenset[str]
    """Identities of findings that were open and could not be judged again: they stay open."""
    accepted_drops: tuple[AcceptedDrop, ...] = field(default=())

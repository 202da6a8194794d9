"""What was true at one audit: the unit that the store keeps, that drift compares, and that the ledger vouches for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from connectors.audit_log import LogAnswer, LogUnread
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


class OrderKind(StrEnum):
    """What an order asks somebody to do."""

    DISABLE = "disable"
    REMOVE = "remove"
    """Take away one entitlement that was given to the account."""
    OPEN = "open"
    """Make the account that a person needs in a system where they have none."""
    GRANT = "grant"


class OrderCause(StrEnum):
    """What calls for an order, in the words of headcount."""

    LEFT = "left"
    ROLE_CHANGED = "role-changed"
    JOINED = "joined"
    REVIEW = "review"
    """A reviewer decided that it goes (`auditor.review`)."""


@dataclass(frozen=True, slots=True)
class WorkOrder:
    """One thing to do in one system for one account, while it is to be done."""

    id: str
    """Stable for ever (`auditor.orders.identity`)."""
    kind: OrderKind
    cause: OrderCause
    vma: str
    system: str
    account: str
    """Native id; empty where the account is still to be made."""
    entitlement: str
    """Native id of what is to go or to come; for an account to be made, empty."""
    login: str
    """As it was last seen; what may change stands in no identity."""
    name: str
    """Of the entitlement, or of those that a new account is to get."""
    since: datetime
    """From when its clock runs."""


class OrderEnding(StrEnum):
    """How an order ended."""

    DONE = "done"
    """Shown by a whole read after it, or by the system's own record."""
    NOT_CALLED_FOR = "no longer called for"
    """Nothing was done: the roster, or what is known of whose the account is, asks for it no more."""


@dataclass(frozen=True, slots=True)
class OrderEnd:
    """The end of one order, recorded with the audit that found it."""

    order: str
    ending: OrderEnding
    proof: str
    """What shows it, in words."""
    earliest: datetime
    """It was done no earlier than this, in our time."""
    latest: datetime
    """And no later than this."""
    source: str | None = None
    """The system's own record that says so, where there is one: which, its id there, and SHA-256 of its bytes."""
    record: str | None = None
    sha256: str | None = None
    actor: str | None = None
    """Who did it, as the system names them."""


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
    orders: Mapping[str, WorkOrder] = field(default_factory=dict)
    """Open orders, by id."""
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
    order_ends: tuple[OrderEnd, ...] = ()
    """The orders that were open at the audit before and are no longer."""
    logs: Mapping[str, LogAnswer | LogUnread] = field(default_factory=dict)
    """By system: what its own record of changes says; none of a system that keeps none that is read."""

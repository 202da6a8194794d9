"""
What is kept of an access review: the campaign, its questions and items, and everything that was decided.

All but `ReviewState` and `ReviewProgress` is written once and never changed: a delegation, an undone decision or a
closed question is a further record. The ledger's seals are taken over those (`auditor.ledger.seals`); the two others
can be worked out of them again, and are there so that no page has to.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class ReviewScope(StrEnum):
    """Whose access a campaign is about."""

    ALL = "all"
    """Every account of the VMAs, of nobody, of services and vendors, and every privileged one."""
    PRIVILEGED = "privileged"
    EVENT = "event"
    """Only what a headcount event touched."""


class QuestionKind(StrEnum):
    """What is asked, the gravest first: an item that several could ask about is asked about by the first."""

    LEFT = "left"
    """Somebody left, and accounts still work."""
    NOT_STARTED = "not-started"
    FORBIDDEN = "forbidden"
    SEPARATION = "separation"
    """Two duties that no one person may hold together."""
    NOBODY = "nobody"
    """An account of nobody."""
    DOOR = "door"
    """A way in for somebody outside the roster."""
    PRIVILEGED = "privileged"
    EXCESS = "excess"
    UNCLASSIFIED = "unclassified"
    """No catalog knows what it lets a person do."""
    SHARED = "shared"
    UNSPLIT = "unsplit"
    """More than the role needs, that the product cannot give apart."""
    DORMANT = "dormant"
    SERVICE = "service"
    """An account of a service or a vendor: is it still needed, and who answers for it?"""
    FINDING = "finding"
    """Another finding about access that somebody must answer."""
    EXPLAINED = "explained"
    """Everything that the role explains, confirmed at once."""


class Advice(StrEnum):
    """What the tool advises; it never decides, and never stands selected."""

    KEEP = "keep"
    REMOVE = "remove"
    CHANGE = "change"
    EXCEPTION = "exception"
    ASK = "ask"
    """Ask whoever knows: nothing that was read speaks for keeping it."""


class DecisionKind(StrEnum):
    """What a reviewer decided."""

    KEEP = "keep"
    REMOVE = "remove"
    CHANGE = "change"
    EXCEPTION = "exception"
    UNDONE = "undone"
    """An earlier decision was taken back before the reviewer signed."""


class HeldThen(StrEnum):
    """Whether an item was held at some moment."""

    HELD = "held"
    NOT_HELD = "not held"
    NOT_KNOWN = "not known"
    """The system was not read whole then, or no audit is as old."""


class ReviewEventKind(StrEnum):
    """What happened in a campaign beside decisions."""

    DELEGATED = "delegated"
    ESCALATED = "escalated"
    REMINDED = "reminded"
    ADDED = "added"
    """A question came after the opening, with the reason."""
    CLOSED = "closed"
    """A question closed by proof: the systems show that nothing of it is left."""
    CHECK_DISCLOSED = "check-disclosed"
    NOTED = "noted"


class SealKind(StrEnum):
    """What a seal was made for."""

    OPENED = "opened"
    SIGNED = "signed"
    """A reviewer signed the own decisions."""
    CLOSED = "closed"
    AMENDED = "amended"
    """Something was decided anew after the signature or the close; the earlier decision stays."""


@dataclass(frozen=True, slots=True)
class AcceptedUnread:
    """A system that was not read whole, over which a campaign was opened all the same."""

    system: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Campaign:
    """One review of a frozen population."""

    id: str
    """`R-` and 10 letters and digits."""
    practice: str
    name: str
    scope: ReviewScope
    period_from: date
    period_to: date
    opened_at: datetime
    opened_by: str
    prepared_by: str
    """Who prepared it: decides nothing in it."""
    due: date
    audit: int
    """The audit whose facts it froze."""
    audit_before: int | None
    """The audit that tells the state at the start of the period; `None`: no audit is as old."""
    population_digest: str
    """SHA-256 over the items, as canonical JSON in their order."""
    roster_digest: str
    policy_digest: str
    accepted: tuple[AcceptedUnread, ...]
    unread: tuple[str, ...]
    """Systems that were not read whole, each with the reason: nothing is decided about them."""
    because: tuple[str, ...]
    """Of a campaign that an event started: the events."""
    left_out: tuple[str, ...]
    """What is no part of the population, in words, with how many."""


@dataclass(frozen=True, slots=True)
class ReviewPerson:
    """Whose access is asked about: a VMA, somebody else who holds accounts, or an account that nobody owns."""

    campaign: str
    person: str
    """The id on the roster or in the staff file; `account:SYSTEM:ID` or `door:SYSTEM:ID` where it is nobody's."""
    name: str
    kind: str
    """`vma`, `staff`, `service`, `vendor`, `account` or `door`."""
    users: tuple[str, ...]
    """Ids of whose access it is; several of a shared account, none of what is nobody's."""
    user_names: tuple[str, ...]
    """Their names, in the same order."""
    roles: tuple[str, ...]
    agency: str | None
    start: date | None
    end: date | None
    facts: tuple[str, ...]
    """Sentences about the person, for the top of the page."""
    changes: tuple[str, ...]
    """What changed since the start of the period, each with why."""


@dataclass(frozen=True, slots=True)
class Question:
    """What one reviewer decides at once about one person."""

    campaign: str
    question: str
    """`Q-` and 10 letters and digits; unique in the campaign."""
    person: str
    person_name: str
    kind: QuestionKind
    capabilities: tuple[str, ...]
    """Ids in the vocabulary; what makes the items one question."""
    title: str
    """In plain words, such as `Can post payments — beyond the front_desk role`."""
    why: tuple[str, ...]
    """Facts that speak, each a sentence."""
    findings: tuple[str, ...]
    """Ids of the findings of the frozen audit that it is about."""
    advice: Advice
    advice_why: str
    risk: int
    """The greater, the sooner it is asked."""
    privileged: bool
    """Whether it lets somebody administer: then no privileged reviewer decides."""
    bulk: bool
    """Whether it may be kept together with others: what the role explains, and nothing else."""
    seeded: bool
    """A check item: nobody holds it, which is disclosed after the reviewer has signed."""
    reviewer: str
    """The id of the reviewer to whom it was routed first."""
    routed: str
    """Why to this reviewer."""
    due: date
    opened_because: str
    """`opening`, or what added it later."""
    added_at: datetime


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """One thing that an account holds, or the account itself; it is in exactly one question."""

    campaign: str
    question: str
    system: str
    system_title: str
    account: str
    """Native id; of a door, its id."""
    login: str
    entitlement: str
    """Native id; empty: the account itself, by which somebody can sign in."""
    name: str
    given: str
    """Native id of what an administrator gave, and would take away: the entitlement, or the group that brings it."""
    given_name: str
    path: tuple[str, ...]
    """Native ids of the groups between."""
    capabilities: tuple[str, ...]
    last_used: str | None
    """An instant, `never`, or `None`: the system does not say. It is the account's: no system says more."""
    held_before: HeldThen
    """At the start of the period."""
    held_since: date | None
    """The day of the first audit since which it was held without a break; `None`: it was at the first audit."""
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about exactly one question as it was shown."""

    campaign: str
    question: str
    version: int
    """The version of the question after it; 1 is the first decision."""
    kind: DecisionKind
    reason: str
    expires: date | None
    """Of an exception."""
    compensating: str
    """Of an exception: what protects meanwhile."""
    change_to: str
    items: tuple[str, ...]
    """Numbers of the items that it is about, where not about all; the others are kept."""
    reviewer: str
    reviewer_name: str
    signed_in: str
    """How the reviewer was known: issuer and subject, the id of a link, the digest of a spreadsheet."""
    at: datetime
    served_at: datetime | None
    """When the page was given out on which it was decided; of no pace where `None`."""
    advice: Advice
    seen: tuple[str, ...]
    """The state at the decision by the last audit of then: its number, then `ITEM held`, `not held` or `not known`."""
    amends: bool
    """Made after the signature or the close: an amendment."""
    key: str
    """Idempotency: a repeated key is the same decision."""
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Signature:
    """A reviewer signed what was decided so far."""

    campaign: str
    reviewer: str
    reviewer_name: str
    signed_in: str
    at: datetime
    statement: str
    decided: int
    undecided: int
    summary: str
    """SHA-256 of the list that was shown before."""
    key: str
    id: int | None = None


@dataclass(frozen=True, slots=True)
class ReviewEvent:
    """Something that happened beside decisions."""

    campaign: str
    question: str | None
    reviewer: str | None
    """Who got it, is told, or did it."""
    kind: ReviewEventKind
    at: datetime
    by: str
    detail: str
    key: str | None
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Seal:
    """The digest of a campaign at one moment; each has an entry of the ledger of its own."""

    campaign: str
    practice: str
    kind: SealKind
    at: datetime
    by: str
    statement: str
    digest: str
    """SHA-256 over every record of the campaign up to those that `upto` names."""
    upto: tuple[str, ...]
    """`TABLE NUMBER`: the last record of each table that it covers."""
    id: int | None = None


@dataclass(frozen=True, slots=True)
class ReviewState:
    """How a question stands now."""

    campaign: str
    question: str
    version: int
    """0 before anything was decided; counts every change, also delegation."""
    reviewer: str
    person: str
    risk: int
    decision: DecisionKind | None
    decided: int | None
    """Number of the decision."""
    signed: bool
    closed: str | None
    """Why it closed without a decision: what the systems show."""


@dataclass(frozen=True, slots=True)
class ReviewProgress:
    """One person before one reviewer."""

    campaign: str
    reviewer: str
    person: str
    name: str
    total: int
    open: int
    risk: int
    """The greatest of the questions."""

"""What is frozen and asked: the campaign, whom it is about, its questions and their items."""

from dataclasses import dataclass
from datetime import date, datetime

from auditor.review_records.kinds import Advice, HeldThen, QuestionKind, ReviewScope


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

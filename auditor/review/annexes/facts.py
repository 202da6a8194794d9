"""What every annex is made of: one audit, what changed since an earlier one, and what the engine said."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property

from auditor.drift.attribution import AttributedChange
from auditor.drift.moments import Moments
from auditor.gates.history import Past
from auditor.headcount.events import Event
from auditor.lag.controls import Control
from auditor.ledger.entries import LedgerEntry
from auditor.ledger.statements import Statement
from auditor.snapshot import Snapshot
from connectors.facts import Evidence, Partial
from policies.engine.case import AccountKey, Case
from policies.engine.evaluate import Judgment
from policies.engine.outcomes import Finding, NotEvaluated
from reports.annexes import NotLookedAt

RULES = ("account-of-nobody", "active-after-end", "dormant-account", "missing", "no-mfa", "shared-account")
"""Of which annexes ask the engine more than its findings: whom it could not judge, and how many it looked at."""


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """A change that was undone again before the period ended: seen by audits between its ends only."""

    told: AttributedChange
    audit: int
    """The audit that saw it first."""
    day: date
    after: datetime | None
    """As of when the system was read whole before."""
    seen: datetime | None
    """As of when this audit read it."""


@dataclass(frozen=True)
class Changes:
    """What became of the practice between two audits."""

    since: datetime
    audit: int
    """The earlier one."""
    events: tuple[Event, ...]
    told: tuple[AttributedChange, ...]
    """Every difference, with its one cause: those of `auditor drift` and of the report."""
    not_read: Mapping[str, str]
    """The systems whose changes cannot be told, and why."""
    moments: Moments
    begun: date | None = None
    """Where no audit is as old as the period: its first day; what changed until the earlier audit is not known."""
    meanwhile: tuple[Meanwhile, ...] = ()


@dataclass(frozen=True, slots=True)
class SystemProof:
    """How one system was read in one audit."""

    audit: int | None
    """`None`: the audit that is being made."""
    at: datetime
    system: str
    source: str
    as_of: datetime
    partial: Partial | None
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class OutcomesOf:
    """What one rule said of its population."""

    population: int
    satisfied: int
    findings: Mapping[str, Finding]
    unknown: tuple[NotEvaluated, ...]


@dataclass(frozen=True)
class AnnexFacts:
    """One audit with all that annexes ask of it."""

    case: Case
    judgment: Judgment
    """Of all rules, or, recalled, of `RULES`."""
    findings: Mapping[str, Finding]
    """Those that stood open at the audit, by identity; accepted ones too."""
    kept_open: frozenset[str]
    """Those of them that were found before and could not be judged again."""
    accepted: Mapping[str, Statement]
    statements: tuple[Statement, ...]
    """What people had stated by the day of the audit."""
    changes: Changes | None
    """`None` where no earlier audit is there to compare with."""
    pasts: Mapping[str, Past]
    """Of whoever left or changed role, by VMA."""
    clock_end: Control | None
    """Whose hours count from the end of an engagement; `None`: the practice has no such clock."""
    clock_move: Control | None
    """Whose hours count from a change of role."""
    seen_on: Mapping[str, date] = field(default_factory=dict)
    """By leaver: the day of the last audit whose roster had them."""
    titles: Mapping[str, str] = field(default_factory=dict)
    """By identity: how a finding is called that an exception is about and that stands open no more."""
    proofs: tuple[SystemProof, ...] = ()
    """How each system was read, in every audit of the period, oldest first."""
    entries: tuple[LedgerEntry, ...] = ()
    """The ledger's entries of the audits of the period, oldest first; that of the audit being made is not there yet."""
    before: Snapshot | None = None
    """What the earlier audit saw."""
    recalled: bool = False
    """Whether the audit was stored, and is judged again."""
    audit: int | None = None
    """Its number; `None`: it is being made."""

    @property
    def zone(self) -> str:
        """The practice's time zone."""
        return self.case.practice.timezone

    @property
    def begins(self) -> date | None:
        """The day of the earlier audit: who was at work on it may have left since; `None` in a first audit."""
        return self.case.day_of(self.changes.since) if self.changes else None

    @cached_property
    def unread(self) -> tuple[NotLookedAt, ...]:
        """The systems that were not read whole."""
        return tuple(
            NotLookedAt(self.case.systems[system].title, partial.reason, system)
            for system, partial in self.case.incomplete.items()
        )

    def title(self, system: str) -> str:
        """Return the name of a system, also of one that is no longer configured."""
        return self.case.systems[system].title if system in self.case.systems else system

    def name(self, person: str) -> str:
        """Return a person's name and id."""
        known = self.case.people.get(person)
        return f"{known.name} ({person})" if known else person

    def users(self, key: AccountKey) -> tuple[str, ...]:
        """Return the names of an account's users; none for an account of nobody."""
        return tuple(self.name(person) for person in self.case.owners[key].people)

    def of_rule(self, rule: str) -> OutcomesOf:
        """Return what one rule said; its findings are those of the audit, judged again or not."""
        tally = next((one for one in self.judgment.tallies if one.rule == rule), None)
        return OutcomesOf(
            population=tally.population if tally else 0,
            satisfied=tally.satisfied if tally else 0,
            findings={id_: f for id_, f in sorted(self.findings.items()) if f.rule == rule},
            unknown=tuple(n for n in self.judgment.not_evaluated if n.rule == rule),
        )

    @cached_property
    def _by_account(self) -> dict[AccountKey, list[str]]:
        found: dict[AccountKey, list[str]] = defaultdict(list)
        for identity, finding in sorted(self.findings.items()):
            for key in _accounts_of(finding):
                found[key].append(identity)
        return found

    def about(self, key: AccountKey) -> tuple[str, ...]:
        """Return the identities of the findings that name an account, itself or something that it was given."""
        return tuple(self._by_account.get(key, ()))

    def open_about(self, key: AccountKey) -> bool:
        """Whether one of these is accepted by nobody."""
        return any(identity not in self.accepted for identity in self.about(key))

    @cached_property
    def judged_otherwise(self) -> frozenset[str]:
        """The rules that, asked again, find other things than the audit stored: the policy has changed since."""
        if not self.recalled:
            return frozenset()
        again = {f.identity(self.case.practice.id): f.rule for f in self.judgment.findings}
        stored = {id_: f.rule for id_, f in self.findings.items() if id_ not in self.kept_open and f.rule in RULES}
        return frozenset({**again, **stored}[id_] for id_ in again.keys() ^ stored.keys())


def _accounts_of(finding: Finding) -> Iterator[AccountKey]:
    if finding.subject.kind == "account":
        system, _, account = finding.subject.id.partition(":")
        yield system, account
    elif finding.system is not None and "|" in finding.what:
        yield finding.system, finding.what.partition("|")[0]


def grouped(unknown: Iterable[NotEvaluated], facts: AnnexFacts, what: str) -> tuple[NotLookedAt, ...]:
    """Put verdicts with one reason together, and name at most a few of whom they are about."""
    found: dict[tuple[str | None, str], list[str]] = defaultdict(list)
    for one in unknown:
        if not (one.subject.kind == "system" and one.system in facts.case.incomplete):  # those are told as unread
            found[one.system, one.reason].append(one.subject.name)
    return tuple(
        NotLookedAt(_named(names, what, facts.title(system) if system else ""), why, system)
        for (system, why), names in sorted(found.items(), key=lambda one: (one[0][0] or "", one[0][1]))
    )


SHOWN = 12
"""So many are named where something could not be looked at; the rest is counted."""


def _named(names: list[str], what: str, where: str) -> str:
    listed = ", ".join(sorted(names)[:SHOWN])
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"{what} {listed}{more}" + (f" in {where}" if where else "")

"""
What a case consists of: collections, roster, agreements and policy at one instant, and whose the accounts are.

Only complete collections have views: what was not read whole does not exist for a rule, and the engine says so.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property

from connectors.facts import Account, Collection, Engagement, Partial, Person, PersonKind, System
from connectors.inputs.dates import day_of
from policies.agreements.organisations import PRACTICE, is_practice
from policies.agreements.register import Agreement
from policies.notices import NOTHING_ANNOUNCED, Announcements
from policies.policy import Policy
from policies.work.model import WorkMap

AccountKey = tuple[str, str]
"""System id and account id."""


@dataclass(frozen=True, slots=True)
class Owner:
    """To whom an account belongs, and why we think so."""

    people: tuple[str, ...]
    """Person ids; none for an account of nobody, several for an account that several people are said to use."""
    kind: PersonKind | None
    reason: str


@dataclass(frozen=True, slots=True)
class Practice:
    """The covered entity."""

    id: str
    name: str
    timezone: str


@dataclass(frozen=True, slots=True)
class EvaluationScope:
    """Some of the people and accounts of a case."""

    vmas: frozenset[str]
    accounts: frozenset[AccountKey]


@dataclass(frozen=True)
class CaseFacts:
    """What was read and what the practice says, at one instant, and whose the accounts are."""

    practice: Practice
    at: datetime
    today: date
    """The practice's calendar day of `at`."""
    people: Mapping[str, Person]
    engagements: Mapping[str, Engagement]
    """By VMA id, the one that counts today; those who have left and those who have not started are here too."""
    collections: Mapping[str, Collection]
    owners: Mapping[AccountKey, Owner]
    agreements: tuple[Agreement, ...]
    policy: Policy
    former: frozenset[str] = frozenset()
    """VMAs whom only an earlier roster names; their engagements end on the last day they were seen there."""
    roster_part: str = ""
    """By what these may only have fallen out of the roster, in words; no verdict rests on it."""
    periods: tuple[Engagement, ...] = ()
    """Every engagement of the roster, dated, at most one a day (`policies.engagements`), past and future ones too."""
    work: WorkMap | None = None
    """Who owns which work, where the practice keeps a work map."""
    earlier_roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By VMA id: the roles that an earlier audit, or an earlier period of the roster, gave, and today's does not."""
    past: tuple[Engagement, ...] = ()
    """What earlier audits knew of days past and the roster no longer tells (`auditor.headcount.engagements`)."""
    not_theirs: Mapping[AccountKey, frozenset[str]] = field(default_factory=dict)
    """By account: the people of whom somebody has stated that it is not theirs (`auditor confirm`)."""
    once: Mapping[AccountKey, frozenset[str]] = field(default_factory=dict)
    """By account that no rule settles: the people whose an earlier audit knew it to be."""
    seen_logins: frozenset[tuple[str, str]] = frozenset()
    """System and log-in, in lower case, of those that the roster states, that earlier audits saw, and that are gone."""
    reissued: Mapping[AccountKey, tuple[str, ...]] = field(default_factory=dict)
    """Whose each account was, by earlier audits, where that is a VMA who has left and it is somebody else's now."""
    among: EvaluationScope | None = None
    """Of whom the rules ask, when not of everybody: see `restricted_to`."""
    former_names: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By VMA id: the names under which earlier audits knew the same person."""
    announced: Announcements = NOTHING_ANNOUNCED
    """What notices claim that came, or were made, by this day: never what the roster says."""

    def day_of(self, moment: datetime) -> date:
        """Return the practice's calendar day of an instant."""
        return day_of(moment, self.practice.timezone)

    @cached_property
    def systems(self) -> dict[str, System]:
        """Every configured system, read or not, by id."""
        return {id_: self.collections[id_].system for id_ in sorted(self.collections)}

    @cached_property
    def incomplete(self) -> dict[str, Partial]:
        """The systems that were not read whole, with the reason."""
        return {
            id_: c.completeness for id_, c in sorted(self.collections.items()) if isinstance(c.completeness, Partial)
        }

    @cached_property
    def accounts(self) -> dict[AccountKey, Account]:
        """All accounts of the complete collections, in a stable order."""
        return {
            (id_, account.id): account
            for id_, collection in sorted(self.collections.items())
            if collection.complete
            for account in sorted(collection.accounts, key=lambda a: a.id)
        }

    @cached_property
    def live_accounts(self) -> dict[AccountKey, Account]:
        """Those with which somebody may be able to sign in."""
        return {key: account for key, account in self.accounts.items() if account.live}

    @cached_property
    def asked_people(self) -> dict[str, Engagement]:
        """The VMAs of whom the rules ask, in the order of their ids, also those who left or have not started."""
        ids = self.engagements if self.among is None else self.among.vmas & self.engagements.keys()
        return {vma: self.engagements[vma] for vma in sorted(ids)}

    @cached_property
    def asked_accounts(self) -> dict[AccountKey, Account]:
        """The live accounts of which the rules ask."""
        if self.among is None:
            return self.live_accounts
        return {key: self.live_accounts[key] for key in sorted(self.among.accounts) if key in self.live_accounts}

    @cached_property
    def active(self) -> tuple[Engagement, ...]:
        """The engagements that run today, in the order of VMA ids."""
        return tuple(e for e in self.asked_people.values() if e.active_on(self.today))

    @cached_property
    def accounts_of(self) -> dict[str, tuple[AccountKey, ...]]:
        """The accounts of each VMA, live or not; a shared account belongs to each of its people."""
        found: dict[str, list[AccountKey]] = {}
        for key in self.accounts:
            owner = self.owners[key]
            if owner.kind is PersonKind.VMA:
                for person in owner.people:
                    found.setdefault(person, []).append(key)
        return {person: tuple(keys) for person, keys in found.items()}

    @cached_property
    def live_in(self) -> dict[str, dict[str, tuple[AccountKey, ...]]]:
        """By system: the VMAs who have live accounts there, and these."""
        found: dict[str, dict[str, tuple[AccountKey, ...]]] = {system: {} for system in self.systems}
        for vma, keys in self.accounts_of.items():
            for key in keys:
                if key in self.live_accounts:
                    there = found[key[0]]
                    there[vma] = (*there.get(vma, ()), key)
        return found

    def live_accounts_of(self, vma: str, system: str | None = None) -> tuple[AccountKey, ...]:
        """Return the live accounts of a VMA, in one system or in all."""
        if system is not None:
            return self.live_in[system].get(vma, ()) if system in self.live_in else ()
        return tuple(key for key in self.accounts_of.get(vma, ()) if key in self.live_accounts)

    def systems_of(self, vma: str) -> tuple[str, ...]:
        """Return the systems in which a VMA has a live account."""
        return tuple(sorted({key[0] for key in self.live_accounts_of(vma)}))

    def live_accounts_of_active(self) -> Iterator[tuple[Engagement, AccountKey, Account]]:
        """Yield each live account of each active VMA, as far as the rules ask of both."""
        for engagement in self.active:
            for key in self.live_accounts_of(engagement.vma):
                if self.among is None or key in self.among.accounts:
                    yield engagement, key, self.live_accounts[key]

    @cached_property
    def shared_accounts(self) -> frozenset[AccountKey]:
        """The accounts that several people are said to use."""
        return frozenset(key for key, owner in self.owners.items() if len(owner.people) > 1)

    @cached_property
    def _live_by_kind(self) -> dict[PersonKind | None, tuple[AccountKey, ...]]:
        found: dict[PersonKind | None, list[AccountKey]] = {}
        for key in self.live_accounts:
            found.setdefault(self.owners[key].kind, []).append(key)
        return {kind: tuple(keys) for kind, keys in found.items()}

    def live_of(self, kind: PersonKind | None) -> tuple[AccountKey, ...]:
        """Return the live accounts that belong to people of a kind; `None`: those of nobody."""
        return self._live_by_kind.get(kind, ())

    def account_owner(self, system: str) -> str:
        """Return whose contract with the vendor a system is: `practice`, also where that stands by its own name."""
        owner = self.systems[system].account_owner
        return PRACTICE if is_practice(owner, self.practice.name) else owner

    @cached_property
    def stated_names(self) -> dict[tuple[str, str], dict[str, Person]]:
        """Whom the practice means by a log-in, by system and folded log-in; by an address, with no system."""
        found: dict[tuple[str, str], dict[str, Person]] = {}
        for id_, person in self.people.items():
            names = [(system, login.casefold()) for system, login in person.logins]
            for name in (*names, *([("", person.email.casefold())] if person.email else [])):
                found.setdefault(name, {})[id_] = person
        return found

"""
The case that the engine judges: collections, roster, agreements and policy at one instant.

A case is plain data with a few derived views, each computed once. Only complete collections have views: what was not
read whole does not exist for a rule, and the engine says so.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property, wraps
from typing import TypeVar, cast

from connectors.facts import Account, Collection, Engagement, Partial, Person, PersonKind, System
from connectors.inputs.dates import day_of
from policies.agreements.coverage import Coverage
from policies.agreements.days import FOREVER, after
from policies.agreements.organisations import PRACTICE, is_practice
from policies.agreements.register import Agreement
from policies.engagements import known, touching
from policies.engine.holdings import Holdings
from policies.engine.similarity import Copies
from policies.notices import NOTHING_ANNOUNCED, Announcements
from policies.policy import Policy
from policies.roles.template import Combined
from policies.work.assignments import TaskAssignments
from policies.work.model import WorkMap

V = TypeVar("V")
AccountKey = tuple[str, str]
"""System id and account id."""


_OF_EVERYBODY = (
    *("systems", "incomplete", "accounts", "live_accounts", "accounts_of", "live_in", "_live_by_kind"),
    *("shared_accounts", "holdings", "known", "coverage", "copies", "duties", "_combined"),
)
"""The views that are the same in a narrowed case."""
DERIVED_OF_EVERYBODY = ("candidates_of",)
"""Those of them that are derived elsewhere, if somebody has asked for them."""


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
class Case:
    """Everything that one audit judges, at one instant."""

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

    def restricted_to(self, among: EvaluationScope) -> "Case":
        """
        Return this case with its population limited: rules ask of these only, and still know everything of everybody.

        For rules that are `Individual`; a rule that counts people would count too few.
        """
        case = replace(self, among=among)
        derived = {view: self.__dict__[view] for view in DERIVED_OF_EVERYBODY if view in self.__dict__}
        return case.with_cached_views({view: getattr(self, view) for view in _OF_EVERYBODY} | derived)

    def with_cached_views(self, views: Mapping[str, object]) -> "Case":
        """Take over derived views that somebody has already, by name, and return this case."""
        self.__dict__.update(views)
        return self

    @cached_property
    def known(self) -> dict[str, tuple[Engagement, ...]]:
        """Every engagement that is known of each VMA, by day: of earlier audits, of the roster, and the present one."""
        return known(self.past, self.periods, self.engagements)

    def here_since(self, vma: str) -> date:
        """Return the first day of the work of which today's engagement is a part: no day without any lies between."""
        return self._run_up_to(vma)[0].start

    def stay(self, vma: str) -> Engagement:
        """Return today's engagement, from the first day on which the VMA worked for the same employer without a gap."""
        present = self.engagements[vma]
        start = present.start
        for one in reversed(self._run_up_to(vma)):
            if (one.agency, one.employment) != (present.agency, present.employment):
                break
            start = one.start
        return present if start == present.start else replace(present, start=start)

    def _run_up_to(self, vma: str) -> list[Engagement]:
        """Return what is known up to today's engagement without a day between, the first of it first."""
        present = self.engagements[vma]
        for run in touching(self.known.get(vma, ())):
            if run[0].start <= present.start <= (run[-1].end or FOREVER):
                return [e for e in run if e.start <= max(present.start, self.today)]
        return [present]

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
    def by_role(self) -> dict[str, tuple[str, ...]]:
        """The active VMAs of each role who are not on leave, by role."""
        found: dict[str, list[str]] = {}
        for engagement in self.active:
            if not engagement.on_leave:
                for role in dict.fromkeys(engagement.roles):
                    found.setdefault(role, []).append(engagement.vma)
        return {role: tuple(vmas) for role, vmas in sorted(found.items())}

    @cached_property
    def next_in_role(self) -> dict[str, date]:
        """The next day on which somebody begins, or has ended, in a role, by role; no day, no entry."""
        found: dict[str, date] = {}
        for engagement in (e for mine in self.known.values() for e in mine):
            ends = (after(engagement.end),) if engagement.end is not None else ()
            for day in (engagement.start, *ends):
                if day > self.today:
                    found |= {role: min(day, found.get(role, day)) for role in engagement.roles}
        return found

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

    @cached_property
    def in_use(self) -> Counter[tuple[str, str]]:
        """Every entitlement that a live account of an active VMA holds, by system and id, and how often one does."""
        found: Counter[tuple[str, str]] = Counter()
        by_system: dict[str, Counter[str]] = {}
        for _, key, _ in self.live_accounts_of_active():
            by_system.setdefault(key[0], Counter()).update(self.holdings[key].readings.keys())
        for system, counts in by_system.items():
            found.update({(system, id_): count for id_, count in counts.items()})
        return found

    @cached_property
    def holdings(self) -> Holdings:
        """What each account holds, in capabilities."""
        return Holdings(self.collections, self.policy.catalogs)

    def account_owner(self, system: str) -> str:
        """Return whose contract with the vendor a system is: `practice`, also where that stands by its own name."""
        owner = self.systems[system].account_owner
        return PRACTICE if is_practice(owner, self.practice.name) else owner

    @cached_property
    def coverage(self) -> Coverage:
        """Which agreements cover whom, and when."""
        known = (e for mine in self.known.values() for e in mine)
        return Coverage(self.agreements, self.people, known, self.former_names)

    @cached_property
    def copies(self) -> Copies:
        """Which account looks like a copy of which."""
        return Copies(self.accounts, self.lanes(self.owners), self.holdings)

    def lanes(self, keys: Iterable[AccountKey]) -> dict[AccountKey, frozenset[str]]:
        """Return the roles of whoever uses each account; an account that no person signs in with has no lane."""
        return {
            key: frozenset(r for p in owner.people if p in self.engagements for r in self.engagements[p].roles)
            for key in keys
            if key in self.accounts and (owner := self.owners[key]).kind is not PersonKind.SERVICE
        }

    @cached_property
    def duties(self) -> TaskAssignments | None:
        """Who has which work today; `None` without a work map."""
        if self.work is None:
            return None
        return TaskAssignments(self.work, self.people, self.engagements, self.today, self.policy.vocabulary)

    @cached_property
    def stated_names(self) -> dict[tuple[str, str], dict[str, Person]]:
        """Whom the practice means by a log-in, by system and folded log-in; by an address, with no system."""
        found: dict[tuple[str, str], dict[str, Person]] = {}
        for id_, person in self.people.items():
            names = [(system, login.casefold()) for system, login in person.logins]
            for name in (*names, *([("", person.email.casefold())] if person.email else [])):
                found.setdefault(name, {})[id_] = person
        return found

    @cached_property
    def unclassified(self) -> dict[tuple[str, str], list[tuple[str, AccountKey]]]:
        """By system and entitlement id that no catalog knows: the active VMAs who hold it, and by which account."""
        holders: dict[tuple[str, str], list[tuple[str, AccountKey]]] = {}
        for engagement, key, _ in self.live_accounts_of_active():
            for id_ in self.holdings[key].unclassified:
                holders.setdefault((key[0], id_), []).append((engagement.vma, key))
        return holders

    def held(self, vma: str) -> int:
        """Return the capabilities that a VMA holds over all live accounts in all systems."""
        mask = 0
        for key in self.live_accounts_of(vma):
            mask |= self.holdings[key].mask
        return mask

    def template(self, vma: str) -> Combined:
        """Return what the VMA's roles together require, allow and must never hold."""
        return self._templates(self.engagements[vma].roles)

    def _templates(self, roles: tuple[str, ...]) -> Combined:
        cache: dict[tuple[str, ...], Combined] = self._combined
        if roles not in cache:
            cache[roles] = self.policy.templates.combine(roles)
        return cache[roles]

    @cached_property
    def _combined(self) -> dict[tuple[str, ...], Combined]:
        return {}

    def forbidden(self, vma: str) -> int:
        """Return what the VMA must never hold: the never-list for everybody, and the roles' own."""
        return self.policy.never.mask | self.template(vma).never


def derived(work_out: Callable[[Case], V]) -> Callable[[Case], V]:
    """
    Make a view of a case that is worked out once and kept with it, under the name of the function.

    A case knows what it consists of; what rules ask beyond that is worked out where it is explained.
    """
    name = work_out.__name__

    @wraps(work_out)
    def ask(case: Case) -> V:
        if name not in case.__dict__:
            case.__dict__[name] = work_out(case)
        return cast("V", case.__dict__[name])

    return ask

"""
The case that the engine judges: collections, roster, agreements and policy at one instant.

A case is plain data with a few derived views, each computed once. Only complete collections have views: what was not
read whole does not exist for a rule, and the engine says so.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, wraps
from typing import TypeVar, cast

from connectors.facts import Engagement, PersonKind
from policies.agreements.coverage import Coverage
from policies.agreements.days import FOREVER, after
from policies.engagements import known, touching
from policies.engine.case_facts import AccountKey, CaseFacts, EvaluationScope, Owner, Practice
from policies.engine.holdings import Holdings
from policies.engine.similarity import Copies
from policies.roles.template import Combined
from policies.work.assignments import TaskAssignments

__all__ = ["DERIVED_OF_EVERYBODY", "AccountKey", "Case", "EvaluationScope", "Owner", "Practice", "derived"]

V = TypeVar("V")

_OF_EVERYBODY = (
    *("systems", "incomplete", "accounts", "live_accounts", "accounts_of", "live_in", "_live_by_kind"),
    *("shared_accounts", "holdings", "known", "coverage", "copies", "duties", "_combined"),
)
"""The views that are the same in a narrowed case."""
DERIVED_OF_EVERYBODY = ("candidates_of",)
"""Those of them that are derived elsewhere, if somebody has asked for them."""


@dataclass(frozen=True)
class Case(CaseFacts):
    """Everything that one audit judges, at one instant."""

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

"""The practice as a plan would make it: who works on a day, with the accounts that each hire is to be given."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time
from functools import cached_property
from zoneinfo import ZoneInfo

from auditor.gates.grants import Grants, what_to_grant
from auditor.history.projection import project
from auditor.planning.model import Plan
from connectors.facts import Account, Engagement, Grant, Person, PersonKind, Status
from policies.engine.case import Case, Owner


class Team:
    """
    A case, changed by a plan.

    A hire is given accounts as `auditor onboard` would advise: the fewest entitlements that the roles require, with
    MFA, from the first day on. Leavers and changed roles keep what they have: what is then wrong is what must be done.
    """

    def __init__(self, case: Case, plan: Plan) -> None:
        self.plan, self._case = plan, case
        ends = {leave.vma: leave.end for leave in plan.leaves}
        periods = [e for e in case.periods if e.vma not in ends or e.start <= ends[e.vma]]
        last = {vma: max((e.start for e in periods if e.vma == vma), default=None) for vma in ends}
        self._staying = replace(
            case,
            people={**case.people, **{e.vma: Person(e.vma, e.vma, None, PersonKind.VMA) for e in plan.joining}},
            periods=(
                *(replace(e, end=ends[e.vma]) if last.get(e.vma) == e.start else e for e in periods),
                *plan.joining,
            ),
        )

    def days(self) -> tuple[date, ...]:
        """Return the first day of each change, in order; of a leave, the day after the last."""
        days = {e.start for e in self.plan.joining} | {r.start for r in self.plan.roles}
        return tuple(sorted(days | {date.fromordinal(leave.end.toordinal() + 1) for leave in self.plan.leaves}))

    def without(self, day: date) -> Case:
        """Return the case of a day on which nothing of the plan was done."""
        return project(self._case, day)

    def people_on(self, day: date) -> Case:
        """Return the case of a day with the planned people and roles, and the accounts that there are now."""
        case = project(self._staying, day)
        engagements = dict(case.engagements)
        for change in sorted(self.plan.roles, key=lambda r: r.start):
            if change.start <= day:
                # Not a period of its own: a change of role takes nobody's seat under an agreement.
                engagements[change.vma] = replace(engagements[change.vma], roles=change.roles)
        return replace(case, engagements=engagements)

    @cached_property
    def grants(self) -> Mapping[str, Grants]:
        """What to grant to each hire, and to each VMA whose roles change, by id."""
        found: dict[str, Grants] = {}
        for entry in self.plan.hires:
            one = what_to_grant(self.people_on(entry[0].start), entry[0].vma)
            found |= dict.fromkeys((e.vma for e in entry), one)
        for change in self.plan.roles:
            found[change.vma] = what_to_grant(self.people_on(change.start), change.vma)
        return found

    def on(self, day: date) -> Case:
        """Return the case of a day with the planned people, roles and accounts."""
        case = self.people_on(day)
        collections, owners = dict(case.collections), dict(case.owners)
        for hire in (e for e in self.plan.joining if e.active_on(day)):
            for system, chosen in self.grants[hire.vma].by_system.items():
                account = self._account(case, hire, system)
                owners[system, account.id] = Owner((hire.vma,), PersonKind.VMA, "planned")
                there = collections[system]
                given = {g for candidate in chosen for g in _given(there.grants, candidate.id.partition("/")[2])}
                collections[system] = replace(
                    there,
                    accounts=(*there.accounts, account),
                    grants=(*there.grants, *(Grant(account.id, e, path) for e, path in sorted(given))),
                )
        return replace(case, collections=collections, owners=owners)

    def _account(self, case: Case, hire: Engagement, system: str) -> Account:
        begins = datetime.combine(hire.start, time(12), ZoneInfo(case.practice.timezone)).astimezone(UTC)
        login = f"account of {hire.vma}"
        return Account(
            system, f"planned:{hire.vma}", login, login, Status.ACTIVE, created=begins, last_login=begins, mfa=True
        )


def _given(grants: tuple[Grant, ...], entitlement: str) -> set[tuple[str, tuple[str, ...]]]:
    """Return what somebody holds through an assignment, as anybody does who was given it."""
    found = {(g.entitlement, g.path) for g in grants if g.assignment == entitlement}
    return found or {(entitlement, ())}

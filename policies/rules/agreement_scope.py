"""Rules about what the agreements in force cover: which systems, and which categories of PHI."""

from collections.abc import Iterator
from datetime import date

from connectors.facts import Engagement, System
from policies.agreements.chain import Leg, engaged
from policies.agreements.days import Days, since
from policies.engine.by_leg import ByLeg, leg_finding
from policies.engine.case import Case
from policies.engine.covered import beyond_system, first_account, limits
from policies.engine.evidence import listing
from policies.engine.outcomes import Finding, NotEvaluated, Outcome
from policies.engine.populations import people_in_systems
from policies.engine.rule import Item, OfActive, Reads
from policies.engine.verdicts import not_evaluated


class _OfCovered(ByLeg, OfActive):
    reads = Reads.SYSTEM

    def concerns(self, system: System) -> bool:
        """Whether a system holds PHI: of others nothing is asked, read or not."""
        return system.holds_phi

    def items(self, case: Case) -> Iterator[Item]:
        """Every active VMA for whose work an agreement is in force, in every PHI system with a live account."""
        there = people_in_systems(case, lambda engagement: self._in_force(case, engagement))
        return (item for item in there if case.systems[item.system].holds_phi)

    def about(self, case: Case, engagement: Engagement, system: System) -> bool:
        """Every active VMA for whose work an agreement is in force, in every PHI system."""
        return super().about(case, engagement, system) and system.holds_phi and self._in_force(case, engagement)

    def until(self, case: Case, item: Item, days: Days) -> date | None:  # noqa: ARG002
        """The next day on which an agreement of the chain begins or ends."""
        return case.coverage.next_boundary(case.stay(item.vma), case.today)

    @staticmethod
    def _in_force(case: Case, engagement: Engagement) -> bool:
        return any(case.coverage.in_force(leg, case.today) for leg in case.coverage.legs(engagement))


class AgreementSystem(_OfCovered):
    """
    The agreements in force cover every PHI system in which a VMA has a live account.

    Source: 45 CFR 164.504(e)(2)(i): the agreement states the permitted uses.
    """

    id = "agreement-system"
    title = "Agreement does not cover this system"
    question = "Do the agreements cover every PHI system in which a VMA can sign in?"

    def of_leg(self, case: Case, item: Item, leg: Leg) -> Finding | None:
        """One with agreements in force for this VMA, none of which covers the system."""
        engagement = case.stay(item.vma)
        current = beyond_system(case.coverage, leg, engagement, item.system, case.today)
        if not current:
            return None
        logins = listing(case.accounts[k].login for k in case.live_accounts_of(item.vma, item.system))
        named = listing(sorted({s for a in current for s in a.systems or ()})) or "no system"
        gap = since(engaged(engagement), case.coverage.days(leg, engagement, item.system), case.today)
        start = max(gap, first_account(case, item.vma, item.system))
        words = {"named": named, "logins": logins, "system_id": item.system}
        return leg_finding(self, case, item, leg, current, since=start, **words)


class AgreementPhi(_OfCovered):
    """
    What a VMA can reach lies within the PHI categories that the agreements name.

    Source: 45 CFR 164.504(e)(2)(i), 164.502(b)(1).
    """

    id = "agreement-phi"
    title = "Reach beyond the agreement's PHI categories"
    question = "Do VMAs reach only the PHI categories that the agreements name?"

    def judge(self, case: Case, item: Item) -> Iterator[Outcome]:
        """PHI reach − agreement coverage, by leg; an entitlement that no catalog knows might reach any category."""
        engagement, keys = case.stay(item.vma), case.live_accounts_of(item.vma, item.system)
        said = list(super().judge(case, item))
        unread = sorted({e for key in keys for e in case.holdings[key].unclassified})
        legs = case.coverage.legs(engagement)
        if unread and any(limits(case.coverage, leg, engagement, item.system, case.today) for leg in legs):
            names = listing(case.holdings.entitlement(item.system, e).name for e in unread)
            said = [outcome for outcome in said if isinstance(outcome, Finding)]
            said.append(not_evaluated(self, item, f"no catalog says which PHI {names} reaches"))
        yield from said

    def of_leg(self, case: Case, item: Item, leg: Leg) -> Finding | NotEvaluated | None:
        """One whose agreements do not name all that is reached."""
        engagement = case.stay(item.vma)
        limit = limits(case.coverage, leg, engagement, item.system, case.today)
        held = 0
        for key in case.live_accounts_of(item.vma, item.system):
            held |= case.holdings[key].mask
        beyond = [category for category in case.policy.vocabulary.phi(held) if limit and category not in limit[1]]
        if limit is None or not beyond:
            return None
        current = limit[0]
        named = sorted({category for a in current for category in a.phi or ()})
        expected = f"only {listing(named)}" if named else "none: the agreement names no category"
        account = first_account(case, item.vma, item.system)
        start = max(engagement.start, min(a.first_day for a in current), account)
        words = {"reached": listing(beyond), "expected": expected}
        return leg_finding(self, case, item, leg, current, since=start, **words)


RULES = (AgreementSystem(), AgreementPhi())

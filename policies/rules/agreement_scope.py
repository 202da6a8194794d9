"""Rules about what the agreements in force cover: which systems, and which categories of PHI."""

from collections.abc import Iterator

from connectors.facts import Engagement, System
from policies.agreements.coverage import Leg, engaged
from policies.agreements.days import since
from policies.agreements.register import Agreement
from policies.engine.case import Case
from policies.engine.covered import beyond_system, first_account, limits
from policies.engine.evidence import chain_steps, leg_key, listing, vma_subject
from policies.engine.finding import finding
from policies.engine.outcomes import Finding, NotEvaluated, Outcome, Satisfied
from policies.engine.rule import Item, OfActive, Reads


def _under_agreement_in_phi_systems(case: Case) -> Iterator[Item]:
    for engagement in case.active:
        if _in_force(case, engagement):
            for system in case.systems_of(engagement.vma):
                if case.systems[system].holds_phi:
                    yield Item(vma_subject(case, engagement.vma), system, engagement.vma)


def _in_force(case: Case, engagement: Engagement) -> bool:
    return any(case.coverage.in_force(leg, case.today) for leg in case.coverage.legs(engagement))


class _OfCovered(OfActive):
    def about(self, case: Case, engagement: Engagement, system: System) -> bool:
        """Every active VMA for whose work an agreement is in force, in every PHI system."""
        return super().about(case, engagement, system) and system.holds_phi and _in_force(case, engagement)


class AgreementSystem(_OfCovered):
    """
    The agreements in force cover every PHI system in which a VMA has a live account.

    Source: 45 CFR 164.504(e)(2)(i): the agreement states the permitted uses.
    """

    id = "agreement-system"
    title = "Agreement does not cover this system"
    question = "Do the agreements cover every PHI system in which a VMA can sign in?"
    reads = Reads.SYSTEM

    def concerns(self, system: System) -> bool:
        """Whether a system holds PHI: of others nothing is asked, read or not."""
        return system.holds_phi

    def items(self, case: Case) -> Iterator[Item]:
        """Every active VMA for whose work an agreement is in force, in every PHI system with a live account."""
        return _under_agreement_in_phi_systems(case)

    def judge(self, case: Case, item: Item) -> Iterator[Outcome]:
        """A leg with agreements in force for this VMA, none of which covers the system, is a finding."""
        engagement, broken = case.stay(item.vma), False
        for leg in case.coverage.legs(engagement):
            current = beyond_system(case.coverage, leg, engagement, item.system, case.today)
            if current:
                broken = True
                yield self._finding(case, item, leg, current)
        if not broken:
            due = case.coverage.next_boundary(engagement, case.today)
            yield Satisfied(self.id, item.subject, item.system, until=due)

    def _finding(self, case: Case, item: Item, leg: Leg, current: list[Agreement]) -> Finding:
        system, engagement = case.systems[item.system], case.stay(item.vma)
        ids = listing(a.id for a in current)
        logins = listing(case.accounts[k].login for k in case.live_accounts_of(item.vma, system.id))
        named = listing(sorted({s for a in current for s in a.systems or ()})) or "no system"
        gap = since(engaged(engagement), case.coverage.days(leg, engagement, system.id), case.today)
        return finding(
            self,
            case,
            item,
            what=leg_key(leg),
            title=f"{ids} does not cover {system.title}, which {case.people[item.vma].name} can use",
            observed=f"covers {named}; {logins} is live in {system.title}",
            expected=f"covers {system.id}, or all systems",
            remedy=f"have {ids} amended to cover {system.title}, or end the access there",
            path=chain_steps(case, item.vma, leg, current),
            leg=leg,
            since=max(gap, first_account(case, item.vma, item.system)),
        )


class AgreementPhi(_OfCovered):
    """
    What a VMA can reach lies within the PHI categories that the agreements name.

    Source: 45 CFR 164.504(e)(2)(i), 164.502(b)(1).
    """

    id = "agreement-phi"
    title = "Reach beyond the agreement's PHI categories"
    question = "Do VMAs reach only the PHI categories that the agreements name?"
    reads = Reads.SYSTEM

    def concerns(self, system: System) -> bool:
        """Whether a system holds PHI: of others nothing is asked, read or not."""
        return system.holds_phi

    def items(self, case: Case) -> Iterator[Item]:
        """Every active VMA for whose work an agreement is in force, in every PHI system with a live account."""
        return _under_agreement_in_phi_systems(case)

    def judge(self, case: Case, item: Item) -> Iterator[Outcome]:
        """PHI reach − agreement coverage, by leg; an entitlement that no catalog knows might reach any category."""
        engagement = case.stay(item.vma)
        keys = case.live_accounts_of(item.vma, item.system)
        held = 0
        for key in keys:
            held |= case.holdings[key].mask
        unread = sorted({e for key in keys for e in case.holdings[key].unclassified})
        limited = broken = False
        for leg in case.coverage.legs(engagement):
            limit = limits(case.coverage, leg, engagement, item.system, case.today)
            if limit is None:
                continue
            limited = True
            current, named = limit
            beyond = [category for category in case.policy.vocabulary.phi(held) if category not in named]
            if beyond:
                broken = True
                yield self._finding(case, item, leg, current, beyond)
        if limited and unread:
            names = listing(case.holdings.entitlement(item.system, e).name for e in unread)
            yield NotEvaluated(self.id, item.subject, item.system, f"no catalog says which PHI {names} reaches")
        elif not broken:
            due = case.coverage.next_boundary(engagement, case.today)
            yield Satisfied(self.id, item.subject, item.system, until=due)

    def _finding(self, case: Case, item: Item, leg: Leg, current: list[Agreement], beyond: list[str]) -> Finding:
        system, ids = case.systems[item.system], listing(a.id for a in current)
        account = first_account(case, item.vma, item.system)
        named = sorted({category for a in current for category in a.phi or ()})
        return finding(
            self,
            case,
            item,
            what=leg_key(leg),
            title=f"{case.people[item.vma].name} reaches PHI in {system.title} that {ids} does not name",
            observed=f"reaches {listing(beyond)}",
            expected=f"only {listing(named)}" if named else "none: the agreement names no category",
            remedy=f"take away the access that reaches it, or have {ids} name these categories",
            path=chain_steps(case, item.vma, leg, current),
            leg=leg,
            since=max(case.stay(item.vma).start, min(a.first_day for a in current), account),
        )


RULES = (AgreementSystem(), AgreementPhi())

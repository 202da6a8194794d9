"""Rules about what the agreements in force cover: which systems, and which categories of PHI."""

from abc import ABC
from collections.abc import Iterator
from datetime import date

from connectors.facts import Engagement, System
from policies.agreements.chain import Leg
from policies.agreements.days import Days
from policies.engine.answers import Answer, Broken, Unknown
from policies.engine.bases import EachVmaInSystem
from policies.engine.by_leg import ByLeg, gap, leg_broken
from policies.engine.case import Case
from policies.engine.covered import beyond_system, first_account, limits, phi_beyond
from policies.engine.evidence import listing, unread_of
from policies.engine.rule import Item


class _OfCovered(ByLeg, EachVmaInSystem, ABC):
    def concerns(self, system: System) -> bool:
        """Whether a system holds PHI: of others nothing is asked, read or not."""
        return system.holds_phi

    def within(self, case: Case, system: System) -> bool:  # noqa: ARG002
        """Every PHI system."""
        return system.holds_phi

    def wanted(self, case: Case, engagement: Engagement) -> bool:
        """Whoever has an agreement in force for the work."""
        return any(case.coverage.in_force(leg, case.today) for leg in case.coverage.legs(engagement))

    def until(self, case: Case, item: Item, days: Days) -> date | None:  # noqa: ARG002
        """The next day on which an agreement of the chain begins or ends."""
        return case.coverage.next_boundary(case.stay(item.vma), case.today)


class AgreementSystem(_OfCovered):
    """
    The agreements in force cover every PHI system in which a VMA has a live account.

    Source: 45 CFR 164.504(e)(2)(i): the agreement states the permitted uses.
    """

    id = "agreement-system"
    title = "Agreement does not cover this system"
    question = "Do the agreements cover every PHI system in which a VMA can sign in?"

    def of_leg(self, case: Case, item: Item, leg: Leg) -> Broken | None:
        """One with agreements in force for this VMA, none of which covers the system."""
        stay = case.stay(item.vma)
        if not (current := beyond_system(case.coverage, leg, stay, item.system, case.today)):
            return None
        logins = listing(case.accounts[k].login for k in case.live_accounts_of(item.vma, item.system))
        named = listing(sorted({s for a in current for s in a.systems or ()})) or "no system"
        start = gap(case, item, case.coverage.days(leg, stay, item.system))
        return leg_broken(case, item, leg, current, since=start, named=named, logins=logins, system_id=item.system)


class AgreementPhi(_OfCovered):
    """
    What a VMA can reach lies within the PHI categories that the agreements name.

    Source: 45 CFR 164.504(e)(2)(i), 164.502(b)(1).
    """

    id = "agreement-phi"
    title = "Reach beyond the agreement's PHI categories"
    question = "Do VMAs reach only the PHI categories that the agreements name?"

    def answer(self, case: Case, item: Item) -> Iterator[Answer]:
        """PHI reach − agreement coverage, by leg; an entitlement that no catalog knows might reach any category."""
        yield from super().answer(case, item)
        stay, unread = case.stay(item.vma), unread_of(case, item.vma, item.system)
        if unread and any(limits(case.coverage, x, stay, item.system, case.today) for x in case.coverage.legs(stay)):
            yield Unknown(f"no catalog says which PHI {unread} reaches")

    def of_leg(self, case: Case, item: Item, leg: Leg) -> Broken | None:
        """One whose agreements do not name all that is reached."""
        stay = case.stay(item.vma)
        limit = limits(case.coverage, leg, stay, item.system, case.today)
        if limit is None or not (beyond := phi_beyond(case, item.vma, item.system, limit[1])):
            return None
        named = listing(sorted({category for a in limit[0] for category in a.phi or ()}))
        expected = f"only {named}" if named else "none: the agreement names no category"
        start = max(stay.start, min(a.first_day for a in limit[0]), first_account(case, item.vma, item.system))
        return leg_broken(case, item, leg, limit[0], since=start, reached=listing(beyond), expected=expected)


RULES = (AgreementSystem(), AgreementPhi())

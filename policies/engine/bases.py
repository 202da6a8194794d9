"""
Bases of rules, by whom they ask: a rule says who is wanted, and its population follows from that, and whom it is about.

While it is not settled whether an account is a VMA's, the engine says `not evaluated` of whomever a rule is `about`:
who is wanted is said once, so that the two cannot differ.
"""

from abc import ABC
from collections.abc import Iterable, Iterator

from connectors.facts import Engagement, System
from policies.engine.answers import Asking
from policies.engine.case import AccountKey, Case
from policies.engine.populations import (
    accounts,
    accounts_of_people,
    entitlements,
    live_accounts,
    people,
    people_in_systems,
    systems,
)
from policies.engine.rule import Individual, Item, OfActive, Reads


class EachVma(Asking, Individual, ABC):
    """
    Base of a rule about each active VMA who is wanted, over all systems or by the papers alone: `reads` says which.

    Over all systems the rule itself weighs what one that was not read could change, or is `Bounded`.
    """

    on_leave = True
    """Whether those on leave are asked too."""

    def items(self, case: Case) -> Iterator[Item]:
        """Every active VMA who is wanted."""
        return people(case, lambda engagement: self.wanted(case, engagement))

    def wanted(self, case: Case, engagement: Engagement) -> bool:  # noqa: ARG002
        """Whoever is active."""
        return self.on_leave or not engagement.on_leave


class _OfWanted(Asking, OfActive, ABC):
    reads = Reads.SYSTEM
    on_leave = True
    """Whether those on leave are asked too."""

    def wanted(self, case: Case, engagement: Engagement) -> bool:  # noqa: ARG002
        """Whoever is active."""
        return self.on_leave or not engagement.on_leave

    def about(self, case: Case, engagement: Engagement, system: System) -> bool:
        """Whoever is active and wanted, in a system in which the rule asks."""
        return super().about(case, engagement, system) and self.within(case, system) and self.wanted(case, engagement)

    def within(self, case: Case, system: System) -> bool:  # noqa: ARG002
        """Every system."""
        return True


class EachAccount(_OfWanted):
    """Base of a rule about each live account of the active VMAs who are wanted."""

    def items(self, case: Case) -> Iterator[Item]:
        """Every live account of the active VMAs who are wanted, once, under the first of its users."""
        found = accounts(case, lambda engagement: self.wanted(case, engagement))
        return (item for item in found if self.within(case, case.systems[item.system]))


class EachVmaInSystem(_OfWanted):
    """Base of a rule about each active VMA who is wanted, in each system with a live account."""

    def items(self, case: Case) -> Iterator[Item]:
        """Every active VMA who is wanted, in every system where the VMA has a live account."""
        found = people_in_systems(case, lambda engagement: self.wanted(case, engagement))
        return (item for item in found if self.within(case, case.systems[item.system]))


class EachAccountOutsideWork(Asking, Individual, ABC):
    """Base of a rule about each account, live or not, of VMAs who are wanted, before and after their work too."""

    reads = Reads.SYSTEM

    def items(self, case: Case) -> Iterator[Item]:
        """Every account of every VMA who is wanted."""
        return accounts_of_people(case, lambda engagement: self.wanted(case, engagement))

    def about(self, case: Case, engagement: Engagement, system: System) -> bool:  # noqa: ARG002
        """Every VMA who is wanted."""
        return self.wanted(case, engagement)

    def wanted(self, case: Case, engagement: Engagement) -> bool:  # noqa: ARG002
        """Every VMA."""
        return True


class EachLiveAccount(Asking, Individual, ABC):
    """Base of a rule about each live account that is wanted, whoever owns it."""

    reads = Reads.SYSTEM
    of_vmas = False
    """Whether a finding concerns the first VMA among the users of an account."""

    def items(self, case: Case) -> Iterator[Item]:
        """Every live account that is wanted, of every system that was read whole."""
        return live_accounts(case, lambda key: self.wanted(case, key), of_vmas=self.of_vmas)

    def wanted(self, case: Case, key: AccountKey) -> bool:  # noqa: ARG002
        """Every one."""
        return True


class EachSystem(Asking, ABC):
    """Base of a rule about each system that is wanted."""

    reads = Reads.SYSTEM

    def items(self, case: Case) -> Iterator[Item]:
        """Every system that is wanted."""
        return systems(case, lambda system: self.wanted(case, system))

    def wanted(self, case: Case, system: System) -> bool:
        """Every one that was read whole."""
        return system.id not in case.incomplete


class EachEntitlement(Asking, ABC):
    """Base of a rule about entitlements that active VMAs hold."""

    reads = Reads.SYSTEM

    def items(self, case: Case) -> Iterator[Item]:
        """Each of them once, in the order of systems and ids."""
        return entitlements(case, self.asked(case))

    def asked(self, case: Case) -> Iterable[tuple[str, str]]:
        """Return system and id of every one that a live account of an active VMA holds."""
        return case.in_use

"""The rule about those who host PHI."""

from collections.abc import Iterator
from datetime import date

from connectors.facts import System
from policies.agreements.chain import Leg
from policies.agreements.days import ALWAYS, contains, since, union, until
from policies.agreements.register import PRACTICE, Agreement, AgreementKind
from policies.engine.case import Case
from policies.engine.evidence import one_or_two, paper_steps, papers_stated, system_subject
from policies.engine.finding import finding
from policies.engine.outcomes import Outcome, Step
from policies.engine.rule import Item, Reads
from policies.engine.verdicts import not_evaluated, satisfied

SELF = "self"
"""How a configuration says that whoever owns the account hosts the PHI too, so that there is no vendor."""


class VendorAgreement:
    """
    Whoever hosts PHI has an agreement in force with the owner of the account.

    A host is a business associate even when it only keeps encrypted data; the agreement is with whoever owns the
    account: the practice, or an agency (then it is a subcontractor's).
    Source: 45 CFR 160.103, 164.308(b)(1)-(3), 164.502(e).
    """

    id = "vendor-agreement"
    title = "No agreement with the vendor that hosts PHI"
    question = "Is there an agreement in force with every vendor that hosts PHI?"
    reads = Reads.REGISTER

    def items(self, case: Case) -> Iterator[Item]:
        """Every system that holds PHI."""
        for id_, system in case.systems.items():
            if system.holds_phi:
                yield Item(system_subject(case, id_), id_)

    def judge(self, case: Case, item: Item) -> Iterator[Outcome]:
        """No agreement in force that covers this system is a finding."""
        system = case.systems[item.system]
        if system.vendor is None:
            reason = "the configuration does not say who hosts it (`vendor`, or `vendor: self` when nobody else does)"
            yield not_evaluated(self, item, reason)
            return
        if system.vendor == SELF:
            yield satisfied(self, item)
            return
        owner = case.account_owner(system.id)
        owner = "the practice" if owner == PRACTICE else owner
        leg, register = agreements_with(case, system, system.vendor)
        if any(contains(a.days, case.today) for a in register):
            yield satisfied(self, item, covered_until(case, register))
            return
        if doubtful := case.coverage.doubtful(leg, case.today):
            yield not_evaluated(self, item, one_or_two(leg, doubtful))
            return
        gap = since(ALWAYS, union(days for a in register for days in a.days), case.today)
        yield finding(
            self,
            case,
            item,
            vendor=system.vendor,
            observed=papers_stated(case, register),
            paper=leg.text,
            path=(
                Step("system", system.id, f"{system.title}, holds PHI, hosted by {system.vendor} for {owner}"),
                *paper_steps(case, register),
            ),
            leg=leg,
            since=None if gap == date.min else gap,
        )


def agreements_with(case: Case, system: System, vendor: str) -> tuple[Leg, list[Agreement]]:
    """Return what a vendor needs with the owner of a system's account, and what the register has that covers it."""
    kinds = frozenset({AgreementKind.BAA, AgreementKind.SUBCONTRACTOR_BAA})
    owner = case.account_owner(system.id)
    named = "the practice" if owner == PRACTICE else owner
    leg = Leg(owner, vendor, kinds, f"BAA between {named} and {vendor}")
    return leg, [a for a in case.coverage.of_leg(leg) if a.systems is None or system.id in a.systems]


def covered_until(case: Case, register: list[Agreement]) -> date | None:
    """Return the first day on which time alone may leave none of these in force; `None`: one has no end."""
    ends = [until(a.days, case.today) for a in register if contains(a.days, case.today)]
    return None if None in ends else max(end for end in ends if end is not None)


RULES = (VendorAgreement(),)

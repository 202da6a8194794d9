"""Rules about the agreements that a VMA's work needs: in force, naming the person, with a seat."""

from collections.abc import Iterable, Iterator, Sequence

from connectors.facts import Engagement
from policies.agreements.chain import Leg, legs
from policies.agreements.days import Days, union
from policies.agreements.register import Agreement
from policies.engine.answers import Answer, Broken, Unknown
from policies.engine.bases import EachVma
from policies.engine.by_leg import ByLeg, ByPapers, gap, leg_broken
from policies.engine.case import Case
from policies.engine.evidence import listing, meant, one_or_two, papers_stated, seats_stated
from policies.engine.rule import Item, Reads


def _days(agreements: Iterable[Agreement]) -> Days:
    return union(interval for a in agreements for interval in a.days)


class NoAgreement(ByLeg, EachVma):
    """
    Every agreement that a VMA's work needs is signed and in force, along the whole chain.

    Source: 45 CFR 164.308(b)(1)-(3), 164.502(e), 164.504(e): satisfactory assurances, in writing, before any PHI.
    """

    id = "no-agreement"
    title = "No agreement in force"
    question = "Is every agreement that a VMA's work needs in force?"
    reads = Reads.REGISTER

    def wanted(self, case: Case, engagement: Engagement) -> bool:  # noqa: ARG002
        """Whoever's engagement needs an agreement."""
        return bool(legs(engagement))

    def answer(self, case: Case, item: Item) -> Iterator[Answer]:
        """Each leg without an agreement in force is a finding."""
        question = case.coverage.question(case.stay(item.vma))
        return iter([Unknown(question)]) if question else super().answer(case, item)

    def of_leg(self, case: Case, item: Item, leg: Leg) -> Broken | Unknown | Days:
        """One without an agreement in force."""
        register = case.coverage.of_leg(leg)
        if case.coverage.in_force(leg, case.today):
            return _days(register)
        if doubtful := case.coverage.doubtful(leg, case.today):
            return Unknown(one_or_two(leg, doubtful))
        start, near = gap(case, item, _days(register)), meant(case.coverage.near(leg))
        return leg_broken(case, item, leg, register, since=start, observed=papers_stated(case, register), meant=near)


class AgreementPerson(ByPapers, EachVma):
    """
    An agreement that names people names this VMA.

    Source: 45 CFR 164.504(e)(2)(i): an agreement permits what it states, and no more.
    """

    id = "agreement-person"
    title = "Agreement does not name this person"
    question = "Does an agreement that names people name every VMA who works under it?"

    def papers(self, case: Case, vma: str, leg: Leg) -> Sequence[Agreement]:  # noqa: ARG002
        """Those in force."""
        return case.coverage.in_force(leg, case.today)

    def of_papers(self, case: Case, item: Item, leg: Leg, papers: Sequence[Agreement]) -> Broken | Days:
        """One whose agreements in force all name other people."""
        name, coverage = case.people[item.vma].name, case.coverage
        named = _days(a for a in coverage.of_leg(leg) if coverage.names(a, item.vma))
        if coverage.naming(leg, item.vma, case.today):
            return named
        whom = name if name == item.vma else f"{name} ({item.vma})"
        others = listing(sorted({p for a in papers for p in a.people or ()})) or "nobody"
        return leg_broken(case, item, leg, papers, since=gap(case, item, named), others=others, whom=whom)


class AgreementHeadcount(ByPapers, EachVma):
    """
    An agreement for a number of people has a seat for every VMA who works under it.

    Seats go in the order of start dates, so the finding names the hire that tipped the number.
    Source: 45 CFR 164.504(e)(2)(i): an agreement permits what it states, and no more.
    """

    id = "agreement-headcount"
    title = "More VMAs than the agreement covers"
    question = "Does every agreement have a seat for every VMA who works under it?"

    def papers(self, case: Case, vma: str, leg: Leg) -> Sequence[Agreement]:
        """Those in force that name the VMA, or cover people without naming any."""
        return case.coverage.naming(leg, vma, case.today)

    def of_papers(self, case: Case, item: Item, leg: Leg, papers: Sequence[Agreement]) -> Broken | Days:
        """One whose agreements in force are all full before this VMA."""
        stay = case.stay(item.vma)
        seated = case.coverage.days(leg, stay)
        if case.coverage.seated(leg, stay, case.today):
            return seated
        return leg_broken(case, item, leg, papers, since=gap(case, item, seated), observed=seats_stated(case, papers))


RULES = (NoAgreement(), AgreementPerson(), AgreementHeadcount())

"""Rules about the agreements that a VMA's work needs: in force, naming the person, with a seat."""

from collections.abc import Iterable, Iterator

from policies.agreements.chain import Leg, engaged, legs
from policies.agreements.days import Days, since, union
from policies.agreements.register import Agreement
from policies.engine.by_leg import ByLeg, leg_finding
from policies.engine.case import Case
from policies.engine.evidence import listing, meant, one_or_two, papers_stated
from policies.engine.outcomes import Finding, NotEvaluated, Outcome
from policies.engine.populations import people
from policies.engine.rule import Individual, Item, Reads
from policies.engine.verdicts import not_evaluated


def _with_legs(case: Case) -> Iterator[Item]:
    return people(case, lambda engagement: bool(legs(engagement)))


def _days(agreements: Iterable[Agreement]) -> Days:
    return union(interval for a in agreements for interval in a.days)


class NoAgreement(ByLeg, Individual):
    """
    Every agreement that a VMA's work needs is signed and in force, along the whole chain.

    Source: 45 CFR 164.308(b)(1)-(3), 164.502(e), 164.504(e): satisfactory assurances, in writing, before any PHI.
    """

    id = "no-agreement"
    title = "No agreement in force"
    question = "Is every agreement that a VMA's work needs in force?"
    reads = Reads.REGISTER

    def items(self, case: Case) -> Iterator[Item]:
        """Every active VMA whose engagement needs an agreement."""
        return _with_legs(case)

    def judge(self, case: Case, item: Item) -> Iterator[Outcome]:
        """Each leg without an agreement in force is a finding."""
        if question := case.coverage.question(case.stay(item.vma)):
            yield not_evaluated(self, item, question)
        else:
            yield from super().judge(case, item)

    def of_leg(self, case: Case, item: Item, leg: Leg) -> Finding | NotEvaluated | Days:
        """One without an agreement in force."""
        register = case.coverage.of_leg(leg)
        if case.coverage.in_force(leg, case.today):
            return _days(register)
        if doubtful := case.coverage.doubtful(leg, case.today):
            return not_evaluated(self, item, one_or_two(leg, doubtful))
        start = since(engaged(case.stay(item.vma)), _days(register), case.today)
        observed = papers_stated(case, register)
        near = meant(case.coverage.near(leg))
        return leg_finding(
            self, case, item, leg, register, since=start, observed=observed, meant=near, start=str(start)
        )


class AgreementPerson(ByLeg, Individual):
    """
    An agreement that names people names this VMA.

    Source: 45 CFR 164.504(e)(2)(i): an agreement permits what it states, and no more.
    """

    id = "agreement-person"
    title = "Agreement does not name this person"
    question = "Does an agreement that names people name every VMA who works under it?"
    reads = Reads.REGISTER

    def items(self, case: Case) -> Iterator[Item]:
        """Every active VMA for whose work an agreement is in force; where none is, that is the finding."""
        for item in _with_legs(case):
            if any(case.coverage.in_force(leg, case.today) for leg in case.coverage.legs(case.stay(item.vma))):
                yield item

    def of_leg(self, case: Case, item: Item, leg: Leg) -> Finding | Days | None:
        """One whose agreements in force all name other people."""
        engagement, coverage = case.stay(item.vma), case.coverage
        current = coverage.in_force(leg, case.today)
        if not current:
            return None
        named = _days([a for a in coverage.of_leg(leg) if coverage.names(a, engagement.vma)])
        if coverage.naming(leg, engagement.vma, case.today):
            return named
        name = case.people[item.vma].name
        whom = name if name == item.vma else f"{name} ({item.vma})"
        others = listing(sorted({p for a in current for p in a.people or ()})) or "nobody"
        start = since(engaged(engagement), named, case.today)
        return leg_finding(self, case, item, leg, current, since=start, others=others, whom=whom)


class AgreementHeadcount(ByLeg, Individual):
    """
    An agreement for a number of people has a seat for every VMA who works under it.

    Seats go in the order of start dates, so the finding names the hire that tipped the number.
    Source: 45 CFR 164.504(e)(2)(i): an agreement permits what it states, and no more.
    """

    id = "agreement-headcount"
    title = "More VMAs than the agreement covers"
    question = "Does every agreement have a seat for every VMA who works under it?"
    reads = Reads.REGISTER

    def items(self, case: Case) -> Iterator[Item]:
        """Every active VMA whom an agreement in force names, or covers without naming people."""
        for item in _with_legs(case):
            if any(case.coverage.naming(leg, item.vma, case.today) for leg in case.coverage.legs(case.stay(item.vma))):
                yield item

    def of_leg(self, case: Case, item: Item, leg: Leg) -> Finding | Days | None:
        """One whose agreements in force are all full before this VMA."""
        engagement, coverage = case.stay(item.vma), case.coverage
        current = coverage.naming(leg, engagement.vma, case.today)
        if not current:
            return None
        seated = coverage.days(leg, engagement)
        if coverage.seated(leg, engagement, case.today):
            return seated
        counts = [f"{a.id} covers {a.headcount}, {coverage.seats_used(a, case.today)} work under it" for a in current]
        start = since(engaged(engagement), seated, case.today)
        return leg_finding(self, case, item, leg, current, since=start, observed="; ".join(counts))


RULES = (NoAgreement(), AgreementPerson(), AgreementHeadcount())

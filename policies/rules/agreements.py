"""Rules about the agreements that a VMA's work needs: in force, naming the person, with a seat."""

from collections.abc import Iterable, Iterator

from policies.agreements.coverage import Leg, engaged, legs
from policies.agreements.days import Days, intersection, since, union, until
from policies.agreements.register import Agreement
from policies.engine.case import Case
from policies.engine.evidence import chain_steps, leg_key, listing, meant, one_or_two, vma_subject
from policies.engine.finding import finding
from policies.engine.outcomes import Finding, NotEvaluated, Outcome, Satisfied
from policies.engine.rule import Individual, Item, Reads


def _active_with_legs(case: Case) -> Iterator[Item]:
    for engagement in case.active:
        if legs(engagement):
            yield Item(vma_subject(case, engagement.vma), vma=engagement.vma)


def _days(agreements: Iterable[Agreement]) -> Days:
    return union(interval for a in agreements for interval in a.days)


class NoAgreement(Individual):
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
        return _active_with_legs(case)

    def judge(self, case: Case, item: Item) -> Iterator[Outcome]:
        """Each leg without an agreement in force is a finding."""
        engagement, coverage = case.stay(item.vma), case.coverage
        if question := coverage.question(engagement):
            yield NotEvaluated(self.id, item.subject, None, question)
            return
        days, broken = engaged(engagement), False
        for leg in coverage.legs(engagement):
            if coverage.in_force(leg, case.today):
                days = intersection(days, _days(coverage.of_leg(leg)))
                continue
            broken = True
            if doubtful := coverage.doubtful(leg, case.today):
                yield NotEvaluated(self.id, item.subject, None, one_or_two(leg, doubtful))
            else:
                yield self._finding(case, item, leg)
        if not broken:
            yield Satisfied(self.id, item.subject, until=until(days, case.today))

    def _finding(self, case: Case, item: Item, leg: Leg) -> Finding:
        engagement = case.stay(item.vma)
        register = case.coverage.of_leg(leg)
        start = since(engaged(engagement), _days(register), case.today)
        observed = listing(f"{a.id} {a.state(case.today)}" for a in register) or "the register has none"
        return finding(
            self,
            case,
            item,
            what=leg_key(leg),
            path=chain_steps(case, item.vma, leg, register),
            leg=leg,
            since=start,
            observed=observed,
            paper=leg.text,
            meant=meant(case.coverage.near(leg)),
            start=str(start),
        )


class AgreementPerson(Individual):
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
        for item in _active_with_legs(case):
            if any(case.coverage.in_force(leg, case.today) for leg in case.coverage.legs(case.stay(item.vma))):
                yield item

    def judge(self, case: Case, item: Item) -> Iterator[Outcome]:
        """A leg whose agreements in force all name other people is a finding."""
        engagement, coverage = case.stay(item.vma), case.coverage
        days, broken = engaged(engagement), False
        for leg in case.coverage.legs(engagement):
            current = coverage.in_force(leg, case.today)
            if not current:
                continue
            named = _days([a for a in coverage.of_leg(leg) if coverage.names(a, engagement.vma)])
            if coverage.naming(leg, engagement.vma, case.today):
                days = intersection(days, named)
            else:
                broken = True
                yield self._finding(case, item, leg, current, named)
        if not broken:
            yield Satisfied(self.id, item.subject, until=until(days, case.today))

    def _finding(self, case: Case, item: Item, leg: Leg, current: list[Agreement], named: Days) -> Finding:
        name = case.people[item.vma].name
        whom = name if name == item.vma else f"{name} ({item.vma})"
        others = listing(sorted({p for a in current for p in a.people or ()})) or "nobody"
        return finding(
            self,
            case,
            item,
            what=leg_key(leg),
            path=chain_steps(case, item.vma, leg, current),
            leg=leg,
            since=since(engaged(case.stay(item.vma)), named, case.today),
            ids=listing(a.id for a in current),
            others=others,
            whom=whom,
        )


class AgreementHeadcount(Individual):
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
        for item in _active_with_legs(case):
            if any(case.coverage.naming(leg, item.vma, case.today) for leg in case.coverage.legs(case.stay(item.vma))):
                yield item

    def judge(self, case: Case, item: Item) -> Iterator[Outcome]:
        """A leg whose agreements in force are all full before this VMA is a finding."""
        engagement, coverage = case.stay(item.vma), case.coverage
        days, broken = engaged(engagement), False
        for leg in case.coverage.legs(engagement):
            current = coverage.naming(leg, engagement.vma, case.today)
            if not current:
                continue
            if coverage.seated(leg, engagement, case.today):
                days = intersection(days, coverage.days(leg, engagement))
            else:
                broken = True
                yield self._finding(case, item, leg, current)
        if not broken:
            yield Satisfied(self.id, item.subject, until=until(days, case.today))

    def _finding(self, case: Case, item: Item, leg: Leg, current: list[Agreement]) -> Finding:
        engagement, coverage = case.stay(item.vma), case.coverage
        counts = [f"{a.id} covers {a.headcount}, {coverage.seats_used(a, case.today)} work under it" for a in current]
        return finding(
            self,
            case,
            item,
            what=leg_key(leg),
            path=chain_steps(case, item.vma, leg, current),
            leg=leg,
            since=since(engaged(engagement), coverage.days(leg, engagement), case.today),
            ids=listing(a.id for a in current),
            observed="; ".join(counts),
        )


RULES = (NoAgreement(), AgreementPerson(), AgreementHeadcount())

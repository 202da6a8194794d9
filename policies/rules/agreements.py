"""Rules about the agreements that a VMA's work needs: in force, naming the person, with a seat, for system and PHI."""

from collections.abc import Iterator
from datetime import date

from connectors.facts import Engagement
from policies.agreements import Agreement
from policies.case import Case
from policies.coverage import Leg, legs
from policies.intervals import contains, until
from policies.outcomes import Finding, Outcome, Satisfied, Severity, Step
from policies.rule import Item, Reads
from policies.tell import cite, listing, vma_step, vma_subject


def _active_with_legs(case: Case) -> Iterator[Item]:
    for engagement in case.active:
        if legs(engagement):
            yield Item(vma_subject(case, engagement.vma), vma=engagement.vma)


def _in_force(case: Case, leg: Leg) -> list[Agreement]:
    return [a for a in case.coverage.of_leg(leg) if contains(a.days, case.today)]


def _leg_key(leg: Leg) -> str:
    return f"{leg.giver}>{leg.receiver}"


def _steps(case: Case, vma: str, leg: Leg, agreements: list[Agreement]) -> tuple[Step, ...]:
    """Return VMA → what the chain needs → each agreement that there is, with its state."""
    found = [Step("agreement", a.id, f"{a.kind.value}, {a.state(case.today)}") for a in agreements]
    return (vma_step(case, vma), Step("chain", _leg_key(leg), f"needs a {leg.text}"), *found)


def _engagement(case: Case, item: Item) -> Engagement:
    return case.engagements[item.vma]


class NoAgreement:
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
        engagement = _engagement(case, item)
        missing = [leg for leg in legs(engagement) if not _in_force(case, leg)]
        if not missing:
            yield Satisfied(self.id, item.subject, until=_ends(case, engagement))
        for leg in missing:
            register = list(case.coverage.of_leg(leg))
            states = [f"{a.id} {a.state(case.today)}" for a in register]
            ended = [a.end for a in register if a.end and a.end < case.today]
            yield Finding(
                rule=self.id,
                severity=Severity.CRITICAL,
                subject=item.subject,
                system=None,
                what=_leg_key(leg),
                title=f"{case.people[engagement.vma].name} works without a {leg.text}",
                observed=listing(states) if states else "the register has none",
                expected=f"a {leg.text}, signed by both and in force",
                remedy="have it signed, and keep the VMA away from PHI until it is",
                path=_steps(case, engagement.vma, leg, register),
                citations=cite(case, self.id, engagement.vma),
                since=max([engagement.start, *ended]),
                vma=engagement.vma,
            )


class AgreementPerson:
    """
    An agreement that names people names this VMA.

    Source: 45 CFR 164.504(e)(2)(i): an agreement permits what it states, and no more.
    """

    id = "agreement-person"
    title = "Agreement does not name this person"
    question = "Does an agreement that names people name every VMA who works under it?"
    reads = Reads.REGISTER

    def items(self, case: Case) -> Iterator[Item]:
        """Every active VMA whose engagement needs an agreement."""
        return _active_with_legs(case)

    def judge(self, case: Case, item: Item) -> Iterator[Outcome]:
        """A leg whose agreements in force all name other people is a finding."""
        engagement = _engagement(case, item)
        broken = False
        for leg in legs(engagement):
            current = _in_force(case, leg)
            if current and not any(case.coverage.names(a, engagement.vma) for a in current):
                broken = True
                yield Finding(
                    rule=self.id,
                    severity=Severity.HIGH,
                    subject=item.subject,
                    system=None,
                    what=_leg_key(leg),
                    title=f"{listing(a.id for a in current)} does not name {case.people[engagement.vma].name}",
                    observed=f"names {listing(sorted(p for a in current for p in a.people or ()))}",
                    expected=f"names {engagement.vma}, or names nobody in particular",
                    remedy=f"have the schedule of {listing(a.id for a in current)} amended to name {engagement.vma}",
                    path=_steps(case, engagement.vma, leg, current),
                    citations=cite(case, self.id, engagement.vma),
                    since=engagement.start,
                    vma=engagement.vma,
                )
        if not broken:
            yield Satisfied(self.id, item.subject, until=_ends(case, engagement))


class AgreementHeadcount:
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
        """Every active VMA whose engagement needs an agreement."""
        return _active_with_legs(case)

    def judge(self, case: Case, item: Item) -> Iterator[Outcome]:
        """A leg whose agreements in force are all full before this VMA is a finding."""
        engagement = _engagement(case, item)
        broken = False
        for leg in legs(engagement):
            current = [a for a in _in_force(case, leg) if case.coverage.names(a, engagement.vma)]
            if current and not any(self._seated(case, a, engagement, case.today) for a in current):
                broken = True
                yield self._finding(case, item, engagement, leg, current)
        if not broken:
            yield Satisfied(self.id, item.subject, until=_ends(case, engagement))

    @staticmethod
    def _seated(case: Case, agreement: Agreement, engagement: Engagement, day: date) -> bool:
        seat = case.coverage.seat_from(agreement, engagement)
        return seat is not None and seat <= day

    def _finding(self, case: Case, item: Item, engagement: Engagement, leg: Leg, current: list[Agreement]) -> Finding:
        counts = [
            f"{a.id} covers {a.headcount}, {case.coverage.seats_used(a, case.today)} work under it" for a in current
        ]
        return Finding(
            rule=self.id,
            severity=Severity.HIGH,
            subject=item.subject,
            system=None,
            what=_leg_key(leg),
            title=f"{case.people[engagement.vma].name} is one more than {listing(a.id for a in current)} covers",
            observed="; ".join(counts),
            expected="as many seats as VMAs",
            remedy=f"have {listing(a.id for a in current)} amended for the new headcount",
            path=_steps(case, engagement.vma, leg, current),
            citations=cite(case, self.id, engagement.vma),
            since=engagement.start,
            vma=engagement.vma,
        )


class AgreementSystem:
    """
    The agreements in force cover every PHI system in which a VMA has a live account.

    Source: 45 CFR 164.504(e)(2)(i): the agreement states the permitted uses.
    """

    id = "agreement-system"
    title = "Agreement does not cover this system"
    question = "Do the agreements cover every PHI system in which a VMA can sign in?"
    reads = Reads.SYSTEM

    def items(self, case: Case) -> Iterator[Item]:
        """Every active VMA whose engagement needs an agreement, in every PHI system with a live account."""
        for item in _active_with_legs(case):
            for system in case.systems_of(item.vma):
                if case.systems[system].holds_phi:
                    yield Item(item.subject, system, item.vma)

    def judge(self, case: Case, item: Item) -> Iterator[Outcome]:
        """A leg with agreements in force, none of which names the system, is a finding."""
        engagement, system = _engagement(case, item), case.systems[item.system]
        broken = False
        for leg in legs(engagement):
            current = _in_force(case, leg)
            if current and not any(a.systems is None or system.id in a.systems for a in current):
                broken = True
                logins = listing(case.accounts[k].login for k in case.live_accounts_of(engagement.vma, system.id))
                named = listing(sorted({s for a in current for s in a.systems or ()})) or "no system"
                yield Finding(
                    rule=self.id,
                    severity=Severity.HIGH,
                    subject=item.subject,
                    system=item.system,
                    what=_leg_key(leg),
                    title=f"{listing(a.id for a in current)} does not cover {system.title}, which {case.people[engagement.vma].name} can use",
                    observed=f"covers {named}; {logins} is live in {system.title}",
                    expected=f"covers {system.id}, or all systems",
                    remedy=f"have {listing(a.id for a in current)} amended to cover {system.title}, or end the access there",
                    path=_steps(case, engagement.vma, leg, current),
                    citations=cite(case, self.id, engagement.vma),
                    since=engagement.start,
                    vma=engagement.vma,
                )
        if not broken:
            yield Satisfied(self.id, item.subject, item.system, until=_ends(case, engagement))


class AgreementPhi:
    """
    What a VMA can reach lies within the PHI categories that the agreements name.

    Source: 45 CFR 164.504(e)(2)(i), 164.502(b)(1).
    """

    id = "agreement-phi"
    title = "Reach beyond the agreement's PHI categories"
    question = "Do VMAs reach only the PHI categories that the agreements name?"
    reads = Reads.SYSTEM

    def items(self, case: Case) -> Iterator[Item]:
        """Every active VMA whose engagement needs an agreement, in every PHI system with a live account."""
        return AgreementSystem().items(case)

    def judge(self, case: Case, item: Item) -> Iterator[Outcome]:
        """PHI reach − agreement coverage, by leg."""
        engagement, system = _engagement(case, item), case.systems[item.system]
        held = 0
        for key in case.live_accounts_of(engagement.vma, system.id):
            held |= case.holdings[key].mask
        reach = case.policy.vocabulary.phi(held)
        broken = False
        for leg in legs(engagement):
            current = _in_force(case, leg)
            if not current or any(a.phi is None for a in current):
                continue
            named = {category for a in current for category in a.phi or ()}
            beyond = [category for category in reach if category not in named]
            if beyond:
                broken = True
                yield Finding(
                    rule=self.id,
                    severity=Severity.MEDIUM,
                    subject=item.subject,
                    system=item.system,
                    what=_leg_key(leg),
                    title=f"{case.people[engagement.vma].name} reaches PHI in {system.title} that {listing(a.id for a in current)} does not name",
                    observed=f"reaches {listing(beyond)}",
                    expected=f"only {listing(sorted(named))}",
                    remedy="take away the access that reaches it, or have the agreement name these categories",
                    path=_steps(case, engagement.vma, leg, current),
                    citations=cite(case, self.id, engagement.vma),
                    since=engagement.start,
                    vma=engagement.vma,
                )
        if not broken:
            yield Satisfied(self.id, item.subject, item.system, until=_ends(case, engagement))


def _ends(case: Case, engagement: Engagement) -> date | None:
    """Return the first day on which the coverage of this engagement ends by itself."""
    days = case.coverage.chain_days(engagement)
    return until(days, case.today) if contains(days, case.today) else None


RULES = (NoAgreement(), AgreementPerson(), AgreementHeadcount(), AgreementSystem(), AgreementPhi())

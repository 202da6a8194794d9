"""
Rules about notices between agency and practice: what the roster never confirms, what cannot be so, what is lost.

The roster stays authoritative: a notice never changes who is engaged, and never closes anything. What it claims and the
roster does not say is asked.
"""

from collections.abc import Iterator

from policies.agreements.days import after
from policies.engine.announced import claimed_of, notice_step, roster_says
from policies.engine.answers import Answer, Asking, Broken, Kept
from policies.engine.case import Case
from policies.engine.outcomes import Step, Subject
from policies.engine.rule import Item, Reads
from policies.notices import ClaimKind, contradictions


class NoticeNotConfirmed(Asking):
    """
    The roster says what each notice says, within the practice's days from its receipt or its effect, the later one.

    Source: 45 CFR 164.308(a)(4)(ii)(C), 164.308(a)(3)(ii)(C); no regulation names the days, which are the practice's.
    """

    id = "notice-not-confirmed"
    title = "Notice that the roster does not confirm"
    question = "Does the roster say what each notice says, within the practice's days?"
    reads = Reads.REGISTER

    def items(self, case: Case) -> Iterator[Item]:
        """Every notice that stands, received or made here."""
        for vma, claims in case.announced.standing.items():
            for claim in claims:
                subject = Subject("notice", claim.id, f"notice {claim.id} of {claim.sender_name}")
                yield Item(subject, vma=vma if vma in case.engagements else "")

    def answer(self, case: Case, item: Item) -> Answer:
        """Until the days are over, a roster that is silent says nothing."""
        claim = next(c for c in case.announced.claims if c.id == item.subject.id)
        last = claim.confirm_by(case.announced.confirm_days, case.practice.timezone)
        says = roster_says(case, claim)
        if not says or case.today <= last:
            return Kept(after(last) if says else None)
        return Broken(
            "ending" if claim.kind is ClaimKind.LEAVE else "other",
            path=(notice_step(case, claim), Step("roster", claim.vma, says)),
            since=after(last),
            observed=says,
            words=claimed_of(case, claim),
        )


class NoticesContradict(Asking):
    """
    What stands about one VMA can all be so: nobody leaves twice without a start between, or starts while there already.

    Which of two notices is right, only people can say: whoever was wrong takes theirs back.
    Source: 45 CFR 164.308(a)(3)(ii)(C), 164.308(a)(4)(ii)(C).
    """

    id = "notices-contradict"
    title = "Notices that cannot both be so"
    question = "Can everything be so that notices say about one VMA?"
    reads = Reads.REGISTER

    def items(self, case: Case) -> Iterator[Item]:
        """Everybody of whom a notice says something."""
        for vma, claims in case.announced.standing.items():
            name = case.people[vma].name if vma in case.people else claims[0].name or vma
            yield Item(Subject("vma", vma, name), vma=vma if vma in case.engagements else "")

    def answer(self, case: Case, item: Item) -> Iterator[Answer]:
        """Each two that cannot both be so are one finding, which stays until one of them is taken back."""
        zone = case.practice.timezone
        for one, other in contradictions(case.announced.of(item.subject.id)):
            first, second = (f"{c.sender_name} ({c.id}): {c.says(zone)}" for c in (one, other))
            path = (notice_step(case, one), notice_step(case, other))
            yield Broken(what=" ".join(sorted((one.id, other.id))), path=path, one=first, other=second)
        yield Kept()


class NoticesNotWhole(Asking):
    """
    Of each sender, every notice is here up to the highest number, each number once, and each continues the one before.

    A gap is a notice that was lost, or is still on its way; a number twice says that the sender's records were put back
    or copied. Source: 45 CFR 164.316(b)(1)(ii).
    """

    id = "notices-not-whole"
    title = "Notices that are missing"
    question = "Is every notice of a sender here, each number once?"
    reads = Reads.REGISTER

    def items(self, case: Case) -> Iterator[Item]:
        """Every party that sent a notice."""
        return (Item(Subject("sender", sender.id, sender.name)) for sender in case.announced.senders)

    def answer(self, case: Case, item: Item) -> Answer:
        """A gap closes when what was missing comes."""
        sender = next(s for s in case.announced.senders if s.id == item.subject.id)
        step = Step("sender", sender.id, f"{sender.name}: {sender.received} notices, {sender.faults}")
        return Kept() if sender.whole else Broken(path=(step,), faults=sender.faults)


RULES = (NoticeNotConfirmed(), NoticesContradict(), NoticesNotWhole())

"""
Rules about notices between agency and practice: what the roster never confirms, what cannot be so, what is lost.

The roster stays authoritative: a notice never changes who is engaged, and never closes anything. What it claims and the
roster does not say is asked.
"""

from collections.abc import Iterator

from policies.agreements.days import after
from policies.engine.announced import roster_says
from policies.engine.case import Case
from policies.engine.finding import finding
from policies.engine.outcomes import Outcome, Step, Subject
from policies.engine.rule import Item, Reads
from policies.engine.verdicts import satisfied
from policies.notices import Claim, ClaimKind, contradictions


def _about(case: Case, vma: str) -> str:
    """Return the id of a VMA whom the roster knows; empty for anybody else."""
    return vma if vma in case.engagements else ""


def _step(case: Case, claim: Claim) -> Step:
    """Return the step that says what came, when, from whom."""
    came = "made here" if claim.ours else f"received {claim.received_at:%Y-%m-%d %H:%M} UTC"
    return Step(
        "notice", claim.id, f"{claim.sender_name}, number {claim.number}: {claim.says(case.practice.timezone)}; {came}"
    )


class NoticeNotConfirmed:
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
                yield Item(
                    Subject("notice", claim.id, f"notice {claim.id} of {claim.sender_name}"), vma=_about(case, vma)
                )

    def judge(self, case: Case, item: Item) -> Iterator[Outcome]:
        """Until the days are over, a roster that is silent says nothing."""
        claim = next(c for c in case.announced.claims if c.id == item.subject.id)
        last = claim.confirm_by(case.announced.confirm_days, case.practice.timezone)
        says = roster_says(case, claim)
        if not says:
            yield satisfied(self, item)
        elif case.today <= last:
            yield satisfied(self, item, after(last))
        else:
            told = "made here" if claim.ours else f"received on {case.day_of(claim.received_at)}"
            yield finding(
                self,
                case,
                item,
                way="ending" if claim.kind is ClaimKind.LEAVE else "other",
                path=(_step(case, claim), Step("roster", claim.vma, says)),
                since=after(last),
                person=_called(case, claim),
                claimed=claim.says(case.practice.timezone),
                sender=claim.sender_name,
                told=told,
                observed=says,
            )


def _called(case: Case, claim: Claim) -> str:
    person = case.people.get(claim.vma)
    return person.name if person else f"{claim.name} ({claim.vma})" if claim.name else claim.vma


class NoticesContradict:
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
            yield Item(Subject("vma", vma, name), vma=_about(case, vma))

    def judge(self, case: Case, item: Item) -> Iterator[Outcome]:
        """Each two that cannot both be so are one finding, which stays until one of them is taken back."""
        pairs = list(contradictions(case.announced.of(item.subject.id)))
        if not pairs:
            yield satisfied(self, item)
        for one, other in pairs:
            first, second = sorted((one, other), key=lambda c: c.id)
            yield finding(
                self,
                case,
                item,
                what=f"{first.id} {second.id}",
                path=(_step(case, one), _step(case, other)),
                one=f"{one.sender_name} ({one.id}): {one.says(case.practice.timezone)}",
                other=f"{other.sender_name} ({other.id}): {other.says(case.practice.timezone)}",
            )


class NoticesNotWhole:
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
        for sender in case.announced.senders:
            yield Item(Subject("sender", sender.id, sender.name))

    def judge(self, case: Case, item: Item) -> Iterator[Outcome]:
        """A gap closes when what was missing comes."""
        sender = next(s for s in case.announced.senders if s.id == item.subject.id)
        if sender.whole:
            yield satisfied(self, item)
        else:
            step = Step("sender", sender.id, f"{sender.name}: {sender.received} notices, {sender.faults}")
            yield finding(self, case, item, path=(step,), faults=sender.faults)


RULES = (NoticeNotConfirmed(), NoticesContradict(), NoticesNotWhole())

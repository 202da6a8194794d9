"""The rule about duties that no one person may hold together."""

from collections.abc import Iterator

from policies.engine.answers import Answer, Broken, Kept
from policies.engine.bases import EachVma
from policies.engine.case import Case
from policies.engine.evidence import listing, vma_step
from policies.engine.outcomes import Severity
from policies.engine.rule import Bounded, Item, Reads
from policies.questions.separation import halves, how_to_part, steps_to, whence


class SeparationOfDuties(Bounded, EachVma):
    """
    No one person holds both halves of what two people must do, over all systems together.

    Source: NIST SP 800-53 AC-5; 45 CFR 164.308(a)(4)(i). What is not split can hide theft of payments or of records.
    """

    id = "separation-of-duties"
    title = "Duties not separated"
    question = "Is every pair of duties that must be separate held by different people?"
    reads = Reads.ALL

    def answer(self, case: Case, item: Item) -> Iterator[Answer]:
        """Something held of every side; what is broken by what was read stays broken, whatever else there is."""
        held = case.held(item.vma)
        for conflict in (c for c in case.policy.conflicts if c.broken_by(held)):
            yield Broken(
                severity=Severity(conflict.severity),
                what=conflict.id,
                halves=halves(case, item.vma, conflict),
                conflict=conflict.title,
                where=whence(case, item.vma, conflict),
                remedy=how_to_part(case, item.vma, conflict),
                path=(vma_step(case, item.vma), *steps_to(case, item.vma, conflict)),
            )
        yield Kept()

    def unproven(self, case: Case, item: Item) -> str:
        """An unread system, or an unread right, might give the other half."""
        if case.incomplete:
            return f"{listing(case.incomplete)} was not read, and might give the other half"
        why = super().unproven(case, item)
        return f"{why}, which might be the other half" if why else ""


RULES = (SeparationOfDuties(),)

"""The rule about duties that no one person may hold together."""

from collections.abc import Iterator

from policies.engine.case import Case
from policies.engine.evidence import assignment_path, listing, vma_step
from policies.engine.finding import finding
from policies.engine.indivisible import unsplit
from policies.engine.outcomes import Outcome, Severity, Step
from policies.engine.populations import people
from policies.engine.rule import Bounded, Item, Reads
from policies.engine.verdicts import satisfied
from policies.roles.separation import Conflict


class SeparationOfDuties(Bounded):
    """
    No one person holds both halves of what two people must do, over all systems together.

    Source: NIST SP 800-53 AC-5; 45 CFR 164.308(a)(4)(i). What is not split can hide theft of payments or of records.
    """

    id = "separation-of-duties"
    title = "Duties not separated"
    question = "Is every pair of duties that must be separate held by different people?"
    reads = Reads.ALL

    def items(self, case: Case) -> Iterator[Item]:
        """Every active VMA."""
        return people(case)

    def judge(self, case: Case, item: Item) -> Iterator[Outcome]:
        """Something held of every side; what is broken by what was read stays broken, whatever else there is."""
        held = case.held(item.vma)
        broken = [c for c in case.policy.conflicts if c.broken_by(held)]
        for conflict in broken:
            yield finding(
                self,
                case,
                item,
                Severity(conflict.severity),
                what=conflict.id,
                halves=" and ".join(listing(case.policy.vocabulary.titles(side & held)) for side in conflict.sides),
                conflict=conflict.title,
                where=_where(case, item.vma, conflict.sides),
                remedy=_split(case, item.vma, conflict),
                path=(vma_step(case, item.vma), *_sides(case, item.vma, conflict.sides)),
            )
        if not broken:
            yield satisfied(self, item)

    def unproven(self, case: Case, item: Item) -> str:
        """An unread system, or an unread right, might give the other half."""
        if case.incomplete:
            return f"{listing(case.incomplete)} was not read, and might give the other half"
        why = super().unproven(case, item)
        return f"{why}, which might be the other half" if why else ""


def _split(case: Case, vma: str, conflict: Conflict) -> str:
    """Say what to do; where the work needs every right that gives a half, nobody is told to take one away."""
    allows, whole = case.template(vma).allows, {}
    free = False
    for side in conflict.sides:
        for key in case.live_accounts_of(vma):
            for id_, assignment in sorted(case.holdings[key].assignments.items()):
                if assignment.mask & side:
                    beyond = unsplit(case, vma, key, assignment)
                    free |= bool(assignment.mask & side & ~(allows | beyond))
                    if beyond:
                        whole[case.holdings.entitlement(key[0], id_).name] = case.systems[key[0]].title
    if whole and not free:
        titles = listing(dict.fromkeys(whole.values()))
        return f"{titles} cannot split {listing(whole)}, which the work needs: {conflict.mitigation}"
    return f"take one half away; if the practice is too small to split it: {conflict.mitigation}"


def _where(case: Case, vma: str, sides: tuple[int, ...]) -> str:
    """Say where each half comes from."""
    parts = []
    for side in sides:
        names = [
            f"{case.holdings.entitlement(key[0], a.id).name} in {case.systems[key[0]].title}"
            for key in case.live_accounts_of(vma)
            for _, a in sorted(case.holdings[key].assignments.items())
            if a.mask & side
        ]
        parts.append(f"{listing(case.policy.vocabulary.names(side & case.held(vma)))} by {listing(names)}")
    return "; ".join(parts)


def _sides(case: Case, vma: str, sides: tuple[int, ...]) -> Iterator[Step]:
    """Yield, for each half, the account and the entitlement that give it, and the capability."""
    for side in sides:
        for key in case.live_accounts_of(vma):
            found = [a for _, a in sorted(case.holdings[key].assignments.items()) if a.mask & side]
            if found:
                yield from assignment_path(case, vma, key, found[0], side & found[0].mask)[1:-1]
                break


RULES = (SeparationOfDuties(),)

"""The rule about rights that a product cannot split."""

from collections.abc import Iterator

from policies.agreements.days import after
from policies.catalogs.file import Acceptance
from policies.engine.case import Case
from policies.engine.evidence import listing
from policies.engine.finding import finding
from policies.engine.indivisible import holders_of
from policies.engine.outcomes import Outcome, Step, Subject
from policies.engine.rule import Item, Reads
from policies.engine.verdicts import satisfied


class ProductCannotSplit:
    """
    A right that cannot be finer in its product, and gives more than the role of whoever needs it, was accepted once.

    It is asked of the product and not of each person: to take it away would stop the work. Whoever answers for the
    practice accepts it with a reason (`accepted` in a catalog of the practice's own), or chooses another product; it is
    asked again after a year at most.
    Source: 45 CFR 164.502(b)(1), reasonable efforts to limit to the minimum necessary; 164.308(a)(4)(i).
    """

    id = "product-cannot-split"
    title = "This product cannot be finer"
    question = "Was every right that a product cannot split, and that gives more than a role allows, accepted once?"
    reads = Reads.SYSTEM

    def items(self, case: Case) -> Iterator[Item]:
        """Every such right that a live account of an active VMA holds."""
        for system, id_ in sorted(holders_of(case)):
            name = case.holdings.entitlement(system, id_).name
            yield Item(Subject.within("entitlement", (system, id_), name), system)

    def judge(self, case: Case, item: Item) -> Iterator[Outcome]:
        """One that nobody accepted is one finding, however many people need it."""
        _, id_ = item.subject.key
        system = case.systems[item.system]
        accepted = case.policy.catalogs.accepted(system, case.holdings.entitlement(item.system, id_))
        if accepted is not None and accepted.holds_on(case.today):
            yield satisfied(self, item, until=after(accepted.until))
            return
        words, name = case.policy.vocabulary, item.subject.name
        roles: dict[str, int] = {}
        holders = holders_of(case)[item.system, id_]
        people = {vma for vma, _ in holders}
        for (vma, _), beyond in holders.items():
            role = ", ".join(case.engagements[vma].roles)
            roles[role] = roles.get(role, 0) | beyond
        more = "; ".join(f"{role} can also {listing(words.titles(mask))}" for role, mask in sorted(roles.items()))
        yield finding(
            self,
            case,
            item,
            count=str(len(people)),
            more=more,
            before=_before(accepted),
            path=(Step("system", system.id, system.title), Step("entitlement", id_, f"{name}: held by {len(people)}")),
        )


def _before(accepted: Acceptance | None) -> str:
    """Say who accepted it, and until when, where that does not hold today."""
    if accepted is None:
        return ""
    return (
        f"; {accepted.by} accepted it on {accepted.on} until {accepted.until} ({accepted.reason}): "
        "that does not hold today, so it is asked again"
    )


RULES = (ProductCannotSplit(),)

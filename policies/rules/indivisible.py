"""The rule about rights that a product cannot split."""

from collections.abc import Iterable

from policies.agreements.days import after
from policies.engine.answers import Answer, Broken, Kept
from policies.engine.bases import EachEntitlement
from policies.engine.case import Case
from policies.engine.indivisible import beyond_by_role, holders_of
from policies.engine.outcomes import Step
from policies.engine.rule import Item


class ProductCannotSplit(EachEntitlement):
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

    def asked(self, case: Case) -> Iterable[tuple[str, str]]:
        """Every such right that a live account of an active VMA holds."""
        return holders_of(case)

    def answer(self, case: Case, item: Item) -> Answer:
        """One that nobody accepted is one finding, however many people need it."""
        system, people = case.systems[item.system], {vma for vma, _ in holders_of(case)[item.subject.key]}
        accepted = case.policy.catalogs.accepted(system, case.holdings.entitlement(*item.subject.key))
        if accepted is not None and accepted.holds_on(case.today):
            return Kept(until=after(accepted.until))
        before = f"; {accepted.said}: that does not hold today, so it is asked again" if accepted else ""
        held = Step("entitlement", item.subject.key[1], f"{item.subject.name}: held by {len(people)}")
        path = (Step("system", system.id, system.title), held)
        more = beyond_by_role(case, *item.subject.key)
        return Broken(count=str(len(people)), more=more, before=before, path=path)


RULES = (ProductCannotSplit(),)

"""Rules that compare what a VMA holds with the templates of the VMA's roles."""

from policies.engine.answers import Answer, Broken, Kept, Unknown
from policies.engine.bases import EachVma
from policies.engine.by_assignment import ByAssignment, broken_by
from policies.engine.case import AccountKey, Case, EvaluationScope
from policies.engine.doubt import perhaps_asleep, perhaps_supplied
from policies.engine.evidence import capability_steps, listing, template_step, vma_step
from policies.engine.holdings import Assignment
from policies.engine.indivisible import divisible
from policies.engine.rule import Item, Reads
from policies.questions.provisioning import advice, by_risk


class Excess(ByAssignment):
    """
    A VMA holds nothing in a system beyond what the role templates allow.

    Source: 45 CFR 164.502(b)(1), minimum necessary; 164.308(a)(4)(i); for the practice's own workforce 164.514(d)(2).
    """

    id = "excess"
    title = "Access beyond the role"
    question = "Does every VMA hold only what the role allows?"

    def of_assignment(self, case: Case, item: Item, key: AccountKey, assignment: Assignment) -> Broken | None:
        """Held − allowed; what is forbidden is told by its own rule."""
        allowed, words = case.template(item.vma).allows, case.policy.vocabulary
        beyond = assignment.mask & ~(allowed | case.forbidden(item.vma))
        if not (excess := divisible(case, item.vma, key, assignment, beyond)):
            return None
        severity, needed = by_risk(case, item.system, excess), listing(words.names(assignment.mask & allowed))
        way = "needed-in-part" if needed else ""
        return broken_by(case, item, key, assignment, mask=excess, severity=severity, way=way, needed=needed)


class Forbidden(ByAssignment):
    """
    No VMA ever holds what the never-list names, or what the role itself rules out.

    Source: 45 CFR 164.312(a)(1), 164.308(a)(4)(i), 164.514(d)(5); the list is the practice's to approve.
    """

    id = "forbidden"
    title = "Forbidden access"
    question = "Is every VMA without the access that no VMA may have?"

    def of_assignment(self, case: Case, item: Item, key: AccountKey, assignment: Assignment) -> Broken | None:
        """Held & forbidden; what the product cannot split off is asked of the product: `product-cannot-split`."""
        held = divisible(case, item.vma, key, assignment, assignment.mask & case.forbidden(item.vma))
        way = "" if held & case.policy.never.mask else "by-the-role"
        return broken_by(case, item, key, assignment, mask=held, way=way) if held else None


class Missing(EachVma):
    """
    A VMA holds what the role requires, so that nobody needs to borrow an account to work.

    Source: 45 CFR 164.308(a)(3)(i): appropriate access; a VMA without it shares somebody's log-in.
    """

    id = "missing"
    title = "Access missing for the role"
    question = "Does every VMA hold what the role requires?"
    reads = Reads.ALL
    on_leave = False

    def answer(self, case: Case, item: Item) -> Answer:
        """Required − held, over all systems; an unread system might hold the rest, and an account may not work."""
        required = case.template(item.vma).requires
        missing = required & ~case.held(item.vma)
        if not missing:
            asleep = perhaps_asleep(case, item.vma, required)
            why = f"what gives it may not work: no source says whether {asleep} does"
            return Unknown(why) if asleep else Kept()
        if perhaps := perhaps_supplied(case, item.vma, missing, "what is missing elsewhere"):
            return Unknown(perhaps)
        accounts = listing(case.systems[s].title for s in case.systems_of(item.vma)) or "no system at all"
        path = (vma_step(case, item.vma), *capability_steps(case, missing), template_step(case, item.vma, missing))
        return Broken(mask=missing, accounts=accounts, remedy=advice(case, item.vma, missing), path=path)

    def peers(self, before: Case, after: Case, moved: EvaluationScope) -> tuple[str, ...] | None:  # noqa: ARG002
        """The advice names what somebody else holds, so anybody's may be different when that is no longer the same."""
        return () if before.holdings.choices(before.systems) == after.holdings.choices(after.systems) else None


RULES = (Excess(), Forbidden(), Missing())

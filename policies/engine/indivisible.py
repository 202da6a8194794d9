"""
What a product cannot split: more than a role allows, that comes with what the role needs, and by no finer right.

Taking it away would lock somebody out of the work, so it is no fault of the person. It is one question about the
product, which the practice answers once, with a reason: 45 CFR 164.502(b)(1) asks for reasonable efforts, not for a
right that the product does not have. What no VMA may hold is never excused by this.
"""

from collections.abc import Mapping

from policies.engine.case import AccountKey, Case, derived
from policies.engine.evidence import listing
from policies.engine.holdings import Assignment


def unsplit(case: Case, vma: str, key: AccountKey, assignment: Assignment) -> int:
    """Return the capabilities beyond the role that cannot be taken away without what the role needs."""
    allows = case.template(vma).allows
    beyond = assignment.mask & ~allows & ~case.policy.never.mask
    needed = assignment.mask & allows & case.policy.vocabulary.reaching_phi
    if not (beyond and needed):
        return 0
    entitlement = case.holdings.entitlement(key[0], assignment.id)
    return beyond if case.policy.catalogs.indivisible(case.systems[key[0]], entitlement, needed, beyond) else 0


def divisible(case: Case, vma: str, key: AccountKey, assignment: Assignment, mask: int) -> int:
    """Return those of some capabilities that can be taken away alone; the others are asked of the product."""
    return mask & ~unsplit(case, vma, key, assignment) if mask else 0


@derived
def holders_of(case: Case) -> Mapping[tuple[str, str], Mapping[tuple[str, AccountKey], int]]:
    """Return, by system and entitlement, which active VMA holds something unsplit by it, by which account, and what."""
    found: dict[tuple[str, str], dict[tuple[str, AccountKey], int]] = {}
    # Most products can be as fine as anybody likes: nobody there is asked.
    asked = {id_ for id_, system in case.systems.items() if case.policy.catalogs.may_be_indivisible(system)}
    if not asked:
        return found
    for engagement, key, _ in case.live_accounts_of_active():
        if key[0] in asked:
            for id_, assignment in case.holdings[key].assignments.items():
                if beyond := unsplit(case, engagement.vma, key, assignment):
                    found.setdefault((key[0], id_), {})[engagement.vma, key] = beyond
    return found


def beyond_by_role(case: Case, system: str, entitlement: str) -> str:
    """Say what something that cannot be split lets people do beyond their roles, by role."""
    roles: dict[str, int] = {}
    for (vma, _), beyond in holders_of(case)[system, entitlement].items():
        role = ", ".join(case.engagements[vma].roles)
        roles[role] = roles.get(role, 0) | beyond
    titles = case.policy.vocabulary.titles
    return "; ".join(f"{role} can also {listing(titles(mask))}" for role, mask in sorted(roles.items()))

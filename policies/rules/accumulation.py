"""The rule about access that a VMA gathered on the way from role to role."""

from functools import reduce
from operator import or_

from connectors.facts import Engagement
from policies.engine.answers import Answer, Broken, Kept
from policies.engine.bases import EachVmaInSystem
from policies.engine.by_assignment import assignment_name, assignments, removal
from policies.engine.case import Case
from policies.engine.evidence import assignment_path, listing
from policies.engine.rule import Bounded, Item


class AccumulatedAccess(Bounded, EachVmaInSystem):
    """
    Who changed role holds nothing of an earlier role that the present one does not allow: remove first, then add.

    Which roles somebody had is known from the audits before and from earlier periods of the roster.

    Source: 45 CFR 164.308(a)(4)(ii)(C), modification of access; NIST SP 800-53 PS-5.
    """

    id = "accumulated-access"
    title = "Access of an earlier role"
    question = "Was the access of earlier roles taken away from everybody who changed role?"

    def wanted(self, case: Case, engagement: Engagement) -> bool:
        """Whoever had another role."""
        return bool(_earlier(case, engagement.vma))

    def answer(self, case: Case, item: Item) -> Answer:
        """Held & allowed by an earlier role − allowed by the present ones."""
        roles = _earlier(case, item.vma)
        of_earlier = case.policy.templates.combine(roles).allows & ~case.template(item.vma).allows
        kept = [(key, given) for key, given in assignments(case, item) if given.mask & of_earlier]
        if not kept:
            return Kept()
        # The parts are findings of `excess` with severities of their own; this one says that nobody took them away.
        return Broken(
            mask=reduce(or_, (given.mask & of_earlier for _, given in kept)),
            names=listing(assignment_name(case, *each) for each in kept),
            earlier=listing(roles),
            remedies="; ".join(removal(case, *each) for each in kept),
            path=assignment_path(case, item.vma, *kept[0], kept[0][1].mask & of_earlier),
        )


def _earlier(case: Case, vma: str) -> tuple[str, ...]:
    """Return the earlier roles that still have a template; of the others nobody knows what they allowed."""
    return tuple(role for role in case.earlier_roles.get(vma, ()) if role in case.policy.templates)


RULES = (AccumulatedAccess(),)

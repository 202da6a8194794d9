"""The rule about access that a VMA gathered on the way from role to role."""

from collections.abc import Iterator
from functools import reduce
from operator import or_

from connectors.facts import Engagement, System
from policies.engine.by_assignment import assignment_name, assignments
from policies.engine.case import AccountKey, Case
from policies.engine.evidence import assignment_path, listing
from policies.engine.finding import finding
from policies.engine.holdings import Assignment
from policies.engine.outcomes import Finding, Outcome
from policies.engine.populations import people_in_systems
from policies.engine.rule import Bounded, Item, Reads
from policies.engine.verdicts import satisfied


class AccumulatedAccess(Bounded):
    """
    Who changed role holds nothing of an earlier role that the present one does not allow: remove first, then add.

    Which roles somebody had is known from the audits before and from earlier periods of the roster.

    Source: 45 CFR 164.308(a)(4)(ii)(C), modification of access; NIST SP 800-53 PS-5.
    """

    id = "accumulated-access"
    title = "Access of an earlier role"
    question = "Was the access of earlier roles taken away from everybody who changed role?"
    reads = Reads.SYSTEM

    def items(self, case: Case) -> Iterator[Item]:
        """Every active VMA who had another role, in every system where the VMA has a live account."""
        return people_in_systems(case, lambda engagement: bool(self._earlier(case, engagement.vma)))

    def about(self, case: Case, engagement: Engagement, system: System) -> bool:
        """Every active VMA who had another role."""
        return super().about(case, engagement, system) and bool(self._earlier(case, engagement.vma))

    def judge(self, case: Case, item: Item) -> Iterator[Outcome]:
        """Held & allowed by an earlier role − allowed by the present ones."""
        roles = self._earlier(case, item.vma)
        of_earlier = case.policy.templates.combine(roles).allows & ~case.template(item.vma).allows
        kept = [(key, given) for key, given in assignments(case, item) if given.mask & of_earlier]
        if kept:
            yield self._finding(case, item, roles, kept, of_earlier)
        else:
            yield satisfied(self, item)

    def _earlier(self, case: Case, vma: str) -> tuple[str, ...]:
        """Return the earlier roles that still have a template; of the others nobody knows what they allowed."""
        return tuple(role for role in case.earlier_roles.get(vma, ()) if role in case.policy.templates)

    def _finding(
        self, case: Case, item: Item, roles: tuple[str, ...], kept: list[tuple[AccountKey, Assignment]], mask: int
    ) -> Finding:
        system, names = case.systems[item.system], [assignment_name(case, key, given) for key, given in kept]
        remedies = [
            case.policy.remedies.text("remove-entitlement", system, login=case.accounts[key].login, name=name)
            for (key, _), name in zip(kept, names, strict=True)
        ]
        key, assignment = kept[0]
        # The parts are findings of `excess` with severities of their own; this one says that nobody took them away.
        return finding(
            self,
            case,
            item,
            mask=reduce(or_, (given.mask & mask for _, given in kept)),
            names=listing(names),
            earlier=listing(roles),
            remedies="; ".join(remedies),
            vma=item.vma,
            path=assignment_path(case, item.vma, key, assignment, assignment.mask & mask),
        )


RULES = (AccumulatedAccess(),)

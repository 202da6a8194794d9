"""The rule about access that a VMA gathered on the way from role to role."""

from collections.abc import Iterator

from connectors.facts import Engagement, System
from policies.engine.case import AccountKey, Case
from policies.engine.evidence import assignment_path, listing, vma_subject
from policies.engine.finding import finding
from policies.engine.holdings import Assignment
from policies.engine.outcomes import Finding, Outcome, Satisfied
from policies.engine.rule import Bounded, Item, Reads


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
        for engagement in case.active:
            if self._earlier(case, engagement.vma):
                for system in case.systems_of(engagement.vma):
                    yield Item(vma_subject(case, engagement.vma), system, engagement.vma)

    def about(self, case: Case, engagement: Engagement, system: System) -> bool:
        """Every active VMA who had another role."""
        return super().about(case, engagement, system) and bool(self._earlier(case, engagement.vma))

    def judge(self, case: Case, item: Item) -> Iterator[Outcome]:
        """Held & allowed by an earlier role − allowed by the present ones."""
        roles = self._earlier(case, item.vma)
        of_earlier = case.policy.templates.combine(roles).allows & ~case.template(item.vma).allows
        kept = [
            (key, assignment)
            for key in case.live_accounts_of(item.vma, item.system)
            for _, assignment in sorted(case.holdings[key].assignments.items())
            if assignment.mask & of_earlier
        ]
        if not kept:
            yield Satisfied(self.id, item.subject, item.system)
            return
        yield self._finding(case, item, roles, kept, of_earlier)

    def _earlier(self, case: Case, vma: str) -> tuple[str, ...]:
        """Return the earlier roles that still have a template; of the others nobody knows what they allowed."""
        return tuple(role for role in case.earlier_roles.get(vma, ()) if role in case.policy.templates)

    def _finding(
        self, case: Case, item: Item, roles: tuple[str, ...], kept: list[tuple[AccountKey, Assignment]], mask: int
    ) -> Finding:
        system, vocabulary = case.systems[kept[0][0][0]], case.policy.vocabulary
        names = [case.holdings.entitlement(key[0], a.id).name for key, a in kept]
        held = 0
        for _, assignment in kept:
            held |= assignment.mask & mask
        remedies = [
            case.policy.remedies.text("remove-entitlement", system, login=case.accounts[key].login, name=name)
            for (key, _), name in zip(kept, names, strict=True)
        ]
        key, assignment = kept[0]
        now = listing(case.engagements[item.vma].roles)
        # The parts are findings of `excess` with severities of their own; this one says that nobody took them away.
        return finding(
            self,
            case,
            item,
            title=f"{case.people[item.vma].name} still holds access of an earlier role in {system.title}",
            observed=f"{listing(names)}, of {listing(roles)}: can {listing(vocabulary.titles(held))}",
            expected=f"only what {now} allows; the access of {listing(roles)} goes before that of {now} comes",
            remedy=f"{'; '.join(remedies)}; `auditor transfer {item.vma}` says what goes, comes and may stay",
            path=assignment_path(case, item.vma, key, assignment, assignment.mask & mask),
        )


RULES = (AccumulatedAccess(),)

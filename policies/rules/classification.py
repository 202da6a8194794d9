"""The rule that keeps the catalogs honest."""

from collections.abc import Iterator

from policies.case import Case
from policies.outcomes import Finding, Outcome, Satisfied, Severity, Subject
from policies.rule import Item, Reads
from policies.tell import account_steps, cite, grant_steps, listing


class UnclassifiedEntitlement:
    """
    Every entitlement that a VMA holds is known to a catalog; an unknown one is never taken for harmless.

    Source: 45 CFR 164.308(a)(4)(i); the OCR audit protocol asks what each level of access allows.
    """

    id = "unclassified-entitlement"
    title = "Entitlement that no catalog knows"
    question = "Is it known what every entitlement lets a VMA do?"
    reads = Reads.SYSTEM

    def items(self, case: Case) -> Iterator[Item]:
        """Every distinct entitlement that a live account of an active VMA holds."""
        for system, id_ in sorted(case.in_use):
            name = case.holdings.entitlement(system, id_).name
            yield Item(Subject("entitlement", f"{system}:{id_}", name), system)

    def judge(self, case: Case, item: Item) -> Iterator[Outcome]:
        """An entitlement without catalog is a finding of the practice, which alone can say what it gives."""
        id_ = item.subject.id.removeprefix(f"{item.system}:")
        holders = case.unclassified.get((item.system, id_))
        if not holders:
            yield Satisfied(self.id, item.subject, item.system)
            return
        system = case.systems[item.system]
        key = holders[0][1]
        reason, grant = case.holdings[key].unclassified[id_]
        names = listing(dict.fromkeys(case.people[vma].name for vma, _ in holders))
        yield Finding(
            rule=self.id,
            severity=Severity.MEDIUM,
            subject=item.subject,
            system=item.system,
            what="",
            title=f"nobody has said what {item.subject.name} in {system.title} lets people do",
            observed=f"held by {names}; {reason}",
            expected="an entry in a catalog",
            remedy=case.policy.remedies.text("classify-entitlement", system, name=item.subject.name),
            path=(*account_steps(case, key), *grant_steps(case, key, grant)),
            citations=cite(case, self.id, None),
        )


RULES = (UnclassifiedEntitlement(),)

"""The rule that keeps the catalogs honest."""

from collections.abc import Iterator

from connectors.unread import is_unread
from policies.catalogs.catalog import KnownEntitlement
from policies.engine.case import Case
from policies.engine.evidence import account_steps, grant_steps, listing
from policies.engine.finding import finding
from policies.engine.outcomes import Finding, Outcome, Satisfied, Severity, Subject
from policies.engine.rule import Item, Reads


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
        system = case.systems[item.system]
        if not holders:
            unknown = _unknown(case, item.system, id_)
            if unknown:
                yield self._action(case, item, unknown)
            else:
                yield Satisfied(self.id, item.subject, item.system)
            return
        key = holders[0][1]
        reason, grant = case.holdings[key].unclassified[id_]
        names = listing(dict.fromkeys(case.people[vma].name for vma, _ in holders))
        yield finding(
            self,
            case,
            item,
            title=f"not read in {system.title}: {item.subject.name}"
            if is_unread(id_)
            else f"nobody has said what {item.subject.name} in {system.title} lets people do",
            observed=f"held by {names}; {reason}",
            expected="an entry in a catalog",
            remedy=case.policy.remedies.text(
                "read-rights" if is_unread(id_) else "classify-entitlement", system, name=item.subject.name
            ),
            path=(*account_steps(case, key), *grant_steps(case, key, grant)),
        )

    def _action(self, case: Case, item: Item, unknown: str) -> Finding:
        """Tell of an action that its provider does not know: it gives nothing, and somebody meant something by it."""
        system = case.systems[item.system]
        return finding(
            self,
            case,
            item,
            Severity.LOW,
            what="unknown-action",
            title=f"{item.subject.name} in {system.title} names an action that does not exist",
            observed=f"{unknown}; what else it allows is judged",
            expected="names that the provider documents: another one gives nothing, whatever was meant by it",
            remedy=f"correct the name in {item.subject.name}, or take it out; a name newer than the data of the "
            "auditor is known after an update",
        )


def _unknown(case: Case, system: str, id_: str) -> str:
    """Return what the document of an entitlement names and its provider does not know."""
    entitlement = case.holdings.entitlement(system, id_)
    if entitlement.document is None:
        return ""
    reading = case.policy.catalogs.read(case.systems[system], [entitlement]).get(id_)
    return reading.unknown if isinstance(reading, KnownEntitlement) else ""


RULES = (UnclassifiedEntitlement(),)

"""The rule that keeps the catalogs honest."""

from collections.abc import Iterator, Sequence

from connectors.unread import is_unread
from policies.catalogs.catalog import KnownEntitlement
from policies.engine.case import AccountKey, Case
from policies.engine.evidence import account_steps, grant_steps, listing
from policies.engine.finding import finding
from policies.engine.outcomes import Finding, Outcome, Subject
from policies.engine.rule import Item, Reads
from policies.engine.verdicts import satisfied


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
            yield Item(Subject.within("entitlement", (system, id_), name), system)

    def judge(self, case: Case, item: Item) -> Iterator[Outcome]:
        """An entitlement without catalog is a finding of the practice, which alone can say what it gives."""
        _, id_ = item.subject.key
        holders = case.unclassified.get((item.system, id_))
        if holders:
            yield self._unclassified(case, item, id_, holders)
        elif unknown := _unknown(case, item.system, id_):
            # An action that its provider does not know: it gives nothing, and somebody meant something by it.
            yield finding(self, case, item, way="unknown-action", what="unknown-action", unknown=unknown)
        else:
            yield satisfied(self, item)

    def _unclassified(self, case: Case, item: Item, id_: str, holders: Sequence[tuple[str, AccountKey]]) -> Finding:
        key = holders[0][1]
        reason, grant = case.holdings[key].unclassified[id_]
        return finding(
            self,
            case,
            item,
            way="unread" if is_unread(id_) else "unclassified",
            holders=listing(dict.fromkeys(case.people[vma].name for vma, _ in holders)),
            reason=reason,
            name=item.subject.name,
            path=(*account_steps(case, key), *grant_steps(case, key, grant)),
        )


def _unknown(case: Case, system: str, id_: str) -> str:
    """Return what the document of an entitlement names and its provider does not know."""
    entitlement = case.holdings.entitlement(system, id_)
    if entitlement.document is None:
        return ""
    reading = case.policy.catalogs.read(case.systems[system], [entitlement]).get(id_)
    return reading.unknown if isinstance(reading, KnownEntitlement) else ""


RULES = (UnclassifiedEntitlement(),)

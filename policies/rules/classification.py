"""The rule that keeps the catalogs honest."""

from policies.engine.answers import Answer, Kept
from policies.engine.bases import EachEntitlement
from policies.engine.case import Case
from policies.engine.rule import Item
from policies.questions.entitlements import unclassified, unknown_action


class UnclassifiedEntitlement(EachEntitlement):
    """
    Every entitlement that a VMA holds is known to a catalog; an unknown one is never taken for harmless.

    Source: 45 CFR 164.308(a)(4)(i); the OCR audit protocol asks what each level of access allows.
    """

    id = "unclassified-entitlement"
    title = "Entitlement that no catalog knows"
    question = "Is it known what every entitlement lets a VMA do?"

    def answer(self, case: Case, item: Item) -> Answer:
        """An entitlement without catalog is a finding of the practice, which alone can say what it gives."""
        return unclassified(case, item) or unknown_action(case, item) or Kept()


RULES = (UnclassifiedEntitlement(),)

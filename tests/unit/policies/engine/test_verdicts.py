"""What a rule says of an item without a finding."""

from datetime import date

import pytest

from policies.engine.outcomes import NotEvaluated, Satisfied, Subject
from policies.engine.rule import Item
from policies.engine.verdicts import not_evaluated, satisfied
from policies.rules.privilege import Excess

RULE, WHO, DAY = Excess(), Subject("vma", "ana", "Ana"), date(2026, 12, 1)


@pytest.mark.parametrize(("system", "told"), [("ehr", "ehr"), ("", None)])
def test_an_item_without_a_system_is_of_none(system, told):
    item = Item(WHO, system)
    assert satisfied(RULE, item, DAY) == Satisfied("excess", WHO, told, DAY)
    assert not_evaluated(RULE, item, "unread") == NotEvaluated("excess", WHO, told, "unread")

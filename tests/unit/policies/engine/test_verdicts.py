"""What a rule says of an item without a finding: each reason once, and satisfied only where nothing was found."""

from datetime import date

import pytest

from policies.engine.outcomes import NotEvaluated, Satisfied, Subject
from policies.engine.rule import Item
from policies.engine.verdicts import concluded, not_evaluated, satisfied
from policies.rules.privilege import Excess

RULE, WHO, DAY = Excess(), Subject("vma", "ana", "Ana"), date(2026, 12, 1)


@pytest.mark.parametrize(("system", "told"), [("ehr", "ehr"), ("", None)])
def test_an_item_without_a_system_is_of_none(system, told):
    item = Item(WHO, system)
    assert satisfied(RULE, item, DAY) == Satisfied("excess", WHO, told, DAY)
    assert not_evaluated(RULE, item, "unread") == NotEvaluated("excess", WHO, told, "unread")


@pytest.mark.parametrize(
    ("found", "unknown", "said"),
    [
        (False, (), [Satisfied("excess", WHO, "ehr", DAY)]),
        (True, (), []),
        (False, ("a", "b", "a"), [NotEvaluated("excess", WHO, "ehr", "a; b")]),
        (True, ("a",), [NotEvaluated("excess", WHO, "ehr", "a")]),
    ],
)
def test_what_is_not_known_is_said_also_beside_a_finding(found, unknown, said):
    assert list(concluded(RULE, Item(WHO, "ehr"), found=found, unknown=unknown, until=DAY)) == said

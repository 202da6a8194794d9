"""What a rule answers about an item when it finds nothing: that it holds, or why that cannot be said."""

from datetime import date

from policies.engine.outcomes import NotEvaluated, Satisfied
from policies.engine.rule import Item, Rule


def satisfied(rule: Rule, item: Item, until: date | None = None) -> Satisfied:
    """Say that the rule holds for an item; `until` is the first day on which time alone may change that."""
    return Satisfied(rule.id, item.subject, item.system or None, until)


def not_evaluated(rule: Rule, item: Item, reason: str) -> NotEvaluated:
    """Say why an item cannot be judged."""
    return NotEvaluated(rule.id, item.subject, item.system or None, reason)

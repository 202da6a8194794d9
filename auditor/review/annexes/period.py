"""What several annexes say of the time that they tell of."""

from auditor.review.annexes.facts import AnnexFacts
from reports.annexes import NotLookedAt

FIRST = NotLookedAt("what was before", "there is no earlier audit to compare with")


def not_read(facts: AnnexFacts) -> tuple[NotLookedAt, ...]:
    """Return the systems whose changes in the period cannot be told."""
    reasons = facts.changes.not_read if facts.changes else {}
    return tuple(NotLookedAt(facts.title(system), why, system) for system, why in reasons.items())

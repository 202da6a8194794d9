"""What several annexes say of the time that they tell of."""

from auditor.review.annexes.facts import AnnexFacts
from reports.annexes import NotLookedAt

FIRST = NotLookedAt("what was before", "there is no earlier audit to compare with")


def not_read(facts: AnnexFacts) -> tuple[NotLookedAt, ...]:
    """Return the systems whose changes in the period cannot be told."""
    changes = facts.changes
    if changes is None:
        return ()
    unread = (NotLookedAt(facts.title(system), why, system) for system, why in changes.not_read.items())
    return (*unread, *too_young(facts))


def too_young(facts: AnnexFacts) -> tuple[NotLookedAt, ...]:
    """Say of the beginning of the period that nothing is known of it, where no audit is as old."""
    changes = facts.changes
    if changes is None or changes.begun is None:
        return ()
    first = facts.case.day_of(changes.since)
    return (NotLookedAt(f"{changes.begun} to {first}", f"no audit is older than audit {changes.audit}, of {first}"),)

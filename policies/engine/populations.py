"""Whom a rule asks about, worded once: VMAs at work, their systems and their accounts, each once, in a stable order."""

from collections.abc import Callable, Iterator

from connectors.facts import Engagement
from policies.engine.case import AccountKey, Case
from policies.engine.evidence import account_subject, vma_subject
from policies.engine.rule import Item

Wanted = Callable[[Engagement], bool]
"""Which of the engagements that run today a rule is about."""


def anybody(_: Engagement) -> bool:
    """Whoever is active."""
    return True


def at_work(engagement: Engagement) -> bool:
    """Whoever is active and not on leave."""
    return not engagement.on_leave


def people(case: Case, wanted: Wanted = anybody) -> Iterator[Item]:
    """Yield the active VMAs who are wanted."""
    for engagement in case.active:
        if wanted(engagement):
            yield Item(vma_subject(case, engagement.vma), vma=engagement.vma)


def people_in_systems(case: Case, wanted: Wanted = anybody) -> Iterator[Item]:
    """Yield the active VMAs who are wanted, in every system where they have a live account."""
    for engagement in case.active:
        if wanted(engagement):
            for system in case.systems_of(engagement.vma):
                yield Item(vma_subject(case, engagement.vma), system, engagement.vma)


def accounts(case: Case, wanted: Wanted = anybody) -> Iterator[Item]:
    """Yield each live account of the active VMAs who are wanted, once, under the first of its users."""
    seen: set[AccountKey] = set()
    for engagement, key, _ in case.live_accounts_of_active():
        if wanted(engagement) and key not in seen:
            seen.add(key)
            yield Item(account_subject(case, key), key[0], engagement.vma, key)

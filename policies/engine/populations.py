"""Whom and what a rule asks about, worded once: VMAs, accounts, systems, entitlements, each once, in a stable order."""

from collections.abc import Callable, Iterable, Iterator

from connectors.facts import Engagement, System
from policies.engine.case import AccountKey, Case
from policies.engine.evidence import account_subject, system_subject, vma_subject
from policies.engine.outcomes import Subject
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


def accounts_of_people(case: Case, wanted: Wanted) -> Iterator[Item]:
    """Yield every account, live or not, of every VMA who is wanted, at work or not; a shared one for each of them."""
    for vma, engagement in case.asked_people.items():
        if wanted(engagement):
            for key in case.accounts_of.get(vma, ()):
                yield Item(account_subject(case, key), key[0], vma, key)


def live_accounts(case: Case, wanted: Callable[[AccountKey], bool], *, of_vmas: bool) -> Iterator[Item]:
    """Yield each live account that is wanted, whoever owns it; `of_vmas`: under the first VMA among its users."""
    for key in case.asked_accounts:
        if wanted(key):
            people = case.owners[key].people if of_vmas else ()
            vma = next((person for person in people if person in case.engagements), "")
            yield Item(account_subject(case, key), key[0], vma, key)


def systems(case: Case, wanted: Callable[[System], bool]) -> Iterator[Item]:
    """Yield each system that is wanted, read or not."""
    return (Item(system_subject(case, id_), id_) for id_, system in case.systems.items() if wanted(system))


def entitlements(case: Case, keys: Iterable[tuple[str, str]]) -> Iterator[Item]:
    """Yield entitlements, by system and id, in the order of both."""
    for system, id_ in sorted(keys):
        yield Item(Subject.within("entitlement", (system, id_), case.holdings.entitlement(system, id_).name), system)

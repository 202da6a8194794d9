"""
Under which names earlier audits knew somebody: a paper that was signed by the old name binds the person still.

Only what is shown to be the same person counts, because a paper of somebody else would cover: an id may have been given
to another (`id-reused`). It is shown by an address or a stated log-in that stayed, or by an engagement that goes on
from the same first day while a part of the name stays.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from auditor.store import Store
from auditor.store.records import ENGAGEMENT
from connectors.facts import Engagement, Person
from policies.agreements.organisations import person_key, words_of

Version = tuple[Person, Engagement]
"""How one audit knew somebody."""


def former_names(
    store: Store | None,
    practice: str,
    people: Mapping[str, Person],
    engagements: Mapping[str, Engagement],
    until: int | None = None,
) -> dict[str, frozenset[str]]:
    """
    Return, by VMA id, the other names under which audits (up to `until`) knew the same person.

    Who is among `people` and `engagements` is compared as they are there, everybody else as known last.
    """
    if store is None:
        return {}
    known: dict[str, list[Version]] = defaultdict(list)
    for first, _, line in store.intervals(practice, ENGAGEMENT):
        if until is None or first <= until:
            known[line.person.id].append((line.person, line.engagement))
    found = {}
    for vma, mine in known.items():
        present = people[vma].name if vma in people else mine[-1][0].name
        if any(person.name != present for person, _ in mine):
            versions = mine[::-1]
            here = vma in people and vma in engagements
            if names := of_one_person((people[vma], engagements[vma]) if here else versions[0], versions):
                found[vma] = names
    return found


def of_one_person(now: Version, earlier: Iterable[Version]) -> frozenset[str]:
    """Return the names of earlier versions, the latest first, back to the first that may be of somebody else."""
    names, present = set(), now[0].name
    for version in earlier:
        if not _surely_same(version, now):
            break
        names.add(version[0].name)
        now = version
    return frozenset(names - {present})


def _surely_same(was: Version, now: Version) -> bool:
    """Whether two versions under one id are shown to be one person."""
    (old, before), (new, after) = was, now
    if person_key(old.name) == person_key(new.name):
        return True
    if old.email and new.email and old.email.casefold() == new.email.casefold():
        return True
    if set(old.logins) & set(new.logins):
        return True
    return before.start == after.start and bool(set(words_of(old.name)) & set(words_of(new.name)))

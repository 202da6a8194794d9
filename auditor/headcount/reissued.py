"""Accounts that were a leaver's and are somebody else's now, by what earlier audits knew."""

from auditor.store import Store
from policies.candidates.fold import fold
from policies.engine.case import AccountKey, Case


def reissued(store: Store, case: Case, until: int | None = None) -> dict[AccountKey, tuple[str, ...]]:
    """
    Return whose each account was, where that is a VMA who has left and the account has another owner.

    Only what was certain counts, so that a guess that was put right accuses nobody; nor does a new id of one person.
    """
    found = {}
    for key, earlier in store.owners_known(case.practice.id, until).items():
        owner = case.owners.get(key)
        now = set(owner.people) if owner else set()
        names = {fold(case.people[p].name) for p in now & case.people.keys()}
        left = [p for p in sorted(earlier - now) if _has_left(case, p) and fold(case.people[p].name) not in names]
        if now and left:
            found[key] = tuple(left)
    return found


def _has_left(case: Case, person: str) -> bool:
    engagement = case.engagements.get(person)
    return engagement is not None and engagement.end is not None and engagement.end < case.today

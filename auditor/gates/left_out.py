"""Accounts of a leaver that a whole read may have left out: by a filter of the practice's own, or by its base."""

from collections.abc import Iterable

from auditor.gates.history import Past
from connectors.unproven import filtered, narrowed
from policies.engine.case import AccountKey, Case

UNFILTERED = (
    "take out `user_filter`, or export without a filter, and run again: whoever falls out of a filter is not gone"
)
WIDEN = (
    "set `base_dn` to the root of the directory, or export from there, and run again: whoever was moved out of a part "
    "of it is not gone"
)


def by_filter(case: Case) -> tuple[str, ...]:
    """Return the systems in which a filter of the practice's own may hide the leaver's account, in words."""
    found = ((c.system.title, filtered(c)) for c in case.collections.values())
    return tuple(f"{title} was read with your filter: {why}" for title, why in found if why)


def elsewhere(case: Case, shown: Iterable[AccountKey], past: Past) -> tuple[str, ...]:
    """
    Return the systems that were read in part and no longer show an account of the leaver's, or show none, in words.

    `shown` are the leaver's accounts there now. Who is shown has not been moved: accounts go by ids that stay.
    """
    there = {system for system, _ in shown}
    told = []
    for id_, collection in case.collections.items():
        why = narrowed(collection)
        missing = any(key not in case.accounts for key in past.accounts if key[0] == id_)
        if why and (missing or id_ not in there):
            what = "no longer shows an account of theirs" if missing else "shows no account of theirs"
            told.append(f"{collection.system.title} {what}: {why}")
    return tuple(told)

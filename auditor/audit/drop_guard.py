"""
The drop guard: a system that suddenly has far fewer accounts is held, because a filter or an outage looks the same.

Held means: not evaluated, nothing closed, nobody taken for removed, until a person accepts the drop with a reason.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from auditor.snapshot import AcceptedDrop
from connectors.errors import AuditorError
from connectors.facts import Collection, Partial
from policies.engine.case import AccountKey

MIN_ACCOUNTS = 5
"""A drop of so many accounts is never held by itself: small practices do lose people."""
SHARE = 0.10
"""Of the accounts before: a larger drop is held (Okta's import guard uses 20 %, Entra's 500 accounts)."""


def too_many(missing: int, before: int, now: int) -> bool:
    """Whether so many accounts are missing that a person must confirm it: over 5 and over 10 %, or all of them."""
    return before > 0 and (now == 0 or missing > max(MIN_ACCOUNTS, SHARE * before))


def hold_drops(
    collections: Mapping[str, Collection],
    before: Iterable[AccountKey],
    accepted: Mapping[str, str],
) -> tuple[dict[str, Collection], tuple[AcceptedDrop, ...]]:
    """
    Replace each complete collection that lost too many accounts by a partial one, unless its drop was accepted.

    `accepted` gives a reason by system. Accounts are compared one by one, so that as many new ones hide nothing.
    Raises `AuditorError` for an acceptance that fits no drop: it would otherwise wait for the next one.
    """
    known: dict[str, set[str]] = {}
    for system, account in before:
        known.setdefault(system, set()).add(account)
    checked = dict(collections)
    used: list[AcceptedDrop] = []
    for system, collection in sorted(collections.items()):
        old = known.get(system, set())
        new = {account.id for account in collection.accounts}
        missing = len(old - new)
        if not collection.complete or not too_many(missing, len(old), len(new)):
            continue
        if system in accepted:
            used.append(AcceptedDrop(system, len(old), missing, len(new), accepted[system]))
        else:
            checked[system] = replace(
                collection,
                completeness=_held(system, len(old), missing, len(new)),
                accounts=(),
                entitlements={},
                grants=(),
            )
    for system in sorted(set(accepted) - {drop.system for drop in used}):
        raise AuditorError(
            f"`{system}` has no sudden drop of accounts to accept",
            hint=f"run again without `--accept-drop {system}`",
        )
    return checked, tuple(used)


def _held(system: str, before: int, missing: int, now: int) -> Partial:
    limit = int(max(MIN_ACCOUNTS, SHARE * before))
    return Partial(
        f"held: {missing} of {before} accounts are suddenly missing ({now} now; up to {limit} pass unasked)",
        "a filter, an emptied folder or a cut export looks the same; if they were really removed, run again with "
        f"`--accept-drop {system} --reason …`",
    )

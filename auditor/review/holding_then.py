"""Since when something is held, and whether it was at the start of the period: by what audits saw, and no more."""

from collections.abc import Iterable
from datetime import date
from functools import cached_property
from typing import TypeVar

from auditor.review_records import HeldThen
from auditor.store import Store
from auditor.store.records import ACCOUNT, GRANT
from connectors.inputs.dates import day_of
from policies.engine.case import AccountKey

K = TypeVar("K")
_Grant = tuple[str, str, str, tuple[str, ...]]
"""System, account, entitlement, path."""


class Then:
    """What earlier audits saw of accounts and grants."""

    def __init__(self, store: Store, practice: str, audit: int, before: int | None, timezone: str = "UTC") -> None:
        self._store, self._practice, self._audit, self._before = store, practice, audit, before
        self._days = {a.id: day_of(a.at, timezone) for a in store.audits(practice)}
        self._first = min(self._days, default=audit)

    @cached_property
    def _grants(self) -> dict[_Grant, tuple[tuple[int, int | None], ...]]:
        found = self._store.intervals(self._practice, GRANT)
        return _spans(((o.system, o.grant.account, o.grant.entitlement, o.grant.path), a, b) for a, b, o in found)

    @cached_property
    def _accounts(self) -> dict[AccountKey, tuple[tuple[int, int | None], ...]]:
        found = self._store.intervals(self._practice, ACCOUNT)
        return _spans(((o.system, o.id), a, b) for a, b, o in found if o.live)

    @cached_property
    def _read_before(self) -> frozenset[str]:
        return frozenset() if self._before is None else frozenset(self._store.read_whole(self._before))

    def grant(self, system: str, account: str, entitlement: str, path: tuple[str, ...]) -> tuple[HeldThen, date | None]:
        """Return whether it was held at the start of the period, and since when it has been."""
        return self._told(system, self._grants.get((system, account, entitlement, path), ()))

    def account(self, key: AccountKey) -> tuple[HeldThen, date | None]:
        """Return the same of an account that works."""
        return self._told(key[0], self._accounts.get(key, ()))

    def _told(self, system: str, spans: tuple[tuple[int, int | None], ...]) -> tuple[HeldThen, date | None]:
        since = next((first for first, after in spans if first <= self._audit and _until(after) > self._audit), None)
        day = self._days.get(since) if since is not None and since != self._first else None
        if self._before is None or system not in self._read_before:
            return HeldThen.NOT_KNOWN, day
        held = any(first <= self._before < _until(after) for first, after in spans)
        return (HeldThen.HELD if held else HeldThen.NOT_HELD), day


def _until(after: int | None) -> int:
    return 2**62 if after is None else after


def _spans(found: Iterable[tuple[K, int, int | None]]) -> dict[K, tuple[tuple[int, int | None], ...]]:
    """Join intervals that touch: a record that only changed its words was held all along."""
    spans: dict[K, list[tuple[int, int | None]]] = {}
    for key, first, after in found:
        mine = spans.setdefault(key, [])
        if mine and mine[-1][1] == first:
            mine[-1] = (mine[-1][0], after)
        else:
            mine.append((first, after))
    return {key: tuple(mine) for key, mine in spans.items()}

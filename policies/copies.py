"""
Which account looks like a copy of which: what was given to one, given as a whole to another.

Accounts are compared by what an administrator gave (groups, roles, policies), because that is what is copied, within
one system. Similarity is Jaccard's: what both have, divided by what either has.
Source: P. Jaccard, Bulletin de la Société vaudoise des sciences naturelles 37 (1901).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil

from connectors.facts import Account
from policies.holdings import Holdings

Key = tuple[str, str]
"""System id and account id."""
Lane = frozenset[str]
"""The roles of whoever uses an account; empty for one that is no VMA's."""

LIKENESS = 0.8
"""From here on two sets are called a copy: four of five the same. Our proposal; no rule names a number."""
LEAST = 2
"""One group in common may be chance: so many must be the same."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """Two accounts that look alike."""

    source: Key
    """The older of the two, as far as the system tells."""
    both: frozenset[str]
    """Assignments that both have."""
    either: int
    """How many there are in all."""

    @property
    def share(self) -> float:
        """From 0 to 1."""
        return len(self.both) / self.either


class Copies:
    """Finds the account that another was copied from; sets are compared once, however many accounts have them."""

    def __init__(self, accounts: Mapping[Key, Account], lanes: Mapping[Key, Lane], holdings: Holdings) -> None:
        """Compare the accounts that have a lane; those of services have none."""
        self._accounts, self._holdings = accounts, holdings
        self._lanes: dict[tuple[str, frozenset[str]], dict[Lane, Key]] = defaultdict(dict)
        self._having: dict[tuple[str, str], list[frozenset[str]]] = defaultdict(list)
        for key in sorted(lanes, key=self._age):
            self._add(key, lanes[key])

    def given(self, key: Key) -> frozenset[str]:
        """Return what was given to an account."""
        return frozenset(self._holdings[key].assignments)

    def source(self, key: Key, roles: Iterable[str], extras: frozenset[str]) -> Likeness | None:
        """
        Return the account of another lane that this one was most likely copied from, with some of the `extras`.

        The most alike; among equals the one that explains most extras; then the oldest.
        """
        own, lane = self.given(key), frozenset(roles)
        best: tuple[tuple[float, int, tuple[datetime, str]], Likeness] | None = None
        for other in self._candidates(key[0], own):
            both, either = own & other, len(own | other)
            if len(both) < LEAST or len(both) / either < LIKENESS or not both & extras:
                continue
            for its_lane, source in self._lanes[key[0], other].items():
                if its_lane != lane and source != key and not self._younger(source, key):
                    rank = (-len(both) / either, -len(both & extras), self._age(source))
                    if best is None or rank < best[0]:
                        best = (rank, Likeness(source, both, either))
        return best[1] if best else None

    def _add(self, key: Key, lane: Lane) -> None:
        given = self.given(key)
        if len(given) < LEAST:
            return
        group = (key[0], given)
        if group not in self._lanes:
            for id_ in given:
                self._having[key[0], id_].append(given)
        self._lanes[group].setdefault(lane, key)

    def _candidates(self, system: str, own: frozenset[str]) -> Iterable[frozenset[str]]:
        """
        Return every set that may be alike enough.

        Such a set lacks at most so many of `own` that one of the rarest, one more than these, is in both; so only the
        sets with one of those are looked at, however many share what everybody has.
        """
        missing = len(own) - ceil(LIKENESS * len(own) - 1e-9)
        rarest = sorted(own, key=lambda id_: (len(self._having.get((system, id_), ())), id_))[: missing + 1]
        return dict.fromkeys(given for id_ in rarest for given in self._having.get((system, id_), ()))

    def _age(self, key: Key) -> tuple[datetime, str]:
        created = self._accounts[key].created
        return (created or datetime.min.replace(tzinfo=UTC), key[1])

    def _younger(self, source: Key, copy: Key) -> bool:
        """Whether the one was made after the other; where the system does not tell, it may have been before."""
        made, copied = self._accounts[source].created, self._accounts[copy].created
        return made is not None and copied is not None and made > copied

"""
Which account looks like a copy of which: what was given to one, given as a whole to another.

Accounts are compared by what an administrator gave (groups, roles, policies), because that is what is copied, within
one system. Similarity is Jaccard's: what both have, divided by what either has.
Source: P. Jaccard, Bulletin de la Société vaudoise des sciences naturelles 37 (1901).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil

from connectors.facts import Account
from policies.engine.holdings import Holdings

Key = tuple[str, str]
"""System id and account id."""
Lane = frozenset[str]
"""The roles of whoever uses an account; empty for one that is no VMA's."""

LIKENESS = 0.8
"""From here on two sets are called a copy: four of five the same. Our proposal; no rule names a number."""
LEAST = 2
"""One group in common may be chance: so many must be the same."""
MANY = 5
"""
So many the same are no chance even where each of them is for one of the two; fewer are what two people of neighbouring
jobs hold, and only an extra that is for neither of them speaks for a copy. Our proposal, too.
"""


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


_Group = tuple[str, frozenset[str]]
"""System id, and what was given to every account of the group."""


class Copies:
    """Finds the account that another was copied from; sets are compared once, however many accounts have them."""

    def __init__(self, accounts: Mapping[Key, Account], lanes: Mapping[Key, Lane], holdings: Holdings) -> None:
        """Compare the accounts that have a lane; those of services have none."""
        self._accounts, self._holdings = accounts, holdings
        self._places: dict[Key, tuple[_Group, Lane]] = {}
        self._lanes: dict[_Group, dict[Lane, tuple[Key, ...]]] = {}
        """In each lane the oldest first."""
        self._having: dict[tuple[str, str], tuple[frozenset[str], ...]] = {}
        self._put(lanes)

    def after(
        self, accounts: Mapping[Key, Account], holdings: Holdings, lanes: Mapping[Key, Lane], moved: Iterable[Key]
    ) -> "Copies":
        """
        Return this comparison for a later case, in which only the accounts in `moved` are different.

        `lanes` are those of the moved accounts that are still there. Costs what moved, and a copy of the index.
        """
        later = Copies(accounts, {}, holdings)
        later._places, later._lanes = self._places.copy(), self._lanes.copy()
        later._having = self._having.copy()
        later._take(moved)
        later._put(lanes)
        return later

    def given(self, key: Key) -> frozenset[str]:
        """Return what was given to an account and lets it do something: a facility or a label makes nobody alike."""
        return frozenset(id_ for id_, given in self._holdings[key].assignments.items() if given.mask)

    def source(self, key: Key, roles: Iterable[str], extras: frozenset[str]) -> Likeness | None:
        """
        Return the account of another lane that this one was most likely copied from, with some of the `extras`.

        The most alike; among equals the one that explains most extras; then the oldest.
        """
        own, lane = self.given(key), frozenset(roles)
        best: tuple[tuple[float, int, tuple[datetime, str]], Likeness] | None = None
        for other in self._alike(key[0], own, extras):
            both, either = own & other, len(own | other)
            for its_lane, (source, *_) in self._lanes[key[0], other].items():
                if its_lane != lane and source != key and not self._younger(source, key):
                    rank = (-len(both) / either, -len(both & extras), self._age(source))
                    if best is None or rank < best[0]:
                        best = (rank, Likeness(source, both, either))
        return best[1] if best else None

    def alike(self, keys: Iterable[Key]) -> Iterator[Key]:
        """Yield every account that is alike enough to be a copy of one of these, or one of these of it; these too."""
        groups = {self._places[key][0] for key in keys if key in self._places}
        like = {(where, given) for where, own in groups for given in self._alike(where, own, own)}
        for group in like:
            for same in self._lanes[group].values():
                yield from same

    def _put(self, lanes: Mapping[Key, Lane]) -> None:
        new: dict[_Group, dict[Lane, list[Key]]] = defaultdict(lambda: defaultdict(list))
        for key in sorted(lanes, key=self._age):
            given = self.given(key)
            if len(given) >= LEAST:
                new[key[0], given][lanes[key]].append(key)
                self._places[key] = (key[0], given), lanes[key]
        having: dict[tuple[str, str], list[frozenset[str]]] = defaultdict(list)
        for group, by_lane in new.items():
            if group not in self._lanes:
                for id_ in group[1]:
                    having[group[0], id_].append(group[1])
            there = dict(self._lanes.get(group, {}))
            for lane, keys in by_lane.items():
                there[lane] = tuple(sorted((*there.get(lane, ()), *keys), key=self._age))
            self._lanes[group] = there
        for where, sets in having.items():
            self._having[where] = (*self._having.get(where, ()), *sets)

    def _take(self, keys: Iterable[Key]) -> None:
        for key in keys:
            group, lane = self._places.pop(key, (None, frozenset()))
            if group is None:
                continue
            left = tuple(other for other in self._lanes[group][lane] if other != key)
            there = {its: others for its, others in self._lanes[group].items() if its != lane}
            self._lanes[group] = {**there, **({lane: left} if left else {})}
            if not self._lanes[group]:
                del self._lanes[group]
                for id_ in group[1]:
                    where = group[0], id_
                    self._having[where] = tuple(given for given in self._having[where] if given != group[1])

    def _alike(self, system: str, own: frozenset[str], extras: frozenset[str]) -> Iterator[frozenset[str]]:
        """Yield every set that is alike enough to `own` to be called a copy, with some of the `extras`."""
        for other in self._candidates(system, own, extras):
            both = len(own & other)
            if both >= LEAST and both / (len(own) + len(other) - both) >= LIKENESS and not other.isdisjoint(extras):
                yield other

    def _candidates(self, system: str, own: frozenset[str], extras: frozenset[str]) -> Iterable[frozenset[str]]:
        """
        Return every set that may be alike enough, and has some of the `extras`.

        Such a set lacks at most so many of `own` that one of the rarest, one more than these, is in both; so only the
        sets with one of those are looked at, however many share what everybody has. Or those with one of the extras,
        if they are fewer.
        """
        missing = len(own) - ceil(LIKENESS * len(own) - 1e-9)

        def count(id_: str) -> int:
            return len(self._having.get((system, id_), ()))

        rarest = sorted(own, key=lambda id_: (count(id_), id_))[: missing + 1]
        fewest = min(rarest, sorted(extras & own), key=lambda ids: sum(map(count, ids)))
        return dict.fromkeys(given for id_ in fewest for given in self._having.get((system, id_), ()))

    def _age(self, key: Key) -> tuple[datetime, str]:
        created = self._accounts[key].created
        return (created or datetime.min.replace(tzinfo=UTC), key[1])

    def _younger(self, source: Key, copy: Key) -> bool:
        """Whether the one was made after the other; where the system does not tell, it may have been before."""
        made, copied = self._accounts[source].created, self._accounts[copy].created
        return made is not None and copied is not None and made > copied

"""
What to grant: the native entitlements of one system that give what a role requires, and as little else as can be.

This is weighted set cover, solved exactly. The best choice has, in this order: the least excess (capabilities that the
role does not even allow), the fewest entitlements, the fewest capabilities that are allowed but not required, and the
first names in the alphabet, so that the same system always gets the same advice. Whatever gives a forbidden capability
is no candidate.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Cost = tuple[int, int, int]
"""Excess, entitlements, capabilities that are allowed but not required."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that can be granted, and all that it gives."""

    id: str
    name: str
    mask: int


@dataclass(frozen=True, slots=True)
class GrantAdvice:
    """What to grant in one system."""

    grant: tuple[Candidate, ...]
    """In the order of their names."""
    covers: int
    """The required capabilities that this gives."""
    excess: int
    """Capabilities beyond what the role allows that come along, because the product cannot be finer."""
    spare: int
    """Capabilities that come along and that the role allows but does not require."""
    impossible: int
    """Required capabilities that the system could give only together with a forbidden one."""


def advise(candidates: Iterable[Candidate], required: int, allowed: int, forbidden: int) -> GrantAdvice:
    """
    Choose what to grant.

    Of what is required, only what some candidate of this system can give is asked of it. `allowed` holds what is
    required too; `forbidden` outweighs both.
    """
    offered = sorted(candidates, key=lambda c: (c.name, c.id))
    reachable = 0
    for candidate in offered:
        reachable |= candidate.mask & required
    clean = [c for c in offered if not c.mask & forbidden and c.mask & required]
    wanted = 0
    for candidate in clean:
        wanted |= candidate.mask & required
    chosen = _Search(_useful(clean, wanted), wanted, allowed | required).best()
    given = 0
    for candidate in chosen:
        given |= candidate.mask
    return GrantAdvice(
        grant=tuple(chosen),
        covers=given & required,
        excess=given & ~(allowed | required),
        spare=given & allowed & ~required,
        impossible=reachable & ~wanted,
    )


def _useful(candidates: Sequence[Candidate], wanted: int) -> list[Candidate]:
    """
    Drop candidates that another one beats in every choice: it covers as much, and brings nothing more.

    Of two that are equal in both, the first by name stays.
    """
    kept: list[Candidate] = []
    for one in candidates:
        if any(_beats(other, one, wanted) for other in candidates if other is not one):
            continue
        kept.append(one)
    return kept


def _beats(other: Candidate, one: Candidate, wanted: int) -> bool:
    covers_as_much = not (one.mask & wanted) & ~other.mask
    brings_nothing_more = not (other.mask & ~wanted) & ~one.mask
    if not (covers_as_much and brings_nothing_more):
        return False
    same = other.mask == one.mask
    return not same or (other.name, other.id) < (one.name, one.id)


class _Search:
    """Branch and bound: cover the capability that the fewest candidates give, and stop where it cannot get better."""

    def __init__(self, candidates: Sequence[Candidate], wanted: int, allowed: int) -> None:
        self._candidates, self._wanted, self._allowed = candidates, wanted, allowed
        self._best: tuple[Cost, tuple[tuple[str, str], ...]] | None = None
        self._chosen: tuple[Candidate, ...] = ()
        self._widest = max(((c.mask & wanted).bit_count() for c in candidates), default=0)

    def best(self) -> list[Candidate]:
        self._branch((), 0)
        return sorted(self._chosen, key=lambda c: (c.name, c.id))

    def _branch(self, taken: tuple[Candidate, ...], mask: int) -> None:
        missing = self._wanted & ~mask
        if not missing:
            rank = (self._cost(len(taken), mask), tuple(sorted((c.name, c.id) for c in taken)))
            if self._best is None or rank < self._best:
                self._best, self._chosen = rank, taken
            return
        at_least = len(taken) + -(-missing.bit_count() // self._widest)
        if self._best is not None and self._bound(at_least, mask) > self._best[0]:
            return
        for candidate in self._giving(missing, mask):
            self._branch((*taken, candidate), mask | candidate.mask)

    def _giving(self, missing: int, mask: int) -> list[Candidate]:
        """Return the candidates for the hardest missing capability, the cheapest first."""
        fewest: list[Candidate] = []
        rest = missing
        while rest:
            bit = rest & -rest
            rest ^= bit
            giving = [c for c in self._candidates if c.mask & bit]
            if not fewest or len(giving) < len(fewest):
                fewest = giving
        return sorted(fewest, key=lambda c: (self._cost(1, mask | c.mask), -(c.mask & missing).bit_count(), c.name))

    def _cost(self, count: int, mask: int) -> Cost:
        spare = mask & self._allowed & ~self._wanted
        return (mask & ~self._allowed).bit_count(), count, spare.bit_count()

    def _bound(self, at_least: int, mask: int) -> Cost:
        """No choice that goes on from here costs less: excess and spare only grow."""
        excess, _, spare = self._cost(0, mask)
        return excess, at_least, spare

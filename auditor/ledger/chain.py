"""
Checks the entries of a ledger: each by itself, then their order, then how each is bound to the one before it.

Pure: bytes and a public key in, verdicts out. It never stops at the first fault and never raises for anything that
stands in the ledger.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from auditor.ledger.entries import NO_ENTRY, LedgerEntry, LedgerHead, decode_signature, hash_body, signed_text
from auditor.ledger.keys import PublicKey


@dataclass(frozen=True, slots=True)
class RawEntry:
    """One row of the table `ledger`, as it stands there."""

    place: int
    """The column `n`: what the row claims to be."""
    body: bytes
    hash: bytes
    signature: bytes


@dataclass(slots=True)
class LedgerChain:
    """What can be said of a ledger."""

    entries: int
    problems: list[str] = field(default_factory=list)
    genuine: dict[int, LedgerEntry] = field(default_factory=dict)
    """By number: signed by the key, wherever they stand."""
    sound: set[int] = field(default_factory=set)
    """The numbers of those that are also unharmed, in their place, and bound to the one before."""
    lost: int = 0
    """Entries that are missing or are not genuine: of their audits nothing is known."""

    @property
    def head(self) -> LedgerHead | None:
        """The last genuine entry."""
        return self.genuine[max(self.genuine)].head if self.genuine else None


def check_chain(rows: Sequence[RawEntry], key: PublicKey) -> LedgerChain:
    """Check all entries, in the order of their places."""
    chain = LedgerChain(len(rows))
    at: dict[int, list[int]] = {}
    strange: list[tuple[int, str]] = []
    for row in rows:
        entry, problem = _check_entry(row, key)
        if entry is None:
            strange.append((row.place, problem))
            continue
        if problem:
            chain.problems.append(problem)
        elif row.place == entry.n:
            chain.sound.add(entry.n)
        at.setdefault(entry.n, []).append(row.place)
        if chain.genuine.setdefault(entry.n, entry).hash != entry.hash:
            chain.sound.discard(entry.n)
            chain.problems.append(f"two different entries {entry.n} are signed by this key: the ledger was forked")
    chain.lost = len(strange)
    if strange and not chain.genuine and all(problem.endswith(_UNSIGNED) for _, problem in strange):
        chain.problems.append("no entry is signed by this key: it is the wrong key, or the whole ledger is foreign")
    else:
        chain.problems += [problem for _, problem in strange]
    _check_places(chain, at)
    _check_missing(chain, at.keys() | {place for place, _ in strange if place > 0})
    _check_links(chain)
    return chain


_UNSIGNED = "is not signed by this key: a foreign entry, or its signature was changed"


def _check_entry(row: RawEntry, key: PublicKey) -> tuple[LedgerEntry | None, str]:
    """Return the entry if the key signed it, and what is wrong with the row."""
    hash_ = hash_body(row.body)
    harmed = row.hash != hash_.encode()
    signature = decode_signature(row.signature)
    try:
        entry = LedgerEntry.parse(row.body, row.signature.decode("ascii", "replace"))
    except ValueError as error:
        why = "its content does not match its hash" if harmed else str(error)
        return None, f"entry {row.place} was changed: {why}"
    if signature is not None and key.verifies(signed_text(entry.n, hash_), signature):
        return entry, f"entry {row.place} was changed: its stored hash is not that of its content" if harmed else ""
    if harmed:
        return None, f"entry {row.place} was changed: its content does not match its hash"
    return None, f"entry {row.place} {_UNSIGNED}"


def _check_places(chain: LedgerChain, at: Mapping[int, Sequence[int]]) -> None:
    """Report the genuine entries that stand in another's place, or twice; `at` says where each stands."""
    for n, places in sorted(at.items()):
        for place in places:
            if place == n:
                continue
            if n in places:
                chain.problems.append(f"entry {place} is a duplicate of entry {n}")
            elif n not in at.get(place, ()):
                chain.problems.append(f"entry {n} stands in the place of entry {place}: entries were moved")
            elif n < place:
                chain.problems.append(f"entries {n} and {place} were swapped")
        if places.count(n) > 1:
            chain.sound.discard(n)
            chain.problems.append(f"entry {n} is a duplicate of itself: it stands there {places.count(n)} times")


def _check_missing(chain: LedgerChain, known: Collection[int]) -> None:
    for first, last in _gaps(sorted(known)):
        chain.lost += last - first + 1
        chain.problems.append(
            f"entry {first} is missing: it was deleted"
            if first == last
            else f"entries {first} to {last} are missing: they were deleted"
        )


def _gaps(known: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the runs of numbers that are missing from 1 to the largest."""
    before = 0
    for n in known:
        if n > before + 1:
            yield before + 1, n - 1
        before = n


def _check_links(chain: LedgerChain) -> None:
    """Report each entry whose neighbour is genuine, and yet is not the one that it was bound to."""
    for n, entry in sorted(chain.genuine.items()):
        before = NO_ENTRY if n == 1 else chain.genuine[n - 1].hash if n - 1 in chain.genuine else None
        if before is not None and entry.prev != before:
            chain.sound.discard(n)
            chain.problems.append(
                f"entry {n} does not continue entry {n - 1}: it was taken from another ledger, or the ledger was forked"
            )

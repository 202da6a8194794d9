"""When nobody could see whether a live account had ended, or had only left the part of a directory that was read."""

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from typing import Protocol

from auditor.lag.spans import Span
from auditor.lag.unproven import HeldAccount, Unproven
from policies.engine.case import AccountKey
from policies.intervals import union


class UnseenRead(Protocol):
    """One audit."""

    @property
    def span(self) -> Span:
        """From when until when it was the latest."""

    @property
    def whole(self) -> Set[str]:
        """Which systems it read whole."""

    @property
    def in_part(self) -> Set[str]:
        """Of which of these it may have left out accounts that are there."""


def unseen(holdings: Mapping[str, Sequence[HeldAccount]], reads: Sequence[UnseenRead]) -> Unproven:
    """
    Return when each VMA's live account was no longer shown, and only reads that may leave it out had looked.

    That lasts until the account is shown again, or until a read that leaves out nothing does not show it.
    """
    found: dict[str, dict[str, list[Span]]] = defaultdict(lambda: defaultdict(list))
    for vma, held in holdings.items():
        shown: dict[AccountKey, list[HeldAccount]] = defaultdict(list)
        for one in held:
            shown[one.account.system, one.account.id].append(one)
        for (system, _), each in shown.items():
            starts = sorted(one.span[0] for one in each)
            for one in each:
                again = next((start for start in starts if start >= one.span[1]), None)
                if one.account.live and (span := _unseen(system, one.span[1], again, reads)) is not None:
                    found[vma][system].append(span)
    return {vma: {system: union(spans) for system, spans in each.items()} for vma, each in found.items()}


def _unseen(system: str, gone: int, again: int | None, reads: Sequence[UnseenRead]) -> Span | None:
    """Return the span from the read that no longer showed an account; `None` where that read leaves out nothing."""
    for read in reads:
        at = read.span[0]
        if at < gone or system not in read.whole:
            continue
        if again is not None and at >= again:
            return (gone, again) if gone < again else None
        if system not in read.in_part:
            return (gone, at) if gone < at else None
    last = max((read.span[1] for read in reads), default=gone)
    until = last if again is None else again
    return (gone, until) if gone < until else None

"""Until when accounts really worked, where their system's own record is finer than the audits that saw it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING

from auditor.instants.instant import InstantKind, account_ended
from auditor.instants.log import AccessLog
from auditor.instants.unseen import unseen_access
from auditor.lag.spans import seconds
from connectors.facts import Status

if TYPE_CHECKING:
    from auditor.lag.history import Holding

WholeReads = Mapping[str, tuple[tuple[int, datetime], ...]]
"""By system: the instants, in seconds, of the audits that read it whole, oldest first, each with its own as-of."""


def as_recorded(
    holdings: Mapping[str, tuple["Holding", ...]], reads: WholeReads, records: Mapping[str, AccessLog]
) -> dict[str, tuple["Holding", ...]]:
    """
    Return the holdings with the ends that records tell, and with what worked for a while between two audits.

    An end is taken as late as it can have been: what an audit saw live is live until then. Without records, nothing
    changes.
    """
    return {vma: tuple(_of(mine, reads, records)) for vma, mine in holdings.items()} if records else dict(holdings)


def _of(mine: Iterable["Holding"], reads: WholeReads, records: Mapping[str, AccessLog]) -> list["Holding"]:
    by_account: dict[tuple[str, str], list[Holding]] = defaultdict(list)
    for holding in mine:
        by_account[holding.account.system, holding.account.id].append(holding)
    found = []
    for (system, _), spans in by_account.items():
        log = records.get(system, AccessLog())
        stopped = {h.span[0] for h in spans if not h.account.live}
        live_from = {h.span[0] for h in spans if h.account.live}
        for holding in spans:
            end = holding.span[1]
            if holding.account.live and (end in stopped or end not in live_from):
                found.append(_cut(holding, log, reads.get(system, ())))
            else:
                found.append(holding)
        found += _between(spans, log, reads.get(system, ()))
    return found


def _cut(holding: "Holding", log: AccessLog, reads: Iterable[tuple[int, datetime]]) -> "Holding":
    """Let a live account end when its record says, if it ended between the last read that saw it and the next."""
    known = list(reads)
    seen = [as_of for at, as_of in known if holding.span[0] <= at < holding.span[1]]
    gone = [as_of for at, as_of in known if at >= holding.span[1]]
    if not seen or not gone:
        return holding
    instant = account_ended(log, holding.account.id, seen[-1], gone[0])
    if instant.kind is InstantKind.BETWEEN:
        return holding
    latest = seconds(instant.latest) + (instant.latest.microsecond > 0)
    return replace(holding, span=(holding.span[0], max(holding.span[0] + 1, min(holding.span[1], latest))))


def _between(spans: Sequence["Holding"], log: AccessLog, reads: Iterable[tuple[int, datetime]]) -> Iterator["Holding"]:
    """Yield what worked for a while that lies wholly between two reads."""
    last = spans[-1]
    live = replace(last.account, status=Status.ACTIVE)
    for (at, earlier), (_, later) in pairwise(reads):
        worked = any(h.account.live and h.span[0] <= at < h.span[1] for h in spans)
        for one in unseen_access(log, last.account.id, earlier, later, lambda _, worked=worked: worked):  # type: ignore[misc]
            if one.entitlement is None:
                span = seconds(one.began.at), seconds(one.ended.at + one.ended.resolution) + 1
                yield replace(last, span=span, account=live)

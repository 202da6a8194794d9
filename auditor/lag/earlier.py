"""
Stored sentences that count otherwise: where the sentence of an audit names another number of covered VMAs than today's.

The sentence of an audit is signed with it and stays. Earlier versions called a VMA covered by the chain of agreements
alone, whatever was reached, so their sentences can name more; and whoever corrects an agreement, or a line of the
roster, corrects the past too. Which of these it was cannot be told from the store, that it is so can.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from auditor.lag.lag import Obligation, Presence
from auditor.lag.spans import Spans, seconds
from auditor.snapshot import AuditSummary

_SAID = re.compile(r"\b(\d+) under a BAA\b")


@dataclass(frozen=True, slots=True)
class Otherwise:
    """One audit whose stored sentence counts otherwise."""

    audit: int
    at: datetime
    said: int
    """How many VMAs are under a BAA by the stored sentence."""
    covered: int
    """How many are by the definitions, the agreements and the roster of today."""


def told_otherwise(
    audits: Iterable[AuditSummary], presences: Sequence[Presence], agreement: frozenset[str]
) -> tuple[Otherwise, ...]:
    """Return the audits whose sentence counts otherwise, oldest first; `agreement` are the controls that cover."""
    duties = [
        (presence.engaged, duty)
        for presence in presences
        for duty in presence.duties
        if duty.control in agreement and not duty.system
    ]
    found = []
    for audit in audits:
        said = _SAID.search(audit.headline)
        at = seconds(audit.at)
        covered = len({duty.vma for engaged, duty in duties if _in(engaged, at) and _covers(duty, at)})
        if said and int(said[1]) != covered:
            found.append(Otherwise(audit.id, audit.at, int(said[1]), covered))
    return tuple(found)


def _covers(duty: Obligation, at: int) -> bool:
    return at < duty.until and _in(duty.in_place, at)


def _in(spans: Spans, at: int) -> bool:
    return any(start <= at < end for start, end in spans)

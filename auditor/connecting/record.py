"""Whether a system's own record of changes can be read, how far back, and what to do where it cannot."""

from collections.abc import Callable
from datetime import datetime

from auditor.connecting.checks import Check, CheckState
from connectors.audit_log import HasAuditLog, LogAnswer, LogKind, LogQuestion
from connectors.collect import utc_now
from connectors.connector import Connector
from connectors.facts import Collection
from connectors.read_log import read_log

RECORD = "record of changes"
FEW = 3
"""So many accounts are asked for: enough to see whether it answers."""
SHOWN = 3
"""So many of its gaps are told."""
_ENDS = frozenset({LogKind.DISABLED, LogKind.STATUS_SET})
NONE = "none that this connector reads: when access ended is told between two audits"
OFTEN = "the more often audits run, the closer that is: `auditor watch` runs them"


def check_record(connector: Connector, collection: Collection, *, clock: Callable[[], datetime] = utc_now) -> Check:
    """Ask the record for a few of the accounts that were read; never raises for one that cannot be read."""
    if not isinstance(connector, HasAuditLog):
        return Check(RECORD, CheckState.SKIPPED, NONE, OFTEN)
    system = collection.system.id
    people = [account for account in collection.accounts if not account.service] or list(collection.accounts)
    answer = read_log(connector, LogQuestion(tuple(people[:FEW]), collection.entitlements), clock=clock)
    set_up = f"`auditor connect {system}` prints the set-up, with the step for when access ended"
    if not isinstance(answer, LogAnswer):
        return Check(
            RECORD,
            CheckState.WARNING,
            f"cannot be read, so when access ended is told between two audits: {_cut(answer.reason, 300)}",
            answer.hint or set_up,
        )
    told = f"{_cut(answer.source, 200)}; {_how_far(answer)}"
    if not answer.gaps and answer.covers & _ENDS:
        return Check(RECORD, CheckState.OK, told)
    gaps = "; ".join(_cut(gap, 300) for gap in answer.gaps[:SHOWN])
    more = f"; and {len(answer.gaps) - SHOWN} more" if len(answer.gaps) > SHOWN else ""
    return Check(RECORD, CheckState.WARNING, f"{told}{'; ' if gaps else ''}{gaps}{more}", set_up)


def _how_far(answer: LogAnswer) -> str:
    """Say how far back it reaches, and for what an instant of it counts."""
    if not answer.covers & _ENDS:
        return "it keeps no more than the last change: a time from it is no later than, and seldom exact"
    if answer.covers_from is None:
        return "as far back as the system keeps it" if not answer.gaps else "since when it is whole is not known"
    return f"whole since {answer.covers_from:%Y-%m-%d %H:%M} UTC"


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"

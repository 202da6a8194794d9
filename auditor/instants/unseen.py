"""Access that no audit saw, because it came and went between two reads, and sign-ins that the record tells of."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from auditor.instants.instant import ENDS
from auditor.instants.log import AccessLog
from connectors.audit_log import LogEvent, LogKind


@dataclass(frozen=True, slots=True)
class UnseenAccess:
    """An account that worked, or held something, for a while that lies wholly between two reads."""

    system: str
    account: str
    entitlement: str | None
    """What it held meanwhile; `None`: it could be used at all."""
    began: LogEvent
    ended: LogEvent


def unseen_access(log: AccessLog, account: str, since: datetime, until: datetime) -> Iterator[UnseenAccess]:
    """Yield what came and went again after one read, at `since`, and before the next, at `until`, oldest first."""
    began: dict[str | None, LogEvent] = {}
    for event in log.of(account):
        if event.at <= since or event.at > until or event.upper_bound:
            continue  # what is only bounded may have been before `since`
        key = event.entitlement
        if event.kind in (LogKind.ENABLED, LogKind.CREATED, LogKind.GIVEN):
            began.setdefault(key, event)
        elif event.kind in ENDS:
            for held in [None, *(k for k in began if k is not None)] if event.kind is LogKind.DELETED else [None]:
                if held in began:
                    yield UnseenAccess(event.system, account, held, began.pop(held), event)
        elif event.kind is LogKind.TAKEN and key in began:
            yield UnseenAccess(event.system, account, key, began.pop(key), event)


def sign_ins(log: AccessLog, account: str, since: datetime) -> tuple[LogEvent, ...]:
    """Return the sign-ins at or after a moment that the record tells of: those that cannot have been before it."""
    return tuple(e for e in log.of(account) if e.kind is LogKind.SIGNED_IN and e.at >= since)

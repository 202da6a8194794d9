"""Access that no audit saw, because it came and went between two reads, and sign-ins that the record tells of."""

from collections.abc import Callable, Iterator
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


def unseen_access(
    log: AccessLog, account: str, since: datetime, until: datetime, was: Callable[[str | None], bool] = lambda _: False
) -> Iterator[UnseenAccess]:
    """
    Yield what came and went again after one read, at `since`, and before the next, at `until`, oldest first.

    `was` says what that first read saw: whether the account worked (`None`), or held an entitlement. A record of giving
    what somebody had already begins nothing.
    """
    began: dict[str | None, LogEvent] = {}
    ended: set[str | None] = set()
    for event in log.of(account):
        if event.at <= since or event.at > until or event.upper_bound:
            continue  # what is only bounded may have been before `since`
        key = event.entitlement
        if event.kind in (LogKind.ENABLED, LogKind.CREATED, LogKind.GIVEN):
            if key in ended or not was(key):
                began.setdefault(key, event)
        elif event.kind in ENDS or event.kind is LogKind.TAKEN:
            over = {key, *began} if event.kind is LogKind.DELETED else {key}
            ended |= over
            for held in sorted(over & began.keys(), key=lambda one: one or ""):
                yield UnseenAccess(event.system, account, held, began.pop(held), event)


def sign_ins(log: AccessLog, account: str, since: datetime) -> tuple[LogEvent, ...]:
    """Return the sign-ins at or after a moment that the record tells of: those that cannot have been before it."""
    return tuple(e for e in log.of(account) if e.kind is LogKind.SIGNED_IN and e.at >= since)

"""Reading a system's own record of changes: turns its clock to ours, and believes nothing that cannot be."""

from collections.abc import Callable
from contextlib import closing, nullcontext
from dataclasses import replace
from datetime import datetime, timedelta

from connectors.audit_log import (
    ClockOffset,
    DoubtedEvent,
    HasAuditLog,
    LogAnswer,
    LogEvent,
    LogKind,
    LogQuestion,
    LogUnread,
)
from connectors.collect import utc_now
from connectors.connector import Closes, Connector
from connectors.errors import AuditorError

NO_LOG = "the connector reads no record of changes in this system"


def read_log(
    connector: Connector, question: LogQuestion, *, clock: Callable[[], datetime] = utc_now
) -> LogAnswer | LogUnread:
    """
    Ask one system what changed of the accounts in question, and when.

    Never raises for a source that fails: then `LogUnread` says why. In the answer the stamps are in our time where the
    system's clock was measured; what was over before `since` is left out, except the last change of a kind where the
    source keeps no other; and events that cannot be true are put aside, each with the reason.
    """
    id_ = connector.system.id
    if not isinstance(connector, HasAuditLog):
        return LogUnread(id_, clock(), NO_LOG)
    try:
        with closing(connector) if isinstance(connector, Closes) else nullcontext():
            answer = connector.read_log(question)
    except AuditorError as error:
        return LogUnread(id_, clock(), error.message, error.hint)
    except Exception as error:  # noqa: BLE001 - a connector's bug must leave the instant unknown, not the audit dead
        # The text of a foreign exception may hold a secret or patient data: only its type is told.
        return LogUnread(
            id_, clock(), f"reading its record failed with {type(error).__name__}", "run again, or report it"
        )
    return _believed(in_our_time(answer), question, clock())


def in_our_time(answer: LogAnswer) -> LogAnswer:
    """
    Turn the stamps by the measured offset of the clock that made them.

    A clock known to be ahead by [low, high] makes of a stamp t of resolution r the interval [t - high, t + r - low].
    What another server stamped than the one whose clock was measured stays as it is, and is told.
    """
    if answer.clock is None:
        return answer
    low, high = timedelta(seconds=answer.clock.low), timedelta(seconds=answer.clock.high)
    events = tuple(
        replace(e, at=e.at - high, resolution=e.resolution + (high - low)) if _by(answer.clock, e) else e
        for e in answer.events
    )
    others = sorted({e.host for e in answer.events if e.host and not _by(answer.clock, e)})
    told = tuple(f"`{host}` stamped some of it, and nobody asked its clock" for host in others)
    covers = answer.covers_from
    return replace(answer, events=events, covers_from=covers - low if covers else None, gaps=(*answer.gaps, *told))


def _by(clock: ClockOffset, event: LogEvent) -> bool:
    return not clock.hosts or event.host is None or event.host in clock.hosts


def _believed(answer: LogAnswer, question: LogQuestion, now: datetime) -> LogAnswer:
    """Put aside, with the reason, what cannot be true: the future, a time before the account, a second telling."""
    created = {account.id: account.created for account in question.accounts}
    kept: list[LogEvent] = []
    doubted = list(answer.doubted)
    seen: set[tuple[str, str, str, str, str | None]] = set()
    for event in answer.events:
        key = (event.record.source, event.record.id, event.account, event.kind, event.entitlement)
        if key in seen:
            continue
        seen.add(key)
        if question.since is not None and event.at + event.resolution < question.since and not event.last_only:
            continue
        born = created.get(event.account)
        if event.account not in created:
            doubted.append(DoubtedEvent(event, "it is of an account that is not known here"))
        elif event.at > now:
            doubted.append(DoubtedEvent(event, f"it is {_ahead(event.at - now)} in the future"))
        elif born is not None and event.at + event.resolution < born and event.kind is not LogKind.CREATED:
            doubted.append(DoubtedEvent(event, "it is older than the account"))
        else:
            kept.append(event)
    return replace(answer, events=tuple(kept), doubted=tuple(doubted))


def _ahead(by: timedelta) -> str:
    return f"{by.total_seconds():,.0f} s" if by < timedelta(hours=1) else f"{by.total_seconds() / 3600:,.1f} h"

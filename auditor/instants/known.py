"""All that the systems' own records told: what audits stored, and what was read just now."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import timedelta

from auditor.instants.log import NOT_READ, AccessLog, LogSpan, by_account, whole_since
from auditor.store import Store
from auditor.store.logs import EventIdentity, identity
from auditor.store.records import LogRead
from connectors.audit_log import ClockOffset, LogAnswer, LogEvent, LogKind, LogUnread

_SECOND = timedelta(seconds=1)


def logs_of(
    store: Store | None, practice: str, until: int | None = None, now: Iterable[LogAnswer | LogUnread] = ()
) -> dict[str, AccessLog]:
    """Return the record of changes of each system, up to an audit or to the last, and with what was read just now."""
    reads = [read for _, read in store.log_reads(practice, until)] if store else []
    events = [event for _, event in store.log_events(practice, until)] if store else []
    for answer in now:
        reads.append(LogRead.of(answer))
        events += answer.events if isinstance(answer, LogAnswer) else ()
    by_system: dict[str, list[LogRead]] = defaultdict(list)
    for read in reads:
        by_system[read.system].append(read)
    told: dict[str, dict[EventIdentity, LogEvent]] = defaultdict(dict)
    for event in events:
        told[event.system].setdefault(identity(event), event)
    return {system: _log(found, told[system]) for system, found in by_system.items()}


def _log(reads: list[LogRead], events: Mapping[EventIdentity, LogEvent]) -> AccessLog:
    last = reads[-1]
    return AccessLog(
        events=by_account(events.values()),
        spans=tuple(span for read in reads if (span := _span(read)) is not None),
        silent=_silent(last),
        clock=_clock(last),
        lives_on=last.lives_on,
        gaps=last.gaps,
        doubted=last.doubted,
        reads=tuple(read.read_at for read in reads if read.reason is None),
    )


def _span(read: LogRead) -> LogSpan | None:
    if read.reason is not None:
        return None
    since = whole_since(read.covers_from, read.gaps)
    return None if since is None else LogSpan(since, read.read_at, frozenset(map(LogKind, read.covers)))


def _silent(read: LogRead) -> str:
    if read.reason is not None:
        return f"its record of changes could not be read: {read.reason}"
    if read.gaps:
        return f"its record ({read.source}) is not whole: {'; '.join(read.gaps)}"
    return f"its record ({read.source}) tells of no such change" if read.source else NOT_READ


def _clock(read: LogRead) -> ClockOffset | None:
    if read.clock_low is None or read.clock_high is None:
        return None
    return ClockOffset(read.clock_low / _SECOND, read.clock_high / _SECOND, read.read_at, read.clock_by or "")

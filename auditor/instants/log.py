"""What the record of one system told over all reads: its events, and from when until when it had no gap."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from operator import attrgetter

from connectors.audit_log import ClockOffset, LogEvent, LogKind

NOT_READ = "no record of its changes was read"
_EVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class LogSpan:
    """One read of a record: since when it was without a gap, until when it reaches, and what it would have shown."""

    since: datetime
    until: datetime
    covers: frozenset[LogKind]


@dataclass(frozen=True)
class AccessLog:
    """The record of changes of one system, as far as it was read."""

    events: Mapping[str, tuple[LogEvent, ...]] = field(default_factory=dict)
    """By account, oldest first."""
    spans: tuple[LogSpan, ...] = ()
    silent: str = NOT_READ
    """Why it tells nothing of what it does not tell, in words."""
    clock: ClockOffset | None = None
    """As measured with the last read."""
    lives_on: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()
    """Of the last read."""
    doubted: tuple[str, ...] = ()
    reads: tuple[datetime, ...] = ()
    """Until when it reached, each time that it was read; none: not known."""

    def of(self, account: str) -> tuple[LogEvent, ...]:
        """Return the events of an account, oldest first."""
        return self.events.get(account, ())

    def whole(self, since: datetime, until: datetime, kinds: frozenset[LogKind]) -> bool:
        """Whether the record, read once or several times, would have shown every change of these kinds in between."""
        reached = since
        for span in self.spans:
            if kinds <= span.covers and span.since <= reached:
                reached = max(reached, span.until)
        return reached >= until


def whole_since(covers_from: datetime | None, gaps: Iterable[str]) -> datetime | None:
    """Return since when a read stands for everything: for ever where it tells of no gap; `None`: for nothing."""
    if covers_from is not None:
        return covers_from
    return None if any(gaps) else _EVER


def by_account(events: Iterable[LogEvent]) -> dict[str, tuple[LogEvent, ...]]:
    """Index events by account, oldest first; those of one instant in the order of the record."""
    ordered = sorted(events, key=attrgetter("account"))
    return {
        account: tuple(sorted(found, key=attrgetter("at")))
        for account, found in groupby(ordered, key=attrgetter("account"))
    }

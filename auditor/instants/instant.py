"""
The instant at which access ended, concluded from the system's own record and from what audits saw.

The rules, each against a way in which a record misleads:

- The end is the first disabling after the last enabling: a second "disable" of a disabled account changed nothing.
- Only what lies between the last read that saw access and the first that saw none can be that end.
- A record concludes only as far as it has no gap: one after the event may hide that access came back and was taken
  again, so nothing is concluded; one before it may hide an earlier end, so it is an upper bound.
- A stamp of the last change is exact only where the record's own count shows that it was the only one since; otherwise
  an earlier change may have been the end, and it is an upper bound.
- A stamp of whole seconds counts as its end: an instant is never told as earlier than it can have been.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from auditor.instants.log import AccessLog
from connectors.audit_log import LogEvent, LogKind, LogRecord


class InstantKind(StrEnum):
    """How well an instant is known."""

    EXACT = "exact"
    """The record tells of the change itself: accepted between `earliest` and `latest`, as finely as it stamps."""
    NOT_LATER = "not later than"
    """It was no later than `latest`; how much earlier is not known."""
    BETWEEN = "between two audits"
    """No record tells; one audit saw access, and the next one none."""


@dataclass(frozen=True, slots=True)
class Instant:
    """When a change of access took effect, as far as that is known; the truth lies in [`earliest`, `latest`]."""

    kind: InstantKind
    earliest: datetime | None
    """`None`: nothing tells how early it may have been."""
    latest: datetime
    why: str
    """Why it is known so well, and no better, in words."""
    record: LogRecord | None = None
    """The record that says so."""
    actor: str | None = None
    """Who did it, as the system names them."""
    host: str | None = None
    """Which server stamped it, where several do."""


ENDS = frozenset({LogKind.DISABLED, LogKind.DELETED})
_BEGINS = frozenset({LogKind.ENABLED, LogKind.CREATED})
_SWITCHES = frozenset({LogKind.ENABLED, LogKind.DISABLED})
_UNCLEAR = frozenset({LogKind.STATUS_SET})
_COUNTED = _SWITCHES | _UNCLEAR
"""What one count counts, of the state of an account: its last day, for example, has a count of its own."""
_HOLDINGS = frozenset({LogKind.GIVEN, LogKind.TAKEN})
_UNCLEAR_HOLDINGS = frozenset({LogKind.HOLDINGS_SET})
_HELD = _HOLDINGS | _UNCLEAR_HOLDINGS


def account_ended(log: AccessLog, account: str, seen: datetime | None, gone: datetime) -> Instant:
    """
    Return when an account stopped working.

    `seen` is when a read saw it live the last time, `None` if none ever did; `gone` when a read first saw it stopped.
    """
    return _Change(log, account, None, seen, gone).end()


def taken(log: AccessLog, account: str, entitlement: str, seen: datetime | None, gone: datetime) -> Instant:
    """
    Return when something that an account held was taken away.

    An account that is deleted loses what it held with it, and some systems write no record of that but the deletion's.
    """
    return _Change(log, account, entitlement, seen, gone).end()


def came(log: AccessLog, account: str, entitlement: str | None, seen: datetime | None, there: datetime) -> Instant:
    """
    Return when an account began to work, or, with `entitlement`, when it was given something.

    `seen` is when a read saw that it was not so the last time, `there` when one first saw it.
    """
    return _Change(log, account, entitlement, seen, there, coming=True).end()


def between(seen: datetime | None, gone: datetime, why: str) -> Instant:
    """Return what audits alone tell."""
    return Instant(InstantKind.BETWEEN, seen, gone, why)


@dataclass(frozen=True)
class _Change:
    """A change of one thing between two reads, and all that the record tells of it."""

    log: AccessLog
    account: str
    entitlement: str | None
    """What was taken; `None`: the account itself."""
    seen: datetime | None
    gone: datetime
    coming: bool = False
    """Whether it is asked when it came to be; then what ends it is what begins otherwise."""

    @property
    def _begins(self) -> frozenset[LogKind]:
        return self._going if self.coming else self._arriving

    @property
    def _ends(self) -> frozenset[LogKind]:
        return self._arriving if self.coming else self._going

    @property
    def _arriving(self) -> frozenset[LogKind]:
        return _BEGINS if self.entitlement is None else frozenset({LogKind.GIVEN})

    @property
    def _going(self) -> frozenset[LogKind]:
        return ENDS if self.entitlement is None else frozenset({LogKind.TAKEN, LogKind.DELETED})

    @property
    def _vague(self) -> frozenset[LogKind]:
        return _UNCLEAR if self.entitlement is None else _UNCLEAR_HOLDINGS

    def end(self) -> Instant:
        mine = [e for e in self.log.of(self.account) if self._mine(e)]
        logged = [e for e in mine if not (e.upper_bound or e.last_only)]
        events = [e for e in (*logged, *self._standing(mine)) if self._possible(e)]
        found = [self._by_record([e for e in events if not (e.upper_bound or e.last_only)])]
        stamps = [e for e in events if e.kind in self._ends | self._vague]
        found += [self._by_stamp(e) for e in stamps if e.last_only and not e.upper_bound]
        found += [self._by_bound(e) for e in stamps if e.upper_bound]
        found += [self._by_bound(e) for e in events if e.kind is LogKind.TOUCHED]
        if self.entitlement is None:
            found.append(None if self.coming else self._by_expiry())
        known = [one for one in found if one is not None]
        exact = [one for one in known if one.kind is InstantKind.EXACT]
        if exact or known:
            return min(exact or known, key=lambda one: one.latest)
        return between(self.seen, self.gone, self._too_early(mine) or self._why_not(events))

    def _standing(self, mine: Iterable[LogEvent]) -> Iterator[LogEvent]:
        """
        Yield the stamps of a last change that stood when the record was first read after the change that is sought.

        One that a later stamp had overwritten by then bounds nothing: the later one may be of what is sought. Nor does
        one that nobody has looked at since.
        """
        read = min((at for at in self.log.reads if at >= self.gone), default=None)
        if read is None and self.log.reads:
            return
        newest: dict[tuple[str, object, str | None], LogEvent] = {}
        for event in mine:
            if (event.last_only or event.upper_bound) and (read is None or event.at <= read):
                kind = next((k for k in (_COUNTED, _HELD) if event.kind in k), event.kind)
                key = (event.record.source, kind, event.entitlement)
                newest[key] = max(newest.get(key, event), event, key=lambda e: e.at)
        yield from newest.values()

    def _mine(self, event: LogEvent) -> bool:
        if event.kind is LogKind.TOUCHED:
            return event.entitlement == self.entitlement  # of the account itself, or of the group that it is in
        if event.kind in _UNCLEAR_HOLDINGS and event.entitlement is not None:
            return event.entitlement == self.entitlement  # what it held of that alone was written
        return event.kind not in _HOLDINGS or event.entitlement == self.entitlement

    def _possible(self, event: LogEvent) -> bool:
        """Whether it can have happened after `seen`, and no later than `gone`."""
        return event.at <= self.gone and (self.seen is None or event.at + event.resolution > self.seen)

    def _by_record(self, events: Sequence[LogEvent]) -> Instant | None:
        """Conclude from a record of every change."""
        last_begin = max((n for n, e in enumerate(events) if e.kind in self._begins), default=-1)
        after = events[last_begin + 1 :]
        told = [e for e in after if e.kind in self._ends]
        vague = [e for e in after if e.kind in self._vague]
        if told and not (vague and vague[0].at < told[0].at):
            return self._by_ends(told, events[last_begin].at if last_begin >= 0 else self.seen)
        return self._by_vague(vague, told) if vague else None

    def _by_ends(self, told: Sequence[LogEvent], begin: datetime | None) -> Instant | None:
        kinds = _SWITCHES if self.entitlement is None else _HOLDINGS
        if self.log.whole(told[0].at, self.gone, kinds):
            return self._first(told[0], begin, kinds, "the system's own record of the change")
        # Without a record of enablings, only the last disabling is known not to be followed by another.
        if self.log.whole(told[-1].at, self.gone, kinds - self._begins):
            return self._no_later(told[-1], "the record would not show that access came back in between")
        return None

    def _by_vague(self, vague: Sequence[LogEvent], told: Sequence[LogEvent]) -> Instant | None:
        last = max((*vague, *told), key=lambda e: e.at)
        if not self.log.whole(last.at, self.gone, self._vague):
            return None
        if len(vague) == 1 and not told:
            why = "the only change of it that the record tells since a read that saw access"
            return self._first(last, self.seen, self._vague, why)
        return self._no_later(last, "the record tells of several changes, and not which one ended it")

    def _first(self, event: LogEvent, begin: datetime | None, kinds: frozenset[LogKind], why: str) -> Instant:
        """Return the instant of an event that ended it, if the record shows that nothing since its begin did."""
        if begin is None:
            return self._no_later(event, "no read and no record shows that there was access just before it")
        if not self.log.whole(begin, event.at, kinds):
            return self._no_later(event, "the record has a gap before it, in which it may have ended earlier")
        return self._exact(event, why)

    def _by_stamp(self, event: LogEvent) -> Instant:
        """Conclude from a stamp of the last change."""
        if event.kind in self._ends and self._only_one(event):
            why = "the record counts its changes: it is the only one since a read that saw access"
            return self._exact(event, why)
        return self._no_later(event, "the record keeps only the last change, and an earlier one may have ended it")

    def _only_one(self, event: LogEvent) -> bool:
        """Whether the source's own count shows a single change since a read that saw access."""
        if self.seen is None or event.changes is None:
            return False
        kinds = _COUNTED if event.kind in _COUNTED else {event.kind}
        counts = [
            e.changes
            for e in self.log.of(self.account)
            if e.changes is not None
            and e.kind in kinds
            and e.at + e.resolution <= self.seen
            and (e.record.source, e.entitlement) == (event.record.source, event.entitlement)
        ]
        least, most = event.change_steps
        step = event.changes - max(counts) if counts else 0
        return least <= step <= most and step < 2 * least

    def _by_bound(self, event: LogEvent) -> Instant:
        return self._no_later(event, "the record keeps only when something of it was written last")

    def _by_expiry(self) -> Instant | None:
        """An account with a last day ends at the later of that day and of the moment at which it was written."""
        told = self.log.of(self.account)
        written = [e for e in told if e.kind is LogKind.EXPIRY_SET and e.at <= self.gone]
        if not written or (day := written[-1].expires) is None or day > self.gone:
            return None
        event = written[-1]
        last = event.last_only or self.log.whole(event.at, self.gone, frozenset({LogKind.EXPIRY_SET}))
        if not last or (self.seen is not None and max(day, event.at + event.resolution) <= self.seen):
            return None
        if day < event.at + event.resolution:
            return self._no_later(event, "its end was dated back when it was written")
        why = "the account's own end, written before it came"
        return Instant(InstantKind.EXACT, day, day, why, event.record, event.actor, event.host)

    def _exact(self, event: LogEvent, why: str) -> Instant:
        earliest = event.at if self.seen is None else max(event.at, self.seen)
        latest = event.at + event.resolution
        return Instant(InstantKind.EXACT, earliest, latest, why, event.record, event.actor, event.host)

    def _no_later(self, event: LogEvent, why: str) -> Instant:
        latest = event.at + event.resolution
        return Instant(InstantKind.NOT_LATER, self.seen, latest, why, event.record, event.actor, event.host)

    def _too_early(self, mine: Iterable[LogEvent]) -> str:
        """Say that the stamp of its last change is older than a read that still saw access: one of the two is false."""
        early = [
            e
            for e in self._standing(mine)
            if e.kind in self._ends and self.seen is not None and e.at + e.resolution <= self.seen
        ]
        if not early:
            return ""
        record = early[-1].record
        return f"not believed: {record.source} {record.id}, because a read after it still saw access"

    def _why_not(self, events: Iterable[LogEvent]) -> str:
        if any(e.kind in self._ends | self._vague for e in events):
            return "the record tells of it, but has a gap after it, or does not reach to the read that saw it gone"
        return self.log.silent

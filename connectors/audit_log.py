"""
The optional ability to tell from a system's own record what changed, when, and by whom.

A collection says what is; this says when it became so. A connector that can read such a record, live or from a saved
one, is `HasAuditLog`: one method that answers for the accounts asked for. It says what the record says and how finely,
nothing more; the core (`connectors.read_log`) turns the clock to ours and puts aside what cannot be believed, and
`auditor.instants` concludes the instant.

A stamp of whole seconds is the floor of the truth, so an event is told with its resolution, and the truth lies in
[`at`, `at` + `resolution`).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol, runtime_checkable

from connectors.facts import Account, Entitlement

SECOND = timedelta(seconds=1)
MICROSECOND = timedelta(microseconds=1)
CLOCK_MARGIN = timedelta(days=1)
"""By how much a system's clock may be off before a record that is asked for `since` a time of ours would lack some."""

SAMBA_STATE = "userAccountControl in Samba's replPropertyMetaData"
COUNTED_OTHERWISE = {SAMBA_STATE: (2, 3)}
"""By the source of a record, where one change raises its count by more than 1 (Samba 4.17: by 2 over LDAP, by 3 with
`samba-tool`)."""


class LogKind(StrEnum):
    """What a record says of an account, or of what it holds. Only what took effect: a refused change is no event."""

    CREATED = "created"
    ENABLED = "enabled"
    DISABLED = "disabled"
    STATUS_SET = "status-set"
    """Enabled or disabled, and the record does not say which; also where nothing changed by it."""
    DELETED = "deleted"
    RENAMED = "renamed"
    EXPIRY_SET = "expiry-set"
    """The day on which the account ends was written; it ends at the later of this event and that day (`expires`)."""
    GIVEN = "given"
    TAKEN = "taken"
    HOLDINGS_SET = "holdings-set"
    """What the account holds was written, and the record does not say what came or went."""
    SIGNED_IN = "signed-in"
    SESSIONS_ENDED = "sessions-ended"
    TOUCHED = "touched"
    """Something of the account was written, and the record does not say what: no more than an upper bound."""


@dataclass(frozen=True, slots=True)
class LogRecord:
    """The record that says so: what somebody else finds again in the system."""

    source: str
    """Which record, in the system's words: `cn=accesslog`, `ir.model.log`, the name of a file."""
    id: str
    """Its own id there, or `line 17`."""
    sha256: str
    """Of the record's bytes as they were read."""

    @classmethod
    def of(cls, source: str, id_: str, raw: bytes) -> "LogRecord":
        """Hash a record as it was read."""
        return cls(source, id_, hashlib.sha256(raw).hexdigest())


@dataclass(frozen=True, slots=True)
class LogEvent:
    """One change, as the system recorded it."""

    system: str
    account: str
    """Native id, as in the collection; of an account that nobody asked for, whatever the record names."""
    kind: LogKind
    at: datetime
    """By the clock of whoever stamped it, UTC; the earliest that the stamp can mean."""
    resolution: timedelta
    """How much later it may have been: a second for whole seconds, an hour for local time within the repeated hour."""
    record: LogRecord
    entitlement: str | None = None
    """Native id of what was given or taken; `None` for events of the account itself."""
    actor: str | None = None
    """Who did it, as the system names them; `None` where it does not say."""
    host: str | None = None
    """Which server stamped it, where several do."""
    last_only: bool = False
    """The source keeps only the last change of this kind and overwrites earlier ones (AD metadata, `dateChanged`)."""
    upper_bound: bool = False
    """It was no later than this, maybe much earlier (`last_updated`)."""
    changes: int | None = None
    """How often it was written so far, where the source counts (AD `dwVersion`): betrays what was overwritten."""
    expires: datetime | None = None
    """For `EXPIRY_SET`: when the account ends by it; `None`: never."""

    @property
    def change_steps(self) -> tuple[int, int]:
        """By how much one change raises `changes`, at least and at most: a larger step was several changes."""
        return COUNTED_OTHERWISE.get(self.record.source, (1, 1))


@dataclass(frozen=True, slots=True)
class ClockOffset:
    """By how many seconds a system's clock was ahead of ours when it was measured: somewhere in [`low`, `high`]."""

    low: float
    high: float
    measured: datetime
    by: str
    """Which clock was asked, such as `rootDSE currentTime`."""
    hosts: frozenset[str] = frozenset()
    """Whose clock it is, as `LogEvent.host` names them, where several servers stamp; none: of all."""


@dataclass(frozen=True, slots=True)
class LogQuestion:
    """Of which accounts the record is wanted, and since when."""

    accounts: tuple[Account, ...]
    """The accounts asked for; those that are gone since are here as they were seen last."""
    entitlements: Mapping[str, Entitlement] = field(default_factory=dict)
    """By native id: what accounts of this system can hold, as last read."""
    since: datetime | None = None
    """The last read that saw them; `None`: from the beginning of the record."""
    held: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By account: what it held then or holds now, where that is known; some sources stamp only what is held."""
    closed: Mapping[str, datetime] = field(default_factory=dict)
    """By account: a moment of ours at which it was seen closed, and after which it was not seen open, where one is
    known; where an account has several ways in, a record alone does not say that no other was left."""
    closely: bool = False
    """Whether somebody waits to know of a change that was made just now: clocks are then looked at for longer."""

    @property
    def ask_from(self) -> datetime | None:
        """
        From when to ask a system that can narrow by its own stamps, whose clock may be off; `None`: from the beginning.

        More than was asked for may be told: the core leaves out what was before `since`, once the clock is turned.
        """
        return self.since - CLOCK_MARGIN if self.since else None


@dataclass(frozen=True, slots=True)
class DoubtedEvent:
    """An event that is told, and not believed."""

    event: LogEvent
    why: str


@dataclass(frozen=True, slots=True)
class LogAnswer:
    """What a system's own record says of the accounts asked for."""

    system: str
    source: str
    """What was read, in words and without secrets."""
    read_at: datetime
    events: tuple[LogEvent, ...]
    """In the order of the record."""
    covers_from: datetime | None = None
    """Since when the record has no gap, by its own word (`minCSN`, `firstchangenumber`, the oldest row).

    `None`: it does not say, or keeps the last change only: then what was between two reads may be missing."""
    covers: frozenset[LogKind] = frozenset()
    """Which kinds the record would show if they had happened since `covers_from`."""
    clock: ClockOffset | None = None
    """`None`: nobody could ask its clock, as with a saved file."""
    gaps: tuple[str, ...] = ()
    """What is missing from the record, or was off, in words: purged, cut short, written by another host."""
    lives_on: tuple[str, ...] = ()
    """What may live on after the end that it records, in words: open sessions, tickets, tokens, and how long."""
    doubted: tuple[DoubtedEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class LogUnread:
    """The record could not be read: then audits alone tell."""

    system: str
    read_at: datetime
    """When it was tried."""
    reason: str
    hint: str = ""


@runtime_checkable
class HasAuditLog(Protocol):
    """Can tell from the system's own record when access changed."""

    def read_log(self, question: LogQuestion) -> LogAnswer:
        """
        Return what the record says of the accounts asked for; asks for nothing that holds secrets or patient data.

        Raises `SourceError` or `InputError` when there is a record and it cannot be read; the core tells it.
        """

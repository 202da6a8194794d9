"""The store's front: open, ask, save."""

from collections.abc import Collection, Iterable, Iterator, Set
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self, TypeVar

from sqlalchemy import Connection, Engine

from auditor.ledger.entries import LedgerEntry, LedgerHead
from auditor.ledger.keys import Signer
from auditor.ledger.notices import NoticeRecord
from auditor.ledger.statements import Statement
from auditor.snapshot import AuditRecord, AuditSummary, OrderEnd, Stored, WorkOrder
from auditor.sqlite.engine import let_go, writing
from auditor.sqlite.files import copied, plain_errors, writable
from auditor.store import earlier, logs, reading, saving, statements
from auditor.store.intervals import Interval, intervals
from auditor.store.reading import StoredFinding
from auditor.store.record import StoredRecord
from auditor.store.records import LogRead, RosterLine
from auditor.store.schema import open_engine
from connectors.audit_log import LogEvent
from connectors.errors import AuditorError
from connectors.facts import Account, Engagement, Evidence, Partial, Person
from policies.engine.candidates import LIKELY
from policies.engine.case import AccountKey

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SavedAudit:
    """What a save has made."""

    audit: int
    entry: int
    head: LedgerHead
    """Hand it to somebody else: without it, nobody can tell later whether the end of the ledger was cut off."""


class Store:
    """
    Every audit of every practice, in one file.

    All methods raise `AuditorError` when the file cannot be read or written.
    """

    def __init__(self, engine: Engine, path: Path, copy: TemporaryDirectory[str] | None = None) -> None:
        self._held: Engine | None = engine
        self._path = path
        self._copy = copy

    @classmethod
    def open(cls, path: Path, *, wait_s: float = 30) -> "Store":
        """
        Open a store, making it where there is none.

        Raises `AuditorError` when the file is not a store, is read-only, is kept locked by somebody for longer than
        `wait_s`, or has a newer schema than this program.
        """
        return cls(open_engine(path, wait_s), path)

    @classmethod
    def look(cls, path: Path, *, wait_s: float = 30) -> "Store":
        """
        Open a store to ask it, also one that may only be read: a copy in an archive, on a read-only disk, of another.

        What may not be written is asked in a private copy, which may be of an older version and is brought to this one.
        Raises `AuditorError` as `open` does, and when there is no store.
        """
        if not path.is_file():
            raise AuditorError(f"there is no store `{path}`", hint="`auditor audit` makes one")
        if writable(path):
            return cls.open(path, wait_s=wait_s)
        copy = TemporaryDirectory(prefix="auditor-")
        try:
            return cls(open_engine(copied(path, Path(copy.name)), wait_s), path, copy)
        except BaseException:
            copy.cleanup()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @property
    def _engine(self) -> Engine:
        if self._held is None:
            raise AssertionError("the store is closed, and its engine may be on another file by now")
        return self._held

    def close(self) -> None:
        """Close the file; the last to close it leaves one whole file without side files."""
        if self._held is not None:
            let_go(self._held)
            self._held = None
        if self._copy is not None:
            self._copy.cleanup()

    def last(self, practice: str) -> Stored | None:
        """Return a practice's latest audit; `None` when it has none."""
        with self._reading() as connection:
            audit = reading.last_audit(connection, practice)
            return None if audit is None else reading.stored(connection, practice, audit)

    def at(self, practice: str, audit: int) -> Stored:
        """Return what was true at an audit; raises `AuditorError` when the practice has no such audit."""
        with self._reading() as connection:
            return reading.stored(connection, practice, audit)

    def reads(self, audit: int) -> dict[str, tuple[str, datetime, Partial | None]]:
        """Return how each system was read in an audit: from where, when, and, if it was not whole, why."""
        with self._reading() as connection:
            return reading.reads(connection, audit)

    def whole_reads(self, practice: str) -> tuple[tuple[int, str, datetime], ...]:
        """Return every whole read of the practice's audits, oldest first: audit, system, as of when."""
        with self._reading() as connection:
            return tuple(reading.whole_reads(connection, practice))

    def read_whole(self, audit: int) -> dict[str, datetime]:
        """Return as of when each system was read, of those that an audit read whole."""
        return {system: as_of for system, (_, as_of, partial) in self.reads(audit).items() if partial is None}

    def proofs(self, audit: int) -> dict[str, tuple[Evidence, ...]]:
        """Return, of each system that an audit read whole, what its source told of that."""
        with self._reading() as connection:
            return reading.proofs(connection, audit)

    def intervals(
        self, practice: str, kind: StoredRecord[T], accounts: Collection[str] | None = None
    ) -> tuple[Interval[T], ...]:
        """
        Return every record of one kind (`auditor.store.records`) that a practice ever had, oldest first.

        With `accounts` (native ids), only what those accounts had.
        """
        with self._reading() as connection:
            return tuple(intervals(connection, practice, kind, accounts))

    def order_ends(self, practice: str) -> tuple[tuple[int, OrderEnd], ...]:
        """Return how the orders of a practice ended, each with the audit that found it, oldest first."""
        with self._reading() as connection:
            return reading.order_ends(connection, practice)

    def audits(self, practice: str | None = None) -> tuple[AuditSummary, ...]:
        """Return the audits of a practice, or of all, oldest first."""
        with self._reading() as connection:
            return reading.summaries(connection, practice)

    def former_engagements(
        self, practice: str, present: Collection[str]
    ) -> tuple[tuple[Person, Engagement, datetime], ...]:
        """
        Return the VMAs who were once on the roster and are not among `present` (VMA ids).

        Each as last known, with the instant of the last audit whose roster had them.
        """
        with self._reading() as connection:
            return earlier.former_engagements(connection, practice, present)

    def earlier_roles(self, practice: str, until: int | None = None) -> dict[str, tuple[str, ...]]:
        """Return every role that each VMA had at an audit, oldest first, also the present one; up to audit `until`."""
        with self._reading() as connection:
            return earlier.earlier_roles(connection, practice, until)

    def owners_known(self, practice: str, until: int | None = None) -> dict[AccountKey, frozenset[str]]:
        """Return the people whose each account was for certain at an audit; up to an audit, or to the last one."""
        with self._reading() as connection:
            return earlier.owners_known(connection, practice, until, LIKELY)

    def owners_ever(
        self, practice: str, keys: Set[AccountKey], until: int | None = None
    ) -> dict[AccountKey, frozenset[str]]:
        """Return the people whose each of some accounts was at an audit, up to audit `until`; none, no entry."""
        with self._reading() as connection:
            return earlier.owners_ever(connection, practice, keys, until)

    def logins_ever(
        self, practice: str, logins: Set[tuple[str, str]], until: int | None = None
    ) -> frozenset[tuple[str, str]]:
        """Return which of some log-ins (system, log-in in lower case) an audit saw, up to audit `until`."""
        with self._reading() as connection:
            return earlier.logins_ever(connection, practice, logins, until)

    def last_seen(self, practice: str, vma: str) -> datetime | None:
        """Return the instant of the last audit whose roster had a VMA; `None` when none had."""
        with self._reading() as connection:
            return earlier.last_seen(connection, practice, vma)

    def accounts_of(self, practice: str, vma: str) -> tuple[Account, ...]:
        """Return, as last seen, the accounts that were a VMA's when an audit last knew whose they were."""
        with self._reading() as connection:
            return earlier.accounts_of(connection, practice, vma)

    def roster_line(self, practice: str, vma: str) -> RosterLine | None:
        """Return the line that the last roster which had a VMA gave them; `None` when none had."""
        with self._reading() as connection:
            return earlier.roster_line(connection, practice, vma)

    def open_orders(self, practice: str, vma: str | None = None) -> tuple[WorkOrder, ...]:
        """Return the orders of a VMA, or of all, that were open at the last audit, by their ids."""
        with self._reading() as connection:
            return earlier.open_orders(connection, practice, vma)

    def finding(self, id: str, practice: str | None = None) -> StoredFinding | None:  # noqa: A002 - the word of the model
        """Return a finding as it was worded last, open or not; `None` when it was never found."""
        with self._reading() as connection:
            return reading.finding(connection, id, practice)

    def state(self, statement: Statement, signer: Signer) -> None:
        """
        Record what a person states, signed.

        Raises `AuditorError` when it is there already, or when the ledger's end was signed by another key.
        """
        with plain_errors(self._path), writing(self._engine) as connection:
            saving.own_key(connection, signer)
            statements.add(connection, statement, signer)

    def statements(self, practice: str) -> tuple[Statement, ...]:
        """Return what people have stated about a practice, oldest first; expired and withdrawn ones too."""
        with self._reading() as connection:
            return statements.of_practice(connection, practice)

    def note(self, records: Iterable[NoticeRecord], signer: Signer, *, after: int, tool_version: str) -> LedgerHead:
        """
        Record what happened with notices, each with its entry of the ledger: all of it or nothing; return the head.

        `after` is the number of the last record of that party that the caller knew of, 0 for none. Raises
        `AuditorError`, and writes nothing, when there is another by now, when text cannot be stored as it is, or when
        the ledger's end was signed by another key.
        """
        with plain_errors(self._path), writing(self._engine) as connection:
            entry: LedgerEntry | None = None
            for record in records:
                if entry is None and reading.last_notice(connection, record.party) != after:
                    raise AuditorError(
                        "another notice was recorded meanwhile", hint="nothing was recorded; run it again"
                    )
                try:
                    entry = saving.add_notice(connection, record, tool_version, signer)
                except (UnicodeError, OverflowError):
                    raise AuditorError(
                        "a notice holds a character that cannot be stored", hint="nothing was recorded"
                    ) from None
            assert entry is not None  # noqa: S101 - nobody records nothing
            return entry.head

    def notices(self, party: str) -> tuple[NoticeRecord, ...]:
        """Return everything that happened with notices of a practice or agency, in its order."""
        with self._reading() as connection:
            return reading.notices(connection, party)

    def log_events(self, practice: str, until: int | None = None) -> tuple[tuple[int, LogEvent], ...]:
        """Return what the systems' own records told of changes, each with the audit that read it; up to an audit."""
        with self._reading() as connection:
            return tuple(logs.events_of(connection, practice, until))

    def log_reads(self, practice: str, until: int | None = None) -> tuple[tuple[int, LogRead], ...]:
        """Return how those records were read, each with the audit; up to an audit."""
        with self._reading() as connection:
            return tuple(logs.reads_of(connection, practice, until))

    @contextmanager
    def reviewing(self) -> Iterator[Connection]:
        """
        Give one transaction on the tables of reviews that holds the only write lock: whole, or undone by any exception.

        For `auditor.review` alone, which knows its tables (`auditor.store.reviews`).
        """
        with plain_errors(self._path), writing(self._engine) as connection:
            yield connection

    @contextmanager
    def reviewed(self) -> Iterator[Connection]:
        """Give one moment of the tables of reviews, to be read."""
        with self._reading() as connection, connection.begin():
            yield connection

    def entries(self) -> Iterator[LedgerEntry]:
        """Yield the ledger, oldest first; nothing is verified here (`auditor.ledger.verify`)."""
        with self._reading() as connection:
            yield from reading.entries(connection)

    def entry_of(self, record: str, row: int, *, among: int) -> int | None:
        """Return the number of the entry about one row (`ledger.ALONE`), if it is one of so many newest entries."""
        with self._reading() as connection:
            return reading.entry_of(connection, record, row, among)

    def save(self, record: AuditRecord, signer: Signer, *, after: int | None) -> SavedAudit:
        """
        Save an audit and its ledger entry, whole or not at all.

        `after` is the audit with which the caller compared this one, `None` for the first. Raises `AuditorError`, and
        writes nothing, when the practice has another latest audit by now, when the record holds facts of a system that
        was not read whole, when it cannot be stored as it is, or when the ledger's end was signed by another key.
        """
        saving.check(record)
        with plain_errors(self._path), writing(self._engine) as connection:
            latest = reading.last_audit(connection, record.practice)
            if latest != after:
                raise AuditorError(
                    f"another audit of `{record.practice}` finished meanwhile",
                    hint="nothing was saved; run again",
                )
            try:
                audit, entry = saving.save(connection, record, signer)
            except (UnicodeError, OverflowError):
                raise AuditorError(
                    f"the audit of `{record.practice}` holds a character or a number that cannot be stored",
                    hint="nothing was saved; look for damaged text in the exports and the roster",
                ) from None
        return SavedAudit(audit, entry.n, entry.head)

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with plain_errors(self._path), self._engine.connect() as connection:
            yield connection

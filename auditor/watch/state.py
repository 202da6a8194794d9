"""
What the watch must not forget, in a file of its own beside the store: how far it told, and what is still to be sent.

The store is evidence and is only ever added to; this is a worklist. It holds no address and no secret, and a message is
written in the same transaction as the mark that says how far was told: both, or neither.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from auditor.sqlite.work_file import Row, WorkFile, WorkFileKind
from connectors.errors import AuditorError

_TABLES = """
CREATE TABLE mark (practice TEXT, name TEXT, value TEXT NOT NULL, PRIMARY KEY (practice, name)) WITHOUT ROWID;
CREATE TABLE told (practice TEXT, recipient TEXT, item TEXT, PRIMARY KEY (practice, recipient, item)) WITHOUT ROWID;
CREATE TABLE outbox (
  message TEXT, recipient TEXT, practice TEXT NOT NULL,
  subject TEXT NOT NULL, body TEXT NOT NULL, payload TEXT NOT NULL,
  created TEXT NOT NULL, state TEXT NOT NULL, tries INTEGER NOT NULL, next_try TEXT NOT NULL, problem TEXT NOT NULL,
  done TEXT, PRIMARY KEY (message, recipient)
);
"""
DAMAGED = "the file is damaged: move it away; what waits to be sent is lost, and no evidence"
_KIND = WorkFileKind(what="what the watch keeps", damaged=DAMAGED, version=1, tables=_TABLES)
_AHEAD = "created > ? OR done > ? OR (state = ? AND next_try > ?)"
WAITING, SENT, GIVEN_UP = "waiting", "sent", "given up"


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one recipient."""

    id: str
    """Stays the same however often it is sent, so that a repeat is known for one."""
    recipient: str
    """The name in the configuration, never an address."""
    subject: str
    body: str
    payload: str
    """The same as JSON, for a machine."""
    created: datetime
    tries: int = 0
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """How it stands with one recipient."""

    recipient: str
    waiting: int = 0
    sent: int = 0
    given_up: int = 0
    last_sent: str | None = None
    tries: int = 0
    """Of the message that was tried most often, among those that wait."""
    problem: str = ""
    """Of the latest try, when something waits or was given up."""

    @property
    def open(self) -> int:
        """How many messages the recipient has not got."""
        return self.waiting + self.given_up

    @property
    def failing(self) -> bool:
        """Whether something could not be delivered."""
        return bool(self.given_up or (self.waiting and self.problem))


def state_path(store: Path) -> Path:
    """Return where the state lies: beside the store."""
    return store.with_name(f"{store.stem}.watch.db")


def lock_path(store: Path) -> Path:
    """Return the file whose lock says that a watch is at work."""
    return store.with_name(f"{store.stem}.watch.lock")


@contextmanager
def only_one(store: Path) -> Iterator[None]:
    """Hold the lock of a store; raises `AuditorError` when another watch has it. The kernel ends it with us."""
    path = lock_path(store)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise AuditorError(
            f"`{path}` cannot be made: `{error.strerror}`", hint="give the auditor the right to write that folder"
        ) from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise AuditorError(
            f"another `auditor watch` is at work on `{store.name}`",
            hint="one is enough; `auditor watch --status` says what it has told",
        ) from None
    try:
        yield
    finally:
        os.close(handle)


class WatchState:
    """The state of the watches of one store; all methods raise `AuditorError` when the file cannot be used."""

    def __init__(self, file: WorkFile) -> None:
        self._file = file

    @classmethod
    def look(cls, store: Path) -> "WatchState | None":
        """Open it for reading only; `None` where there is none."""
        file = WorkFile.look(state_path(store), _KIND)
        return None if file is None else cls(file)

    @classmethod
    def open(cls, store: Path) -> "WatchState":
        """Open it, making it where there is none."""
        return cls(WorkFile.open(state_path(store), _KIND))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()

    def writing(self) -> AbstractContextManager[None]:
        """Give one transaction: written whole, or undone by any exception."""
        return self._file.writing()

    def mark(self, practice: str, name: str) -> str | None:
        """Return what was noted under a name; `None` when nothing was."""
        rows = self._file.rows("SELECT value FROM mark WHERE practice = ? AND name = ?", practice, name)
        return rows[0][0] if rows else None

    def put(self, practice: str, name: str, value: str) -> None:
        """Note something."""
        self._file.rows(
            "INSERT INTO mark VALUES (?, ?, ?) ON CONFLICT (practice, name) DO UPDATE SET value = excluded.value",
            practice,
            name,
            value,
        )

    def is_told(self, practice: str, recipient: str, item: str) -> bool:
        """Whether something was told to a recipient once and for all."""
        query = "SELECT 1 FROM told WHERE practice = ? AND recipient = ? AND item = ?"
        return bool(self._file.rows(query, practice, recipient, item))

    def put_told(self, practice: str, recipient: str, item: str) -> None:
        """Note that it was."""
        self._file.rows("INSERT INTO told VALUES (?, ?, ?) ON CONFLICT DO NOTHING", practice, recipient, item)

    def queue(self, practice: str, message: Message) -> None:
        """Put a message into the outbox; one that is there already stays as it is."""
        m, at = message, _text(message.created)
        row = (m.id, m.recipient, practice, m.subject, m.body, m.payload, at, WAITING, 0, at, "", None)
        self._file.rows(f"INSERT INTO outbox VALUES ({', '.join('?' * len(row))}) ON CONFLICT DO NOTHING", *row)  # noqa: S608

    def waiting(self, practice: str, now: datetime | None = None) -> list[Message]:
        """Return what is to be sent, oldest first; with `now`, what is due by then."""
        query = "SELECT * FROM outbox WHERE practice = ? AND state = ? AND next_try <= ? ORDER BY created, rowid"
        rows = self._file.rows(query, practice, WAITING, _text(now) if now else "9999")
        return [_message(row) for row in rows]

    def sent(self, message: Message, at: datetime) -> None:
        """Note that a message was taken by its recipient's server."""
        self._done(message, SENT, at, "")

    def give_up(self, message: Message, at: datetime, problem: str) -> None:
        """Note that a message is not tried again; it stays, for people to see."""
        self._done(message, GIVEN_UP, at, problem)

    def _done(self, message: Message, state: str, at: datetime, problem: str) -> None:
        update = (
            "UPDATE outbox SET state = ?, done = ?, problem = ?, tries = tries + 1 WHERE message = ? AND recipient = ?"
        )
        self._file.rows(update, state, _text(at), problem, message.id, message.recipient)

    def failed(self, practice: str, message: Message, next_try: datetime, problem: str) -> None:
        """Note that a try failed: neither it nor anything else for that recipient is tried before `next_try`."""
        with self.writing():
            update = "UPDATE outbox SET tries = tries + 1, problem = ? WHERE message = ? AND recipient = ?"
            self._file.rows(update, problem, message.id, message.recipient)
            later = "UPDATE outbox SET next_try = max(next_try, ?) WHERE practice = ? AND recipient = ? AND state = ?"
            self._file.rows(later, _text(next_try), practice, message.recipient, WAITING)

    def ahead(self, practice: str, now: datetime, later: datetime) -> int:
        """Count the messages that were made, sent or given up after `now`, or wait for a time after `later`."""
        query = f"SELECT count(*) FROM outbox WHERE practice = ? AND ({_AHEAD})"  # noqa: S608 - our own words
        at, far = _text(now), _text(later)
        return int(self._file.rows(query, practice, at, at, WAITING, far)[0][0])

    def bring_back(self, practice: str, now: datetime, later: datetime) -> None:
        """Let these bear the present instead; what was given up after `now` waits again. Inside a transaction."""
        at, far = _text(now), _text(later)
        for change, condition, values in (
            ("created = ?", "created > ?", (at, practice, at)),
            ("state = ?, done = NULL, next_try = ?", "state = ? AND done > ?", (WAITING, at, practice, GIVEN_UP, at)),
            ("done = ?", "done > ?", (at, practice, at)),
            ("next_try = ?", "state = ? AND next_try > ?", (at, practice, WAITING, far)),
        ):
            self._file.rows(f"UPDATE outbox SET {change} WHERE practice = ? AND {condition}", *values)  # noqa: S608

    def forget(self, before: datetime) -> None:
        """Drop what was sent, or given up, before an instant."""
        self._file.rows("DELETE FROM outbox WHERE done < ?", _text(before))

    def deliveries(self, practice: str) -> list[Delivery]:
        """Return how it stands with everybody who was ever to be told something."""
        rows = self._file.rows("SELECT * FROM outbox WHERE practice = ? ORDER BY recipient, created, rowid", practice)
        found = []
        for name in dict.fromkeys(row["recipient"] for row in rows):
            mine = [row for row in rows if row["recipient"] == name]
            by = {s: [row for row in mine if row["state"] == s] for s in (WAITING, SENT, GIVEN_UP)}
            open_ = by[WAITING] + by[GIVEN_UP]
            found.append(
                Delivery(
                    recipient=name,
                    waiting=len(by[WAITING]),
                    sent=len(by[SENT]),
                    given_up=len(by[GIVEN_UP]),
                    last_sent=max((row["done"] for row in by[SENT]), default=None),
                    tries=max((row["tries"] for row in by[WAITING]), default=0),
                    problem=next((row["problem"] for row in reversed(open_) if row["problem"]), ""),
                )
            )
        return found


def _message(row: Row) -> Message:
    return Message(
        id=row["message"],
        recipient=row["recipient"],
        subject=row["subject"],
        body=row["body"],
        payload=row["payload"],
        created=datetime.fromisoformat(row["created"]),
        tries=row["tries"],
        problem=row["problem"],
    )


def _text(at: datetime) -> str:
    """Write an instant so that texts sort as instants do."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")

"""
Verifies a store: that its ledger is whole and signed, and that its history is what the ledger vouches for.

Needs the file and the public key, nothing else: no configuration, no network, no right to write. Whatever stands in
the file, the answer is a verdict that names every damage, never an exception.
"""

import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from auditor.ledger.chain import LedgerChain, RawEntry, check_chain
from auditor.ledger.entries import KEYS, RECORDS, Changes, LedgerEntry, LedgerHead, decode_signature, signed_text
from auditor.ledger.keys import PublicKey
from auditor.ledger.statements import parse
from connectors.errors import AuditorError, shorten

MAX_DAMAGES = 10
"""How many faults of the file itself are listed: after these, the file is beyond discussion."""

YOUNGER = frozenset({"statement", "term", "period"})
"""The tables that stores of older versions lack."""

VERSION = "alembic_version"

_OURS = frozenset({"ledger", VERSION, *RECORDS, *KEYS})

UNREADABLE = (sqlite3.Error, UnicodeError, OverflowError, MemoryError)
"""What a damaged file can make SQLite's driver raise; not even its messages are text for certain."""


@dataclass(frozen=True, slots=True)
class StoreVerdict:
    """What can be said of a store."""

    ok: bool
    entries: int
    """How many entries the ledger holds."""
    valid: int
    """How many of them are sound, with the history that they vouch for."""
    problems: tuple[str, ...]
    head: LedgerHead | None
    """The last entry that the key signed: hand it to somebody else, and ask for it at the next verification."""
    tail_vouched: bool
    """Whether it is certain that nothing was cut off at the end."""
    last_at: datetime | None = None
    """The instant of the last audit that the key signed."""

    def lines(self) -> tuple[str, ...]:
        """Return the verdict for people, one sentence a line."""
        counted = f"{self.valid} of {self.entries} entries are valid"
        vouched = (
            "the ledger ends with the given head: nothing was cut off"
            if self.tail_vouched
            else "the tail cannot be vouched for: give `--head` from the last report to prove that nothing was cut off"
        )
        return (
            *(f"✗ {problem}" for problem in self.problems),
            counted,
            vouched,
            *([f"head: {self.head}"] if self.head else []),
        )


def verify(path: Path, public_key: str, head: LedgerHead | None = None) -> StoreVerdict:
    """
    Verify a store, or a copy of one, without changing it.

    `head` is what somebody kept of an earlier audit. Raises `AuditorError` only for wrong usage: there is no such file,
    `public_key` is not a public key, or what is pending beside the file cannot be read without the right to write.
    """
    key = PublicKey.parse(public_key)
    if not path.is_file():
        raise AuditorError(f"there is no store `{path}`", hint="give the path of the store's file, or of a copy of it")
    before = _state(path)
    verdict = _verdict(path, key, head)
    # Somebody saved an audit while we read: what looks like damage may be a file that was half old, half new.
    return verdict if _state(path) == before else _verdict(path, key, head)


def _verdict(path: Path, key: PublicKey, head: LedgerHead | None) -> StoreVerdict:
    problems: list[str] = []
    chain: LedgerChain | None = None
    try:
        with closing(_open(path)) as connection:
            whole = _check_file(connection, problems)
            chain = check_chain(list(_entries(connection)), key)
            problems += chain.problems
            if whole:
                problems += _check_history(connection, chain)
                problems += _check_statements(connection, key)
            else:
                chain.sound.clear()  # of a history that cannot be asked, nothing is known
    except UNREADABLE as error:
        problems.append(f"the file is damaged: {shorten(error)}")
    if chain is None:
        return StoreVerdict(ok=False, entries=0, valid=0, problems=tuple(problems), head=None, tail_vouched=False)
    vouched, more = _check_head(chain, head, key)
    problems += more
    if chain.entries == 0 and not problems:
        problems.append("the ledger is empty: there is nothing to vouch for")
    last_at = chain.genuine[max(chain.genuine)].at if chain.genuine else None
    return StoreVerdict(not problems, chain.entries, len(chain.sound), tuple(problems), chain.head, vouched, last_at)


def _state(path: Path) -> tuple[int, int, bool]:
    """Return when the file was written last, its size, and whether changes are pending beside it."""
    beside = [path.with_name(path.name + end) for end in ("-wal", "-journal")]
    status = path.stat()
    return status.st_mtime_ns, status.st_size, any(file.exists() and file.stat().st_size > 0 for file in beside)


def _open(path: Path) -> sqlite3.Connection:
    """Open read-only; a store that nobody is writing is read without leaving as much as a lock beside it."""
    uri = f"file:{quote(str(path.resolve()))}"
    if not _state(path)[2]:
        return _prepare(sqlite3.connect(f"{uri}?immutable=1", uri=True, isolation_level=None))
    try:
        return _prepare(sqlite3.connect(f"{uri}?mode=ro", uri=True, isolation_level=None))
    except sqlite3.OperationalError as error:
        raise AuditorError(
            f"the changes pending beside `{path.name}` cannot be read here: {shorten(error)}",
            hint="copy the file and those beside it to a folder that you may write to, and verify there",
        ) from None


def _prepare(connection: sqlite3.Connection) -> sqlite3.Connection:
    # A byte that is not UTF-8 must neither raise nor turn into a character that could have stood there.
    connection.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
    try:
        for statement in ("PRAGMA trusted_schema = OFF", "PRAGMA busy_timeout = 10000", "BEGIN"):
            connection.execute(statement)
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _check_file(connection: sqlite3.Connection, problems: list[str]) -> bool:
    """Report damage below the tables, and what answers in their place; return whether all tables can be asked."""
    for (said,) in connection.execute(f"PRAGMA integrity_check({MAX_DAMAGES})"):
        if said != "ok":
            problems.append(f"the file is damaged: {shorten(said)}")
    kinds = dict(connection.execute("SELECT name, type || ' ' || substr(sql, 1, 14) FROM sqlite_master"))
    for name, kind in kinds.items():
        if str(kind).startswith("trigger"):
            problems.append(f"somebody added the trigger {shorten(name)}, which changes what is saved")
        elif str(kind).startswith("view"):
            problems.append(f"somebody added the view {shorten(name)}: no version of this program makes one")
        elif str(kind).startswith("table") and name not in _OURS and not str(name).startswith("sqlite_"):
            problems.append(f"somebody added the table {shorten(name)}: this version of the program has none")
    problems += _check_version(connection, kinds)
    # A view, or a virtual table, may answer anything, or never.
    # A store of an older version lacks the younger tables; where an entry vouches for their rows, they are missed.
    tables = [t for t in ("ledger", *RECORDS, *KEYS) if t not in YOUNGER or t in kinds]
    missing = [t for t in tables if not str(kinds.get(t)).upper().startswith("TABLE CREATE TABLE")]
    problems += [f"the file is damaged: there is no table `{table}`" for table in missing]
    if "ledger" in missing:
        raise sqlite3.DatabaseError("there is no ledger")
    return not missing


def _check_version(connection: sqlite3.Connection, kinds: Mapping[str, object]) -> Iterator[str]:
    """Check what the migrations go by, which no entry signs, and by which a file is refused."""
    if VERSION not in kinds:
        yield "the file does not say which version of its tables it has"
        return
    found = connection.execute(f"SELECT * FROM {VERSION}").fetchall()  # noqa: S608 - our own name
    if len(found) != 1 or not re.fullmatch(r"\d{4}", str(found[0][0])):
        yield f"the file says that its tables are of the version {shorten(found)}, which there never was"


def _entries(connection: sqlite3.Connection) -> Iterator[RawEntry]:
    query = "SELECT n, CAST(body AS BLOB), CAST(hash AS BLOB), CAST(signature AS BLOB) FROM ledger ORDER BY n, rowid"
    for n, body, hash_, signature in connection.execute(query):
        yield RawEntry(n if isinstance(n, int) else 0, body or b"", hash_ or b"", signature or b"")


def _check_head(chain: LedgerChain, head: LedgerHead | None, key: PublicKey) -> tuple[bool, list[str]]:
    """Return whether the ledger ends with this head, and what speaks against it."""
    if head is None:
        return False, []
    signature = decode_signature(head.signature.encode(errors="replace"))
    if signature is None or not key.verifies(signed_text(head.n, head.hash), signature):
        return False, [f"the given head, entry {head.n}, is not signed by this key"]
    last = max(chain.genuine, default=0)
    if head.n > last:
        return False, [f"the tail was cut: the given head is entry {head.n}, and the last entry here is {last}"]
    if head.n in chain.genuine and chain.genuine[head.n].hash != head.hash:
        return False, [f"entry {head.n} is not the one of the given head: the ledger was forked or rewritten"]
    return head.n == last, []


def _check_history(connection: sqlite3.Connection, chain: LedgerChain) -> Iterator[str]:
    """Recompute what each genuine entry says about the history, and look for history that no entry vouches for."""
    audits: dict[int, int] = {}
    for n, entry in sorted(chain.genuine.items()):
        if entry.audit in audits:
            chain.sound.discard(n)
            yield f"entries {audits[entry.audit]} and {n} are both about audit {entry.audit}"
            continue
        audits[entry.audit] = n
        try:
            problem = _compare(_changes(connection, entry.audit), entry)
        except UNREADABLE as error:
            problem = f"the history of audit {entry.audit} (entry {n}) cannot be read: {shorten(error)}"
        if problem:
            chain.sound.discard(n)
            yield problem
    unvouched = _audits_with_rows(connection) - audits.keys()
    # The audits of lost entries have rows too: that is said once, with the entry.
    if len(unvouched) > chain.lost:
        for audit in sorted(unvouched, key=str):
            yield f"history was added: no entry of the ledger vouches for audit {shorten(audit)}"


def _records(connection: sqlite3.Connection) -> dict[str, str]:
    """Return the record tables that this store has: one of an older version has no statements."""
    there = _tables(connection)
    return {table: column for table, column in RECORDS.items() if table in there}


def _intervals(connection: sqlite3.Connection) -> list[str]:
    """Return the interval tables that this store has: one of an older version has no terms or periods."""
    there = _tables(connection)
    return [table for table in KEYS if table in there]


def _tables(connection: sqlite3.Connection) -> set[str]:
    younger = {name for (name,) in connection.execute("SELECT name FROM sqlite_master") if name in YOUNGER}
    return ({*RECORDS, *KEYS} - YOUNGER) | younger


def _check_statements(connection: sqlite3.Connection, key: PublicKey) -> Iterator[str]:
    """Check the signature of every statement, covered by an audit or not."""
    if "statement" not in _records(connection):
        return
    query = "SELECT statement, practice, CAST(body AS BLOB), CAST(signature AS BLOB) FROM statement"
    for id_, practice, body, signature in connection.execute(query):
        try:
            statement = parse(body or b"")
            sound = (statement.id, statement.practice) == (id_, practice)
        except ValueError:
            sound = False
        raw = decode_signature(signature or b"")
        if not sound or raw is None or not key.verifies(statement.signed_text(), raw):
            yield f"the statement {shorten(id_)} is not as it was signed"


def _changes(connection: sqlite3.Connection, audit: int) -> Changes:
    changes = Changes()
    for table, column in _records(connection).items():
        for row in _rows(connection, table, column, audit):
            changes.recorded(table, row)
    for table in _intervals(connection):
        for row in _rows(connection, table, "from_audit", audit):
            changes.opened(table, row)
        for row in _rows(connection, table, "to_audit", audit):
            changes.closed(table, row)
    return changes


def _rows(connection: sqlite3.Connection, table: str, column: str, audit: int) -> Iterator[dict[str, object]]:
    cursor = connection.execute(f'SELECT * FROM "{table}" WHERE "{column}" = ?', (audit,))  # noqa: S608 - our own names
    names = [name for name, *_ in cursor.description]
    for row in cursor:
        yield dict(zip(names, row, strict=True))


def _compare(found: Changes, entry: LedgerEntry) -> str:
    """Say what is wrong with the history of one audit; nothing when it is what the entry says."""
    if found.digest() == entry.changes:
        return ""
    differences = []
    for table in sorted(found.rows.keys() | entry.rows.keys()):
        now, then = found.rows.get(table, (0, 0)), entry.rows.get(table, (0, 0))
        opened, closed = now[0] - then[0], now[1] - then[1]
        if opened:
            differences.append(f"{_rows_of(opened)} of `{table}` {'added' if opened > 0 else 'removed'}")
        if closed:
            what = "ended that did not end then" if closed > 0 else "no longer ended then"
            differences.append(f"{_rows_of(closed)} of `{table}` {what}")
    what = ", ".join(differences) or "rows changed"
    return f"the history of audit {entry.audit} (entry {entry.n}) was changed afterwards: {what}"


def _rows_of(count: int) -> str:
    return "1 row" if abs(count) == 1 else f"{abs(count)} rows"


def _audits_with_rows(connection: sqlite3.Connection) -> set[object]:
    """Return every audit that any row names, `None` and nonsense included."""
    found: set[object] = set()
    for table, column in _records(connection).items():
        values = {v for (v,) in connection.execute(f'SELECT DISTINCT "{column}" FROM "{table}"')}  # noqa: S608
        # A statement waits for the next audit; until then only its own signature vouches for it.
        found |= values - {None} if table == "statement" else values
    for table in _intervals(connection):
        found |= {v for (v,) in connection.execute(f'SELECT DISTINCT from_audit FROM "{table}"')}  # noqa: S608
        ended = f'SELECT DISTINCT to_audit FROM "{table}" WHERE to_audit IS NOT NULL'  # noqa: S608
        found |= {v for (v,) in connection.execute(ended)}
    return found

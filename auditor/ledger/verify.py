"""
Verifies a store: that its ledger is whole and signed, and that its history is what the ledger vouches for.

Needs the file and the public key, nothing else: no configuration, no network, no right to write. Whatever stands in
the file, the answer is a verdict that names every damage, never an exception.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from auditor.ledger.chain import LedgerChain, RawEntry, check_chain
from auditor.ledger.entries import (
    ALONE,
    BESIDE,
    KEYS,
    RECORDS,
    SEALED,
    Changes,
    LedgerEntry,
    LedgerHead,
    decode_signature,
    signed_text,
)
from auditor.ledger.keys import PublicKey
from auditor.ledger.seals import check_seals
from auditor.ledger.statements import parse
from auditor.sqlite.untrusted import UNREADABLE, NoTableError, UntrustedFile, state_of, untrusted
from connectors.errors import AuditorError, shorten

YOUNGER = frozenset({"statement", "term", "period", "work_order", "order_end", "log_read", "log_event", *ALONE})
"""The tables that stores of older versions lack."""

VERSION = "alembic_version"

_OURS = frozenset({"ledger", VERSION, *RECORDS, *KEYS, *ALONE, *BESIDE, *SEALED})


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
    before = state_of(path)
    verdict = _verdict(path, key, head)
    # Somebody saved an audit while we read: what looks like damage may be a file that was half old, half new.
    return verdict if state_of(path) == before else _verdict(path, key, head)


def _verdict(path: Path, key: PublicKey, head: LedgerHead | None) -> StoreVerdict:
    problems: list[str] = []
    chain: LedgerChain | None = None
    try:
        with untrusted(path) as file:
            whole = _check_file(file, problems)
            chain = check_chain(list(_entries(file)), key)
            problems += chain.problems
            if whole:
                problems += _check_history(file, chain)
                problems += _check_statements(file, key)
                problems += check_seals(file)
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
    last_at = max((entry.at for entry in chain.genuine.values() if entry.audit is not None), default=None)
    return StoreVerdict(not problems, chain.entries, len(chain.sound), tuple(problems), chain.head, vouched, last_at)


def _check_file(file: UntrustedFile, problems: list[str]) -> bool:
    """Report damage below the tables, and what answers in their place; return whether all tables can be asked."""
    problems += file.faults(_OURS)
    problems += _check_version(file)
    # A store of an older version lacks the younger tables; where an entry vouches for their rows, they are missed.
    tables = [t for t in ("ledger", *RECORDS, *KEYS, *ALONE) if t not in YOUNGER or file.names(t)]
    missing = [t for t in tables if not file.has(t)]
    problems += [f"the file is damaged: there is no table `{table}`" for table in missing]
    if "ledger" in missing:
        raise NoTableError("there is no ledger")
    return not missing


def _check_version(file: UntrustedFile) -> Iterator[str]:
    """Check what the migrations go by, which no entry signs, and by which a file is refused."""
    if not file.names(VERSION):
        yield "the file does not say which version of its tables it has"
        return
    found = file.all(VERSION)
    if len(found) != 1 or not re.fullmatch(r"\d{4}", str(found[0][0])):
        yield f"the file says that its tables are of the version {shorten(found)}, which there never was"


def _entries(file: UntrustedFile) -> Iterator[RawEntry]:
    for n, body, hash_, signature in file.ledger():
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


def _check_history(file: UntrustedFile, chain: LedgerChain) -> Iterator[str]:
    """Recompute what each genuine entry says about the history, and look for history that no entry vouches for."""
    seen: dict[tuple[str, object], int] = {}
    for n, entry in sorted(chain.genuine.items()):
        if (about := _about(entry)) in seen:
            chain.sound.discard(n)
            yield f"entries {seen[about]} and {n} are both about {_named(about)}"
            continue
        seen[about] = n
        try:
            problem = _compare(_changes(file, entry), entry)
        except UNREADABLE as error:
            problem = f"the history of {_named(about)} (entry {n}) cannot be read: {shorten(error)}"
        if problem:
            chain.sound.discard(n)
            yield problem
    unvouched = _with_rows(file) - seen.keys()
    # The audits of lost entries have rows too: that is said once, with the entry.
    if len(unvouched) > chain.lost:
        for kind, number in sorted(unvouched, key=str):
            yield f"history was added: no entry of the ledger vouches for {kind} {shorten(number)}"


def _about(entry: LedgerEntry) -> tuple[str, object]:
    """Return what an entry is about: an audit, or a row by its table and number."""
    return (entry.record, entry.row) if entry.record is not None else ("audit", entry.audit)


def _named(about: tuple[str, object]) -> str:
    """Name what an entry is about as a sentence does."""
    return f"{about[0]} {about[1]}"


def _records(file: UntrustedFile) -> dict[str, str]:
    """Return the record tables that this store has: one of an older version has no statements."""
    return {table: column for table, column in RECORDS.items() if table not in YOUNGER or file.names(table)}


def _intervals(file: UntrustedFile) -> list[str]:
    """Return the interval tables that this store has: one of an older version has no terms or periods."""
    return [table for table in KEYS if table not in YOUNGER or file.names(table)]


def _check_statements(file: UntrustedFile, key: PublicKey) -> Iterator[str]:
    """Check the signature of every statement, covered by an audit or not."""
    if "statement" not in _records(file):
        return
    for id_, practice, body, signature in file.statements():
        try:
            statement = parse(body or b"")
            sound = (statement.id, statement.practice) == (id_, practice)
        except ValueError:
            sound = False
        raw = decode_signature(signature or b"")
        if not sound or raw is None or not key.verifies(statement.signed_text(), raw):
            yield f"the statement {shorten(id_)} is not as it was signed"


def _changes(file: UntrustedFile, entry: LedgerEntry) -> Changes:
    changes = Changes()
    audit = entry.audit
    if audit is None:
        table = str(entry.record)
        for row in file.rows(table, ALONE[table], int(entry.row or 0)) if file.names(table) else ():
            changes.recorded(table, row)
        return changes
    for table, column in _records(file).items():
        for row in file.rows(table, column, audit):
            changes.recorded(table, row)
    for table in _intervals(file):
        for row in file.rows(table, "from_audit", audit):
            changes.opened(table, row)
        for row in file.rows(table, "to_audit", audit):
            changes.closed(table, row)
    return changes


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
    return f"the history of {_named(_about(entry))} (entry {entry.n}) was changed afterwards: {what}"


def _rows_of(count: int) -> str:
    return "1 row" if abs(count) == 1 else f"{abs(count)} rows"


def _with_rows(file: UntrustedFile) -> set[tuple[str, object]]:
    """Return every audit that any row names, and every row that must have an entry; `None` and nonsense included."""
    found: set[object] = set()
    for table, column in _records(file).items():
        # A statement waits for the next audit; until then only its own signature vouches for it.
        found |= file.values(table, column, null=table != "statement")
    for table in _intervals(file):
        found |= file.values(table, "from_audit") | file.values(table, "to_audit", null=False)
    alone = {(table, row) for table, id_ in ALONE.items() if file.names(table) for row in file.values(table, id_)}
    return {("audit", audit) for audit in found} | alone

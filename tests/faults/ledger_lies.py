"""A ledger, and every way to lie with it, by name, with what is said of each."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from auditor.ledger.entries import LedgerEntry, sign
from auditor.ledger.keys import Signer
from auditor.store import Store
from tests.store_sample import attestation, days, save_all, signer

ENTRIES = 20


class Ledger:
    """A store of twenty audits, its key, the heads that were handed out, and the same store five audits earlier."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "auditor.db"
        self.earlier = folder / "earlier.db"
        self.key = signer(folder)
        self.foreign_key = signer(folder / "foreign")
        with Store.open(self.path) as store:
            self.heads = [saved.head for saved in save_all(store, self.key, days(ENTRIES - 5))]
        shutil.copy(self.path, self.earlier)
        with Store.open(self.path) as store:
            store.state(attestation("VMA-1", "training"), self.key)
            self.heads += [saved.head for saved in save_all(store, self.key, days(ENTRIES)[ENTRIES - 5 :])]


def sql(path: Path, *statements: str, values: tuple[Any, ...] = ()) -> None:
    with closing(sqlite3.connect(path)) as raw:
        for statement in statements:
            raw.execute(statement, values)
        raw.commit()


def entry_at(path: Path, n: int) -> LedgerEntry:
    with closing(sqlite3.connect(path)) as raw:
        body, signature = raw.execute("SELECT body, signature FROM ledger WHERE n = ?", (n,)).fetchone()
    return LedgerEntry.parse(body.encode(), signature)


def put(path: Path, place: int, entry: LedgerEntry, key: Signer) -> None:
    row = (place, entry.body().decode(), entry.hash, sign(entry, key))
    sql(path, "INSERT OR REPLACE INTO ledger VALUES (?, ?, ?, ?)", values=row)


def changed_entry(path: Path, _: Ledger) -> None:
    sql(path, "UPDATE ledger SET body = replace(body, 'aaaa', 'aaab') WHERE n = 7")


def changed_entry_with_new_hash(path: Path, _: Ledger) -> None:
    other = replace(entry_at(path, 7), policy="d" * 64)
    sql(path, "UPDATE ledger SET body = ?, hash = ? WHERE n = 7", values=(other.body().decode(), other.hash))


def changed_hash(path: Path, _: Ledger) -> None:
    sql(path, f"UPDATE ledger SET hash = '{'0' * 64}' WHERE n = 7")


def changed_signature(path: Path, _: Ledger) -> None:
    sql(path, "UPDATE ledger SET signature = (SELECT signature FROM ledger WHERE n = 8) WHERE n = 7")


def no_entry_but_noise(path: Path, _: Ledger) -> None:
    sql(path, "UPDATE ledger SET body = x'ff00ff' WHERE n = 7")


def deleted_entry(path: Path, _: Ledger) -> None:
    sql(path, "DELETE FROM ledger WHERE n = 7")


def deleted_first(path: Path, _: Ledger) -> None:
    sql(path, "DELETE FROM ledger WHERE n = 1")


def deleted_range(path: Path, _: Ledger) -> None:
    sql(path, "DELETE FROM ledger WHERE n BETWEEN 7 AND 9")


def deleted_and_moved_up(path: Path, _: Ledger) -> None:
    sql(
        path,
        "DELETE FROM ledger WHERE n = 7",
        "UPDATE ledger SET n = -n + 1 WHERE n > 7",
        "UPDATE ledger SET n = abs(n)",
    )


def swapped(path: Path, _: Ledger) -> None:
    sql(path, *(f"UPDATE ledger SET n = {b} WHERE n = {a}" for a, b in ((7, -1), (12, 7), (-1, 12))))


def duplicated(path: Path, _: Ledger) -> None:
    sql(path, "INSERT INTO ledger SELECT 21, body, hash, signature FROM ledger WHERE n = 7")


def duplicated_over_another(path: Path, _: Ledger) -> None:
    sql(path, "INSERT OR REPLACE INTO ledger SELECT 9, body, hash, signature FROM ledger WHERE n = 7")


def duplicated_in_place(path: Path, _: Ledger) -> None:
    sql(
        path,
        "ALTER TABLE ledger RENAME TO old",
        "CREATE TABLE ledger (n INTEGER, body TEXT, hash TEXT, signature TEXT)",
        "INSERT INTO ledger SELECT * FROM old UNION ALL SELECT * FROM old WHERE n = 7",
    )


def cut_entries(path: Path, _: Ledger) -> None:
    sql(path, "DELETE FROM ledger WHERE n > 15")


def rolled_back(path: Path, ledger: Ledger) -> None:
    shutil.copy(ledger.earlier, path)


def foreign_entry(path: Path, ledger: Ledger) -> None:
    put(path, 7, entry_at(path, 7), ledger.foreign_key)


def foreign_entry_at_the_end(path: Path, ledger: Ledger) -> None:
    put(path, 21, replace(entry_at(path, 20), n=21, prev=entry_at(path, 20).hash, audit=21), ledger.foreign_key)


def entry_of_another_ledger(path: Path, ledger: Ledger) -> None:
    put(path, 20, replace(entry_at(path, 20), prev="e" * 64), ledger.key)


def rewritten_end(path: Path, ledger: Ledger) -> None:
    put(path, 20, replace(entry_at(path, 20), result="e" * 64), ledger.key)


def second_entry_for_one_audit(path: Path, ledger: Ledger) -> None:
    put(path, 21, replace(entry_at(path, 20), n=21, prev=entry_at(path, 20).hash), ledger.key)


def entry_without_number(path: Path, ledger: Ledger) -> None:
    sql(
        path,
        "ALTER TABLE ledger RENAME TO old",
        "CREATE TABLE ledger (n, body TEXT, hash TEXT, signature TEXT)",
        "INSERT INTO ledger SELECT * FROM old",
        "UPDATE ledger SET n = 'seven' WHERE n = 7",
    )


def emptied_ledger(path: Path, _: Ledger) -> None:
    sql(path, "DELETE FROM ledger")


def added_audit(path: Path, _: Ledger) -> None:
    sql(
        path,
        "INSERT INTO audit SELECT 99, practice, at, tool_version, '', '', 0, 'clean', '{}' FROM audit WHERE id = 20",
    )


def removed_audit(path: Path, _: Ledger) -> None:
    sql(path, "DELETE FROM audit WHERE id = 7")


def ended_finding(path: Path, _: Ledger) -> None:
    sql(path, "UPDATE finding SET to_audit = 20 WHERE to_audit IS NULL")


def ended_by_an_audit_that_never_was(path: Path, _: Ledger) -> None:
    sql(path, "UPDATE engagement SET to_audit = 99 WHERE to_audit IS NULL")


def reopened_account(path: Path, _: Ledger) -> None:
    sql(path, "DROP INDEX ix_account_now", "UPDATE account SET to_audit = NULL WHERE to_audit = 3")


def hidden_in_a_blob(path: Path, _: Ledger) -> None:
    sql(path, "UPDATE account SET name = CAST(name AS BLOB) WHERE from_audit = 1")


def added_column(path: Path, _: Ledger) -> None:
    sql(path, "ALTER TABLE account ADD COLUMN remark TEXT", "UPDATE account SET remark = 'fine' WHERE from_audit = 1")


def table_replaced_by_a_view(path: Path, _: Ledger) -> None:
    sql(path, "ALTER TABLE owner RENAME TO old", "CREATE VIEW owner AS SELECT * FROM old")


def endless_view(path: Path, _: Ledger) -> None:
    forever = "WITH RECURSIVE r(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM r) SELECT id, 1 AS from_audit FROM r"
    sql(path, "DROP TABLE owner", f"CREATE VIEW owner AS {forever}")


def missing_table(path: Path, _: Ledger) -> None:
    sql(path, "DROP TABLE sign_in")


def missing_column(path: Path, _: Ledger) -> None:
    sql(path, "ALTER TABLE account DROP COLUMN mfa")


def added_view(copy: Path, ledger: Ledger) -> None:
    sql(copy, "CREATE VIEW v AS SELECT * FROM account")


def added_table(copy: Path, ledger: Ledger) -> None:
    sql(copy, "CREATE TABLE t (x)")


def version_that_never_was(copy: Path, ledger: Ledger) -> None:
    sql(copy, "UPDATE alembic_version SET version_num = '9x'")


def two_versions(copy: Path, ledger: Ledger) -> None:
    sql(copy, "INSERT INTO alembic_version VALUES ('0001')")


def no_version(copy: Path, ledger: Ledger) -> None:
    sql(copy, "DROP TABLE alembic_version")


def moved_statement(copy: Path, ledger: Ledger) -> None:
    with Store.open(copy) as store:
        store.state(attestation("VMA-2", "screening"), ledger.key)
    sql(copy, "UPDATE statement SET practice = 'another' WHERE audit IS NULL")


def added_trigger(path: Path, _: Ledger) -> None:
    sql(path, "CREATE TRIGGER t AFTER INSERT ON finding BEGIN DELETE FROM finding; END")


def cut_file(path: Path, _: Ledger) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def no_database(path: Path, _: Ledger) -> None:
    path.write_bytes(b"not a database at all" * 1000)


Lie = Callable[[Path, Ledger], None]


LIES: list[tuple[Lie, str]] = [
    (changed_entry, "entry 7 was changed: its content does not match its hash"),
    (changed_entry_with_new_hash, "entry 7 is not signed by this key"),
    (changed_hash, "entry 7 was changed: its stored hash is not that of its content"),
    (changed_signature, "entry 7 is not signed by this key"),
    (no_entry_but_noise, "entry 7 was changed"),
    (deleted_entry, "entry 7 is missing: it was deleted"),
    (deleted_first, "entry 1 is missing: it was deleted"),
    (deleted_range, "entries 7 to 9 are missing: they were deleted"),
    (deleted_and_moved_up, "entry 7 is missing: it was deleted"),
    (swapped, "entries 7 and 12 were swapped"),
    (duplicated, "entry 21 is a duplicate of entry 7"),
    (duplicated_over_another, "entry 9 is a duplicate of entry 7"),
    (duplicated_in_place, "entry 7 is a duplicate of itself: it stands there 2 times"),
    (cut_entries, "the tail was cut: the given head is entry 20, and the last entry here is 15"),
    (rolled_back, "the tail was cut: the given head is entry 20, and the last entry here is 15"),
    (foreign_entry, "entry 7 is not signed by this key: a foreign entry, or its signature was changed"),
    (foreign_entry_at_the_end, "entry 21 is not signed by this key: a foreign entry, or its signature was changed"),
    (entry_of_another_ledger, "entry 20 does not continue entry 19: it was taken from another ledger"),
    (rewritten_end, "entry 20 is not the one of the given head: the ledger was forked or rewritten"),
    (second_entry_for_one_audit, "entries 20 and 21 are both about audit 20"),
    (entry_without_number, "entries were moved"),
    (emptied_ledger, "the tail was cut: the given head is entry 20, and the last entry here is 0"),
    (added_audit, "history was added: no entry of the ledger vouches for audit `99`"),
    (removed_audit, "the history of audit 7 (entry 7) was changed afterwards: 1 row of `audit` removed"),
    (
        ended_finding,
        "the history of audit 20 (entry 20) was changed afterwards: 1 row of `finding` ended that did not end",
    ),
    (ended_by_an_audit_that_never_was, "history was added: no entry of the ledger vouches for audit `99`"),
    (
        reopened_account,
        "the history of audit 3 (entry 3) was changed afterwards: 1 row of `account` no longer ended then",
    ),
    (hidden_in_a_blob, "the history of audit 1 (entry 1) was changed afterwards: rows changed"),
    (added_column, "the history of audit 1 (entry 1) was changed afterwards: rows changed"),
    (table_replaced_by_a_view, "the file is damaged: there is no table `owner`"),
    (endless_view, "the file is damaged: there is no table `owner`"),
    (missing_table, "the file is damaged: there is no table `sign_in`"),
    (missing_column, "the history of audit 1 (entry 1) was changed afterwards: rows changed"),
    (added_trigger, "somebody added the trigger `t`"),
    (added_view, "somebody added the view `v`"),
    (added_table, "somebody added the table `t`"),
    (version_that_never_was, "of the version `[('9x',)]`, which there never was"),
    (two_versions, "which there never was"),
    (no_version, "the file does not say which version of its tables it has"),
    (moved_statement, "is not as it was signed"),
    (cut_file, "the file is damaged"),
    (no_database, "the file is damaged: `file is not a database`"),
]

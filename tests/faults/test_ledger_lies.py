"""Every way to lie with a ledger, by name: none goes unnoticed, each is called what it is, no exception."""

import base64
import random
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from auditor.ledger.chain import RawEntry, check_chain
from auditor.ledger.entries import KEYS, RECORDS, LedgerHead
from auditor.ledger.keys import PublicKey
from auditor.ledger.verify import verify
from auditor.store import Store
from connectors.errors import AuditorError
from tests.faults.ledger_lies import (
    ENTRIES,
    LIES,
    Ledger,
    rolled_back,
    sql,
)
from tests.store_sample import attestation, days


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    return Ledger(tmp_path_factory.mktemp("ledger"))


@pytest.fixture
def copy(ledger: Ledger, tmp_path: Path) -> Path:
    return Path(shutil.copy(ledger.path, tmp_path / "copy.db"))


@pytest.mark.parametrize(("lie", "verdict"), LIES, ids=[lie.__name__ for lie, _ in LIES])
def test_each_lie_is_called_what_it_is(ledger, copy, lie, verdict):
    lie(copy, ledger)
    found = verify(copy, ledger.key.public, ledger.heads[-1])
    assert not found.ok
    assert any(verdict in problem for problem in found.problems), found.problems


def test_the_honest_ledger_is_whole(ledger, copy):
    found = verify(copy, ledger.key.public, ledger.heads[-1])
    assert (found.ok, found.entries, found.valid, found.tail_vouched) == (True, ENTRIES, ENTRIES, True)


def test_a_ledger_rolled_back_with_its_history_shows_only_to_who_kept_a_head(ledger, copy):
    rolled_back(copy, ledger)
    without_head = verify(copy, ledger.key.public)
    assert (without_head.ok, without_head.tail_vouched) == (True, False)
    assert any("the tail cannot be vouched for" in line for line in without_head.lines())
    assert not verify(copy, ledger.key.public, ledger.heads[-1]).ok


@pytest.mark.parametrize("kept", range(ENTRIES))
def test_a_ledger_cut_anywhere_shows_even_without_a_head_when_the_history_was_left(ledger, copy, kept):
    sql(copy, f"DELETE FROM ledger WHERE n > {kept}")
    found = verify(copy, ledger.key.public)
    assert not found.ok
    assert f"history was added: no entry of the ledger vouches for audit `{ENTRIES}`" in found.problems


def test_five_wounds_are_five_verdicts_and_the_count_is_exact(ledger, copy):
    sql(
        copy,
        "UPDATE ledger SET body = replace(body, 'aaaa', 'aaab') WHERE n = 3",
        "DELETE FROM ledger WHERE n = 6",
        "UPDATE ledger SET signature = (SELECT signature FROM ledger WHERE n = 1) WHERE n = 9",
        "INSERT INTO ledger SELECT 21, body, hash, signature FROM ledger WHERE n = 12",
        "UPDATE audit SET headline = 'all clean' WHERE id = 15",
    )
    found = verify(copy, ledger.key.public, ledger.heads[-1])
    assert sorted(problem.split(":")[0] for problem in found.problems) == [
        "entry 21 is a duplicate of entry 12",
        "entry 3 was changed",
        "entry 6 is missing",
        "entry 9 is not signed by this key",
        "the history of audit 15 (entry 15) was changed afterwards",
    ]
    assert (found.entries, found.valid) == (20, 16)


def test_another_key_verifies_nothing(ledger, copy):
    found = verify(copy, ledger.foreign_key.public, ledger.heads[-1])
    assert (found.ok, found.valid, found.head) == (False, 0, None)
    assert found.problems[0].startswith("no entry is signed by this key: it is the wrong key")
    assert "the given head, entry 20, is not signed by this key" in found.problems


def test_an_older_head_verifies_but_does_not_vouch_for_the_tail(ledger, copy):
    for head in ledger.heads[:-1]:
        found = verify(copy, ledger.key.public, head)
        assert (found.ok, found.tail_vouched) == (True, False)


@pytest.mark.parametrize("n", [1, 7, 20, 21])
def test_a_head_that_the_key_did_not_sign_is_refused(ledger, copy, n):
    forged = LedgerHead(n, "ab" * 32, base64.b64encode(bytes(64)).decode())
    found = verify(copy, ledger.key.public, forged)
    assert (found.ok, found.tail_vouched) == (False, False)
    assert f"the given head, entry {n}, is not signed by this key" in found.problems


COLUMNS = {
    "audit": "practice at tool_version policy_digest result_digest exit_code headline counts",
    "collection": "system complete source as_of evidence reason hint accounts",
    "accepted_drop": "system before missing now reason",
    "statement": "statement practice body signature",
    "log_read": "system source read_at covers_from covers clock_low clock_high clock_by gaps lives_on doubted"
    " reason hint",
    "log_event": "n system account kind at resolution record_source record_id sha256 entitlement actor host last_only"
    " upper_bound changes expires",
    "account": "practice from_audit system account login name status email employee_id created last_login_lag_days"
    " mfa expires service",
    "sign_in": "practice from_audit system account last_login",
    "owner": "practice from_audit system account people kind reason",
    "entitlement": "practice from_audit system entitlement name kind aliases document container",
    "grant": "practice from_audit system account entitlement path",
    "engagement": "practice from_audit vma name email kind logins owner agency employment roles start end locations"
    " hours on_leave",
    "finding": "practice from_audit finding rule severity subject_kind subject_id subject_name system what title"
    " observed expected remedy path citations since vma",
    "term": "practice from_audit kind term body",
    "work_order": "practice from_audit work_order kind cause vma system account entitlement login name since",
    "order_end": "work_order ending proof earliest latest source record sha256 actor",
    "period": "practice from_audit vma start end agency employment roles locations hours on_leave",
}


@pytest.mark.parametrize(("table", "column"), [(t, c) for t, names in COLUMNS.items() for c in names.split()])
def test_an_edit_in_any_column_of_the_history_is_noticed(ledger, copy, table, column):
    to = f"CASE WHEN typeof(\"{column}\") = 'integer' THEN \"{column}\" + 1 ELSE 'x' END"
    which = f'rowid = (SELECT min(rowid) FROM "{table}")'
    sql(copy, "PRAGMA ignore_check_constraints = ON", f'UPDATE "{table}" SET "{column}" = {to} WHERE {which}')
    found = verify(copy, ledger.key.public, ledger.heads[-1])
    assert not found.ok
    assert found.valid < ENTRIES
    assert any("was changed afterwards" in problem for problem in found.problems)


def test_the_edits_cover_every_column(ledger):
    with closing(sqlite3.connect(ledger.path)) as raw:
        for table, names in COLUMNS.items():
            there = {row[1] for row in raw.execute(f'PRAGMA table_info("{table}")')}
            own = {"id", "to_audit"} if table in KEYS else {RECORDS[table]}
            assert there - own == set(names.split())
    assert set(COLUMNS) == {*KEYS, *RECORDS}


@pytest.mark.parametrize("table", [*KEYS, *RECORDS])
def test_a_removed_row_is_noticed_with_its_table(ledger, copy, table):
    sql(copy, f'DELETE FROM "{table}" WHERE rowid = (SELECT min(rowid) FROM "{table}")')
    found = verify(copy, ledger.key.public, ledger.heads[-1])
    assert any(f"1 row of `{table}` removed" in problem for problem in found.problems)


@pytest.mark.parametrize("table", list(KEYS))
def test_an_added_row_is_noticed_with_its_table(ledger, copy, table):
    with closing(sqlite3.connect(copy)) as raw:
        others = ", ".join(f'"{row[1]}"' for row in raw.execute(f'PRAGMA table_info("{table}")') if row[1] != "id")
    sql(
        copy, f'DROP INDEX "ix_{table}_now"', f'INSERT INTO "{table}" ({others}) SELECT {others} FROM "{table}" LIMIT 1'
    )
    found = verify(copy, ledger.key.public, ledger.heads[-1])
    assert any(f"1 row of `{table}` added" in problem for problem in found.problems)


def test_a_statement_that_no_audit_covers_yet_is_vouched_for_by_its_own_signature(ledger, copy):
    with Store.open(copy) as store:
        store.state(attestation("VMA-2", "screening"), ledger.key)
    assert verify(copy, ledger.key.public, ledger.heads[-1]).ok
    sql(copy, "UPDATE statement SET body = replace(body, 'Dana', 'Dora') WHERE audit IS NULL")
    found = verify(copy, ledger.key.public, ledger.heads[-1])
    assert any("the statement" in problem and "is not as it was signed" in problem for problem in found.problems)


def test_a_statement_that_was_moved_to_another_practice_is_neither_covered_nor_read(ledger, copy):
    """Its signature is sound, and the column that repeats the practice is not: an audit must not vouch for the move."""
    with Store.open(copy) as store:
        store.state(attestation("VMA-2", "screening"), ledger.key)
    sql(copy, "UPDATE statement SET practice = ? WHERE audit IS NULL", values=("another",))
    with Store.open(copy) as store:
        with pytest.raises(AuditorError, match="a statement that was changed"):
            store.statements("another")
        with pytest.raises(AuditorError, match="a statement that was changed"):
            store.save(replace(days(1)[0], practice="another"), ledger.key, after=None)


def test_a_statement_signed_by_somebody_else_is_noticed(ledger, copy):
    forged = attestation("VMA-2", "screening")
    signature = base64.b64encode(ledger.foreign_key.sign(forged.signed_text())).decode()
    row = (forged.id, forged.practice, forged.body().decode(), signature, None)
    sql(copy, "INSERT INTO statement VALUES (?, ?, ?, ?, ?)", values=row)
    found = verify(copy, ledger.key.public, ledger.heads[-1])
    assert any("is not as it was signed" in problem for problem in found.problems)


@pytest.fixture(scope="module")
def rows(ledger: Ledger) -> list[RawEntry]:
    with closing(sqlite3.connect(ledger.path)) as raw:
        found = raw.execute("SELECT n, body, hash, signature FROM ledger ORDER BY n").fetchall()
    return [RawEntry(n, body.encode(), hash_.encode(), signature.encode()) for n, body, hash_, signature in found]


def flips(row: RawEntry) -> Iterator[RawEntry]:
    for field in ("body", "hash", "signature"):
        data = getattr(row, field)
        for bit in range(8 * len(data)):
            harmed = bytearray(data)
            harmed[bit // 8] ^= 1 << bit % 8
            yield replace(row, **{field: bytes(harmed)})


def unnoticed(rows: list[RawEntry], at: int, harmed: RawEntry, key: PublicKey) -> bool:
    chain = check_chain([*rows[:at], harmed, *rows[at + 1 :]], key)
    return not chain.problems or len(chain.sound) != ENTRIES - 1


def test_no_flipped_bit_of_a_ledger_goes_unnoticed(ledger, rows):
    key = PublicKey.parse(ledger.key.public)
    chance = random.Random(20)
    for at, row in enumerate(rows):
        for harmed in chance.sample(list(flips(row)), 15):
            assert not unnoticed(rows, at, harmed, key), harmed


@pytest.mark.slow
@pytest.mark.parametrize("at", range(ENTRIES))
def test_not_one_bit_of_a_ledger_can_be_flipped_unnoticed(ledger, rows, at):
    key = PublicKey.parse(ledger.key.public)
    trials = list(flips(rows[at]))
    assert len(trials) > 4_000
    assert [harmed for harmed in trials if unnoticed(rows, at, harmed, key)] == []


def content(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    with closing(sqlite3.connect(path)) as raw:
        return {t: raw.execute(f'SELECT * FROM "{t}"').fetchall() for t in ("ledger", *RECORDS, *KEYS)}


def harm(path: Path, chance: random.Random) -> None:
    data = bytearray(path.read_bytes())
    for _ in range(chance.choice((1, 1, 1, 4, 64))):
        data[chance.randrange(len(data))] = chance.randrange(256)
    path.write_bytes(data)


@pytest.mark.parametrize("seed", [*range(60), *(pytest.param(n, marks=pytest.mark.slow) for n in range(60, 1500))])
def test_a_file_damaged_anywhere_never_verifies_with_other_content(ledger, copy, seed):
    honest = content(copy)
    harm(copy, random.Random(seed))
    found = verify(copy, ledger.key.public, ledger.heads[-1])
    if found.ok:
        rows = content(copy)
        for table in KEYS:  # the surrogate key, which is first, says nothing
            honest[table], rows[table] = (sorted(map(repr, (r[1:] for r in where[table]))) for where in (honest, rows))
        assert rows == honest

"""
The bytes that the ledger hashes, row by row and entry by entry: whoever changes one breaks every store that there is.

`stored_bytes.jsonl` was written by the program of schema 0004, before its tables and codecs were declared in one
place; since then only its agreements changed, from the words in `stored_agreements_0004.jsonl` to data (schema 0005).
A line is what `docs/ledger.md` says of a row, worked out here anew from the file; the bodies of the ledger, with their
hashes and signatures, follow. Whoever changes a line must still read what it was.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from auditor.ledger.verify import verify
from auditor.store import Store
from auditor.store.policy import PolicyTerm, policy_of
from tests.odd_records import SIGNER, everything, nothing, records, save_odd, statements
from tests.store_sample import PRACTICE

GOLDEN = Path(__file__).with_name("stored_bytes.jsonl")
NAMED_BY = {
    "account": ("system", "account"),
    "sign_in": ("system", "account"),
    "owner": ("system", "account"),
    "entitlement": ("system", "entitlement"),
    "grant": ("system", "account", "entitlement", "path"),
    "engagement": ("vma",),
    "period": ("vma", "start"),
    "finding": ("finding",),
    "term": ("kind", "term"),
    "work_order": ("work_order",),
}
RECORDED = ("accepted_drop", "audit", "collection", "order_end", "statement")


@pytest.fixture(scope="module")
def path(tmp_path_factory) -> Path:
    made = tmp_path_factory.mktemp("odd") / "auditor.db"
    save_odd(made)
    return made


def canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def rows(path: Path, table: str) -> list[dict[str, object]]:
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(f'SELECT * FROM "{table}" ORDER BY 1')]


def lines(path: Path) -> Iterator[tuple[object, str]]:
    """Yield the audit and the line of everything that an audit changed, as the page on the ledger says."""
    for table, key in NAMED_BY.items():
        for row in rows(path, table):
            said = {k: v for k, v in row.items() if k not in ("id", "to_audit") and v is not None}
            yield row["from_audit"], canonical(["opened", table, said])
            if row["to_audit"] is not None:
                names = {k: row[k] for k in ("practice", "from_audit", *key)}
                yield row["to_audit"], canonical(["closed", table, names])
    for table in RECORDED:
        for row in rows(path, table):
            said = {k: v for k, v in row.items() if v is not None}
            yield row["id" if table == "audit" else "audit"], canonical(["recorded", table, said])


def written(path: Path) -> list[str]:
    entries = [canonical(["entry", row["body"], row["hash"], row["signature"]]) for row in rows(path, "ledger")]
    return [*sorted(line for _, line in lines(path)), *entries]


def test_every_row_and_every_entry_is_to_the_byte_what_it_always_was(path):
    assert written(path) == GOLDEN.read_text(encoding="utf-8").split("\n")[:-1]


def test_agreements_that_were_stored_in_words_are_read_as_the_same(path):
    lines_ = GOLDEN.with_name("stored_agreements_0004.jsonl").read_text(encoding="utf-8").split("\n")[:-1]
    rows_ = [json.loads(line)[2] for line in lines_]
    old = policy_of(PolicyTerm(row["kind"], row["term"], row["body"]) for row in rows_)
    assert old.agreements == everything().policy.agreements
    assert len(old.agreements) == 4


def test_the_entries_vouch_for_exactly_these_lines(path):
    for row in rows(path, "ledger"):
        entry = json.loads(str(row["body"]))
        mine = sorted(hashlib.sha256(line.encode()).digest() for audit, line in lines(path) if audit == entry["audit"])
        assert hashlib.sha256(b"".join(mine)).hexdigest() == entry["changes"]
    assert verify(path, SIGNER.public).problems == ()


def test_the_lines_hold_every_kind_of_record_with_everything_that_can_be_missing(path):
    told = {table: rows(path, table) for table in (*NAMED_BY, *RECORDED)}
    for table, found in told.items():
        assert found, table
        for column in found[0]:
            values = {row[column] for row in found}
            optional = None in values
            assert not optional or len(values) > 1, f"{table}.{column} is never there"


def test_what_was_stored_is_read_again_as_it_was(path):
    with Store.open(path) as store:
        first, second = store.at(PRACTICE, 1), store.at(PRACTICE, 2)
        assert first.snapshot == everything()
        assert second.snapshot.findings.keys() == next(r for r in records() if not r.counts).keep_open
        assert second.snapshot.people == nothing().people
        assert sorted(store.statements(PRACTICE), key=lambda s: s.id) == sorted(statements(), key=lambda s: s.id)

"""
A store of before 0004, which kept one engagement of each VMA: it verifies, and its past is told as its audits knew it.

`store_0003.sql` was written by the program of schema 0003, in three audits of `tests.small_practice` by the roster
below: the first two rows of Ana were both there all along, and each audit kept the one that counted on its day.
"""

import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from auditor.cli import run
from auditor.headcount.engagements import history
from auditor.headcount.rosters import told_by
from auditor.ledger.verify import verify
from auditor.store import Store
from auditor.store.tables import METADATA
from tests.small_practice import HARBOR, TIDE, Small, account, answer, noon, row

DUMP = Path(__file__).with_name("store_0003.sql")
KEY = "ed25519:cIszMrJF6lgwT5bXXy9hh3oDbY0v+5x2GLDWABy/qDE="
ZONE = "America/Chicago"
ANA = account("ana", "Claims", Created="2026-11-02")
BEA = account("bea", Name="Bea Cruz")
ROSTER = [
    row("ana", "2026-11-01", "2026-11-12"),
    row("ana", "2026-11-13", roles="billing", agency=TIDE),
    row("bea", "2026-06-01", "2026-09-30", name="Bea Cruz"),
    row("bea", "2026-10-15", name="Bea Cruz"),
]


@pytest.fixture
def old(tmp_path) -> Small:
    small = Small(tmp_path / "small")
    small.write(noon("2026-11-22"), ROSTER, [ANA, BEA])
    with closing(sqlite3.connect(small.folder / "auditor.db")) as connection:
        connection.executescript(DUMP.read_text(encoding="utf-8"))
    return small


def bodies(path: Path) -> list[tuple[bytes, str]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT body, signature FROM ledger ORDER BY n").fetchall()


def test_an_old_store_verifies_before_and_after_it_is_brought_along(old):
    path = old.folder / "auditor.db"
    before = bodies(path)
    assert verify(path, KEY).problems == ()
    Store.open(path).close()
    verdict = verify(path, KEY)
    assert (verdict.ok, verdict.valid, verdict.problems) == (True, 3, ())
    assert bodies(path) == before


def test_what_was_added_to_its_past_afterwards_is_found(old):
    path = old.folder / "auditor.db"
    Store.open(path).close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "INSERT INTO period (practice, from_audit, vma, start, employment, roles, locations, on_leave)"
            " VALUES ('small', 1, 'bea', '2026-06-01', 'employee', '[]', '[]', 0)"
        )
    assert "1 row of `period` added" in verify(path, KEY).problems[0]


def test_its_past_is_told_with_the_engagements_that_its_audits_knew(old):
    with Store.open(old.folder / "auditor.db") as store:
        told = told_by(store, "small", ZONE)
        known = {vma: [(e.start, e.end, e.agency, e.roles) for e in history(mine)] for vma, mine in told.items()}
    assert known == {
        "ana": [
            (date(2026, 11, 1), date(2026, 11, 12), HARBOR, ("scheduler",)),
            (date(2026, 11, 13), None, TIDE, ("billing",)),
        ],
        "bea": [(date(2026, 10, 15), None, HARBOR, ("scheduler",))],  # no audit kept her first period
        "cy": [(date(2026, 11, 1), date(2026, 11, 10), HARBOR, ("scheduler",))],  # last seen on that day
    }


def test_lag_and_drift_of_its_past_are_by_these_engagements(old, capsys):
    lag = answer(capsys, "lag", str(old.config), "--as-of", "3", "--since", "2026-11-01")
    assert lag["vma_days"] == 21.5 + 21.5 + 10
    assert lag["out_of_order"] == []
    agreements = [(one["vma"], one["agency"]) for one in lag["lags"] if one["control"] == "agreement"]
    assert ("ana", HARBOR) in agreements
    assert ("ana", TIDE) in agreements
    drift = answer(capsys, "drift", str(old.config), "--from", "1", "--to", "2")
    assert [(e["vma"], e["kind"]) for e in drift["events"]] == [
        ("ana", "role-changed"),
        ("ana", "agency-changed"),
        ("cy", "left"),
    ]


def test_audits_go_on_in_a_store_that_was_brought_along(tmp_path, capsys):
    """The same history as by the old program, whose store differs by the tables only that it does not have."""
    small = Small(tmp_path / "small")
    small.audit(noon("2026-11-20"), ROSTER[1:2], [ANA])
    path = small.folder / "auditor.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        for table in METADATA.tables:
            if f"CREATE TABLE {table} " not in DUMP.read_text(encoding="utf-8").replace('"', ""):
                connection.execute(f"DROP TABLE {table}")
        connection.execute("UPDATE alembic_version SET version_num = '0003'")
    small.audit(noon("2026-11-22"), ROSTER, [ANA, BEA])
    key = (small.folder / "auditor.key.pub").read_text(encoding="utf-8").strip()
    assert verify(path, key).problems == ()
    drift = answer(capsys, "drift", str(small.config))
    assert [(e["vma"], e["kind"]) for e in drift["events"]] == [
        ("ana", "joined"),  # the first period of Ana was entered afterwards
        ("ana", "role-changed"),
        ("ana", "agency-changed"),
        ("bea", "joined"),
        ("bea", "left"),
        ("bea", "rehired"),
    ]
    with Store.open(path) as store:
        assert len(store.at("small", 2).snapshot.rows) == 4
        assert len(store.at("small", 1).snapshot.rows) == 1
    assert run(["verify", str(path), "--key", key]) == 0

"""What the store keeps of those who come to the pages stands beside the history, and harms neither it nor its proof."""

import shutil
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from auditor.ledger.verify import verify
from auditor.store import Store
from auditor.store.web import WebStore
from auditor.store.web_records import Means, Released, WebIdentity
from connectors.errors import AuditorError
from tests.store_sample import days, save_all, signer

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
ROOT = Path(__file__).parents[4]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "auditor.db"


def come_and_go(path: Path) -> None:
    """Leave a row in every table of the pages."""
    with WebStore(path) as store:
        number = store.add_link("l", "dana", "R-1", by="olga", at=NOW, expires=NOW + timedelta(days=1))
        store.use_link("l", None, NOW)
        session = store.sign_in("s", "dana", Means.LINK, at=NOW, link=number)
        store.bind(WebIdentity("https://id.example", "s-1", "dana", "dana@x.example", NOW))
        store.answered(store.asked("POST", "/decide", "192.0.2.1", NOW, session), 303, "done")


def test_the_history_verifies_whoever_comes_to_the_pages(path, tmp_path):
    key = signer(tmp_path)
    with Store.open(path) as store:
        saved = save_all(store, key, days(3))
    come_and_go(path)
    verdict = verify(path, key.public, saved[-1].head)
    assert (verdict.ok, verdict.problems) == (True, ())
    with closing(sqlite3.connect(path)) as raw, raw:
        for table in ("web_session", "web_identity", "web_request", "web_link"):
            assert raw.execute(f"SELECT count(*) FROM {table}").fetchone() == (1,)
            raw.execute(f"DELETE FROM {table}")
    assert verify(path, key.public, saved[-1].head).ok


def test_something_else_in_the_place_of_such_a_table_is_noticed(path, tmp_path):
    key = signer(tmp_path)
    with Store.open(path) as store:
        save_all(store, key, days(1))
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("DROP TABLE web_request")
        raw.execute("CREATE VIEW web_request AS SELECT * FROM audit")
    assert not verify(path, key.public).ok


def visit(store: WebStore, number: int) -> None:
    for n in range(5):
        store.sign_in(f"{number}-{n}", "dana", Means.LINK, at=NOW)
        assert store.session(f"{number}-{n}", NOW, idle=timedelta(1), life=timedelta(1))


def test_pages_and_audits_use_one_store_at_once(path, tmp_path):
    key = signer(tmp_path)
    with Store.open(path) as store, WebStore(path) as web, ThreadPoolExecutor(4) as threads:
        visits = [threads.submit(visit, web, number) for number in range(4)]
        save_all(store, key, days(3))
        for one in visits:
            one.result()
    assert verify(path, key.public).ok


def test_one_web_store_serves_many_threads(path):
    with WebStore(path) as store, ThreadPoolExecutor(40) as threads:
        for one in [threads.submit(visit, store, number) for number in range(40)]:
            one.result()
        assert len(store.sessions("dana")) == 200


def test_an_account_of_a_provider_is_one_persons_and_a_person_has_one(path):
    with WebStore(path) as store:
        bound = WebIdentity("https://id.example", "s-1", "dana", "dana@x.example", NOW)
        assert store.bind(bound) == bound
        taken = store.bind(WebIdentity("https://id.example", "s-1", "kim", "kim@x.example", NOW))
        assert taken.person == "dana"
        with pytest.raises(AuditorError, match="signs in with another account"):
            store.bind(WebIdentity("https://id.example", "s-2", "dana", "dana@x.example", NOW))
        elsewhere = WebIdentity("https://other.example", "s-1", "kim", "kim@x.example", NOW)
        assert store.bind(elsewhere) == elsewhere
        assert store.release("dana", NOW) == Released(sessions=0, links=0, accounts=1)
        assert store.release("dana", NOW) == Released(0, 0, 0)
        assert store.bound("kim") == (elsewhere,)
        assert store.identity("https://id.example", "s-1") is None


def test_a_store_that_somebody_has_locked_is_said(path):
    Store.open(path).close()
    with WebStore(path, wait_s=0.05) as store, closing(sqlite3.connect(path)) as raw:
        raw.isolation_level = None
        raw.execute("BEGIN IMMEDIATE")
        with pytest.raises(AuditorError, match="locked"):
            store.asked("POST", "/x", "?", NOW)


def test_a_copy_of_the_store_holds_no_address_of_a_link(path, tmp_path):
    come_and_go(path)
    copy = shutil.copy(path, tmp_path / "copy.db")
    with WebStore(copy) as store:
        assert store.requests()[0].route == "/decide"


def test_a_command_that_serves_nothing_does_not_wait_for_what_serves():
    code = (
        "import sys, auditor.cli, auditor.config, auditor.store.web, auditor.sign_in_settings\n"
        "served = {'starlette', 'uvicorn', 'authlib', 'httpx2', 'python_multipart'} & set(sys.modules)\n"
        "sys.exit(str(served) if served else None)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)

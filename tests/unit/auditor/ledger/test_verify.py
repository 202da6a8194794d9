import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from auditor.ledger.keys import Signer
from auditor.ledger.verify import verify
from auditor.store import SavedAudit, Store
from connectors.errors import AuditorError
from tests.store_sample import PRACTICE, days, facts, record, save_all, signer

ROOT = Path(__file__).parents[4]


@pytest.fixture
def key(tmp_path: Path) -> Signer:
    return signer(tmp_path)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "auditor.db"


@pytest.fixture
def saved(path: Path, key: Signer) -> list[SavedAudit]:
    with Store.open(path) as store:
        return save_all(store, key, days(4))


def test_a_store_that_nobody_touched_verifies(path, key, saved):
    verdict = verify(path, key.public, saved[-1].head)
    assert (verdict.ok, verdict.entries, verdict.valid, verdict.problems) == (True, 4, 4, ())
    assert verdict.head == saved[-1].head
    assert verdict.lines() == (
        "4 of 4 entries are valid",
        "the ledger ends with the given head: nothing was cut off",
        f"head: {saved[-1].head}",
    )


def test_without_a_head_nobody_vouches_for_the_tail(path, key, saved):
    verdict = verify(path, key.public)
    assert (verdict.ok, verdict.tail_vouched) == (True, False)
    assert "the tail cannot be vouched for" in verdict.lines()[1]


def test_a_copy_in_another_folder_verifies_without_the_private_key(path, key, saved, tmp_path):
    copy = shutil.copy(path, tmp_path / "copy 100% #1?.db")
    public = (tmp_path / "keys" / "ledger.pem.pub").read_text()
    shutil.rmtree(tmp_path / "keys")
    path.unlink()
    assert verify(copy, public, saved[-1].head).ok


def test_verifying_leaves_the_store_as_it_is(path, key, saved, tmp_path):
    before = path.read_bytes()
    names = sorted(tmp_path.iterdir())
    verify(path, key.public)
    assert path.read_bytes() == before
    assert sorted(tmp_path.iterdir()) == names


def test_verifying_needs_neither_the_store_s_code_nor_the_migrations(path, key, saved):
    code = (
        "import sys; from pathlib import Path; from auditor.ledger.verify import verify; "
        "ok = verify(Path(sys.argv[1]), sys.argv[2]).ok; "
        "sys.exit(0 if ok and not {'sqlalchemy', 'alembic', 'pydantic', 'yaml'} & set(sys.modules) else 1)"
    )
    subprocess.run([sys.executable, "-c", code, path, key.public], cwd=ROOT, check=True)


@pytest.fixture
def read_only(tmp_path_factory):
    """A folder in which this process, from the first file on, may only read."""
    if os.geteuid() != 0:
        pytest.skip("needs root, to take rights away from itself")
    folder = tmp_path_factory.mktemp("public")
    parents = [p for p in folder.parents if p.name.startswith(("pytest-", "popen-"))]
    modes = {p: stat.S_IMODE(p.stat().st_mode) for p in parents}

    def fill(*files: Path) -> Path:
        for file in files:
            Path(shutil.copy(file, folder)).chmod(0o444)
        for folder_ in (folder, *parents):
            folder_.chmod(0o555)
        os.seteuid(65534)
        return folder / files[0].name

    yield fill
    os.seteuid(0)
    for parent, mode in modes.items():
        parent.chmod(mode)
    folder.chmod(0o700)


def test_a_store_that_may_only_be_read_verifies(path, key, saved, read_only):
    assert verify(read_only(path), key.public, saved[-1].head).ok


def test_pending_changes_that_cannot_be_read_are_not_passed_over(path, key, saved, read_only):
    with Store.open(path) as store:
        store.save(record(day=4), key, after=saved[-1].audit)
        copy = read_only(path, path.with_name(path.name + "-wal"))
        with pytest.raises(AuditorError, match="the changes pending beside") as caught:
            verify(copy, key.public, saved[-1].head)
        os.seteuid(0)
    assert "copy the file and those beside it" in caught.value.hint


def test_what_stands_only_in_the_write_ahead_log_is_verified_too(path, key, saved):
    with Store.open(path) as store:
        last = store.save(record(day=4), key, after=saved[-1].audit)
        verdict = verify(path, key.public, last.head)
    assert (verdict.ok, verdict.entries, verdict.tail_vouched) == (True, 5, True)


def test_several_practices_share_one_ledger(path, key):
    with Store.open(path) as store:
        practices = (PRACTICE, "other", "third")
        saved = save_all(store, key, [record(day=d, practice=p) for d in range(3) for p in practices])
    assert verify(path, key.public, saved[-1].head).valid == 9


def test_an_empty_ledger_vouches_for_nothing(path, key):
    Store.open(path).close()
    verdict = verify(path, key.public)
    assert (verdict.ok, verdict.problems) == (False, ("the ledger is empty: there is nothing to vouch for",))


def test_a_column_that_a_later_version_adds_does_not_harm_what_was_signed(path, key, saved):
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("ALTER TABLE account ADD COLUMN manager TEXT")
        raw.commit()
    assert verify(path, key.public, saved[-1].head).ok


def test_a_store_that_is_not_there_is_wrong_usage(tmp_path, key):
    with pytest.raises(AuditorError, match="there is no store"):
        verify(tmp_path / "none.db", key.public)


def test_a_key_that_is_none_is_wrong_usage(path, saved):
    with pytest.raises(AuditorError, match="this is not a public key"):
        verify(path, "ssh-ed25519 AAAA")


def test_an_empty_file_is_damage_and_not_an_exception(path, key):
    path.touch()
    verdict = verify(path, key.public)
    assert (verdict.ok, verdict.entries) == (False, 0)
    assert "the file is damaged: there is no table `ledger`" in verdict.problems


def test_hostile_names_in_the_history_verify(path, key):
    with Store.open(path) as store:
        save_all(store, key, [record(facts(vmas=("VMA-1", "'; DROP TABLE ledger; --")))])
    assert verify(path, key.public).ok

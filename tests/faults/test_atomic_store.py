"""
A save is whole or absent: killed anywhere, torn anywhere, out of room anywhere.

Children are forked, so that one that dies takes only itself; the hook into SQLite is a listener on new connections.
"""

import os
import resource
import shutil
import signal
import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.pool import Pool

from auditor.ledger.keys import Signer
from auditor.ledger.verify import verify
from auditor.snapshot import AuditRecord
from auditor.store import Store
from connectors.errors import AuditorError
from connectors.facts import Grant
from tests.store_sample import PRACTICE, days, facts, record, save_all, signer


@cache
def records() -> list[AuditRecord]:
    """Return four audits; the third is large enough to need new pages."""
    many = [("ehr", Grant(f"u{n % 7}", f"CN=group {n},OU=staff,DC=cedar,DC=example")) for n in range(300)]
    return [record(facts(grants=many), day=2) if day == 2 else one for day, one in enumerate(days(4))]


SAVED, REFUSED = 0, 3


class Before:
    """A store with two audits; a third is about to be saved."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "auditor.db"
        self.key: Signer = signer(folder)
        with Store.open(self.path) as store:
            self.head = save_all(store, self.key, records()[:2])[-1].head

    def copy(self, folder: Path) -> Path:
        for side in ("-wal", "-shm"):
            (folder / f"auditor.db{side}").unlink(missing_ok=True)
        return Path(shutil.copy(self.path, folder / "auditor.db"))


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Before:
    return Before(tmp_path_factory.mktemp("before"))


def save_third(path: Path, key: Signer) -> None:
    with Store.open(path) as store:
        store.save(records()[2], key, after=2)


def in_child(action: Callable[[], None]) -> int:
    """Run in a forked process; return its exit code, or minus the signal that ended it."""
    pid = os.fork()
    if not pid:
        code = 99
        try:
            action()
            code = SAVED
        except AuditorError:
            code = REFUSED
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def audits_after(path: Path, before: Before) -> int:
    """Check that the store is in the old state or in the new one, and can be used; return how many audits it holds."""
    verdict = verify(path, before.key.public, before.head)
    assert verdict.ok, verdict.problems
    with Store.open(path) as store:
        audits = store.audits()
        assert len(audits) in (2, 3)
        for audit, record in zip(audits, records(), strict=False):
            assert store.at(PRACTICE, audit.id).snapshot == record.snapshot
        assert len(list(store.entries())) == len(audits)
        save_all(store, before.key, records()[len(audits) :])
    verdict = verify(path, before.key.public, before.head)
    assert (verdict.ok, verdict.valid) == (True, 4)
    return len(audits)


STEP = 20
"""A kill point every so many operations of SQLite's machine."""


def after_steps(count: int, do: Callable[[], None]) -> Callable[..., None]:
    """Return a listener that calls `do` when SQLite has worked for `count` times STEP operations."""
    left = [count]

    def tick() -> int:
        left[0] -= 1
        if left[0] == 0:
            do()
        return 0

    return lambda connection, _: connection.set_progress_handler(tick, STEP)


def kill_self() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def killed_after(count: int, path: Path, key: Signer) -> int:
    def action() -> None:
        event.listen(Pool, "connect", after_steps(count, kill_self))
        save_third(path, key)

    return in_child(action)


@pytest.fixture(scope="module")
def kill_points(before: Before, tmp_path_factory: pytest.TempPathFactory) -> int:
    """The number of kill points from opening the store to closing it."""
    path = before.copy(tmp_path_factory.mktemp("count"))
    low, high = 1, 2
    while killed_after(high, path, before.key) == -signal.SIGKILL:
        low, high = high, high * 2
        before.copy(path.parent)
    while high - low > 1:
        middle = (low + high) // 2
        before.copy(path.parent)
        low, high = (middle, high) if killed_after(middle, path, before.key) < 0 else (low, middle)
    return low


def kill_at_each(points: list[int], before: Before, folder: Path) -> set[int]:
    ends = set()
    for point in points:
        path = before.copy(folder)
        assert killed_after(point, path, before.key) == -signal.SIGKILL
        ends.add(audits_after(path, before))
    return ends


def test_a_program_that_is_killed_while_it_saves_leaves_the_old_audit_or_the_new_one(before, tmp_path, kill_points):
    assert kill_points > 30
    kill_at_each([1 + n * (kill_points - 1) // 11 for n in range(12)], before, tmp_path)


@pytest.mark.slow
def test_wherever_a_program_is_killed_it_leaves_the_old_audit_or_the_new_one(before, tmp_path, kill_points):
    kill_at_each(list(range(1, kill_points + 1)), before, tmp_path)


@pytest.mark.parametrize("when", ["before_cursor_execute", "after_cursor_execute", "commit"])
def test_a_program_that_is_killed_between_any_two_statements_leaves_the_old_audit(before, tmp_path, when):
    killed = 0
    while True:
        path = before.copy(tmp_path)

        def action(path: Path = path, left: int = killed) -> None:
            _kill_at_statement(when, left)
            save_third(path, before.key)

        end = in_child(action)
        if end == SAVED:
            break
        assert end == -signal.SIGKILL
        assert audits_after(path, before) == 2 or when == "after_cursor_execute"
        killed += 1 if when == "commit" else 4
    assert audits_after(path, before) == 3
    assert killed >= 1


def _kill_at_statement(when: str, left: int) -> None:
    count = [left]

    def listener(*_: Any) -> None:
        count[0] -= 1
        if count[0] < 0:
            kill_self()

    event.listen(Engine, when, listener)


def torn(before: Before, folder: Path) -> tuple[Path, bytes]:
    """Return a store whose third audit stands only in the write-ahead log, and that log."""
    live = before.copy(folder)
    with Store.open(live) as store:
        store.save(records()[2], before.key, after=2)
        log = live.with_name(live.name + "-wal").read_bytes()
        quiet = Path(shutil.copy(live, folder / "torn.db"))
    return quiet, log


def tear_at(lengths: list[int], before: Before, folder: Path) -> set[int]:
    (folder / "live").mkdir()
    template, log = torn(before, folder / "live")
    ends = set()
    for length in lengths:
        path = before.copy(folder)
        shutil.copy(template, path)
        path.with_name("auditor.db-wal").write_bytes(log[: min(length, len(log))])
        ends.add(audits_after(path, before))
    return ends


def test_a_write_that_was_torn_leaves_the_old_audit_or_the_new_one(before, tmp_path):
    assert tear_at([0, 1, 32, 33, 5_000, 20_000, 40_001, 10**9], before, tmp_path) == {2, 3}


@pytest.mark.slow
def test_a_write_that_was_torn_at_any_place_leaves_the_old_audit_or_the_new_one(before, tmp_path):
    (tmp_path / "size").mkdir()
    size = len(torn(before, tmp_path / "size")[1])
    assert tear_at([*range(0, size, 211), size - 1, size], before, tmp_path) == {2, 3}


def test_a_disk_that_runs_full_at_any_page_leaves_the_old_audit_and_says_so(before, tmp_path):
    for spare in range(100):
        path = before.copy(tmp_path)

        def limit(connection: sqlite3.Connection, _: object, spare: int = spare) -> None:
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count = {pages + spare}")

        event.listen(Pool, "connect", limit)
        refusal = None
        try:
            save_third(path, before.key)
        except AuditorError as error:
            refusal = error
        finally:
            event.remove(Pool, "connect", limit)
        if refusal is None:
            break
        assert "full" in refusal.message
        assert "nothing was saved; make room on the disk" in refusal.hint
        assert audits_after(path, before) == 2
    assert spare > 5
    assert audits_after(path, before) == 3


def refuse_beyond(step: int, before: Before, folder: Path) -> list[int]:
    """From one limit on the size of a file to the next, the first write that fails is a later one."""
    ends = []
    for limit in range(0, 10**7, step):
        path = before.copy(folder)

        def action(path: Path = path, limit: int = limit) -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
            save_third(path, before.key)

        end = in_child(action)
        assert end in (SAVED, REFUSED)
        audits = audits_after(path, before)
        assert (audits, end) in ((2, REFUSED), (3, SAVED))
        ends.append(end)
        if end == SAVED:
            break
    return ends


PAGE = 4_096


def test_a_disk_that_refuses_a_write_leaves_the_old_audit_or_the_new_one(before, tmp_path):
    assert refuse_beyond(5 * PAGE, before, tmp_path).count(REFUSED) >= 5


@pytest.mark.slow
def test_a_disk_that_refuses_any_write_leaves_the_old_audit_or_the_new_one(before, tmp_path):
    assert refuse_beyond(PAGE, before, tmp_path).count(REFUSED) >= 5 * 5


def test_a_store_that_is_killed_while_it_is_made_can_be_made_again(tmp_path, before):
    for count in (1, 5, 20, 60, 120):
        path = tmp_path / f"{count}.db"

        def action(path: Path = path, count: int = count) -> None:
            event.listen(Pool, "connect", after_steps(count, kill_self))
            Store.open(path).close()

        assert in_child(action) == -signal.SIGKILL
        with Store.open(path) as store:
            assert store.audits() == ()


@pytest.mark.slow
def test_a_program_that_is_killed_again_while_it_recovers_loses_nothing(before, tmp_path, kill_points):
    for first in range(1, kill_points, max(1, kill_points // 14)):
        for second in range(1, 15):
            path = before.copy(tmp_path)
            killed_after(first, path, before.key)
            killed_after(second, path, before.key)
            audits_after(path, before)


def test_while_an_audit_is_saved_others_read_and_verify_the_last_one(before, tmp_path):
    path = before.copy(tmp_path)
    with Store.open(path) as store, closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute('DELETE FROM "grant"')
        assert store.last(PRACTICE).snapshot == records()[1].snapshot
        assert verify(path, before.key.public, before.head).ok

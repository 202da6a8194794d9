"""Overdue orders: each step is told once to each, and again only when the order was opened again."""

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from auditor.config import load_config
from auditor.watch.state import WatchState
from auditor.watch.watcher import Watcher
from tests.small_practice import Small, account, row
from tests.watched import Journal, start

OUT = datetime(2026, 11, 2, 6, tzinfo=UTC)
"""The end of the last day, at midnight in Chicago."""
LEFT, HERE = row("ana", "2026-01-01", "2026-11-01"), row("ben", "2026-01-01")
ANA, BEN = account("ana"), account("ben")
WATCH = """\
watch:
  schedule: {at: []}
  settle_s: 0
  tell: {findings: none, headcount: false, not_evaluated: false, falls_due_days: 0}
  recipients: {ops: {webhook: {url_env: WATCH_TEST_HOOK}}}
"""


@pytest.fixture
def small(tmp_path: Path) -> Small:
    return Small(tmp_path / "small")


def write(small: Small, at: datetime, *accounts: dict[str, str]) -> None:
    small.write(at.isoformat(), [LEFT, HERE], accounts)
    with small.config.open("a", encoding="utf-8") as config:
        config.write(WATCH)


def watching(small: Small, state: WatchState, now: datetime) -> tuple[Watcher, Journal]:
    journal = Journal(now=now)
    return start(small.config, state, journal), journal


def messages(small: Small) -> list[dict[str, object]]:
    with closing(sqlite3.connect(small.folder / "auditor.watch.db")) as file:
        return [
            json.loads(payload) for (payload,) in file.execute("SELECT payload FROM outbox ORDER BY created, rowid")
        ]


def told(small: Small) -> list[dict[str, object]]:
    return [one for message in messages(small) for one in message["overdue_orders"]]


def test_each_step_is_told_once_and_a_step_that_was_missed_with_the_next(small):
    write(small, OUT + timedelta(hours=1), ANA, BEN)
    with WatchState.open(load_config(small.config).store) as state:
        watcher, journal = watching(small, state, OUT + timedelta(hours=2))
        watcher.turn()
        assert told(small) == []  # due at the 24th hour
        for hours, steps in ((23, []), (25, [0]), (26, [0]), (49, [0, 24]), (50, [0, 24]), (300, [0, 24, 72])):
            journal.now = OUT + timedelta(hours=hours)
            watcher.turn()
            watcher.turn()
            assert [one["step"] for one in told(small)] == steps, hours
        assert told(small)[0] == told(small)[0] | {"system": "ehr", "whom": "ana", "cause": "left", "hours": 1}
    assert messages(small)[0]["text"] == "small: 1 order overdue"
    assert "Ana Reyes" not in json.dumps(messages(small))


def test_a_watch_that_begins_tells_only_what_comes_and_a_restart_tells_nothing_twice(small):
    write(small, OUT + timedelta(hours=1), ANA, BEN)
    small.audit((OUT + timedelta(hours=1)).isoformat(), [LEFT, HERE], [ANA, BEN])
    write(small, OUT + timedelta(hours=1), ANA, BEN)
    with WatchState.open(load_config(small.config).store) as state:
        watcher, journal = watching(small, state, OUT + timedelta(hours=30))
        watcher.turn()
        assert told(small) == []
        journal.now = OUT + timedelta(hours=49)
        watcher.turn()
        assert [one["step"] for one in told(small)] == [24]
    with WatchState.open(load_config(small.config).store) as state:
        watcher, _ = watching(small, state, OUT + timedelta(hours=60))
        watcher.turn()
        assert [one["step"] for one in told(small)] == [24]


def test_an_order_that_is_done_is_told_no_more_and_one_that_comes_back_is_told_anew(small):
    write(small, OUT + timedelta(hours=1), ANA, BEN)
    with WatchState.open(load_config(small.config).store) as state:
        watcher, journal = watching(small, state, OUT + timedelta(hours=25))
        watcher.turn()
        assert [one["step"] for one in told(small)] == [0]
        journal.now = OUT + timedelta(hours=40)
        write(small, OUT + timedelta(hours=39), account("ana", Status="Disabled"), BEN)
        watcher.turn()
        journal.now = OUT + timedelta(hours=60)
        watcher.turn()
        assert [one["step"] for one in told(small)] == [0]
        journal.now = OUT + timedelta(hours=100)
        write(small, OUT + timedelta(hours=99), ANA, BEN)
        watcher.turn()
        journal.now = OUT + timedelta(hours=99 + 25)
        watcher.turn()
        assert [(one["step"], one["hours"]) for one in told(small)] == [(0, 1), (0, 1)]

"""The worklist: whole or absent, never twice the same, and never mistaken for another file."""

import sqlite3
import stat
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from auditor.watch.state import DAMAGED, Message, WatchState, state_path
from connectors.errors import AuditorError

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
PRACTICE = "lakeside-family"


def message(id_: str, recipient: str = "ops", at: datetime = NOW) -> Message:
    return Message(id_, recipient, "subject", "body", "{}", at)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "auditor.db"


def test_a_message_is_in_the_outbox_once_however_often_it_is_put_there(store):
    with WatchState.open(store) as state:
        for body in ("body", "another body"):
            state.queue(PRACTICE, Message("W-1", "ops", "subject", body, "{}", NOW))
        state.queue(PRACTICE, message("W-1", "compliance"))
        assert [(m.recipient, m.body) for m in state.waiting(PRACTICE)] == [("ops", "body"), ("compliance", "body")]
        state.sent(state.waiting(PRACTICE)[0], NOW)
        state.queue(PRACTICE, message("W-1"))
        assert [m.recipient for m in state.waiting(PRACTICE)] == ["compliance"]


def fail_after(state: WatchState) -> None:
    state.queue(PRACTICE, message("W-1"))
    state.put(PRACTICE, "told", "1")
    raise ZeroDivisionError


def test_what_is_written_in_a_transaction_that_fails_was_never_written(store):
    with WatchState.open(store) as state:
        with pytest.raises(ZeroDivisionError), state.writing():
            fail_after(state)
        assert state.waiting(PRACTICE) == []
        assert state.mark(PRACTICE, "told") is None


def test_a_failure_puts_everything_off_that_waits_for_that_recipient_and_nothing_else(store):
    with WatchState.open(store) as state:
        for id_, recipient in (("W-1", "ops"), ("W-2", "ops"), ("W-3", "compliance")):
            state.queue(PRACTICE, message(id_, recipient))
        state.failed(PRACTICE, state.waiting(PRACTICE)[0], NOW + timedelta(minutes=1), "no connection")
        assert [m.id for m in state.waiting(PRACTICE, NOW + timedelta(seconds=59))] == ["W-3"]
        assert [(m.id, m.tries) for m in state.waiting(PRACTICE, NOW + timedelta(minutes=1))][:2] == [
            ("W-1", 1),
            ("W-2", 0),
        ]


def test_practices_that_share_a_store_do_not_see_each_other(store):
    with WatchState.open(store) as state:
        state.queue("one", message("W-1"))
        state.put("one", "told", "1")
        assert state.waiting("two") == []
        assert state.mark("two", "told") is None
        assert state.deliveries("two") == []


def test_what_was_sent_is_forgotten_in_time_and_what_waits_is_not(store):
    with WatchState.open(store) as state:
        for id_ in ("W-1", "W-2"):
            state.queue(PRACTICE, message(id_))
        state.sent(state.waiting(PRACTICE)[0], NOW)
        state.forget(NOW + timedelta(days=1))
        (ops,) = state.deliveries(PRACTICE)
        assert (ops.sent, ops.waiting) == (0, 1)


def test_only_its_owner_may_read_it(store):
    with WatchState.open(store):
        assert stat.S_IMODE(state_path(store).stat().st_mode) == 0o600


def test_a_file_that_is_none_is_refused_with_its_name(store):
    state_path(store).write_text("something else, and long enough to be looked at as a database" * 20)
    with pytest.raises(AuditorError, match=r"auditor\.watch\.db") as refused:
        WatchState.open(store)
    assert "store" not in refused.value.message, "nobody should restore evidence because of the outbox"
    assert refused.value.hint == DAMAGED


def test_one_whose_making_was_cut_short_is_no_state_yet(store):
    state_path(store).touch()
    assert WatchState.look(store) is None
    with WatchState.open(store), WatchState.look(store) as looked:
        assert looked.deliveries("lakeside") == []


def test_a_newer_version_is_refused(store):
    with WatchState.open(store):
        pass
    with closing(sqlite3.connect(state_path(store))) as db:
        db.execute("PRAGMA user_version = 99")
    for see in (WatchState.open, WatchState.look):
        with pytest.raises(AuditorError, match="newer version"):
            see(store)


def test_looking_makes_nothing_and_writes_nothing(store):
    assert WatchState.look(store) is None
    assert not state_path(store).exists()
    with WatchState.open(store) as state:
        state.queue(PRACTICE, message("W-1"))
    before = state_path(store).read_bytes()
    looking = WatchState.look(store)
    assert looking is not None
    with looking:
        assert looking.deliveries(PRACTICE)[0].waiting == 1
        with pytest.raises(AuditorError):
            looking.put(PRACTICE, "told", "1")
    assert state_path(store).read_bytes() == before

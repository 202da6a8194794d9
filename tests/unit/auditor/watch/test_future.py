"""What was noted while the clock ran ahead: brought back to the present, told, and left alone where it may be meant."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from auditor.watch.delivery import GIVE_UP
from auditor.watch.future import RETRY, SCHEDULE, future_marks, mend
from auditor.watch.state import Message, WatchState

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
FAR = NOW + timedelta(days=3650)
P = "lakeside"


@pytest.fixture
def state(tmp_path):
    with WatchState.open(tmp_path / "lakeside.db") as opened:
        yield opened


def message(id_: str, created: datetime) -> Message:
    return Message(id_, "office", "s", "b", "{}", created)


def test_the_schedule_and_the_next_try_are_brought_back(state):
    state.put(P, SCHEDULE, FAR.isoformat())
    state.put(P, RETRY, json.dumps([FAR.isoformat(), 3]))
    assert len(future_marks(state, P, NOW)) == len(mend(state, P, NOW)) == 2
    assert state.mark(P, SCHEDULE) == NOW.isoformat()
    assert json.loads(state.mark(P, RETRY) or "") == [NOW.isoformat(), 3]
    assert mend(state, P, NOW) == []


def test_what_may_be_meant_is_left_alone(state):
    soon = (NOW + timedelta(minutes=30)).isoformat()
    state.put(P, SCHEDULE, NOW.isoformat())
    state.put(P, RETRY, json.dumps([soon, 1]))
    state.queue(P, message("m", NOW))
    state.failed(P, message("m", NOW), NOW + timedelta(minutes=59), "no answer")
    state.queue("another", message("n", FAR))
    assert mend(state, P, NOW) == []
    assert json.loads(state.mark(P, RETRY) or "") == [soon, 1]


def test_a_message_of_the_future_is_sent_today(state):
    state.queue(P, message("m", FAR))
    assert state.waiting(P, NOW) == []
    (told,) = mend(state, P, NOW)
    assert "1 message of the outbox" in told
    assert [m.id for m in state.waiting(P, NOW)] == ["m"]


def test_a_message_that_was_given_up_because_the_clock_ran_ahead_waits_again(state):
    state.queue(P, message("m", NOW))
    (waiting,) = state.waiting(P)
    assert FAR - waiting.created > GIVE_UP
    state.give_up(waiting, FAR, "no answer")
    mend(state, P, NOW)
    (again,) = state.waiting(P, NOW)
    assert (again.id, again.created) == ("m", NOW)


def test_one_that_was_given_up_in_its_time_stays_so_and_one_that_was_sent_is_not_sent_again(state):
    for id_, done in (("old", NOW - timedelta(days=1)), ("sent", FAR)):
        state.queue(P, message(id_, NOW - timedelta(days=9)))
        (waiting,) = state.waiting(P)
        (state.give_up(waiting, done, "gone") if id_ == "old" else state.sent(waiting, done))
    mend(state, P, NOW)
    assert state.waiting(P) == []
    (found,) = state.deliveries(P)
    assert (found.sent, found.given_up, found.last_sent) == (1, 1, NOW.isoformat(timespec="microseconds"))


def test_a_next_try_in_ten_years_is_made_now(state):
    state.queue(P, message("m", NOW))
    state.failed(P, message("m", NOW), FAR, "no answer")
    mend(state, P, NOW)
    assert [m.id for m in state.waiting(P, NOW)] == ["m"]

"""Reading a record of changes: whose clock counts, and what is not believed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.audit_log import SECOND, ClockOffset, LogAnswer, LogEvent, LogKind, LogQuestion, LogRecord, LogUnread
from connectors.clock_offset import SecondsClock, measure_clock, narrow
from connectors.connector import Page
from connectors.errors import AuditorError, SourceUnreachable
from connectors.facts import Account, Status, System, SystemKind
from connectors.read_log import read_log

NOW = datetime(2026, 10, 30, 18, 0, tzinfo=UTC)
ACCOUNT = Account("ehr", "7", "dcalloway", "Denise Calloway", Status.DISABLED, created=NOW - timedelta(days=90))


def _event(at: datetime, account: str = "7", record: str = "1") -> LogEvent:
    return LogEvent("ehr", account, LogKind.DISABLED, at, SECOND, LogRecord.of("log", record, b"row"))


class _System:
    """A connector whose record says what it is told to."""

    system = System("ehr", SystemKind.EHR, "openemr", "EHR", holds_phi=True)
    source = "a record"

    def __init__(self, *events: LogEvent, clock: ClockOffset | None = None, error: Exception | None = None) -> None:
        self._answer = LogAnswer("ehr", "a record", NOW, events, clock=clock)
        self._error = error

    def read_page(self, token: str | None) -> Page:
        raise NotImplementedError

    def read_log(self, question: LogQuestion) -> LogAnswer:
        if self._error:
            raise self._error
        return self._answer


def _read(source: _System) -> LogAnswer:
    answer = read_log(source, LogQuestion((ACCOUNT,)), clock=lambda: NOW)
    assert isinstance(answer, LogAnswer)
    return answer


def test_a_stamp_is_turned_to_our_clock_and_widened_by_what_is_not_known_of_it() -> None:
    stamp = NOW - timedelta(hours=1)
    (event,) = _read(_System(_event(stamp), clock=ClockOffset(-2.0, -1.5, NOW, "clock"))).events
    assert event.at == stamp + timedelta(seconds=1.5)
    assert event.at + event.resolution == stamp + timedelta(seconds=3)


@given(
    offset=st.floats(-5, 5),
    below=st.floats(0, 1),
    above=st.floats(0, 1),
    true_us=st.integers(0, 10_000_000),
)
def test_the_truth_is_never_outside_of_the_interval(offset: float, below: float, above: float, true_us: int) -> None:
    truth = NOW - timedelta(minutes=5) + timedelta(microseconds=true_us)
    theirs = (truth + timedelta(seconds=offset)).replace(microsecond=0)
    clock = ClockOffset(offset - below, offset + above, NOW, "clock")
    (event,) = _read(_System(_event(theirs), clock=clock)).events
    slack = timedelta(microseconds=2)  # a timedelta holds whole microseconds
    assert event.at - slack <= truth <= event.at + event.resolution + slack


def test_what_cannot_be_true_is_put_aside_and_told() -> None:
    ahead, stranger = _event(NOW + timedelta(days=1), record="1"), _event(NOW - timedelta(hours=2), "99", record="2")
    old = _event(NOW - timedelta(days=400), record="3")
    answer = _read(_System(ahead, stranger, old))
    assert answer.events == ()
    assert [d.why for d in answer.doubted] == [
        "it is 24.0 h in the future",
        "it is of an account that is not known here",
        "it is older than the account",
    ]


def test_one_record_told_twice_counts_once_and_two_records_of_one_second_count_twice() -> None:
    one = _event(NOW - timedelta(hours=1))
    other = replace(one, record=LogRecord.of("log", "2", b"row"))
    assert _read(_System(one, one, other)).events == (one, other)


def test_what_was_over_before_the_time_asked_for_is_left_out_unless_nothing_else_is_kept() -> None:
    """The clock of the system is 10 s behind: what it stamps before `since` was after it."""
    since = NOW - timedelta(hours=1)
    before, after = _event(since - timedelta(seconds=15), record="1"), _event(since - timedelta(seconds=5), record="2")
    kept = replace(_event(since - timedelta(days=9), record="3"), last_only=True)
    source = _System(before, after, kept, clock=ClockOffset(-10.1, -9.9, NOW, "clock"))
    answer = read_log(source, LogQuestion((ACCOUNT,), since=since), clock=lambda: NOW)
    assert isinstance(answer, LogAnswer)
    assert [e.record.id for e in answer.events] == ["2", "3"]


def test_a_connector_is_closed_after_its_record_was_read() -> None:
    closed = []
    source = _System()
    source.close = lambda: closed.append(True)  # type: ignore[attr-defined]
    _read(source)
    assert closed == [True]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (SourceUnreachable("no route"), "no route"),
        (ValueError("secret-word"), "reading its record failed with ValueError"),
    ],
)
def test_a_record_that_cannot_be_read_is_told_without_its_words(error: Exception, reason: str) -> None:
    answer = read_log(_System(error=error), LogQuestion((ACCOUNT,)), clock=lambda: NOW)
    assert isinstance(answer, LogUnread)
    assert reason in answer.reason
    assert "secret-word" not in answer.reason


@given(ahead=st.floats(-1000, 1000), latency=st.floats(0, 0.2))
def test_a_clock_of_whole_seconds_is_narrowed_and_never_missed(ahead: float, latency: float) -> None:
    now = [NOW]

    def read() -> datetime:
        now[0] += timedelta(seconds=latency)
        return (now[0] + timedelta(seconds=ahead)).replace(microsecond=0)

    looked = SecondsClock("test", clock=lambda: now[0])
    narrow(looked, read, budget_s=0)
    found = looked.offset()
    assert found is not None
    assert found.low - 1e-5 <= ahead <= found.high + 1e-5
    assert found.high - found.low <= 1 + latency + 1e-5


def test_a_clock_that_was_set_meanwhile_is_told() -> None:
    told = iter([NOW, NOW + timedelta(hours=1)])
    with pytest.raises(AuditorError, match="set while it was read"):
        measure_clock(lambda: next(told), "test", clock=lambda: NOW)


@pytest.mark.parametrize(("closely", "most"), [(False, 0.95), (True, 0.3)])
@pytest.mark.parametrize("apart", [0.02, 0.4, 0.97, 1.0, 2.5])
def test_a_clock_is_waited_for_no_longer_than_it_must_be(
    monkeypatch: pytest.MonkeyPatch, closely: bool, most: float, apart: float
) -> None:
    now, slept = [NOW + timedelta(seconds=0.3)], []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += timedelta(seconds=seconds)

    def read() -> datetime:
        now[0] += timedelta(milliseconds=2)
        return (now[0] + timedelta(seconds=7.45)).replace(microsecond=0)

    monkeypatch.setattr("connectors.clock_offset.sleep", sleep)
    looked = SecondsClock("test", clock=lambda: now[0])
    looked.look(read)
    now[0] += timedelta(seconds=apart)
    narrow(looked, read, closely=closely)
    found = looked.offset()
    assert found is not None
    assert found.low <= 7.45 <= found.high
    assert found.high - found.low <= most
    assert sum(slept) <= (0.75 if closely else 0.06)

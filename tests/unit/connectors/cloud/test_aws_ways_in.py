"""When an IAM user ended: with the last way in, and never told as ended while one may have been left."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from connectors.audit_log import SECOND, LogKind
from connectors.cloud.aws.trail.ways_in import Known, Step, WayStep, endings

START = datetime(2026, 9, 1, tzinfo=UTC)
END = START + timedelta(days=60)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def steps(*told: tuple[float, str, Step]) -> list[WayStep]:
    return [WayStep(at(second), way, step) for second, way, step in told]


def kinds(found: list[WayStep], known: Known | None) -> list[LogKind | None]:
    return [ending and ending.kind for ending in endings(found, known)]


PASSWORD_THEN_KEY = steps((10, "password", Step.REMOVED), (15, "key", Step.CLOSED))
KEY_THEN_PASSWORD = steps((10, "key", Step.CLOSED), (15, "password", Step.REMOVED))


def test_a_password_that_was_there_is_the_end_when_the_key_had_gone_before():
    known = Known(START, END, closed=END)
    assert kinds(KEY_THEN_PASSWORD, known) == [None, LogKind.DISABLED]
    _, last = endings(KEY_THEN_PASSWORD, known)
    assert last is not None
    assert (last.kind, last.at, last.within) == (LogKind.DISABLED, at(15), SECOND)


def test_a_key_that_may_have_been_off_already_leaves_the_end_between_two_steps():
    _, last = endings(PASSWORD_THEN_KEY, Known(START, END, closed=END))
    assert last is not None
    assert (last.kind, last.at, last.within) == (LogKind.DISABLED, at(10), timedelta(seconds=6))


def test_a_key_that_was_used_had_been_on():
    found = steps((5, "key", Step.USED), (10, "password", Step.REMOVED), (15, "key", Step.CLOSED))
    _, _, last = endings(found, Known(START, END, closed=END))
    assert last is not None
    assert (last.at, last.within) == (at(15), SECOND)


def test_where_nobody_knows_of_other_ways_no_step_is_the_end():
    assert kinds(KEY_THEN_PASSWORD, Known(START, END)) == [None, LogKind.STATUS_SET]
    assert kinds(PASSWORD_THEN_KEY, Known(START, END)) == [LogKind.STATUS_SET, LogKind.STATUS_SET]


def test_a_record_with_a_gap_says_nothing_of_other_ways():
    assert kinds(KEY_THEN_PASSWORD, None) == [LogKind.STATUS_SET, LogKind.STATUS_SET]


def test_what_may_not_have_arrived_yet_is_no_end():
    late = Known(START, at(15.5), closed=at(15.5))
    assert kinds(KEY_THEN_PASSWORD, late) == [LogKind.STATUS_SET, LogKind.STATUS_SET]


def test_a_user_made_within_the_record_has_no_way_that_it_does_not_tell():
    found = steps((1, "password", Step.MADE), (2, "key", Step.MADE), (9, "password", Step.REMOVED),
                  (11, "key", Step.CLOSED), (20, "key", Step.CLOSED), (30, "key", Step.OPENED))  # fmt: skip
    assert kinds(found, Known(START, END, made=START)) == [
        *(LogKind.ENABLED, None, None, LogKind.DISABLED),
        *(None, LogKind.ENABLED),
    ]


def test_one_who_was_seen_closed_while_the_record_says_open_is_not_believed_to_have_ended():
    found = steps((1, "key", Step.CLOSED), (5, "password", Step.MADE))
    assert kinds(found, Known(START, END, closed=END)) == [LogKind.STATUS_SET, LogKind.ENABLED]


WAYS = ("password", "key a", "key b")
MOVES = st.lists(st.tuples(st.sampled_from(WAYS), st.sampled_from(["open", "close"]), st.integers(0, 999_999)),
                 min_size=1, max_size=12)  # fmt: skip


@given(first=st.lists(st.booleans(), min_size=3, max_size=3), moves=MOVES, made=st.booleans())
def test_the_end_lies_in_what_is_told(first: list[bool], moves: list[tuple[str, str, int]], made: bool) -> None:
    """Against the truth of a made history: no end is told that was none, and of one made here none is missed."""
    state = dict.fromkeys(WAYS, False) if made else dict(zip(WAYS, first, strict=True))
    exists = set() if made else {way for way, there in state.items() if there}
    told: list[WayStep] = []
    ends: list[datetime] = []
    for number, (way, move, micro) in enumerate(moves, 1):
        truth = at(10 * number) + timedelta(microseconds=micro)
        if move == "open":
            step = Step.OPENED if way in exists and way != "password" else Step.MADE
            if way == "password" and state[way]:
                continue  # refused: there is one
            exists.add(way)
        elif way == "password":
            if not state[way]:
                continue  # refused: there is none
            step = Step.REMOVED
        elif way in exists or not made:
            step = Step.CLOSED  # succeeds, on or off
        else:
            continue
        was = any(state.values())
        state[way] = move == "open"
        told.append(WayStep(truth.replace(microsecond=0), way, step))
        if was and not any(state.values()):
            ends.append(truth)
    closed = END if not any(state.values()) else None
    found = endings(told, Known(START, END, START if made else None, closed))
    disabled = [e for e in found if e and e.kind is LogKind.DISABLED]
    for ending in disabled:
        assert any(ending.at <= end < ending.at + ending.within for end in ends), (told, ends, ending)
    if made:
        assert len(disabled) == len(ends)
        assert all(ending.within == SECOND for ending in disabled)

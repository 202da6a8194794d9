"""When access ended: the truth is never outside of what is told, whatever the record keeps, loses or repeats."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.instants.instant import Instant, InstantKind, account_ended, taken
from auditor.instants.log import AccessLog, LogSpan, by_account
from auditor.instants.unseen import sign_ins, unseen_access
from connectors.audit_log import SAMBA_STATE, SECOND, LogEvent, LogKind, LogRecord

FRIDAY = datetime(2026, 10, 30, 21, 0, tzinfo=UTC)
EVERY = frozenset(LogKind)
ALWAYS = LogSpan(datetime.min.replace(tzinfo=UTC), FRIDAY + timedelta(days=9), EVERY)


def event(kind: LogKind, at: datetime, n: int = 1, **fields: object) -> LogEvent:
    return LogEvent("ehr", "7", kind, at, SECOND, LogRecord.of("log", str(n), b"row"), **fields)  # type: ignore[arg-type]


def log(*events: LogEvent, spans: Sequence[LogSpan] = (ALWAYS,)) -> AccessLog:
    return AccessLog(by_account(events), tuple(spans), "it keeps no record")


def hours(n: float) -> datetime:
    return FRIDAY + timedelta(hours=n)


def ended(record: AccessLog, seen: float | None = -2, gone: float = 12) -> Instant:
    return account_ended(record, "7", None if seen is None else hours(seen), hours(gone))


def test_a_record_of_the_change_is_exact_to_its_second() -> None:
    found = ended(log(event(LogKind.DISABLED, hours(0.7), actor="mgr")))
    assert (found.kind, found.earliest, found.latest) == (InstantKind.EXACT, hours(0.7), hours(0.7) + SECOND)
    assert found.actor == "mgr"


def test_without_a_record_audits_tell() -> None:
    found = ended(AccessLog())
    assert (found.kind, found.earliest, found.latest) == (InstantKind.BETWEEN, hours(-2), hours(12))
    assert "no record" in found.why


def test_the_end_is_the_first_disabling_after_the_last_enabling() -> None:
    twice = log(event(LogKind.DISABLED, hours(1), 1), event(LogKind.DISABLED, hours(5), 2))
    assert ended(twice).latest == hours(1) + SECOND
    again = log(
        event(LogKind.DISABLED, hours(1), 1), event(LogKind.ENABLED, hours(2), 2), event(LogKind.DISABLED, hours(5), 3)
    )
    assert (ended(again).kind, ended(again).latest) == (InstantKind.EXACT, hours(5) + SECOND)


def test_what_was_before_a_read_that_saw_access_is_not_its_end() -> None:
    assert ended(log(event(LogKind.DISABLED, hours(-3)))).kind is InstantKind.BETWEEN


def test_a_last_change_that_is_older_than_a_read_that_saw_access_is_told_as_not_believed() -> None:
    found = ended(log(event(LogKind.DISABLED, hours(-5), 17, last_only=True)))
    assert (found.kind, found.why) == (
        InstantKind.BETWEEN,
        "not believed: log 17, because a read after it still saw access",
    )
    assert "not believed" not in ended(log(event(LogKind.TOUCHED, hours(-5), upper_bound=True))).why


def test_a_stamp_of_the_last_change_is_an_upper_bound_unless_its_count_shows_that_it_is_the_only_one() -> None:
    stamp = event(LogKind.DISABLED, hours(3), 2, last_only=True, changes=5)
    assert ended(log(stamp, spans=())).kind is InstantKind.NOT_LATER
    before = event(LogKind.ENABLED, hours(-4), 1, last_only=True, changes=4)
    assert ended(log(before, stamp, spans=())).kind is InstantKind.EXACT
    skipped = event(LogKind.DISABLED, hours(3), 2, last_only=True, changes=7)
    assert ended(log(before, skipped, spans=())).kind is InstantKind.NOT_LATER


@pytest.mark.parametrize(("step", "kind"), [(1, "not later than"), (2, "exact"), (3, "exact"), (4, "not later than")])
def test_where_one_change_counts_several_times_only_the_step_of_one_shows_that_it_was_one(step: int, kind: str) -> None:
    """On Samba one change counts 2 or 3; 4 may have been two, and 1 is of no change that is known."""
    before, stamp = (
        replace(event(k, hours(at), last_only=True, changes=n), record=LogRecord.of(SAMBA_STATE, str(n), b""))
        for k, at, n in ((LogKind.STATUS_SET, -4, 4), (LogKind.DISABLED, 3, 4 + step))
    )
    assert ended(log(before, stamp, spans=())).kind == kind


def test_the_count_of_the_last_day_says_nothing_of_the_state() -> None:
    day = event(LogKind.EXPIRY_SET, hours(-4), 1, last_only=True, changes=4)
    stamp = event(LogKind.DISABLED, hours(3), 2, last_only=True, changes=5)
    assert ended(log(day, stamp, spans=())).kind is InstantKind.NOT_LATER


def test_that_a_group_was_written_bounds_what_was_taken_of_it_and_not_the_account() -> None:
    group = event(LogKind.TOUCHED, hours(3), 1, entitlement="g1", upper_bound=True, last_only=True)
    assert ended(log(group, spans=())).kind is InstantKind.BETWEEN
    found = taken(log(group, spans=()), "7", "g1", hours(-2), hours(12))
    assert (found.kind, found.latest) == (InstantKind.NOT_LATER, hours(3) + SECOND)
    assert taken(log(group, spans=()), "7", "g2", hours(-2), hours(12)).kind is InstantKind.BETWEEN


@pytest.mark.parametrize("kind", [LogKind.TOUCHED, LogKind.STATUS_SET])
def test_a_stamp_that_was_overwritten_before_the_end_was_seen_bounds_nothing(kind: LogKind) -> None:
    """A password was reset just after the read that saw access, and the account was disabled an hour later."""
    reset = event(kind, hours(-1.9), 1, last_only=True, upper_bound=kind is LogKind.TOUCHED)
    end = event(LogKind.DISABLED if kind is LogKind.STATUS_SET else kind, hours(3), 2, last_only=True)
    end = replace(end, upper_bound=reset.upper_bound)
    assert ended(replace(log(reset, end, spans=()), reads=(hours(-1.8), hours(12)))).latest == hours(3) + SECOND
    # Written once more after the end was seen, the stamp of the end is not known any more.
    later = replace(end, at=hours(20), record=LogRecord.of("log", "3", b""))
    kept = replace(log(reset, later, spans=()), reads=(hours(-1.8), hours(24)))
    assert ended(kept).kind is InstantKind.BETWEEN
    # It was when it was read in time.
    assert ended(replace(log(reset, end, later, spans=()), reads=(hours(12.1), hours(24)))).latest == hours(3) + SECOND


def test_a_stamp_that_nobody_has_read_since_the_end_was_seen_bounds_nothing() -> None:
    reset = event(LogKind.TOUCHED, hours(-1.9), 1, last_only=True, upper_bound=True)
    assert ended(replace(log(reset, spans=()), reads=(hours(-1.8),))).kind is InstantKind.BETWEEN


def test_a_count_of_another_attribute_shows_nothing() -> None:
    other = LogEvent(
        "ehr", "7", LogKind.TOUCHED, hours(-4), SECOND, LogRecord.of("other", "1", b""), last_only=True, changes=4
    )
    stamp = event(LogKind.DISABLED, hours(3), 2, last_only=True, changes=5)
    assert ended(log(other, stamp, spans=())).kind is InstantKind.NOT_LATER


def test_a_gap_after_the_event_may_hide_that_access_came_back() -> None:
    first, later = LogSpan(hours(-10), hours(2), EVERY), LogSpan(hours(6), hours(12), EVERY)
    found = ended(log(event(LogKind.DISABLED, hours(1)), spans=(first, later)))
    assert found.kind is InstantKind.BETWEEN
    assert "gap after it" in found.why


def test_a_gap_before_the_event_may_hide_an_earlier_end() -> None:
    found = ended(log(event(LogKind.DISABLED, hours(8)), spans=(LogSpan(hours(6), hours(12), EVERY),)))
    assert (found.kind, found.latest) == (InstantKind.NOT_LATER, hours(8) + SECOND)


def test_reads_that_touch_stand_for_one() -> None:
    spans = LogSpan(hours(-10), hours(2), EVERY), LogSpan(hours(2), hours(12), EVERY)
    assert ended(log(event(LogKind.DISABLED, hours(1)), spans=spans)).kind is InstantKind.EXACT


def test_a_record_without_enablings_knows_the_last_disabling_as_a_bound() -> None:
    only = LogSpan(hours(-10), hours(12), frozenset({LogKind.DISABLED, LogKind.DELETED}))
    found = ended(log(event(LogKind.DISABLED, hours(1), 1), event(LogKind.DISABLED, hours(4), 2), spans=(only,)))
    assert (found.kind, found.latest) == (InstantKind.NOT_LATER, hours(4) + SECOND)


def test_an_account_that_no_read_ever_saw_live_has_only_a_bound_unless_the_record_begins_it() -> None:
    assert ended(log(event(LogKind.DISABLED, hours(1))), seen=None).kind is InstantKind.NOT_LATER
    whole = log(event(LogKind.CREATED, hours(-90), 1), event(LogKind.DISABLED, hours(1), 2))
    assert ended(whole, seen=None).kind is InstantKind.EXACT


def test_the_account_s_own_end_is_the_day_itself_and_dated_back_it_is_the_writing() -> None:
    ahead = log(event(LogKind.EXPIRY_SET, hours(-50), expires=hours(0)))
    assert (ended(ahead).kind, ended(ahead).latest) == (InstantKind.EXACT, hours(0))
    back = log(event(LogKind.EXPIRY_SET, hours(4), expires=hours(0)))
    assert (ended(back).kind, ended(back).latest) == (InstantKind.NOT_LATER, hours(4) + SECOND)


def test_a_status_that_was_written_once_is_exact_and_twice_is_bounded_by_the_last() -> None:
    once = event(LogKind.STATUS_SET, hours(1), 1)
    assert ended(log(once)).kind is InstantKind.EXACT
    twice = ended(log(once, event(LogKind.STATUS_SET, hours(3), 2)))
    assert (twice.kind, twice.latest) == (InstantKind.NOT_LATER, hours(3) + SECOND)


def test_what_was_taken_is_told_for_that_thing_only_and_ends_with_the_account() -> None:
    other = event(LogKind.TAKEN, hours(1), 1, entitlement="billing")
    deleted = event(LogKind.DELETED, hours(5), 2)
    found = taken(log(other, deleted), "7", "schedule", hours(-2), hours(12))
    assert (found.kind, found.latest) == (InstantKind.EXACT, hours(5) + SECOND)
    assert taken(log(other), "7", "billing", hours(-2), hours(12)).latest == hours(1) + SECOND
    assert taken(log(other), "7", "schedule", hours(-2), hours(12)).kind is InstantKind.BETWEEN
    touched = event(LogKind.TOUCHED, hours(1), upper_bound=True)
    assert taken(log(touched), "7", "schedule", hours(-2), hours(12)).kind is InstantKind.BETWEEN


def test_access_between_two_reads_is_seen_with_what_it_held() -> None:
    record = log(
        event(LogKind.ENABLED, hours(1), 1),
        event(LogKind.GIVEN, hours(2), 2, entitlement="billing"),
        event(LogKind.TAKEN, hours(3), 3, entitlement="billing"),
        event(LogKind.DISABLED, hours(4), 4),
        event(LogKind.ENABLED, hours(20), 5),
    )
    found = [(u.entitlement, u.began.at, u.ended.at) for u in unseen_access(record, "7", hours(0), hours(12))]
    assert found == [("billing", hours(2), hours(3)), (None, hours(1), hours(4))]
    assert not list(unseen_access(record, "7", hours(5), hours(30)))


def test_what_was_enabled_no_later_than_a_moment_between_two_reads_may_have_been_there_before() -> None:
    bound = event(LogKind.ENABLED, hours(1), 1, upper_bound=True)
    assert not list(unseen_access(log(bound, event(LogKind.DISABLED, hours(4), 2)), "7", hours(0), hours(12)))


def test_giving_again_what_somebody_had_already_begins_nothing() -> None:
    again = log(event(LogKind.ENABLED, hours(1), 1), event(LogKind.DISABLED, hours(4), 2))
    assert not list(unseen_access(again, "7", hours(0), hours(12), lambda _: True))
    off_and_on = log(
        event(LogKind.DISABLED, hours(1), 1), event(LogKind.ENABLED, hours(2), 2), event(LogKind.DISABLED, hours(3), 3)
    )
    (found,) = unseen_access(off_and_on, "7", hours(0), hours(12), lambda _: True)
    assert (found.began.at, found.ended.at) == (hours(2), hours(3))


def test_a_sign_in_that_may_have_been_before_the_end_is_not_one_after_it() -> None:
    record = log(event(LogKind.SIGNED_IN, hours(-0.0001), 1), event(LogKind.SIGNED_IN, hours(3), 2))
    assert [e.at for e in sign_ins(record, "7", hours(0))] == [hours(3)]


@dataclass(frozen=True)
class _World:
    """Toggles of an account by the microsecond, and what a record keeps of them."""

    switches: tuple[tuple[int, bool], ...]
    reads: tuple[int, ...]
    form: str
    gap: tuple[int, int] | None


_HOUR_US = 3_600_000_000


@st.composite
def _worlds(draw: st.DrawFn) -> _World:
    moments = sorted(draw(st.sets(st.integers(1, 9 * _HOUR_US), min_size=1, max_size=6)))
    switches = tuple((at, draw(st.booleans())) for at in moments)
    reads = tuple(sorted(draw(st.sets(st.integers(1, 10 * _HOUR_US), min_size=1, max_size=3))))
    form = draw(st.sampled_from(["full", "status", "no-enabling", "stamp", "bound"]))
    gap = draw(st.none() | st.tuples(st.integers(0, 10 * _HOUR_US), st.integers(0, 10 * _HOUR_US)))
    return _World(switches, reads, form, tuple(sorted(gap)) if gap else None)  # type: ignore[arg-type]


def _at(us: int) -> datetime:
    return FRIDAY + timedelta(microseconds=us)


def _state(world: _World, us: int) -> bool:
    return next((on for at, on in reversed(world.switches) if at <= us), True)


def _record(world: _World, gone: int) -> AccessLog:
    names = {True: LogKind.ENABLED, False: LogKind.DISABLED}
    told = [
        event(LogKind.STATUS_SET if world.form == "status" else names[on], _at(at).replace(microsecond=0), n)
        for n, (at, on) in enumerate(world.switches)
        if at <= gone
    ]
    if world.form in ("stamp", "bound"):
        # The stamp moves with every change of the value; what writes it over with the same value leaves it.
        moved = [n for n, (at, on) in enumerate(world.switches) if at <= gone and on != _state(world, at - 1)]
        last = [told[moved[-1]]] if moved else []
        kind = {"last_only": True} if world.form == "stamp" else {"upper_bound": True}
        stamps = [event(e.kind, e.at, **kind) for e in last]
        return log(*stamps, spans=())
    covers = EVERY - {LogKind.ENABLED} if world.form == "no-enabling" else EVERY
    told = [e for e in told if e.kind in covers]
    if world.gap is None:
        return log(*told, spans=(LogSpan(_at(-1), _at(gone), covers),))
    lost = [_at(us) for us in world.gap]
    kept = [e for e in told if not lost[0] - SECOND < e.at <= lost[1]]
    spans = (LogSpan(_at(-1), lost[0] - SECOND, covers), LogSpan(lost[1] + SECOND, _at(gone), covers))
    return log(*kept, spans=spans)


@given(world=_worlds())
def test_the_truth_is_never_outside_of_the_interval_that_is_told(world: _World) -> None:
    gone = next((us for us in world.reads if not _state(world, us)), None)
    if gone is None:
        return
    seen = max((us for us in (0, *world.reads) if us < gone and _state(world, us)), default=None)
    if seen is None:
        return
    gone = next(us for us in world.reads if us > seen and not _state(world, us))
    changes = [at for at, on in world.switches if at <= gone and on != _state(world, at - 1)]
    truth = _at(changes[-1])
    found = account_ended(_record(world, gone), "7", _at(seen), _at(gone))
    assert found.earliest is not None
    assert found.earliest <= truth <= found.latest
    if found.kind is InstantKind.EXACT:
        assert found.latest - found.earliest <= SECOND


@pytest.mark.parametrize("kind", [LogKind.DISABLED, LogKind.DELETED])
def test_a_whole_record_is_always_exact(kind: LogKind) -> None:
    assert ended(log(event(kind, hours(0.5)))).kind is InstantKind.EXACT


def test_what_was_written_of_something_else_says_nothing_of_what_was_taken() -> None:
    other = event(LogKind.HOLDINGS_SET, hours(1), 1, entitlement="policy")
    gone = event(LogKind.TAKEN, hours(2), 2, entitlement="desk")
    found = taken(log(other, gone), "7", "desk", hours(-2), hours(12))
    assert (found.kind, found.latest) == (InstantKind.EXACT, hours(2) + SECOND)
    unnamed = replace(other, entitlement=None)
    assert taken(log(unnamed, gone), "7", "desk", hours(-2), hours(12)).kind is InstantKind.NOT_LATER

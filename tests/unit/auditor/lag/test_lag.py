"""Lag: when a control was due, when it was in place, and what that makes of the practice."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest

from auditor.lag.controls import load_controls, other_than_shipped
from auditor.lag.estimate import estimate, survival
from auditor.lag.lag import LagState, Lockstep, LockstepPoint, Obligation, Presence, counts, lag_of, lockstep, worst
from auditor.lag.spans import HOUR, Calendar, seconds
from connectors.errors import InputError

DAY = 24 * HOUR
UTC_DAYS = Calendar("UTC")

# From: Freireich et al., Blood 21 (1963), 699-716: weeks of remission under 6-MP, the textbook example of the estimate.
REMISSION = [(6, True)] * 3 + [(7, True), (10, True), (13, True), (16, True), (22, True), (23, True)]
REMISSION += [(week, False) for week in (6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35)]


def duty(due: int = 0, *in_place: tuple[int, int], until: int = 10 * DAY, **more: object) -> Obligation:
    return Obligation("VMA-1", "mfa", due, until, tuple(in_place), **more)


def test_the_estimate_is_that_of_the_textbook():
    told = {week: round(float(share), 4) for week, share in survival(REMISSION)}
    assert told == {6: 0.8571, 7: 0.8067, 10: 0.7529, 13: 0.6902, 16: 0.6275, 22: 0.5378, 23: 0.4482}
    found = estimate(REMISSION)
    assert found is not None
    assert (found.count, found.open, found.median, found.p90) == (21, 12, 23, None)
    assert (found.maximum, found.maximum_is_open) == (35, True)


def test_without_open_lags_the_estimate_is_the_plain_share():
    found = estimate([(hours, True) for hours in range(1, 11)])
    assert found is not None
    assert (found.median, found.p90, found.maximum, found.maximum_is_open) == (5, 9, 10, False)


def test_open_lags_are_counted_and_not_dropped():
    done = [(1, True), (2, True)]
    assert estimate(done).median == 1
    assert estimate([*done, (9, False), (9, False), (9, False)]).median is None


def test_nobody_to_measure_is_no_estimate():
    assert estimate([]) is None


def test_a_control_that_came_late_has_its_hours_and_one_that_came_early_has_them_negative():
    late = lag_of(duty(0, (3 * HOUR, 10 * DAY)), 10 * DAY)
    assert (late.state, late.hours) == (LagState.IN_PLACE, 3.0)
    early = lag_of(duty(5 * HOUR, (2 * HOUR, 10 * DAY)), 10 * DAY)
    assert (early.state, early.hours) == (LagState.IN_PLACE, -3.0)


def test_what_came_into_place_in_this_very_second_is_in_place():
    assert lag_of(duty(0, (3 * HOUR, 10 * DAY)), 3 * HOUR).state is LagState.IN_PLACE


def test_an_open_lag_grows_until_the_engagement_ends():
    assert [lag_of(duty(0, until=5 * HOUR), h * HOUR).hours for h in (2, 3, 5, 9)] == [2, 3, 5, 5]
    assert lag_of(duty(0, until=5 * HOUR), 3 * HOUR).state is LagState.OPEN
    assert lag_of(duty(0, until=5 * HOUR), 9 * HOUR).state is LagState.NEVER


def test_what_is_not_due_yet_is_not_a_lag_of_nothing():
    lag = lag_of(duty(5 * HOUR), 3 * HOUR)
    assert lag.state is LagState.NOT_DUE
    assert not counts(lag, 0)
    assert lag_of(duty(5 * HOUR), 5 * HOUR).state is LagState.OPEN


def test_what_was_over_before_the_time_that_is_asked_for_does_not_count_and_what_is_open_does():
    over = lag_of(duty(0, (HOUR, 10 * DAY)), 10 * DAY)
    assert not counts(over, 2 * HOUR)
    assert counts(over, 0)
    assert counts(lag_of(duty(0), 10 * DAY), 2 * HOUR)


def test_lockstep_is_the_share_of_vma_days_in_which_every_control_was_in_place():
    one = Presence("a", ((0, 4 * DAY),), (duty(0, (DAY, 4 * DAY), until=4 * DAY),))
    two = Presence(
        "b", ((0, 4 * DAY),), (duty(0, (0, 4 * DAY), until=4 * DAY), duty(0, (2 * DAY, 4 * DAY), until=4 * DAY))
    )
    found = lockstep([one, two], 0, 4 * DAY, UTC_DAYS)
    assert (found.vma_days, found.exposure, found.share) == (8, 3, Fraction(5, 8))
    assert found.steps == (
        LockstepPoint(0, 2, 0),
        LockstepPoint(DAY, 2, 1),
        LockstepPoint(2 * DAY, 2, 2),
    )  # the end is no step


def test_two_gaps_of_one_vma_at_one_time_are_one_exposure():
    both = Presence("a", ((0, 4 * DAY),), (duty(0, until=4 * DAY), duty(0, until=4 * DAY)))
    assert lockstep([both], 0, 4 * DAY, UTC_DAYS).exposure == 4


def test_a_leaver_counts_until_access_is_shown_to_have_ended():
    leaver = Presence("a", ((0, DAY),), (duty(DAY, (3 * DAY, 9 * DAY), after_end=True),))
    found = lockstep([leaver], 0, 9 * DAY, UTC_DAYS)
    assert (found.vma_days, found.exposure) == (3, 2)


def test_lockstep_of_nobody_is_not_defined():
    assert lockstep([], 0, DAY, UTC_DAYS).share is None
    assert isinstance(lockstep([], DAY, 0, UTC_DAYS), Lockstep)


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 8), 23), (date(2026, 11, 1), 25), (date(2026, 6, 1), 24)])
def test_a_day_on_which_the_clocks_change_is_one_day_and_has_its_real_hours(day, hours):
    chicago = Calendar("America/Chicago")
    first, after = chicago.start(day), chicago.end(day)
    assert after - first == hours * HOUR
    assert chicago.days([(first, after)]) == 1
    assert chicago.days([(first, first + HOUR)]) == Fraction(1, hours)


def test_a_day_begins_where_there_is_no_midnight():
    havana = Calendar("America/Havana")
    day = date(2026, 3, 8)  # the clocks go from 00:00 to 01:00
    assert havana.day(havana.start(day)) == day
    assert havana.day(havana.start(day) - 1) == day - timedelta(days=1)
    assert havana.end(day) - havana.start(day) == 23 * HOUR


def test_instants_are_whole_seconds():
    assert seconds(datetime(2026, 1, 1, 0, 0, 0, 999999, tzinfo=UTC)) == seconds(datetime(2026, 1, 1, tzinfo=UTC))


def test_every_shipped_control_says_when_it_is_due_and_why():
    controls = load_controls()
    assert {c.id for c in controls} == {
        "agreement", "least-privilege", "mfa", "unique-account", "training", "audited", "reviewed", "disabled",
    }  # fmt: skip
    assert all("CFR" in c.source for c in controls)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("- {id: a, title: A, by: audits, rules: [no-such-rule], due_hours: 0, source: x}", "there is no such rule"),
        ("- {id: a, title: A, by: audits, due_hours: 0, source: x}", "rules"),
        ("- {id: a, title: A, by: attested, due_hours: 0, source: x}", "topic"),
        ("- {id: a, title: A, by: stopped, due_hours: 0, source: x}", "after"),
        ("- {id: a, title: A, by: included, due_hours: -1, source: x}", "due_hours"),
        ("- {id: a, title: A, by: included, due_hours: 0, source: x}\n" * 2, "two controls have this id"),
        ("[]", "controls"),
    ],
)
def test_controls_that_cannot_be_meant_are_refused(tmp_path, text, problem):
    path = tmp_path / "controls.yaml"
    path.write_text(f"version: 1\ncontrols:\n{text}\n", encoding="utf-8")
    with pytest.raises(InputError, match=problem):
        load_controls(path)


def test_what_was_in_place_early_counts_from_the_instant_at_which_it_was_due():
    early = lag_of(duty(10 * HOUR, (5 * HOUR, 10 * DAY)), 10 * DAY)
    assert early.state is LagState.IN_PLACE
    assert [counts(early, since) for since in (9 * HOUR, 10 * HOUR, 11 * HOUR)] == [True, True, False]


def test_a_control_that_ends_at_the_instant_at_which_it_is_due_is_not_in_place():
    assert lag_of(duty(5 * HOUR, (0, 5 * HOUR)), 9 * HOUR).state is LagState.OPEN
    assert lag_of(duty(5 * HOUR, (0, 5 * HOUR + 1)), 9 * HOUR).state is LagState.IN_PLACE


def test_a_lag_is_open_up_to_the_end_of_the_engagement_and_never_closed_after_it():
    states = [lag_of(duty(0, until=5 * HOUR), h * HOUR).state for h in (4, 5, 6)]
    assert states == [LagState.OPEN, LagState.OPEN, LagState.NEVER]


def test_a_control_is_broken_while_it_is_and_stays_so_where_the_engagement_ended_with_it():
    def broken(now: int, last: int) -> bool:
        held = duty(0, (0, 2 * HOUR), until=5 * HOUR, broken=((2 * HOUR, last * HOUR),))
        return lag_of(held, now * HOUR).broken

    assert [broken(now, 4) for now in (1, 2, 3, 4, 9)] == [False, True, True, False, False]
    assert broken(9, 5)
    assert lag_of(duty(0, broken=((0, HOUR), (2 * HOUR, 4 * HOUR))), 3 * HOUR).broken, "again"


def test_a_step_that_begins_where_a_column_ends_belongs_to_the_next_column():
    steps = (LockstepPoint(0, 2, 2), LockstepPoint(5, 3, 0))
    line = Lockstep(0, 10, Fraction(1), Fraction(0), steps)
    assert [worst(line, number, 2) for number in (0, 1)] == [(2, 2), (3, 0)]


def test_a_control_that_other_rules_decide_or_that_is_left_out_is_named():
    mine = load_controls()
    assert other_than_shipped(mine) == ()
    assert other_than_shipped([c for c in mine if c.id != "mfa"]) == ("second factor",)
    other = [c.model_copy(update={"rules": ("no-mfa",)}) if c.id == "unique-account" else c for c in mine]
    assert other_than_shipped(other) == ("unique account",)

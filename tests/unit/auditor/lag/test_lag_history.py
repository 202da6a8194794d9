"""Lag from the store: audits, unread systems, findings, attestations, leavers, and what was known then."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from auditor.lag.controls import load_controls
from auditor.lag.history import read_history
from auditor.lag.lag import LagState, lag_of, lockstep
from auditor.lag.measured import Setting
from auditor.lag.obligations import measure
from auditor.lag.spans import Calendar, seconds
from auditor.ledger.statements import Statement, StatementKind
from auditor.store import Store
from connectors.errors import AuditorError
from connectors.facts import Status
from policies.engine.outcomes import Subject
from tests.lag_sample import (
    CALENDAR,
    HARBOR,
    HIRED,
    ZONE,
    at,
    audit,
    days,
    duty,
    history,
    horizon,
    measured,
    no_mfa,
)
from tests.store_sample import PRACTICE, START, attestation, save_all, signer


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "auditor.db") as opened:
        yield opened


def test_a_system_that_was_not_read_leaves_a_control_unproven(store, tmp_path):
    found = measured(history(store, tmp_path, audit(0), audit(2, partial=("ehr",)), audit(4)))
    for control in ("mfa", "least-privilege", "unique-account"):
        assert duty(found, control).in_place == days((0, 2), (4, horizon()))


def test_a_finding_breaks_a_control_from_the_audit_that_made_it_to_the_one_that_found_it_gone(store, tmp_path):
    found = measured(history(store, tmp_path, audit(0), audit(1, findings=(no_mfa(),)), audit(3)))
    assert duty(found, "mfa").in_place == days((0, 1), (3, horizon()))
    assert duty(found, "mfa").broken == days((1, 3))
    assert duty(found, "least-privilege").broken == ()


def test_a_control_that_lapsed_is_owed_although_its_lag_is_over(store, tmp_path):
    past = history(store, tmp_path, audit(0), audit(6, findings=(no_mfa(),)))
    lag = lag_of(duty(measured(past), "mfa"), past.now)
    assert (lag.state, lag.broken, lag.owed_since) == (LagState.IN_PLACE, True, seconds(at(6)))
    (kept,) = [lag_of(d, past.now) for d in measured(past).presences[0].duties if d.control == "audited"]
    assert kept.owed_since is None


def test_a_source_that_does_not_tell_of_a_second_factor_leaves_it_unproven(store, tmp_path):
    found = measured(history(store, tmp_path, audit(0, mfa=None), audit(2)))
    assert duty(found, "mfa").in_place == days((2, horizon()))
    assert duty(found, "mfa").broken == ()
    assert [d.in_place for d in found.by_system if d.control == "mfa"] == [days((2, horizon()))]


def test_an_audit_that_did_not_read_everything_has_not_included_a_vma(store, tmp_path):
    found = measured(history(store, tmp_path, audit(0, partial=("directory",)), audit(3)))
    assert duty(found, "audited").in_place == days((3, horizon()))


def test_any_past_instant_can_be_asked_for_and_knows_nothing_of_what_came_later(store, tmp_path):
    then = history(store, tmp_path, audit(0), audit(2), audit(4, findings=(no_mfa(),)), day=3)
    assert len(then.reads) == 2
    assert duty(measured(then), "mfa").broken == ()
    alone = Store.open(tmp_path / "other.db")
    with alone:
        save_all(alone, signer(tmp_path / "other"), [audit(0), audit(2)])
        only = read_history(alone, PRACTICE, ZONE, at(3))
    assert measured(then) == measured(only)
    with pytest.raises(AuditorError, match="no audit up to"):
        read_history(store, PRACTICE, ZONE, at(-1))


def test_training_counts_from_its_day_until_it_expires_and_only_once_it_was_recorded(store, tmp_path):
    key = signer(tmp_path)
    store.state(replace(attestation("VMA-1", "training"), expires=at(3).date(), recorded_at=at(1)), key)
    past = history(store, tmp_path, audit(0))
    first, after = CALENDAR.start(START.date()), CALENDAR.end(at(3).date())
    assert duty(measured(past), "training").in_place == ((first, after),)
    assert lag_of(duty(measured(past), "training"), past.now).hours == 0
    before = measured(read_history(store, PRACTICE, ZONE, at(0.5)))
    assert duty(before, "training").in_place == ()


def test_what_was_attested_for_somebody_else_or_of_another_topic_is_no_training(store, tmp_path):
    key = signer(tmp_path)
    for about, topic in (("VMA-9", "training"), ("VMA-1", "sanctions-screening")):
        store.state(replace(attestation(about, topic), recorded_at=at(0)), key)
    assert duty(measured(history(store, tmp_path, audit(0))), "training").in_place == ()


def test_reviews_are_not_counted_where_none_was_closed_whatever_somebody_attests(store, tmp_path):
    store.state(replace(attestation("VMA-1", "access-review"), kind=StatementKind.REQUEST), signer(tmp_path))
    assert measured(history(store, tmp_path, audit(0))).left_out == ("reviewed",)
    store.state(attestation("VMA-1", "access-review"), signer(tmp_path))
    now = read_history(store, PRACTICE, ZONE, at(10))
    assert measured(now).left_out == ("reviewed",)  # a bare word, which makes nobody reviewed
    assert now.bare_words == 1


def test_an_account_before_its_agreement_is_a_finding_of_order_with_negative_hours(store, tmp_path):
    late = replace(HARBOR, start=at(2).date())
    past = history(store, tmp_path, audit(0, created=at(0)))
    (early,) = measured(past, agreements=(late,)).out_of_order
    assert (early.vma, early.system, early.login) == ("VMA-1", "ehr", "u1-login")
    assert early.hours == -(48 - 8.5)
    assert measured(past).out_of_order == ()
    (never,) = measured(past, agreements=()).out_of_order
    assert never.agreement_from is None
    assert lag_of(duty(measured(past, agreements=()), "agreement"), past.now).state is LagState.OPEN


def test_an_account_is_there_from_the_day_it_was_made_and_one_that_went_with_the_engagement_is_not_the_next_ones(
    store, tmp_path
):
    late = replace(HARBOR, start=at(8).date())
    midnight = 2 + 15.5 / 24  # the end of the last day, to the second
    ended, again = replace(HIRED, end=at(2).date()), replace(HIRED, start=at(5).date())
    audits = (audit(0, ended, created=at(-0.25)), audit(midnight, ended, held=False), audit(6, again, held=False))
    (early,) = measured(history(store, tmp_path, *audits), agreements=(late,)).out_of_order
    assert early.account_from == seconds(at(-0.25))


def test_access_without_an_agreement_is_over_when_the_work_is(store, tmp_path):
    (early,) = measured(
        history(store, tmp_path, audit(0, replace(HIRED, end=at(1).date()))), agreements=()
    ).out_of_order
    assert early.over == CALENDAR.end(at(1).date())


def test_an_employee_of_the_practice_needs_no_agreement_and_is_not_measured_by_one(store, tmp_path):
    own = replace(HIRED, agency=None)
    found = measured(history(store, tmp_path, audit(0, own)), agreements=())
    assert "agreement" not in {d.control for p in found.presences for d in p.duties}
    assert found.out_of_order == ()


def test_a_leaver_is_owed_until_a_whole_read_after_the_end_shows_it(store, tmp_path):
    leaves = replace(HIRED, end=at(2).date())
    end = CALENDAR.end(at(2).date())
    stopped = {"status": Status.DISABLED}
    past = history(
        store, tmp_path, audit(0, leaves), audit(4, leaves, **stopped, partial=("ehr",)), audit(6, leaves, **stopped)
    )
    gone = duty(measured(past), "disabled")
    assert gone.due == end + 24 * 3600
    assert lag_of(gone, past.now).in_place == seconds(at(6))
    found = lockstep(measured(past).presences, end, past.now, CALENDAR)
    assert found.exposure == found.vma_days == CALENDAR.days([(gone.due, seconds(at(6)))])


def test_an_account_disabled_before_the_end_is_early_once_a_later_read_confirms_it(store, tmp_path):
    leaves = replace(HIRED, end=at(2).date())
    early = [audit(0, leaves), audit(1, leaves, status=Status.DISABLED)]
    unproven = history(store, tmp_path, *early, day=4)
    assert lag_of(duty(measured(unproven), "disabled"), unproven.now).state is LagState.OPEN
    past = history(store, tmp_path, audit(5, leaves, status=Status.DISABLED))
    lag = lag_of(duty(measured(past), "disabled"), past.now)
    assert lag.in_place == seconds(at(1))
    assert lag.hours < 0


def test_a_read_in_the_very_second_of_the_end_is_after_it(store, tmp_path):
    leaves = replace(HIRED, end=START.date())
    midnight = 15.5 / 24
    past = history(store, tmp_path, audit(0, leaves), audit(midnight, leaves, status=Status.DISABLED))
    assert seconds(at(midnight)) == CALENDAR.end(START.date())
    assert duty(measured(past), "disabled").in_place == days((midnight, horizon()))


def test_whoever_vanishes_from_the_roster_has_left_on_the_last_day_an_audit_saw_them(store, tmp_path):
    past = history(store, tmp_path, audit(0), audit(2), audit(4, None))
    period = next(p for p in past.periods if p.engagement.vma == "VMA-1")
    assert period.engagement.end == at(2).date()
    assert lag_of(duty(measured(past), "disabled"), past.now).broken


def test_an_audit_counts_for_a_vma_whenever_its_roster_had_them_and_not_from_the_one_that_no_longer_did(
    store, tmp_path
):
    past = history(store, tmp_path, audit(0), audit(2, None), audit(4))
    assert duty(measured(past), "mfa").in_place == days((0, 2), (4, horizon()))


def test_a_corrected_start_is_one_engagement_and_a_rehire_is_two(store, tmp_path):
    corrected = history(store, tmp_path, audit(0), audit(1, replace(HIRED, start=at(-3).date())))
    assert [p.engagement.start for p in corrected.periods] == [at(-3).date()]
    ended = replace(HIRED, start=at(-3).date(), end=at(2).date())
    again = replace(HIRED, start=at(5).date())
    rehired = history(store, tmp_path, audit(2, ended), audit(6, again), day=10)
    assert [p.engagement.start for p in rehired.periods] == [at(-3).date(), at(5).date()]
    assert rehired.periods[0].next_start == rehired.periods[1].start
    for control in ("mfa", "agreement"):
        assert len([d for p in measured(rehired).presences for d in p.duties if d.control == control]) == 2


CHICAGO = "America/Chicago"
"""There the clocks went back on 2026-11-01, the day before the first audit: it had 25 hours."""


@pytest.mark.parametrize(
    ("start", "begins", "hours"),
    [
        (date(2026, 11, 1), "2026-11-01T05:00Z", 3.5),  # 24 real hours later it is 23:00 of the same day
        (date(2026, 11, 2), "2026-11-02T06:00Z", -21.5),
    ],
)
def test_hours_owed_are_real_hours_from_the_practices_midnight_also_when_the_clocks_change(
    store, tmp_path, start, begins, hours
):
    save_all(store, signer(tmp_path), [audit(0, replace(HIRED, start=start))])  # at 08:30 UTC on 2 November
    past = read_history(store, PRACTICE, CHICAGO, at(1))
    calendar = Calendar(CHICAGO)
    found = measure(past, Setting(load_controls(), (HARBOR,), lambda _: True, {}), calendar)
    audited, begun = duty(found, "audited"), seconds(datetime.fromisoformat(begins))
    assert (duty(found, "training").due, audited.due) == (begun, begun + 24 * 3600)
    assert lag_of(audited, past.now).hours == hours
    # In VMA-days the long day is one, and what of it has passed is its share of 25 hours.
    whole = lockstep(found.presences, calendar.start(date(2026, 11, 1)), calendar.start(date(2026, 11, 3)), calendar)
    assert whole.vma_days == (date(2026, 11, 3) - start).days


@pytest.mark.parametrize(("end", "hours"), [(date(2026, 10, 31), 25), (date(2026, 11, 1), 24)])
def test_a_leaver_is_due_to_be_disabled_24_real_hours_after_the_end_of_the_last_day(store, tmp_path, end, hours):
    left = replace(HIRED, start=date(2026, 10, 1), end=end)
    save_all(store, signer(tmp_path), [audit(0, left), audit(3, left)])
    calendar = Calendar(CHICAGO)
    past = read_history(store, PRACTICE, CHICAGO, at(3))
    disabled = duty(measure(past, Setting(load_controls(), (HARBOR,), lambda _: True, {}), calendar), "disabled")
    assert disabled.due == calendar.end(end) + 24 * 3600
    # A day of 25 hours ends an hour after what is due 24 hours into it.
    assert calendar.end(end + timedelta(days=1)) - disabled.due == (hours - 24) * 3600


def test_an_attestation_holds_from_the_practices_midnight_to_the_end_of_its_last_day(store, tmp_path):
    said = replace(attestation("VMA-1", "training"), on=date(2026, 11, 1), expires=date(2026, 11, 1))
    save_all(store, signer(tmp_path), [audit(0, replace(HIRED, start=date(2026, 10, 1)))])
    store.state(said, signer(tmp_path))
    past = read_history(store, PRACTICE, CHICAGO, at(1))
    found = measure(past, Setting(load_controls(), (HARBOR,), lambda _: True, {}), Calendar(CHICAGO))
    ((first, last),) = duty(found, "training").in_place
    assert (first, last - first) == (seconds(datetime.fromisoformat("2026-11-01T05:00Z")), 25 * 3600)


def test_what_one_system_shows_is_told_for_itself_and_not_while_it_was_not_read(store, tmp_path):
    found = measured(history(store, tmp_path, audit(0), audit(2, partial=("ehr",)), audit(4)))
    alone = [d.in_place for d in found.by_system if (d.control, d.system) == ("mfa", "ehr")]
    assert alone == [days((0, 2), (4, horizon()))]


def test_a_system_of_an_engagement_that_is_over_owes_nothing_in_the_next(store, tmp_path):
    ended, again = replace(HIRED, end=at(2).date()), replace(HIRED, start=at(5).date())
    found = measured(
        history(store, tmp_path, audit(0, ended), audit(4, ended, held=False), audit(6, again, held=False))
    )
    (only,) = (d for d in found.by_system if (d.control, d.system) == ("mfa", "ehr"))
    assert only.until < seconds(at(5))


def test_a_finding_about_the_person_breaks_a_control_as_one_about_an_account_does(store, tmp_path):
    about = replace(no_mfa(), subject=Subject("vma", "VMA-1", "VMA-1"), vma=None)
    found = measured(history(store, tmp_path, audit(0), audit(1, findings=(about,)), audit(3)))
    assert duty(found, "mfa").broken == days((1, 3))


def test_training_that_was_withdrawn_counts_until_that_day(store, tmp_path):
    key = signer(tmp_path)
    said = replace(attestation("VMA-1", "training"), recorded_at=at(1))
    store.state(said, key)
    withdrawn = Statement(PRACTICE, StatementKind.WITHDRAWAL, said.id, "", "Dana", at(3).date(), recorded_at=at(3))
    store.state(withdrawn, key)
    past = history(store, tmp_path, audit(0))
    assert duty(measured(past), "training").in_place == ((CALENDAR.start(START.date()), CALENDAR.start(at(3).date())),)


def test_whose_role_asks_for_no_second_factor_owes_none_and_a_silent_dead_account_hides_none(store, tmp_path):
    past = history(store, tmp_path, audit(0), audit(2, status=Status.DISABLED, mfa=None), audit(4))
    none = measure(past, Setting(load_controls(), (HARBOR,), lambda _: False, {}), CALENDAR)
    assert "mfa" not in {d.control for p in none.presences for d in p.duties}
    assert duty(measured(past), "mfa").in_place == days((0, horizon()))


def test_a_second_factor_is_owed_only_until_the_last_day_in_a_role_that_asks_for_one(store, tmp_path):
    first, then = replace(HIRED, end=at(2).date()), replace(HIRED, start=at(3).date(), roles=("billing",))
    past = history(store, tmp_path, audit(0, first), audit(4, then))
    found = measure(past, Setting(load_controls(), (HARBOR,), lambda roles: roles == ("scheduler",), {}), CALENDAR)
    assert duty(found, "mfa").until == CALENDAR.end(at(2).date())
    assert duty(found, "audited").until > duty(found, "mfa").until

"""Lag from the store: audits, unread systems, findings, attestations, leavers, and what was known then."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from auditor.lag.controls import load_controls
from auditor.lag.history import History, read_history
from auditor.lag.lag import LagState, Obligation, lag_of, lockstep
from auditor.lag.obligations import Measured, Setting, measure
from auditor.lag.spans import Calendar, seconds
from auditor.ledger.statements import Statement, StatementKind
from auditor.settled import NOT_THEIRS, THEIRS, looks
from auditor.snapshot import AuditRecord
from auditor.store import Store
from connectors.errors import AuditorError
from connectors.facts import Account, Complete, Employment, Engagement, Evidence, Status
from policies.agreements.register import Agreement, AgreementKind
from policies.engine.case import Owner
from policies.engine.outcomes import Finding, Severity, Subject
from tests.store_sample import PRACTICE, START, account, attestation, facts, record, save_all, signer, without

ZONE = "UTC"
CALENDAR = Calendar(ZONE)
HARBOR = Agreement(
    "A-1", AgreementKind.BAA, "practice", "Harbor LLC", True, date(2026, 1, 1), None, None, None, None, None, 1
)
HIRED = Engagement("VMA-1", "Harbor LLC", Employment.EMPLOYEE, ("scheduler",), START.date())


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "auditor.db") as opened:
        yield opened


def audit(
    day: float,
    engagement: Engagement | None = HIRED,
    *,
    findings: tuple[Finding, ...] = (),
    partial: tuple[str, ...] = (),
    held: bool = True,
    **account_: Any,
) -> AuditRecord:
    fields = {"mfa": True, "created": START, **account_}
    accounts: tuple[Account, ...] = (account("ehr", "u1", **fields),) if held else ()
    snapshot = facts(vmas=("VMA-1",) if engagement else ("VMA-9",), accounts=accounts, grants=(), findings=findings)
    if engagement:
        snapshot = replace(snapshot, engagements={"VMA-1": engagement})
    # The roster states no log-in: one that no read has shown would leave everything unproven.
    people = {id_: replace(person, logins=()) for id_, person in snapshot.people.items()}
    snapshot = replace(snapshot, people=people, others=())  # one engagement, and none before it
    snapshot = replace(snapshot, owners={key: Owner(("VMA-1",), None, "login") for key in snapshot.owners})
    for system in partial:
        snapshot = without(snapshot, system)
    kept = [f.identity(PRACTICE) for f in findings if f.system in partial]
    return record(snapshot, day=day, partial=partial, keep_open=kept)


def no_mfa() -> Finding:
    return Finding(
        "no-mfa", Severity.HIGH, Subject("account", "ehr:u1", "u1"), "ehr", "", "t", "o", "e", "r", vma="VMA-1"
    )


def history(store: Store, tmp_path: Path, *records: AuditRecord, day: float = 10) -> History:
    save_all(store, signer(tmp_path), records)
    return read_history(store, PRACTICE, ZONE, at(day))


def at(day: float) -> datetime:
    return START + timedelta(days=day)


def measured(past: History, *, agreements: tuple[Agreement, ...] = (HARBOR,)) -> Measured:
    return measure(past, Setting(load_controls(), agreements, lambda _: True, {}), CALENDAR)


def duty(found: Measured, control: str, number: int = 0) -> Obligation:
    return [d for p in found.presences for d in p.duties if d.control == control][number]


def days(*spans: tuple[float, float]) -> tuple[tuple[int, int], ...]:
    return tuple((seconds(at(first)), seconds(at(last))) for first, last in spans)


def horizon(day: float = 10) -> float:
    return day + 1 / 86400


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


def test_reviews_are_not_counted_where_nobody_records_any(store, tmp_path):
    store.state(replace(attestation("VMA-1", "access-review"), kind=StatementKind.REQUEST), signer(tmp_path))
    assert measured(history(store, tmp_path, audit(0))).left_out == ("reviewed",)
    store.state(attestation("VMA-1", "access-review"), signer(tmp_path))
    assert measured(read_history(store, PRACTICE, ZONE, at(10))).left_out == ()


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


NEAR = {"name": "Calloway, Denise M", "login": "q77"}


def unsettled(day: int, *, end: date | None = None, **account_: Any) -> AuditRecord:
    """An audit of Denise Calloway, with an account of nobody's that could be hers."""
    found = audit(day, replace(HIRED, end=end), **{**NEAR, **account_})
    snapshot = replace(
        found.snapshot,
        people={"VMA-1": replace(found.snapshot.people["VMA-1"], name="Denise Calloway", logins=())},
        owners={key: Owner((), None, "no rule names an owner") for key in found.snapshot.owners},
    )
    return replace(found, snapshot=snapshot)


def test_while_an_account_could_be_theirs_no_control_of_accounts_is_in_place(store, tmp_path):
    found = measured(history(store, tmp_path, unsettled(0), unsettled(2, name="Mark Lee"), unsettled(4)))
    for control in ("mfa", "least-privilege", "unique-account"):
        assert duty(found, control).in_place == days((2, 4))


def test_a_leavers_accounts_are_not_proven_stopped_while_one_could_be_theirs(store, tmp_path):
    end = START.date() + timedelta(days=1)
    records = [unsettled(0), unsettled(3, end=end), unsettled(5, end=end, status=Status.DISABLED)]
    stopped = duty(measured(history(store, tmp_path, *records)), "disabled")
    assert stopped.in_place == days((5, horizon()))
    assert stopped.broken == ()  # whose it is is not known: that is no accusation


def test_a_log_in_that_the_roster_states_leaves_controls_unproven_until_a_read_shows_it(store, tmp_path):
    stated = [audit(0), audit(3, login="dcal")]
    for number, one in enumerate(stated):
        people = {"VMA-1": replace(one.snapshot.people["VMA-1"], logins=(("ehr", "DCal"),))}
        stated[number] = replace(one, snapshot=replace(one.snapshot, people=people))
    found = measured(history(store, tmp_path, *stated))
    assert duty(found, "least-privilege").in_place == days((3, horizon()))


def test_a_log_in_that_the_roster_states_is_shown_from_the_first_read_that_shows_it(store, tmp_path):
    stated = [audit(0), audit(3, login="dcal"), audit(5, login="dcal", status=Status.DISABLED)]
    for number, one in enumerate(stated):
        people = {"VMA-1": replace(one.snapshot.people["VMA-1"], logins=(("ehr", "DCal"),))}
        stated[number] = replace(one, snapshot=replace(one.snapshot, people=people))
    found = measured(history(store, tmp_path, *stated))
    assert duty(found, "least-privilege").in_place == days((3, horizon()))


def in_part(found: AuditRecord, why: str) -> AuditRecord:
    """The same audit, whose read of the EHR may have left out accounts."""
    read = replace(found.collections["ehr"], completeness=Complete((Evidence(why, "only a part was read"),)))
    return replace(found, collections={**found.collections, "ehr": read})


@pytest.mark.parametrize("why", ["base", "filter"])
def test_a_leavers_account_that_a_part_no_longer_shows_is_not_proven_stopped_until_all_is_read(store, tmp_path, why):
    leaves = replace(HIRED, end=at(1).date())
    gone = [in_part(audit(0, leaves), why), in_part(audit(3, leaves, held=False), why)]
    unproven = history(store, tmp_path, *gone, day=4)
    stopped = duty(measured(unproven), "disabled")
    assert stopped.in_place == ()
    assert stopped.broken == ((stopped.due, seconds(at(3))),)  # only as long as it was seen to work
    assert duty(measured(history(store, tmp_path, audit(5, leaves, held=False))), "disabled").in_place == days(
        (5, horizon())
    )


def test_a_leavers_account_that_a_read_of_everything_no_longer_shows_is_stopped(store, tmp_path):
    leaves = replace(HIRED, end=at(1).date())
    past = history(store, tmp_path, audit(0, leaves), audit(3, leaves, held=False))
    assert past.unseen == {}
    assert duty(measured(past), "disabled").in_place == days((3, horizon()))


def test_an_account_is_unseen_from_the_part_that_leaves_it_out_to_the_read_that_shows_it_or_leaves_out_nothing(
    tmp_path,
):
    def unseen(*records: AuditRecord) -> object:
        with Store.open(tmp_path / f"{len(list(tmp_path.iterdir()))}.db") as one:
            return history(one, tmp_path, *records).unseen

    def ehr(*span: float) -> object:
        return {"VMA-1": {"ehr": days(span)}}  # type: ignore[arg-type]

    gone = [audit(0), in_part(audit(3, held=False), "base")]
    assert unseen(*gone) == ehr(3, horizon())
    assert unseen(*gone, audit(5, held=False, partial=("ehr",))) == ehr(3, horizon())
    assert unseen(*gone, audit(5, held=False)) == ehr(3, 5)
    assert unseen(*gone, in_part(audit(5), "base"), audit(7)) == ehr(3, 5)
    assert unseen(in_part(audit(0), "base"), in_part(audit(3, login="other"), "base")) == {}


def test_an_account_that_a_part_shows_again_was_not_proven_stopped_meanwhile(store, tmp_path):
    leaves = replace(HIRED, end=at(1).date())
    records = [audit(0, leaves), audit(3, leaves, held=False), audit(5, leaves, status=Status.DISABLED)]
    found = measured(history(store, tmp_path, *(in_part(one, "base") for one in records)))
    assert duty(found, "disabled").in_place == days((5, horizon()))


def test_what_somebody_says_of_an_account_counts_for_the_time_before_it_too(store, tmp_path):
    records = [unsettled(0), unsettled(2)]
    saw = next(iter(records[0].snapshot.accounts.values()))
    save_all(store, signer(tmp_path), records)
    denied = Statement(
        PRACTICE, StatementKind.CONFIRMATION, "VMA-1", NOT_THEIRS, "Dana", at(3).date(),
        account=f"ehr:{saw.id}", login=saw.login, looks=looks(saw), recorded_at=at(3),
    )  # fmt: skip
    store.state(denied, signer(tmp_path))
    found = measured(read_history(store, PRACTICE, ZONE, at(10)))
    assert duty(found, "least-privilege").in_place == days((0, horizon()))


def test_whose_an_account_is_by_somebodys_word_leaves_it_theirs_for_the_time_before_whatever_it_is_called(
    store, tmp_path
):
    records = [unsettled(0, name="Mark Lee"), unsettled(2, name="Mark Lee")]
    save_all(store, signer(tmp_path), records)
    assert duty(measured(read_history(store, PRACTICE, ZONE, at(10))), "least-privilege").in_place == days(
        (0, horizon())
    )
    saw = next(iter(records[0].snapshot.accounts.values()))
    theirs = Statement(
        PRACTICE, StatementKind.CONFIRMATION, "VMA-1", THEIRS, "Dana", at(3).date(), account=f"ehr:{saw.id}",
        recorded_at=at(3),
    )  # fmt: skip
    store.state(theirs, signer(tmp_path))
    assert duty(measured(read_history(store, PRACTICE, ZONE, at(10))), "least-privilege").in_place == ()


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

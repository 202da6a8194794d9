"""Lag while not all accounts of somebody are known: whose one is, or whether one that is shown no longer is gone."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from auditor.lag.history import read_history
from auditor.lag.spans import seconds
from auditor.ledger.statements import Statement, StatementKind
from auditor.settled import NOT_THEIRS, THEIRS, looks
from auditor.snapshot import AuditRecord
from auditor.store import Store
from connectors.facts import Status
from tests.lag_sample import (
    HIRED,
    ZONE,
    at,
    audit,
    days,
    duty,
    history,
    horizon,
    in_part,
    measured,
    unsettled,
)
from tests.store_sample import PRACTICE, START, save_all, signer


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "auditor.db") as opened:
        yield opened


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

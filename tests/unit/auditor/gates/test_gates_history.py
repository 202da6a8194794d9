"""The past of a VMA, as the gates ask it from the store."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from auditor.gates.history import Past, past_of
from auditor.snapshot import AuditRecord, Snapshot
from auditor.store import Store
from connectors.facts import Grant, Status
from policies.engine.case import Owner
from tests.store_sample import PRACTICE, account, engagement, facts, record, save_all, signer

KEY = ("ehr", "u1")
FIRST, SECOND, THIRD = (record(day=day).at for day in range(3))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "auditor.db") as opened:
        yield opened


def practice(status: Status = Status.ACTIVE, *users: str, holds: tuple[str, ...] = ("billing",)) -> Snapshot:
    """Two VMAs and one account, of the first of them unless somebody else is said to use it."""
    there = facts(
        accounts=[account(*KEY, status=status)], grants=[("ehr", Grant("u1", id_)) for id_ in holds], findings=[]
    )
    return replace(there, owners={KEY: Owner(users or ("VMA-1",), None, "login")})


def saved(store: Store, tmp_path: Path, *snapshots: Snapshot) -> list[int]:
    records: list[AuditRecord] = [_read_then(record(snapshot, day=day)) for day, snapshot in enumerate(snapshots)]
    return [one.audit for one in save_all(store, signer(tmp_path), records)]


def _read_then(audit: AuditRecord) -> AuditRecord:
    """Let every system be read at the instant of the audit."""
    return replace(audit, collections={s: replace(c, as_of=audit.at) for s, c in audit.collections.items()})


def past(store: Store, vma: str = "VMA-1", until: int | None = None) -> Past:
    return past_of(store, PRACTICE, vma, until)


def test_an_account_that_works_has_not_stopped_and_was_last_live_at_the_last_audit(store, tmp_path):
    saved(store, tmp_path, practice(), practice(), practice())
    assert (past(store).stopped, past(store).last_live) == ({}, {KEY: THIRD})


@pytest.mark.parametrize("dead", [Status.DISABLED, Status.EXPIRED])
def test_an_account_stopped_when_an_audit_first_saw_it_so(store, tmp_path, dead):
    saved(store, tmp_path, practice(), practice(dead), practice(dead))
    assert (past(store).stopped, past(store).last_live) == ({KEY: SECOND}, {KEY: FIRST})


@pytest.mark.parametrize("after", [practice(Status.DISABLED), facts(accounts=[], grants=[], findings=[])])
def test_a_read_that_is_no_newer_than_the_last_one_tells_only_that_it_stopped_before_its_audit(store, tmp_path, after):
    first = record(practice(), day=0)
    first = replace(first, collections={s: replace(c, as_of=first.at) for s, c in first.collections.items()})
    second = record(after, day=1)
    second = replace(second, collections={s: replace(c, as_of=first.at) for s, c in second.collections.items()})
    save_all(store, signer(tmp_path), [first, second])
    assert past(store).stopped == {KEY: second.at}


def test_an_account_that_came_back_has_not_stopped(store, tmp_path):
    saved(store, tmp_path, practice(), practice(Status.DISABLED), practice())
    assert (past(store).stopped, past(store).last_live) == ({}, {KEY: THIRD})


def test_an_account_that_went_away_stopped_when_an_audit_no_longer_saw_it(store, tmp_path):
    saved(store, tmp_path, practice(), facts(accounts=[], grants=[], findings=[]))
    assert (past(store).stopped, past(store).last_live) == ({KEY: SECOND}, {KEY: FIRST})


def test_a_past_instant_knows_nothing_of_what_later_audits_saw(store, tmp_path):
    audits = saved(store, tmp_path, practice(), practice(Status.DISABLED, "VMA-2", holds=("billing", "staff")))
    then = past(store, until=audits[0])
    assert (then.stopped, then.last_live, then.accounts, then.shared) == ({}, {KEY: FIRST}, {KEY}, frozenset())
    assert [e.id for e in then.held["ehr"]] == ["billing"]
    assert past(store, "VMA-2", until=audits[0]).accounts == frozenset()
    assert past(store, "VMA-2").accounts == {KEY}


def test_an_account_that_was_first_seen_later_is_not_known_before(store, tmp_path):
    audits = saved(store, tmp_path, facts(accounts=[], grants=[], findings=[]), practice(Status.DISABLED))
    assert past(store, until=audits[0]).stopped == {}
    assert past(store, until=audits[1]).stopped == {KEY: SECOND}


def test_an_account_of_two_in_turn_is_shared_and_one_of_her_own_is_not(store, tmp_path):
    saved(store, tmp_path, practice(), practice(Status.ACTIVE, "VMA-2"))
    assert past(store).shared == {KEY}


def test_what_was_given_is_told_with_the_audits_that_first_and_last_saw_it(store, tmp_path):
    saved(store, tmp_path, practice(holds=("billing", "staff")), practice(holds=("billing", "staff")), practice())
    given = past(store).given
    billing, staff = given[KEY, "billing"], given[KEY, "staff"]
    assert (billing.first, billing.last, billing.gone) == (FIRST, THIRD, None)
    assert (staff.first, staff.last, staff.gone) == (FIRST, SECOND, THIRD)
    assert [e.id for e in past(store).held["ehr"]] == ["billing", "staff"]


def test_what_a_read_that_is_no_newer_shows_taken_was_taken_before_its_audit(store, tmp_path):
    first, second = record(practice(holds=("billing", "staff")), day=0), record(practice(), day=1)
    same = [
        replace(one, collections={s: replace(c, as_of=first.at) for s, c in one.collections.items()})
        for one in (first, second)
    ]
    save_all(store, signer(tmp_path), same)
    staff = past(store).given[KEY, "staff"]
    assert (staff.last, staff.gone) == (first.at, second.at)


def test_what_was_given_twice_is_gone_since_the_second_time(store, tmp_path):
    both = practice(holds=("billing", "staff"))
    saved(store, tmp_path, both, practice(), both, practice(), practice())
    staff = past(store).given[KEY, "staff"]
    assert (staff.first, staff.last, staff.gone) == (FIRST, THIRD, record(day=3).at)


def test_every_line_that_a_roster_had_of_her_is_told_and_none_of_anybody_else(store, tmp_path):
    moved = replace(practice(), engagements={"VMA-1": replace(engagement("VMA-1"), agency="Other LLC"),
                                             "VMA-2": engagement("VMA-2")})  # fmt: skip
    saved(store, tmp_path, practice(), practice(), moved)
    told = [(first, last, line.vma, line.agency) for first, last, line in past(store).engagements]
    assert told == [(FIRST, SECOND, "VMA-1", "Harbor LLC"), (THIRD, THIRD, "VMA-1", "Other LLC")]


def test_of_a_practice_that_was_never_audited_nothing_is_known(store):
    assert past(store) == Past()

"""An open review from audit to audit: who joins, what comes, what is proved gone, and what is asked by itself."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest

from auditor.audit.inputs import read_inputs
from auditor.cli import run
from auditor.config import load_config
from auditor.headcount.events import Event, EventKind
from auditor.review.events import open_on_events
from auditor.review.living import _Living
from auditor.review.outcomes import Done
from auditor.review.reminding import escalate, reminders
from auditor.review.state import record_of, select_campaign
from auditor.review_records import QuestionKind, ReviewEventKind, ReviewScope
from auditor.store import Store
from auditor.testing.clinic import Clinic
from tests.review_practice import ACCOUNTS, ANA, BEN, CAL, EVE, GHOST, ROWS, Reviewed, question, who
from tests.small_practice import account, row

NEW = row("flo", "2026-11-23")
FLO = account("flo", "Scheduling;Charges", Last="2026-11-23")


@pytest.fixture
def review(tmp_path):
    made = Reviewed.made(tmp_path)
    return made, made.open().campaign


def record(made):
    with Store.open(made.path) as store, store.reviewed() as connection:
        return record_of(connection, select_campaign(connection, "small", None))


def by_person(found):
    return {(q.person, q.kind): q for q in found.questions}


def test_a_vma_who_joins_is_added_with_the_reason_shown(review):
    made, _ = review
    made.audit("2026-11-24", (*ROWS, NEW), (*ACCOUNTS, FLO))
    found = record(made)
    added = by_person(found)["flo", QuestionKind.EXCESS]
    assert added.opened_because == "joined on 2026-11-23, seen by audit 3"
    assert by_person(found)["flo", QuestionKind.EXPLAINED]
    with Store.open(made.path) as store:
        desk = made.desk(store)
        assert "flo" in {line.person for line in desk.people(who("dana"), found.campaign.id)}
        view = question(desk, "dana", found.campaign.id, "flo", QuestionKind.EXCESS)
        assert isinstance(desk.decide(who("dana"), made.wanted(view, "remove")), Done)
    assert made.verified().problems == ()
    made.audit("2026-11-25", (*ROWS, NEW), (*ACCOUNTS, FLO))
    assert len(record(made).questions) == len(found.questions)  # once


def test_what_somebody_gets_beyond_the_role_since_is_a_question_of_its_own_about_just_that(review):
    made, _ = review
    made.audit("2026-11-24", ROWS, [ANA, {**BEN, "Role": "Scheduling;Charges"}, CAL, EVE, GHOST])
    added = by_person(record(made))["ben", QuestionKind.EXCESS]
    assert added.opened_because == "new since the opening, seen by audit 3"
    items = [i for i in record(made).items if i.question == added.question]
    assert [i.name for i in items] == ["Charges"]
    keys = [(i.system, i.account, i.entitlement, i.path) for i in record(made).items]
    assert len(keys) == len(set(keys))


def test_a_question_closes_where_the_systems_prove_that_nothing_is_left_and_says_what_shows_it(review):
    made, campaign = review
    made.audit("2026-11-24", ROWS, [ANA, BEN, {**CAL, "Status": "Disabled"}, EVE, GHOST])
    found = record(made)
    left = by_person(found)["cal", QuestionKind.LEFT]
    [state] = [s for s in found.states if s.question == left.question]
    assert state.closed == "audit 3 shows that nothing of it is left: cal in EHR is disabled"
    assert [e.kind for e in found.events] == [ReviewEventKind.CLOSED]
    with Store.open(made.path) as store:
        assert made.desk(store).progress(who("dana"), campaign.id) == (4, 3)


@pytest.mark.parametrize("why", ["unread", "renamed", "same facts"])
def test_nothing_closes_by_a_gap_a_new_name_or_facts_that_are_no_newer(review, why):
    made, _ = review
    if why == "unread":
        (made.small.folder / "users.csv").unlink()
        run(["audit", str(made.small.config), "--at", "2026-11-24T18:00:00Z"])
    elif why == "renamed":
        other = account("cal2", Name="Cal Reyes", Last="2026-11-20")
        made.audit("2026-11-24", ROWS, [ANA, BEN, other, EVE, GHOST])
    else:
        made.small.write("2026-11-20T18:00:00+00:00", list(ROWS), [ANA, BEN, {**CAL, "Status": "Disabled"}, EVE])
        made.audit("2026-11-20", ROWS, ACCOUNTS)
    found = record(made)
    left = by_person(found)["cal", QuestionKind.LEFT]
    assert [s.closed for s in found.states if s.question == left.question] == [None]


def test_the_open_questions_about_who_left_since_are_asked_anew_as_a_leavers(review):
    made, _ = review
    gone = row("ben", "2026-01-05", "2026-11-22")
    made.audit("2026-11-24", (ROWS[0], gone, *ROWS[2:]), ACCOUNTS)
    found = record(made)
    left = by_person(found)["ben", QuestionKind.LEFT]
    explained = by_person(found)["ben", QuestionKind.EXPLAINED]
    states = {s.question: s for s in found.states}
    assert "asked anew" in str(states[explained.question].closed)
    assert states[left.question].closed is None
    assert left.opened_because == "left since the opening, as audit 3 says"


def test_a_headcount_event_opens_a_small_review_about_whom_it_touched_and_once(tmp_path):
    made = Reviewed.made(tmp_path, review="")
    made.audit("2026-11-24", (*ROWS, NEW), (*ACCOUNTS, FLO))
    event = Event(EventKind.JOINED, "flo", None, None, "from 2026-11-23")
    config = load_config(made.small.config)
    with Store.open(made.path) as store:
        opened = [
            open_on_events(config, read_inputs(config), store, made.signer(), [event], clock=made.clock)
            for _ in range(2)
        ]
    assert opened[1] is None
    assert opened[0] is not None
    assert opened[0].campaign.scope is ReviewScope.EVENT
    assert opened[0].campaign.because == ("flo joined: from 2026-11-23",)
    assert {q.person for q in opened[0].asked.questions} == {"flo"}


def test_no_small_review_while_one_about_everybody_is_open(review):
    made, _ = review
    made.audit("2026-11-24", (*ROWS, NEW), (*ACCOUNTS, FLO))
    config = load_config(made.small.config)
    event = Event(EventKind.JOINED, "flo", None, None, "from 2026-11-23")
    with Store.open(made.path) as store:
        found = open_on_events(config, read_inputs(config), store, made.signer(), [event], clock=made.clock)
    assert found is None


def test_whoever_has_something_open_is_reminded_at_each_step_once(review):
    made, campaign = review
    config = load_config(made.small.config)

    def told(days):
        with Store.open(made.path) as store:
            now = made.now + timedelta(days=days)
            return [
                (r.reviewer, r.open, r.days)
                for r in reminders(store, "small", config.review, config.practice.timezone, now, due=True)
            ]

    assert told(0) == []
    assert told(7) == [("dana", 4, 7), ("morgan", 3, 7)]
    assert campaign.due == date(2026, 12, 5)


def test_what_is_not_decided_in_time_goes_to_the_manager_but_never_to_who_may_not_decide_it(review):
    made, campaign = review
    config = load_config(made.small.config)
    with Store.open(made.path) as store:
        for days, moved in ((16, 0), (18, 7)):
            now = made.now + timedelta(days=days)
            found = escalate(store, "small", config.review, config.practice.timezone, now)
            assert len(found) == (4 if moved else 0)
        assert {e.after for e in found} == {"morgan"}
        desk = made.desk(store)
        assert desk.people(who("dana"), campaign.id) == ()
        assert desk.progress(who("morgan"), campaign.id) == (7, 7)
    assert made.verified().problems == ()


@pytest.mark.parametrize(("fault", "newer", "whole", "answered"), [
    (False, True, True, True),
    (True, True, True, False),
    (False, False, True, False),
    (False, True, False, False),
])  # fmt: skip
def test_a_door_is_closed_only_where_a_newer_whole_read_finds_no_fault_with_it(fault, newer, whole, answered):
    clinic = Clinic().agreement("BAA-1").vma("ana")
    case = (clinic if whole else clinic.unread("ehr")).case()
    asked = SimpleNamespace(question="Q-1", findings=("F-1",))
    findings = {"F-1": object()} if fault else {}
    stored = SimpleNamespace(snapshot=SimpleNamespace(findings=findings))
    living = SimpleNamespace(
        _record=SimpleNamespace(questions=[asked]),
        _store=SimpleNamespace(at=lambda *_: stored),
        _case=case,
        _base=SimpleNamespace(audit=SimpleNamespace(id=3)),
    )
    frozen = {"ehr": case.collections["ehr"].as_of - timedelta(days=1 if newer else 0)}
    assert _Living._answered(living, "Q-1", [SimpleNamespace(system="ehr")], frozen) is answered


def test_what_was_proved_gone_and_is_held_again_is_asked_again(review):
    made, _ = review
    off = [ANA, {**BEN, "Status": "Disabled"}, {**CAL, "Status": "Disabled"}, EVE, {**GHOST, "Status": "Disabled"}]
    made.audit("2026-11-24", ROWS, off)
    before = record(made)
    closed = {s.question for s in before.states if s.closed is not None}
    kinds = {(q.person, q.kind) for q in before.questions if q.question in closed}
    assert {("cal", QuestionKind.LEFT), ("ben", QuestionKind.EXPLAINED)} <= kinds
    made.audit("2026-11-25", ROWS, ACCOUNTS)
    found = record(made)
    again = [q for q in found.questions if q.question not in {b.question for b in before.questions}]
    assert {(q.person, q.kind) for q in again} == kinds
    assert {q.opened_because for q in again} == {"held again after it was proved gone, seen by audit 4"}
    states = {s.question: s for s in found.states}
    assert all(states[q.question].closed is None and states[q.question].decision is None for q in again)
    made.audit("2026-11-26", ROWS, ACCOUNTS)
    assert len(record(made).questions) == len(found.questions)  # once


def test_what_a_role_explained_at_the_opening_and_a_new_one_does_not_is_asked_by_itself(review):
    made, _ = review
    moved = row("ben", "2026-01-05", roles="billing")
    made.audit("2026-11-24", (ROWS[0], moved, *ROWS[2:]), ACCOUNTS)
    found = record(made)
    added = [q for q in found.questions if q.person == "ben" and q.opened_because != "opening"]
    assert added
    assert {q.opened_because for q in added} == {
        "the role explained it at the opening and does not now, seen by audit 3"
    }
    assert not any(q.bulk for q in added)
    made.audit("2026-11-25", (ROWS[0], moved, *ROWS[2:]), ACCOUNTS)
    assert len(record(made).questions) == len(found.questions)  # once

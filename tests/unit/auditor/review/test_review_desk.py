"""The desk: what a reviewer is shown, may decide, undo, hand over and sign; what strangers are answered."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta

import pytest

from auditor.review.outcomes import Done, NotYours, Refused, Repeated, Stale
from auditor.review_records import Advice, DecisionKind, HeldThen, QuestionKind
from auditor.store import Store
from tests.review_practice import ACCOUNTS, ANA, BEN, ROWS, Reviewed, question, who

WHY = "she covers claims while Eve is on leave"


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    made = Reviewed.made(tmp_path_factory.mktemp("review"))
    return made, made.open()


@pytest.fixture
def review(opened, tmp_path):
    """Give the open campaign in a store of its own."""
    made, found = opened
    folder = tmp_path / "small"
    folder.mkdir()
    for file in made.small.folder.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
        (folder / file.name).chmod(file.stat().st_mode & 0o777)
    copy = Reviewed(replace(made.small, folder=folder))
    with Store.open(copy.path) as store:
        yield copy, found.campaign.id, copy.desk(store)


def rows(path):
    with closing(sqlite3.connect(path)) as connection:
        tables = [t for (t,) in connection.execute("SELECT name FROM sqlite_master WHERE name LIKE 'review_%'")]
        return {t: connection.execute(f'SELECT * FROM "{t}"').fetchall() for t in tables if not t.startswith("sqlite")}


def test_every_item_is_in_exactly_one_question_and_the_faults_are_questions_of_their_own(opened):
    _, found = opened
    kinds = {(q.person, q.kind): q for q in found.asked.questions}
    ids = [(i.system, i.account, i.entitlement, i.path) for i in found.asked.items]
    assert len(ids) == len(set(ids))
    assert {i.question for i in found.asked.items} == {q.question for q in found.asked.questions}
    excess = kinds["ana", QuestionKind.EXCESS]
    assert "beyond the scheduler role" in excess.title
    assert excess.advice is Advice.REMOVE
    assert not excess.bulk
    assert kinds["cal", QuestionKind.LEFT].advice is Advice.REMOVE
    assert kinds["account:ehr:ghost", QuestionKind.NOBODY].advice is Advice.REMOVE
    assert kinds["ben", QuestionKind.EXPLAINED].advice is Advice.KEEP
    risks = [q.risk for q in found.asked.questions]
    assert risks == sorted(risks, reverse=True)


def test_an_item_knows_whether_it_was_held_at_the_start_of_the_period(opened):
    _, found = opened
    held = {(i.account, i.name): i for i in found.asked.items}
    assert held["ana", "Scheduling"].held_before is HeldThen.HELD
    assert held["ana", "Charges"].held_before is HeldThen.NOT_HELD
    assert held["ana", "Charges"].held_since == date(2026, 11, 20)
    [ana] = [p for p in found.asked.people if p.person == "ana"]
    assert ana.changes == ("New in EHR: Charges (first seen on 2026-11-20)",)


def test_a_reviewer_sees_the_own_people_riskiest_first_and_nobody_else(review):
    _, campaign, desk = review
    assert [line.person for line in desk.people(who("dana"), campaign)] == ["cal", "ana", "ben"]
    assert [line.person for line in desk.people(who("morgan"), campaign)] == ["account:ehr:ghost", "SVC-1", "eve"]
    assert desk.person(who("dana"), campaign, "eve") is None
    assert desk.person(who("dana"), campaign, "nobody") is None
    assert desk.person(who("ada"), campaign, "eve") is not None  # the auditor reads all
    assert desk.people(who("stranger"), campaign) == ()


def test_keeping_what_is_advised_to_go_needs_a_reason_of_its_own(review):
    made, campaign, desk = review
    excess = question(desk, "dana", campaign, "ana", QuestionKind.EXCESS)
    for reason in ("", "ok", "aaaaaaaaaaaaaaa", "          "):
        refused = desk.decide(who("dana"), made.wanted(excess, "keep", reason=reason))
        assert isinstance(refused, Refused)
        assert refused.field == "reason"
    assert isinstance(desk.decide(who("dana"), made.wanted(excess, "keep", reason=WHY)), Done)
    left = question(desk, "dana", campaign, "cal", QuestionKind.LEFT)
    again = desk.decide(who("dana"), made.wanted(left, "keep", reason=f"  {WHY.upper()} "))
    assert isinstance(again, Refused)
    assert "the same reason" in again.why


@pytest.mark.parametrize(
    ("kind", "fields", "field"),
    [
        ("exception", {"reason": WHY, "compensating": "weekly look at the log"}, "expires"),
        ("exception", {"reason": WHY, "expires": date(2026, 11, 21), "compensating": "weekly look"}, "expires"),
        ("exception", {"reason": WHY, "expires": date(2028, 1, 1), "compensating": "weekly look"}, "expires"),
        ("exception", {"reason": WHY, "expires": date(2026, 12, 31)}, "compensating"),
        ("exception", {"expires": date(2026, 12, 31), "compensating": "weekly look"}, "reason"),
        ("change", {}, "change_to"),
        ("keep", {"reason": WHY, "change_to": "Scheduling"}, "change_to"),
        ("keep", {"reason": WHY, "expires": date(2026, 12, 31)}, "expires"),
        ("keep", {"reason": WHY + "\n"}, "reason"),
        ("keep", {"reason": "x" * 501}, "reason"),
        ("keep", {"reason": "\ud800 lone surrogate"}, "reason"),
        ("undone", {}, "kind"),
        ("remove", {"key": "short"}, "key"),
        ("remove", {"items": (999_999,)}, "items"),
        ("keep", {"reason": WHY, "items": (1,)}, "items"),
    ],
)
def test_what_may_not_be_decided_is_refused_with_its_field_and_nothing_is_written(review, kind, fields, field):
    made, campaign, desk = review
    before = rows(made.path)
    wanted = made.wanted(question(desk, "dana", campaign, "ana", QuestionKind.EXCESS), kind, **fields)
    outcome = desk.decide(who("dana"), wanted)
    assert isinstance(outcome, Refused)
    assert outcome.field == field
    assert rows(made.path) == before


def test_a_double_click_is_recorded_once(review):
    made, campaign, desk = review
    wanted = made.wanted(question(desk, "dana", campaign, "ana", QuestionKind.EXCESS), "remove")
    first, second = desk.decide(who("dana"), wanted), desk.decide(who("dana"), wanted)
    assert isinstance(first, Done)
    assert second == Repeated(first.decision)
    assert len(rows(made.path)["review_decision"]) == 1


def test_a_key_of_one_question_is_no_decision_about_another(review):
    made, campaign, desk = review
    wanted = made.wanted(question(desk, "dana", campaign, "ana", QuestionKind.EXCESS), "remove")
    assert isinstance(desk.decide(who("dana"), wanted), Done)
    other = question(desk, "dana", campaign, "cal", QuestionKind.LEFT)
    assert isinstance(desk.decide(who("dana"), made.wanted(other, "remove", key=wanted.key)), Refused)


def test_a_stale_tab_is_told_both_states_and_changes_nothing(review):
    made, campaign, desk = review
    shown = question(desk, "dana", campaign, "ana", QuestionKind.EXCESS)
    desk.decide(who("dana"), made.wanted(shown, "remove"))
    stale = desk.decide(who("dana"), made.wanted(shown, "keep", reason=WHY))
    assert isinstance(stale, Stale)
    assert (stale.shown.decision, stale.now.decision) == (None, DecisionKind.REMOVE)
    assert stale.now.by == "Dana Ortiz"


def test_what_is_not_theirs_and_what_there_is_not_are_one_answer(review):
    made, campaign, desk = review
    theirs = made.wanted(question(desk, "morgan", campaign, "eve", QuestionKind.EXPLAINED), "keep")
    before = rows(made.path)
    for asked in (theirs, replace(theirs, question="Q-AAAAAAAAAA"), replace(theirs, campaign="R-AAAAAAAAAA")):
        for stranger in ("dana", "ada", "sam", "nobody"):
            assert desk.decide(who(stranger), asked) == NotYours()
            assert desk.undo(who(stranger), asked.campaign, asked.question, 0, key=asked.key) == NotYours()
            given = desk.delegate(
                who(stranger), asked.campaign, asked.question, 0, to="sam", reason="away", key=asked.key
            )
            assert given == NotYours()
    assert rows(made.path) == before


def test_a_decision_is_undone_until_it_is_signed(review):
    made, campaign, desk = review
    shown = question(desk, "dana", campaign, "ana", QuestionKind.EXCESS)
    done = desk.decide(who("dana"), made.wanted(shown, "remove"))
    assert isinstance(done, Done)
    assert desk.progress(who("dana"), campaign) == (4, 3)
    undone = desk.undo(who("dana"), campaign, shown.question.question, 1, key="undo-form-000001-x")
    assert isinstance(undone, Done)
    assert desk.progress(who("dana"), campaign) == (4, 4)
    assert question(desk, "dana", campaign, "ana", QuestionKind.EXCESS).open
    assert [r[5] for r in rows(made.path)["review_decision"]]  # both stay
    assert len(rows(made.path)["review_decision"]) == 2


def test_several_together_are_recorded_all_or_none_and_no_two_for_the_same_reason(review):
    made, campaign, desk = review
    left = question(desk, "dana", campaign, "cal", QuestionKind.LEFT)
    excess = question(desk, "dana", campaign, "ana", QuestionKind.EXCESS)
    explained = question(desk, "dana", campaign, "ben", QuestionKind.EXPLAINED)
    before = rows(made.path)
    outcomes = desk.decide_all(
        who("dana"),
        [
            made.wanted(explained, "keep"),
            made.wanted(left, "keep", reason=WHY),
            made.wanted(excess, "keep", reason=WHY),
        ],
    )
    assert [type(outcome) for outcome in outcomes] == [Refused, Refused, Refused]
    assert "because of the others" in outcomes[0].why
    assert rows(made.path) == before
    outcomes = desk.decide_all(who("dana"), [made.wanted(explained, "keep"), made.wanted(left, "remove")])
    assert all(isinstance(outcome, Done) for outcome in outcomes)


def test_a_question_is_handed_over_to_somebody_who_may_decide_it_and_to_nobody_else(review):
    made, campaign, desk = review
    shown = question(desk, "dana", campaign, "ana", QuestionKind.EXCESS)
    id_ = shown.question.question
    assert [name for name, _ in desk.may_take(who("dana"), campaign, id_)] == ["morgan", "sam"]
    for to in ("ada", "dana", "nobody"):
        no = desk.delegate(who("dana"), campaign, id_, 0, to=to, reason="I am away", key="hand-over-form-01")
        assert isinstance(no, Refused)
    handed = desk.delegate(who("dana"), campaign, id_, 0, to="morgan", reason="I am away", key="hand-over-form-01")
    assert isinstance(handed, Done)
    assert (
        desk.delegate(who("dana"), campaign, id_, 0, to="morgan", reason="I am away", key="hand-over-form-01")
        == Repeated()
    )
    assert desk.decide(who("dana"), made.wanted(shown, "remove")) == NotYours()
    assert desk.progress(who("dana"), campaign) == (3, 3)
    theirs = question(desk, "morgan", campaign, "ana", QuestionKind.EXCESS)
    assert isinstance(desk.decide(who("morgan"), made.wanted(theirs, "remove")), Done)


def decide_all_of(made, campaign, desk, reviewer="dana"):
    for line in desk.people(who(reviewer), campaign):
        for view in desk.person(who(reviewer), campaign, line.person).questions:
            kind = "keep" if view.question.advice is Advice.KEEP else "remove"
            assert isinstance(desk.decide(who(reviewer), made.wanted(view, kind)), Done)


def test_signing_is_refused_while_something_is_open_or_another_list_was_shown(review):
    made, campaign, desk = review
    first = desk.summary(who("dana"), campaign)
    no = desk.sign(who("dana"), campaign, name="Dana Ortiz", mark=first.mark, key="sign-form-000000001")
    assert isinstance(no, Refused)
    assert "silence is never a yes" in no.why
    decide_all_of(made, campaign, desk)
    stale = desk.sign(who("dana"), campaign, name="Dana Ortiz", mark=first.mark, key="sign-form-000000001")
    assert isinstance(stale, Stale)
    shown = desk.summary(who("dana"), campaign)
    assert (shown.decided, shown.undecided) == (4, 0)
    assert any(line.says.startswith("Cal Reyes loses: Left on 2026-11-10") for line in shown.lines)
    for name in ("", "Morgan Lee", "x" * 300):
        no = desk.sign(who("dana"), campaign, name=name, mark=shown.mark, key="sign-form-000000001")
        assert isinstance(no, Refused)
    signed = desk.sign(who("dana"), campaign, name="dana ortiz", mark=shown.mark, key="sign-form-000000001")
    assert isinstance(signed, Done)
    assert isinstance(
        desk.sign(who("dana"), campaign, name="Dana Ortiz", mark=shown.mark, key="sign-form-000000001"), Repeated
    )


def test_what_is_signed_changes_by_a_visible_amendment_only(review):
    made, campaign, desk = review
    decide_all_of(made, campaign, desk)
    shown = desk.summary(who("dana"), campaign)
    desk.sign(who("dana"), campaign, name="Dana Ortiz", mark=shown.mark, key="sign-form-000000001")
    excess = question(desk, "dana", campaign, "ana", QuestionKind.EXCESS)
    assert isinstance(desk.decide(who("dana"), made.wanted(excess, "keep", reason=WHY)), Refused)
    assert isinstance(
        desk.undo(who("dana"), campaign, excess.question.question, excess.state.version, key="undo-form-000001-x"),
        Refused,
    )
    amended = desk.amend(who("dana"), made.wanted(excess, "keep", reason=WHY))
    assert isinstance(amended, Done)
    assert amended.decision.amends
    kinds = [row[3] for row in rows(made.path)["review_seal"]]
    assert kinds == ["opened", "signed", "amended"]
    assert made.verified().problems == ()


def test_what_an_audit_since_shows_gone_is_seen_at_the_decision(review):
    made, campaign, desk = review
    ana = question(desk, "dana", campaign, "ana", QuestionKind.EXPLAINED)
    done = desk.decide(who("dana"), made.wanted(ana, "keep"))
    assert isinstance(done, Done)
    assert done.decision.seen == ("2",)  # the audit that was frozen shows all of it
    made.audit("2026-11-22", ROWS, [ANA, {**BEN, "Role": "Nothing"}, *ACCOUNTS[2:]])
    made.now += timedelta(days=2)
    shown = question(desk, "dana", campaign, "ben", QuestionKind.EXPLAINED)
    done = desk.decide(who("dana"), made.wanted(shown, "keep"))
    assert isinstance(done, Done)
    [scheduling] = [item for item in shown.items if item.name == "Scheduling"]
    assert done.decision.seen == ("3", f"{scheduling.id} not held")


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE review_decision SET kind = 'keep' WHERE id = 1",
        "DELETE FROM review_decision WHERE id = 1",
        "UPDATE review_question SET title = 'Can see the schedule' WHERE id = 1",
        "UPDATE review_item SET name = 'x' WHERE id = 1",
        "DELETE FROM review_item WHERE id = 2",
        "UPDATE review_campaign SET policy_digest = 'x'",
        "UPDATE review_signature SET reviewer_name = 'x'",
        "DELETE FROM review_seal WHERE kind = 'signed'",
        "UPDATE review_seal SET upto = '[\"review_campaign 1\"]' WHERE kind = 'signed'",
        "DROP TABLE review_event",
    ],
)
def test_whoever_changes_what_was_sealed_is_told_by_verify(review, change):
    made, campaign, desk = review
    decide_all_of(made, campaign, desk)
    mark = desk.summary(who("dana"), campaign).mark
    desk.sign(who("dana"), campaign, name="Dana Ortiz", mark=mark, key="sign-form-000000001")
    assert made.verified().problems == ()
    with closing(sqlite3.connect(made.path)) as connection, connection:
        connection.execute(change)
    assert made.verified().problems != ()

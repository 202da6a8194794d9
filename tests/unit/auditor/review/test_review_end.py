"""The end of a review: what keeps it from being closed, the seal, and the removal that is proved and not believed."""

import hashlib
import json
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest

from auditor.cli import run
from auditor.review.outcomes import Done
from auditor.review_records import Advice, QuestionKind
from auditor.store import Store
from tests.review_practice import ACCOUNTS, ANA, BEN, CAL, EVE, ROWS, Reviewed, question, who
from tests.small_practice import account, answer

GOOD = {**ANA, "Role": "Scheduling"}


@pytest.fixture
def review(tmp_path):
    made = Reviewed.made(tmp_path)
    return made, made.open().campaign


def decide(made, campaign, *reviewers, but=()):
    """Follow the advice in everything, and sign."""
    with Store.open(made.path) as store:
        desk = made.desk(store)
        for reviewer in reviewers:
            for line in desk.people(who(reviewer), campaign.id):
                for view in desk.person(who(reviewer), campaign.id, line.person).questions:
                    if view.question.kind in but or not view.open:
                        continue
                    keep = view.question.advice in (Advice.KEEP, Advice.ASK)
                    fields = {"reason": f"asked {line.name}, who needs it"} if keep else {}
                    wanted = made.wanted(view, "keep" if keep else "remove", **fields)
                    assert isinstance(desk.decide(who(reviewer), wanted), Done)
            if not but:
                mark = desk.summary(who(reviewer), campaign.id).mark
                name = desk.settings.reviewers[reviewer].name
                signed = desk.sign(who(reviewer), campaign.id, name=name, mark=mark, key=f"sign-{reviewer}-0000000")
                assert isinstance(signed, Done)


def close(made, capsys, *more, by="Sam Kim"):
    capsys.readouterr()
    code = run(["review", "close", str(made.small.config), "--by", by, *more])
    return code, " ".join(capsys.readouterr().err.split())


def status(made, capsys):
    return answer(capsys, "review", "status", str(made.small.config))


def test_closing_is_refused_with_the_list_of_what_is_missing(review, capsys):
    made, campaign = review
    code, said = close(made, capsys)
    assert code == 64
    assert "7 questions not decided" in said
    assert "Cal Reyes: Left on 2026-11-10" in said
    decide(made, campaign, "dana")
    code, said = close(made, capsys)
    assert "3 questions not decided" in said
    assert status(made, capsys)["closed"] is None


def test_only_an_officer_closes(review, capsys):
    made, campaign = review
    decide(made, campaign, "dana", "morgan")
    for by in ("Dana Ortiz", "Ada Quint", "", "nobody"):
        code, said = close(made, capsys, by=by)
        assert code == 64
        assert "no officer" in said


def test_what_nobody_decided_is_closed_as_undecided_and_never_as_kept(review, capsys):
    made, campaign = review
    decide(made, campaign, "dana")
    code, _ = close(made, capsys, "--undecided", "Morgan fell ill")
    assert code == 0
    told = status(made, capsys)
    assert told["closed"] is not None
    assert len(told["undecided"]) == 3
    assert "keep" not in {q.get("decision") for q in told["undecided"]}
    assert told["decisions"] == {"keep": 2, "remove": 2}
    assert made.verified().problems == ()


def test_a_closed_review_is_changed_by_nobody_unnoticed(review, capsys):
    made, campaign = review
    decide(made, campaign, "dana", "morgan")
    assert close(made, capsys)[0] == 0
    assert close(made, capsys)[0] == 64  # once
    assert made.verified().problems == ()
    with closing(sqlite3.connect(made.path)) as connection, connection:
        connection.execute(
            "INSERT INTO review_event (campaign, kind, at, by, detail) VALUES (?, 'noted', 'x', 'x', 'x')",
            [campaign.id],
        )
    assert "added to the review" in made.verified().problems[0]


def test_a_decision_becomes_an_order_that_only_a_read_closes_and_that_comes_back(review, capsys):
    made, campaign = review
    decide(made, campaign, "dana", "morgan")
    told = status(made, capsys)
    assert {r["state"] for r in told["removals"]} == {"decided"} | {"asked for"}
    ana = next(r for r in told["removals"] if r["login"] == "ana")
    assert (ana["what"], ana["state"]) == ("Charges", "decided")
    made.audit("2026-11-23", ROWS, ACCOUNTS)
    orders = answer(capsys, "orders", str(made.small.config), "--at", "2026-11-23T20:00:00Z")["orders"]
    mine = {o["id"]: o for o in orders}[ana["order"]]
    assert (mine["kind"], mine["vma"], mine["account"], mine["entitlement"]) == ("remove", "ana", "ana", "Charges")
    assert mine["why"] == "is to lose it: Dana Ortiz decided to remove it in the review 2026-Q4 on 2026-11-21"
    assert {o["account"] for o in orders} == {"ana", "cal", "ghost"}
    told = status(made, capsys)
    assert {(r["login"], r["state"]) for r in told["removals"]} == {
        ("ana", "asked for"),
        ("cal", "asked for"),
        ("ghost", "asked for"),
    }
    made.audit("2026-11-25", ROWS, [GOOD, BEN, {**CAL, "Status": "Disabled"}, EVE])
    gone = {r["login"]: r for r in status(made, capsys)["removals"]}
    assert {r["state"] for r in gone.values()} == {"removed"}
    assert "ana no longer holds Charges" in gone["ana"]["proof"]
    made.audit("2026-11-27", ROWS, [ANA, BEN, EVE])
    back = {r["login"]: r["state"] for r in status(made, capsys)["removals"]}
    assert back["ana"] == "came back"
    orders = answer(capsys, "orders", str(made.small.config), "--at", "2026-11-27T20:00:00Z")["orders"]
    assert [o["times"] for o in orders if o["id"] == ana["order"]] == [2]


def test_nothing_is_removed_by_a_system_that_was_not_read(review, capsys):
    made, campaign = review
    decide(made, campaign, "dana", "morgan")
    made.audit("2026-11-23", ROWS, ACCOUNTS)
    (made.small.folder / "users.csv").unlink()
    run(["audit", str(made.small.config), "--at", "2026-11-25T18:00:00Z"])
    told = status(made, capsys)
    assert "removed" not in {r["state"] for r in told["removals"]}


def test_a_decision_asks_for_nothing_before_it_is_signed_and_no_more_once_it_is_undone(review, capsys):
    made, campaign = review
    with Store.open(made.path) as store:
        desk = made.desk(store)
        excess = question(desk, "dana", campaign.id, "ana", QuestionKind.EXCESS)
        assert isinstance(desk.decide(who("dana"), made.wanted(excess, "remove")), Done)
    made.audit("2026-11-23", ROWS, ACCOUNTS)
    orders = answer(capsys, "orders", str(made.small.config), "--at", "2026-11-23T20:00:00Z")["orders"]
    assert {o["account"] for o in orders} == {"cal"}  # by the leaver loop alone
    assert {(r["login"], r["state"]) for r in status(made, capsys)["removals"]} == {("ana", "decided")}


def test_an_amendment_to_keep_ends_the_order_with_the_later_word(review, capsys):
    made, campaign = review
    decide(made, campaign, "dana", "morgan")
    made.audit("2026-11-23", ROWS, ACCOUNTS)
    made.now += timedelta(days=3)
    with Store.open(made.path) as store:
        desk = made.desk(store)
        excess = question(desk, "dana", campaign.id, "ana", QuestionKind.EXCESS)
        wanted = made.wanted(excess, "keep", reason="she bills from December on")
        assert isinstance(desk.amend(who("dana"), wanted), Done)
    made.audit("2026-11-25", ROWS, ACCOUNTS)
    closed = answer(capsys, "orders", str(made.small.config), "--closed", "--at", "2026-11-25T20:00:00Z")["orders"]
    [ended] = [o for o in closed if o["account"] == "ana"]
    assert ended["state"] == "no longer called for"
    assert "she bills from December on" in ended["proof"]


def test_an_approval_since_ends_what_a_review_asked_for(review, capsys):
    made, campaign = review
    decide(made, campaign, "dana", "morgan")
    command = ["approve", "ana", "ehr: Charges", str(made.small.config), "--by", "Dr. Kim Lane"]
    assert run([*command, "--requested-by", "Morgan Lee"]) == 0
    made.audit("2026-12-04", ROWS, ACCOUNTS)
    orders = answer(capsys, "orders", str(made.small.config), "--at", "2026-12-04T20:00:00Z")["orders"]
    assert "ana" not in {o["account"] for o in orders}


def test_the_status_says_in_plain_words_first_how_far_it_is(review, capsys):
    made, campaign = review
    decide(made, campaign, "morgan", but=(QuestionKind.EXPLAINED,))
    capsys.readouterr()
    run(["review", "status", str(made.small.config)])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"2026-Q4 ({campaign.id}): 2 of 7 questions done; ")
    said = "\n".join(lines)
    assert "Dana Ortiz: 4 of 4 questions open" in said
    assert "decided and not signed: Morgan Lee" in said
    assert "Nobody has decided" in said
    assert "To be taken away: 1 decided, 0 asked for, 0 removed, 0 came back" in said


def test_the_json_of_the_end_names_the_head_of_the_ledger(review, capsys):
    made, campaign = review
    decide(made, campaign, "dana", "morgan")
    capsys.readouterr()
    assert run(["review", "close", str(made.small.config), "--by", "Sam Kim", "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["head"].startswith(f"{told['entry']} ")
    assert told["undecided"] == 0


def test_the_annexes_lie_beside_the_store_and_the_seal_holds_their_digest(review, capsys):
    made, campaign = review
    path = made.path.with_name(f"{made.path.stem}-{campaign.id}-annexes.json")
    assert close(made, capsys)[0] == 64
    assert not path.exists(), "what is not closed has no annexes"
    decide(made, campaign, "dana", "morgan")
    capsys.readouterr()
    assert run(["review", "close", str(made.small.config), "--by", "Sam Kim", "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    data = path.read_bytes()
    assert told["annexes"] == str(path)
    assert told["statement"].endswith(f"annexes SHA-256 {hashlib.sha256(data).hexdigest()}.")
    found = {annex["id"]: annex for annex in json.loads(data)["annexes"]}
    assert {"A", "B", "C", "D", "E", "F", "G", "H", "I", "population", "review-progress"} <= found.keys()
    assert made.verified().ok
    with closing(sqlite3.connect(made.path)) as connection, connection:
        connection.execute("UPDATE review_seal SET statement = replace(statement, 'SHA-256 ', 'SHA-256 0')")
    assert not made.verified().ok


def test_a_review_does_not_open_over_a_system_that_was_not_read_unless_accepted_by_name(tmp_path, capsys):
    made = Reviewed.made(tmp_path)
    (made.small.folder / "users.csv").unlink()
    run(["audit", str(made.small.config), "--at", "2026-11-21T18:00:00Z"])
    command = ["review", "start", str(made.small.config), "--by", "Sam Kim", "--prepared-by", "Pat Moss"]
    capsys.readouterr()
    assert run(command) == 64
    assert "was not read whole" in capsys.readouterr().err
    assert run([*command, "--accept-unread", "ehr"]) == 64
    assert run([*command, "--accept-unread", "cloud=it is not there any more"]) == 64
    capsys.readouterr()
    other = ["review", "start", str(made.small.config), "--by", "Morgan Lee"]
    assert run([*other, "--accept-unread", "ehr=the vendor is down this week"]) == 64
    assert "`Morgan Lee` is no officer" in capsys.readouterr().err
    assert run([*command, "--accept-unread", "ehr=the vendor is down this week"]) == 64
    assert "nothing to review" in capsys.readouterr().err  # everything was in it


@pytest.mark.parametrize(
    ("by", "told"), [("Tesa Ortz", True), ("Dana Ortiz", False), ("dana@SMALL.example.test", False)]
)
def test_a_preparer_who_is_none_of_the_reviewers_is_told_and_a_blank_one_is_who_opens(tmp_path, capsys, by, told):
    made = Reviewed.made(tmp_path)
    capsys.readouterr()
    start = ["review", "start", str(made.small.config), "--by", "Sam Kim", "--prepared-by"]
    assert run([*start, by]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert ("who is none of the reviewers" in shown) is told
    assert ("Dana Ortiz:" in shown) is told


def lag(made, capsys):
    told = answer(capsys, "lag", str(made.small.config))
    return told, {one["vma"] for one in told["lags"] if one["control"] == "reviewed" and one["state"] == "done"}


def test_only_a_closed_review_makes_somebody_reviewed_and_only_whom_it_answered(review, capsys):
    made, campaign = review
    assert run(["attest", "ben", "access-review", str(made.small.config), "--by", "Dana Ortiz"]) == 0
    told, _ = lag(made, capsys)
    assert told["not_counted"] == ["reviewed"]
    assert told["bare_words"] == 1
    decide(made, campaign, "dana")
    told, _ = lag(made, capsys)
    assert told["not_counted"] == ["reviewed"]  # it is not closed
    assert close(made, capsys, "--undecided", "Morgan fell ill")[0] == 0
    told, _ = lag(made, capsys)
    reviewed = {one["vma"]: one["state"] for one in told["lags"] if one["control"] == "reviewed"}
    assert told["not_counted"] == []
    assert reviewed["ana"] == reviewed["ben"] != reviewed["eve"]


def test_an_account_that_is_only_missing_is_not_removed_before_its_order_is_proved(review, capsys):
    made, campaign = review
    other = account("cal2", Name="Cal Reyes", Last="2026-11-20")
    made.audit(
        "2026-11-23", ROWS, [ANA, BEN, other, EVE]
    )  # the ids are log-ins: cal may be cal2 now, and ghost anybody
    decide(made, campaign, "dana", "morgan")
    [cal] = [r for r in status(made, capsys)["removals"] if r["login"] == "cal"]
    assert cal["state"] != "removed"


@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE review_state SET decision = 'keep' WHERE decision = 'remove'",
        "UPDATE review_state SET decision = 'keep', decided = 1 WHERE decision IS NULL",
        "UPDATE review_state SET closed = 'the account is disabled' WHERE decision IS NULL",
        "UPDATE review_state SET decided = NULL WHERE decided = 1",
        "UPDATE review_state SET signed = 1 - signed WHERE reviewer = 'dana'",
        "UPDATE review_state SET reviewer = 'sam' WHERE reviewer = 'dana'",
        "DELETE FROM review_state WHERE reviewer = 'dana'",
        "UPDATE review_state SET question = 'Q-OTHER' WHERE reviewer = 'morgan' AND person = 'eve'",
    ],
)
def test_how_a_question_stands_is_held_against_what_was_decided(review, capsys, edit):
    made, campaign = review
    decide(made, campaign, "dana")
    assert close(made, capsys, "--undecided", "Morgan was away all week")[0] == 0
    assert made.verified().problems == ()
    with closing(sqlite3.connect(made.path)) as connection, connection:
        assert connection.execute(edit).rowcount > 0
    assert any("`review_state`" in problem for problem in made.verified().problems)

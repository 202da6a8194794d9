"""How a review went, as annexes and on the page: the figures of `auditor review status`, and silence never kept."""

import io
import json
from contextlib import redirect_stdout
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from auditor.cli import run
from auditor.review.outcomes import Done
from auditor.review_records import Advice, Campaign, QuestionKind
from auditor.store import Store
from tests.review_practice import ACCOUNTS, ANA, BEN, CAL, EVE, ROWS, Reviewed, question, who
from tests.small_practice import answer, noon

CLEANED = [{**ANA, "Role": "Scheduling"}, BEN, {**CAL, "Status": "Disabled"}, EVE]


def decide(made: Reviewed, campaign: Campaign, reviewer: str, *, sign: bool = True) -> None:
    """Follow the advice in everything, and sign."""
    with Store.open(made.path) as store:
        desk = made.desk(store)
        for line in desk.people(who(reviewer), campaign.id):
            view = desk.person(who(reviewer), campaign.id, line.person)
            assert view is not None
            for one in view.questions:
                keep = one.question.advice in (Advice.KEEP, Advice.ASK)
                fields = {"reason": f"asked {line.name}, who needs it"} if keep else {}
                assert isinstance(
                    desk.decide(who(reviewer), made.wanted(one, "keep" if keep else "remove", **fields)), Done
                )
        if sign:
            mark = desk.summary(who(reviewer), campaign.id).mark
            name = desk.settings.reviewers[reviewer].name
            done = desk.sign(who(reviewer), campaign.id, name=name, mark=mark, key=f"sign-{reviewer}-0000000")
            assert isinstance(done, Done)


def annexes(made: Reviewed, capsys: Any) -> dict[str, dict[str, Any]]:
    told = answer(capsys, "review", "annexes", str(made.small.config))
    return {one["id"]: one for one in told["annexes"] if one["id"].startswith("review-")}


def status(made: Reviewed, capsys: Any) -> dict[str, Any]:
    return answer(capsys, "review", "status", str(made.small.config))


@pytest.fixture
def review(tmp_path: Path) -> tuple[Reviewed, Campaign]:
    made = Reviewed.made(tmp_path)
    return made, made.open().campaign


def test_without_a_review_nobody_is_said_to_have_been_reviewed_in_time(tmp_path, capsys):
    made = Reviewed.made(tmp_path)
    for one in annexes(made, capsys).values():
        assert (one["outcome"], one["rows"]) == ("not evaluated", [])
        assert "auditor review start" in one["not_evaluated"][0]["why"]


def test_what_nobody_decided_is_named_and_overdue_only_after_its_day(review, capsys):
    made, campaign = review
    decide(made, campaign, "dana")
    (progress,) = annexes(made, capsys)["review-progress"]["rows"]
    now = status(made, capsys)
    assert (progress["questions"], progress["decided"]) == (now["questions"], now["decided"])
    assert (progress["keep"], progress["remove"]) == (now["decisions"]["keep"], now["decisions"]["remove"])
    assert (progress["by_nobody"], progress["signed_by"]) == (len(now["undecided"]), ["Dana Ortiz"])
    assert (progress["sealed_by"], progress["closed_at"], progress["ledger_entry"]) == ("", "", "")
    gaps = annexes(made, capsys)["review-late"]["rows"]
    assert {row["what"] for row in gaps} == {"waiting, not due yet"}
    assert {row["question"] for row in gaps} == {q["title"] for q in now["undecided"]}
    assert {row["reviewer"] for row in gaps} == {"Morgan Lee"}


def test_a_closed_review_tells_who_sealed_it_with_the_ledgers_entry_and_what_stayed_undecided(review, capsys):
    made, campaign = review
    decide(made, campaign, "dana")
    capsys.readouterr()
    run(
        [
            "review",
            "close",
            str(made.small.config),
            "--by",
            "Sam Kim",
            "--undecided",
            "Morgan fell ill",
            "--format",
            "json",
        ]
    )
    closed = json.loads(capsys.readouterr().out)
    told = annexes(made, capsys)
    (progress,) = told["review-progress"]["rows"]
    assert (progress["sealed_by"], progress["ledger_entry"]) == ("Sam Kim", closed["entry"])
    assert progress["seal"] == closed["digest"]
    assert progress["state"] == "needs action"
    gaps = told["review-late"]["rows"]
    assert [row["what"] for row in gaps] == ["decided by nobody"] * closed["undecided"]
    assert {row["state"] for row in gaps} == {"needs action"}
    assert "3 decided by nobody" in told["review-progress"]["sentence"]


def test_who_was_decided_about_after_the_due_day_was_reviewed_late(review, capsys):
    made, campaign = review
    made.now += timedelta(days=20)
    decide(made, campaign, "dana")
    told = annexes(made, capsys)
    late = {row["person"]: row["decided_on"] for row in told["review-late"]["rows"] if row["what"] == "decided late"}
    assert late == dict(status(made, capsys)["late"])
    assert late
    assert told["review-progress"]["rows"][0]["decided_late"] == len(late)


def test_a_removal_is_decided_then_asked_for_then_removed_and_each_is_told_apart(review, capsys):
    made, campaign = review
    decide(made, campaign, "dana")
    decide(made, campaign, "morgan")

    def standings() -> dict[str, tuple[str, str]]:
        rows = annexes(made, capsys)["review-removals"]["rows"]
        now = {r["login"]: r["state"] for r in status(made, capsys)["removals"]}
        found = {row["login"]: (row["standing"], row["state"]) for row in rows}
        assert {login: said for login, (said, _) in found.items()} == now
        return found

    assert standings()["ana"] == ("decided", "for the record")
    made.audit("2026-11-23", ROWS, ACCOUNTS)
    assert standings()["ana"] == ("asked for", "needs action")
    made.audit("2026-11-25", ROWS, CLEANED)
    assert set(standings().values()) == {("removed", "in order")}
    proofs = [row["proof"] for row in annexes(made, capsys)["review-removals"]["rows"]]
    assert all(proofs)
    made.audit("2026-11-27", ROWS, [ANA, BEN, EVE])
    assert standings()["ana"] == ("came back", "needs action")


def test_an_exception_that_a_reviewer_decided_is_among_the_exceptions_until_its_day_and_after(review, capsys):
    made, campaign = review
    with Store.open(made.path) as store:
        desk = made.desk(store)
        view = question(desk, "dana", campaign.id, "ana", QuestionKind.EXCESS)
        fields = {"reason": "covers the desk in November", "compensating": "a second pair of eyes each evening"}
        until = made.now.date() + timedelta(days=3)
        assert isinstance(desk.decide(who("dana"), made.wanted(view, "exception", expires=until, **fields)), Done)

    def row() -> dict[str, Any]:
        found = answer(capsys, "review", "annexes", str(made.small.config), "--annex", "F")
        (one,) = found["annexes"][0]["rows"]
        return one

    made.audit("2026-11-23", ROWS, ACCOUNTS)
    told = row()
    assert (told["standing"], told["protects_meanwhile"]) == ("decided, not signed yet", fields["compensating"])
    assert (told["accepted_by"], told["state"]) == ("Dana Ortiz", "for the record")
    made.audit("2026-11-26", ROWS, ACCOUNTS)
    assert (row()["standing"], row()["state"]) == ("expired", "needs action")
    made.audit("2026-11-27", ROWS, [{**ANA, "Role": "Scheduling"}, BEN, CAL, EVE])
    assert (row()["standing"], row()["state"]) == ("expired", "for the record")  # the finding is gone


def test_the_report_has_a_section_of_the_review_and_tells_no_check_item_while_it_is_open(review, capsys):
    made, campaign = review
    decide(made, campaign, "dana")
    made.small.write(noon("2026-11-25"), list(ROWS), ACCOUNTS)
    printed = io.StringIO()
    with redirect_stdout(printed):
        made.audit("2026-11-25", ROWS, ACCOUNTS)
    page = (made.small.folder / "report.html").read_text()
    section = page[page.index('<section id="review"') : page.index('<section id="annexes"')]
    assert "How the review went" in section
    assert "2026-Q4" in section
    assert "Morgan Lee" in section
    assert "check item" not in section

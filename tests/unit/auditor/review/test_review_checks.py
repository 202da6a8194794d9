"""Check items, which are off unless configured; and when the next review is due."""

from datetime import date

import pytest

from auditor.cli import run
from auditor.review.cadence import due_reviews, later
from auditor.review.outcomes import Done
from auditor.review_records import Advice, ReviewEventKind, ReviewScope
from auditor.review_settings import ReviewSettings
from auditor.store import Store
from tests.review_practice import ACCOUNTS, REVIEW, ROWS, Reviewed, who
from tests.small_practice import answer

SETTINGS = ReviewSettings.model_validate({"reviewers": {"dana": {"name": "Dana Ortiz"}}})


def test_there_is_no_check_item_unless_somebody_asks_for_one(tmp_path):
    assert not any(q.seeded for q in Reviewed.made(tmp_path).open().asked.questions)


def test_a_check_item_that_is_kept_is_told_to_the_officer_and_disclosed_and_asks_for_nothing(tmp_path, capsys):
    made = Reviewed.made(tmp_path, review=REVIEW + "  check_items: 1\n")
    opened = made.open()
    checks = [q for q in opened.asked.questions if q.seeded]
    assert sorted(q.reviewer for q in checks) == ["dana", "morgan"]
    assert all(q.advice is Advice.REMOVE and not q.bulk and not q.findings for q in checks)
    with Store.open(made.path) as store:
        desk = made.desk(store)
        for reviewer in ("dana", "morgan"):
            for line in desk.people(who(reviewer), opened.campaign.id):
                for view in desk.person(who(reviewer), opened.campaign.id, line.person).questions:
                    keep = view.question.seeded or view.question.advice is not Advice.REMOVE
                    if view.question.seeded and reviewer == "morgan":
                        keep = False
                    reason = f"{line.name} needs it: {view.question.question}"
                    wanted = made.wanted(view, "keep" if keep else "remove", reason=reason)
                    assert isinstance(desk.decide(who(reviewer), wanted), Done)
            mark = desk.summary(who(reviewer), opened.campaign.id).mark
            name = desk.settings.reviewers[reviewer].name
            assert isinstance(
                desk.sign(who(reviewer), opened.campaign.id, name=name, mark=mark, key=f"sign-{reviewer}-00000000"),
                Done,
            )
    assert run(["review", "close", str(made.small.config), "--by", "Sam Kim"]) == 0
    told = answer(capsys, "review", "status", str(made.small.config))
    paces = {p["reviewer"]: (p["checks"], p["checks_kept"]) for p in told["paces"]}
    assert paces == {"dana": (1, 1), "morgan": (1, 0)}
    assert any("check items kept" in remark for p in told["paces"] for remark in p["remarks"])
    assert {r["login"] for r in told["removals"]} == {"ana", "cal", "ghost"}  # nothing follows from a check
    with Store.open(made.path) as store, store.reviewed() as connection:
        from auditor.review.state import record_of, select_campaign  # noqa: PLC0415

        events = record_of(connection, select_campaign(connection, "small", None)).events
    assert sum(e.kind is ReviewEventKind.CHECK_DISCLOSED for e in events) == 2
    made.audit("2026-11-23", ROWS, ACCOUNTS)
    orders = answer(capsys, "orders", str(made.small.config), "--at", "2026-11-23T20:00:00Z")["orders"]
    assert {o["account"] for o in orders} == {"ana", "cal", "ghost"}
    assert made.verified().problems == ()


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2027, 12, 31), 2, date(2028, 2, 29)),
        (date(2026, 10, 1), 3, date(2027, 1, 1)),
        (date(2026, 12, 15), 12, date(2027, 12, 15)),
    ],
)
def test_a_month_later_is_the_same_day_or_the_last_of_the_month(day, months, then):
    assert later(day, months) == then


def test_a_review_is_due_a_quarter_after_the_last_and_of_privileged_access_a_month_after(tmp_path):
    made = Reviewed.made(tmp_path)

    def due(day):
        with Store.open(made.path) as store, store.reviewed() as connection:
            return [(d.scope, d.since) for d in due_reviews(connection, "small", SETTINGS, "UTC", day)]

    assert due(date(2026, 11, 21)) == [(ReviewScope.ALL, None)]
    made.open()
    assert due(date(2027, 6, 1)) == []  # it is open
    assert run(["review", "close", str(made.small.config), "--by", "Sam Kim", "--undecided", "the test"]) == 0
    assert due(date(2026, 12, 20)) == []
    assert due(date(2026, 12, 21)) == [(ReviewScope.PRIVILEGED, date(2026, 12, 21))]
    assert due(date(2027, 2, 21)) == [(ReviewScope.ALL, date(2027, 2, 21))]

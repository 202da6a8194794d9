"""What the officer sees and nobody else; and how a review is closed on the page."""

from datetime import timedelta
from html import unescape

from httpx2 import Response

from auditor.ledger.persons import same_person
from auditor.review_page.names import signs
from auditor.review_records import QuestionKind
from tests.review_practice import who
from tests.review_site import Reviewing


def text(page: Response) -> str:
    return " ".join(unescape(page.text).split())


def keep_quickly(pages: Reviewing) -> str:
    """Have Dana keep what she is advised to remove, one second after the page was given out."""
    dana, asked = pages.as_("dana"), pages.asked("dana", "ana", QuestionKind.EXCESS)
    page = dana.get(pages.path("ana"))
    pages.made.reviewed.now += timedelta(seconds=1)
    answer = {f"kind:{asked}": "keep", f"why:{asked}": "she covers the charges for Eve"}
    assert dana.submit(page, pages.path("ana"), **answer, then="stay").status_code == 303
    return asked


def decide_everything(pages: Reviewing) -> None:
    desk, made = pages.desk, pages.made.reviewed
    for reviewer in ("dana", "morgan"):
        for line in desk.people(who(reviewer), pages.campaign):
            view = desk.person(who(reviewer), pages.campaign, line.person)
            assert view is not None
            for one in view.questions:
                kind = "keep" if one.question.advice.value == "keep" else "remove"
                desk.decide(who(reviewer), made.wanted(one, kind))


def sign_everything(pages: Reviewing) -> None:
    desk = pages.desk
    for reviewer, name in (("dana", "Dana Ortiz"), ("morgan", "Morgan Lee")):
        summary = desk.summary(who(reviewer), pages.campaign)
        assert summary is not None
        desk.sign(who(reviewer), pages.campaign, name=name, mark=summary.mark, key=f"signature of {reviewer}")


def test_the_officer_sees_how_it_was_decided_and_the_reviewer_does_not(pages: Reviewing) -> None:
    asked = keep_quickly(pages)
    progress = text(pages.as_("sam").get(f"/review/{pages.campaign}/progress"))
    assert "1 second a decision (median of 1)" in progress
    assert "1 decisions within 5 seconds of the page" in progress or "within 5 seconds" in progress
    dana = pages.as_("dana")
    for path in (f"/review/{pages.campaign}", pages.path("ana"), f"/review/{pages.campaign}/sign"):
        assert "seconds of the page" not in dana.get(path).text
    read = text(pages.as_("ada").get(f"/review/{pages.campaign}/read/ana"))
    assert "Why: she covers the charges for Eve" in read
    assert asked not in text(pages.as_("sam").get(f"/review/{pages.campaign}/open"))


def test_what_is_overdue_is_said_first_and_counted_once(pages: Reviewing) -> None:
    sam = pages.as_("sam")
    before = text(sam.get(f"/review/{pages.campaign}/progress"))
    assert "late" not in before.partition("<h2>")[0]
    pages.made.reviewed.now += timedelta(days=15)
    sam = pages.as_("sam")
    overdue = text(sam.get(f"/review/{pages.campaign}/progress"))
    open_ = sum(pages.desk.progress(who(reviewer), pages.campaign)[1] for reviewer in ("dana", "morgan"))
    assert f"{open_} questions are late." in overdue
    assert text(sam.get(f"/review/{pages.campaign}/open")).count("late, was due") == open_
    assert "1 day late" in text(pages.as_("dana").get(f"/review/{pages.campaign}"))


def test_it_is_not_closed_while_something_is_missing_unless_the_officer_says_why(pages: Reviewing) -> None:
    keep_quickly(pages)
    sam, before = pages.as_("sam"), pages.decided()
    path, close = f"/review/{pages.campaign}/progress", f"/review/{pages.campaign}/close"
    page = sam.get(path)
    for name, because, says in (
        ("Dana Ortiz", "the quarter ends", "Type your own name"),
        ("", "", "Type your own name"),
        ("Sam Kim", "", "not decided"),
    ):
        answer = sam.submit(page, close, name=name, because=because)
        assert answer.status_code == 422
        assert says in text(answer)
    assert pages.decided() == before
    done = [sam.submit(page, close, name="Sam Kim", because="the quarter ends; the rest is asked in January")] * 2
    assert [one.headers["location"] for one in done] == [path, path]
    shown = text(sam.get(path))
    assert "Closed and sealed" in shown
    assert "Closed by Sam Kim" in shown
    assert 'action="/review/' not in sam.get(path).text, "there is nothing to close"
    assert pages.made.reviewed.verified().problems == ()
    mine = text(pages.as_("dana").get(f"/review/{pages.campaign}"))
    assert "is closed" in mine
    assert "not decided" in mine, "what nobody decided is never shown as kept"


def test_after_everybody_signed_it_is_closed_without_a_word_and_removals_are_told_apart(pages: Reviewing) -> None:
    decide_everything(pages)
    sam, path = pages.as_("sam"), f"/review/{pages.campaign}/progress"
    assert "2 signatures to come" in text(sam.get(path))
    sign_everything(pages)
    pages.made.reviewed.now += timedelta(minutes=1)
    page = sam.get(path)
    assert "it can be closed" in page.text
    assert "Why does it end like this?" not in page.text
    removals = text(sam.get(f"/review/{pages.campaign}/removals"))
    assert ">Decided<" in removals
    assert ">Removed<" not in removals, "nobody has read that it is gone"
    assert sam.submit(page, f"/review/{pages.campaign}/close", name="sam kim").status_code == 303
    assert "Closed:" in sam.get(path).text


def test_a_name_that_is_empty_is_nobodys() -> None:
    for other in ("Sam Kim", "", "kim@small.example.test"):
        assert not same_person("", other)
        assert not same_person(other, " ")
    assert same_person("sam kim", "Sam Kim")


def test_a_signature_is_the_whole_name() -> None:
    assert signs("tomas  QUIROGA salas", "Tomás Quiroga Salas")
    for typed in ("", " ", "Tomás", "Quiroga Salas", "Tomás Quiroga Sala", "T. Quiroga Salas"):
        assert not signs(typed, "Tomás Quiroga Salas")

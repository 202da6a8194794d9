"""What a reviewer does on the pages: decide, mend, take back, hand over, sign, decide anew; and what is refused."""

from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from httpx2 import Response

from auditor.review_records import DecisionKind, QuestionKind
from tests.review_practice import who
from tests.review_site import Reviewing
from tests.web_visits import Visitor

WHY = "she covers the charges while Eve is on leave"


def decide(dana: Visitor, path: str, then: str = "stay", **answers: dict[str, Any]) -> Response:
    """Open a person's page, and save answers: `Q_…={"kind": …}`."""
    page = dana.get(path)
    assert page.status_code == 200
    fields = {"then": then}
    for id_, answer in answers.items():
        fields |= {f"{name}:{id_}": value for name, value in answer.items()}
    return dana.submit(page, path, **fields)


def answer(id_: str, **fields: Any) -> dict[str, dict[str, Any]]:
    return {id_: fields}


def decision(pages: Reviewing, reviewer: str, question: str) -> Any:
    view = pages.desk.question(who(reviewer), pages.campaign, question)
    assert view is not None
    return view.decision


def text(page: Response) -> str:
    return " ".join(unescape(page.text).split())


def test_whoever_signs_in_lands_on_the_own_people_with_the_riskiest_first(pages: Reviewing) -> None:
    dana = pages.as_("dana")
    assert dana.get("/").headers["location"] == f"/review/{pages.campaign}"
    page = dana.get(f"/review/{pages.campaign}")
    assert "people wait for you" in page.text
    assert page.text.index("Begin with Cal Reyes") < page.text.index(">Ana Reyes<") < page.text.index(">Ben Reyes<")
    assert "Eve Reyes" not in page.text, "she is another's"


def test_nothing_is_chosen_beforehand_and_each_question_names_person_and_capability(pages: Reviewing) -> None:
    page = pages.as_("dana").get(pages.path("ana"))
    assert "checked" not in page.text
    assert page.text.count('<fieldset class="ask"') == page.text.count("Ana Reyes: </span>") == 2
    assert "Advice: Remove it." in page.text
    assert page.text.index("beyond the scheduler role") < page.text.index("What the role explains")


def test_a_decision_is_recorded_once_however_often_the_button_is_pressed(pages: Reviewing) -> None:
    dana, path = pages.as_("dana"), pages.path("ana")
    asked = pages.asked("dana", "ana", QuestionKind.EXCESS)
    page = dana.get(path)
    fields = {f"kind:{asked}": "remove", "then": "stay"}
    first, second = (dana.submit(page, path, **fields) for _ in range(2))
    assert first.status_code == second.status_code == 303
    assert first.headers["location"] == second.headers["location"] == path
    found = decision(pages, "dana", asked)
    assert (found.kind, found.reviewer, found.signed_in) == (
        DecisionKind.REMOVE, "dana", "https://id.example subject of dana",
    )  # fmt: skip
    with pages.store.reviewed() as connection:
        count = connection.exec_driver_sql("SELECT count(*) FROM review_decision").scalar()
    assert count == 1
    assert "1 decision saved for Ana Reyes." in dana.get(path).text


def test_the_next_person_comes_after_saving_and_the_list_to_sign_after_the_last(pages: Reviewing) -> None:
    dana = pages.as_("dana")
    where = dana.get("/").headers["location"]
    page = dana.get(where)
    visited = []
    path = page.text.split('class="button" href="')[1].split('"')[0]
    while "/person/" in path:
        visited.append(path)
        page = dana.get(path)
        ids = {part.split('"')[0] for part in page.text.split('name="version:')[1:]}
        explained = {i for i in ids if f'value="keep" id="choice-{i}"' in page.text}
        answers = {i: {"kind": "keep" if i in explained else "remove"} for i in ids}
        done = decide(dana, path, then="next", **answers)
        assert done.status_code == 303, text(done)
        path = done.headers["location"]
    assert path == f"/review/{pages.campaign}/sign"
    assert visited == [pages.path(person) for person in ("cal", "ana", "ben")]
    assert "Read this once more, then sign" in dana.get(path).text


@pytest.mark.parametrize(
    ("fields", "field", "says"),
    [
        ({"kind": "keep"}, "why", "10 characters or more"),
        ({"kind": "keep", "why": "ok"}, "why", "10 characters or more"),
        ({"kind": "change"}, "to", "what is to be given instead"),
        ({"kind": "exception", "why": WHY, "meanwhile": "her log is read weekly"}, "until", "Give the last day"),
        ({"kind": "exception", "why": WHY, "until": "2027-02-30", "meanwhile": "her log is read"}, "until", "last day"),
        ({"kind": "exception", "why": WHY, "until": "2026-11-21", "meanwhile": "her log is read"}, "until", "to come"),
        ({"kind": "exception", "why": WHY, "until": "2029-01-01", "meanwhile": "her log is read"}, "until", "a year"),
        ({"kind": "exception", "why": WHY, "until": "2027-01-01"}, "meanwhile", "what protects meanwhile"),
        ({"kind": "keep", "why": "\u202e" + WHY}, "why", "rintable text"),
        ({"why": WHY}, "choice", "nothing is chosen"),
        ({"kind": "undone"}, "choice", "not one of the answers"),
        ({"kind": "<script>"}, "choice", "not one of the answers"),
        ({}, "choice", "Nothing was chosen yet"),
    ],
)
def test_what_is_to_be_mended_is_said_on_top_with_a_link_to_its_field_and_nothing_typed_is_lost(
    pages: Reviewing, fields: dict[str, str], field: str, says: str
) -> None:
    dana, before = pages.as_("dana"), pages.decided()
    asked = pages.asked("dana", "ana", QuestionKind.EXCESS)
    page = decide(dana, pages.path("ana"), **answer(asked, **fields))
    assert page.status_code == 422
    assert pages.decided() == before
    box = page.text.split('id="problem"')[1].split("</div>")[0]
    assert f'href="#{field}-{asked}"' in box
    assert says in unescape(box)
    assert f'id="{field}-{asked}"' in page.text
    if field != "choice":
        assert f'aria-describedby="wrong-{field}-{asked}"' in page.text
    for name in ("to", "until", "meanwhile"):
        if fields.get(name):
            assert f'value="{fields[name]}"' in page.text
    assert page.text.startswith("<!doctype html>")
    assert "<title>Error: " in page.text


def test_several_answers_are_taken_together_or_not_at_all(pages: Reviewing) -> None:
    dana, before = pages.as_("dana"), pages.decided()
    excess, explained = (pages.asked("dana", "ana", kind) for kind in (QuestionKind.EXCESS, QuestionKind.EXPLAINED))
    both = {excess: {"kind": "keep", "why": "no"}, explained: {"kind": "keep"}}
    assert decide(dana, pages.path("ana"), **both).status_code == 422
    assert pages.decided() == before
    both[excess]["why"] = WHY
    assert decide(dana, pages.path("ana"), **both).status_code == 303
    assert decision(pages, "dana", excess).reason == WHY
    assert decision(pages, "dana", explained).kind is DecisionKind.KEEP


def test_fields_of_an_answer_that_was_not_chosen_do_not_count(pages: Reviewing) -> None:
    dana, asked = pages.as_("dana"), pages.asked("dana", "ana", QuestionKind.EXCESS)
    stray = {"to": "Claims", "until": "2027-01-01", "meanwhile": "her log is read weekly"}
    assert decide(dana, pages.path("ana"), **answer(asked, kind="remove", **stray)).status_code == 303
    found = decision(pages, "dana", asked)
    assert (found.change_to, found.expires, found.compensating) == ("", None, "")


def test_some_of_what_the_role_explains_goes_only_when_it_is_ticked(pages: Reviewing) -> None:
    dana, asked = pages.as_("dana"), pages.asked("dana", "ben", QuestionKind.EXPLAINED)
    view = pages.desk.question(who("dana"), pages.campaign, asked)
    assert view is not None
    assert len(view.items) > 1
    gone = {"kind": "remove", "why": "he does not book appointments any more"}
    assert "Tick what should go" in text(decide(dana, pages.path("ben"), **answer(asked, **gone)))
    one = str(view.items[0].id)
    assert decide(dana, pages.path("ben"), **answer(asked, **gone, only=one)).status_code == 303
    assert decision(pages, "dana", asked).items == (one,)


def test_a_decision_is_taken_back_until_it_is_signed(pages: Reviewing) -> None:
    dana, path = pages.as_("dana"), pages.path("ana")
    asked = pages.asked("dana", "ana", QuestionKind.EXCESS)
    decide(dana, path, **answer(asked, kind="remove"))
    undo = f"/review/{pages.campaign}/question/{asked}/undo"
    page = dana.get(path)
    done = dana.submit(page, undo)
    assert (done.status_code, done.headers["location"]) == (303, path)
    assert decision(pages, "dana", asked) is None
    assert dana.submit(page, undo).status_code == 303, "the second click says the same"


def test_a_stale_tab_changes_nothing_and_shows_both_states(pages: Reviewing) -> None:
    dana, path = pages.as_("dana"), pages.path("ana")
    asked, explained = (pages.asked("dana", "ana", kind) for kind in (QuestionKind.EXCESS, QuestionKind.EXPLAINED))
    stale = dana.get(path)
    decide(dana, path, **answer(asked, kind="keep", why=WHY))
    before = pages.decided()
    wanted = {f"kind:{asked}": "remove", f"kind:{explained}": "keep", f"why:{explained}": "as ever"}
    page = dana.submit(stale, path, **wanted)
    assert page.status_code == 409
    assert pages.decided() == before
    box = text(page).split('id="problem"')[1].split("Below is how")[0]
    assert "not decided" in box
    assert f"Keep, by Dana Ortiz on 21 Nov 2026, 09:00 CST: {WHY}" in box
    assert "What you wanted to save</dt><dd>Remove" in box
    assert f'value="keep" id="choice-{explained}" checked' in page.text, "the other answer is still there"


def test_a_stale_undo_shows_both_states(pages: Reviewing) -> None:
    dana, path = pages.as_("dana"), pages.path("ana")
    asked = pages.asked("dana", "ana", QuestionKind.EXCESS)
    decide(dana, path, **answer(asked, kind="remove"))
    stale = dana.get(path)
    undo = f"/review/{pages.campaign}/question/{asked}/undo"
    dana.submit(dana.get(path), undo)
    decide(dana, path, **answer(asked, kind="keep", why=WHY))
    page = dana.submit(stale, undo)
    assert page.status_code == 409
    assert "Remove, by Dana Ortiz" in text(page)
    assert "Keep, by Dana Ortiz" in text(page)
    assert decision(pages, "dana", asked).kind is DecisionKind.KEEP


def test_a_question_is_handed_over_to_whoever_may_decide_it(pages: Reviewing) -> None:
    dana, morgan = pages.as_("dana"), pages.as_("morgan")
    asked = pages.asked("dana", "ana", QuestionKind.EXCESS)
    path = f"/review/{pages.campaign}/question/{asked}/hand-over"
    page = dana.get(path)
    assert "Morgan Lee" in page.text
    wrong = dana.submit(page, path, to="", reason="")
    assert wrong.status_code == 422
    assert 'href="#to"' in wrong.text
    done = dana.submit(page, path, to="morgan", reason="he assigns the billing work")
    assert done.headers["location"] == pages.path("ana"), "what the role explains is still hers"
    assert "Handed over to Morgan Lee" in dana.get(pages.path("ana")).text
    assert dana.get(path).status_code == 404
    assert dana.submit(page, path, to="morgan", reason="again").status_code == 303, "the second click"
    assert asked in morgan.get(pages.path("ana")).text


def test_nobody_signs_before_everything_is_decided_or_another_list_than_was_shown(pages: Reviewing) -> None:
    dana, sign = pages.as_("dana"), f"/review/{pages.campaign}/sign"
    page = dana.get(sign)
    assert page.text.count("Not decided") > 3
    assert 'name="agree"' not in page.text
    token = {**_hidden(page), "name": "Dana Ortiz", "agree": "yes", "mark": "0" * 64}
    assert dana.post(sign, token).status_code == 409
    _decide_all(pages, dana)
    shown = dana.get(sign)
    path = pages.path("ana")
    asked = pages.asked("dana", "ana", QuestionKind.EXCESS)
    dana.submit(dana.get(path), f"/review/{pages.campaign}/question/{asked}/undo")
    decide(dana, path, **answer(asked, kind="keep", why=WHY))
    before = pages.decided()
    stale = dana.submit(shown, sign, name="Dana Ortiz", agree="yes")
    assert stale.status_code == 409
    assert pages.decided() == before
    assert WHY in text(stale), "the list as it is now"


def test_the_signature_needs_the_own_name_and_ends_undo_but_not_amendments(pages: Reviewing) -> None:
    dana, sign = pages.as_("dana"), f"/review/{pages.campaign}/sign"
    _decide_all(pages, dana)
    page = dana.get(sign)
    others = [(name, "yes", "name") for name in ("Morgan Lee", "", "Dana", "Ortiz", "dana@small.example.test")]
    for name, agree, field in (*others, ("Dana Ortiz", "", "agree")):
        wrong = dana.submit(page, sign, name=name, agree=agree)
        assert wrong.status_code == 422
        assert f'href="#{field}"' in wrong.text
    done = [dana.submit(page, sign, name="dana  ortiz", agree="yes") for _ in range(2)]
    assert [one.status_code for one in done] == [303, 303]
    assert "Done: everything is decided and signed" in dana.get(f"/review/{pages.campaign}").text
    asked = pages.asked("dana", "ana", QuestionKind.EXCESS)
    person = dana.get(pages.path("ana"))
    assert "/undo" not in person.text
    amend = f"/review/{pages.campaign}/question/{asked}/amend"
    page = dana.get(amend)
    fields = {f"kind:{asked}": "keep", f"why:{asked}": WHY}
    assert dana.submit(page, amend, **{f"kind:{asked}": "keep"}).status_code == 422
    assert [dana.submit(page, amend, **fields).status_code for _ in range(2)] == [303, 303]
    assert decision(pages, "dana", asked).amends
    assert pages.made.reviewed.verified().problems == ()


def test_what_is_not_signed_is_not_decided_by_an_amendment(pages: Reviewing) -> None:
    dana, asked = pages.as_("dana"), pages.asked("dana", "ana", QuestionKind.EXCESS)
    decide(dana, pages.path("ana"), **answer(asked, kind="remove"))
    assert dana.get(f"/review/{pages.campaign}/question/{asked}/amend").status_code == 404


def test_the_pace_is_that_of_the_server_between_page_and_answer(pages: Reviewing) -> None:
    dana, asked = pages.as_("dana"), pages.asked("dana", "ana", QuestionKind.EXCESS)
    page = dana.get(pages.path("ana"))
    pages.made.reviewed.now += timedelta(seconds=40)
    dana.submit(page, pages.path("ana"), **{f"kind:{asked}": "remove"})
    found = decision(pages, "dana", asked)
    assert (found.at - found.served_at).total_seconds() == 40


def _decide_all(pages: Reviewing, dana: Visitor) -> None:
    desk = pages.desk
    for line in desk.people(who("dana"), pages.campaign):
        view = desk.person(who("dana"), pages.campaign, line.person)
        assert view is not None
        for one in view.questions:
            fields = {"kind": "keep"} if one.question.bulk else {"kind": "remove"}
            if one.question.advice.value == "keep" and not one.question.bulk:
                fields = {"kind": "keep"}
            done = decide(dana, pages.path(line.person), **answer(one.question.question, **fields))
            assert done.status_code == 303, text(done)


def _hidden(page: Response) -> dict[str, str]:
    from tests.web_visits import forms_of  # noqa: PLC0415 - only here

    return forms_of(page.text)[0].hidden

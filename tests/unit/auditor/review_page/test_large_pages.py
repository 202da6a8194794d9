"""People with more than a page holds, and ids that no address holds as they are."""

from dataclasses import replace

import pytest

from auditor.review.counters import write_working
from auditor.review_page.addresses import person_key, person_of
from auditor.review_page.views import MOST_ITEMS, MOST_QUESTIONS
from auditor.review_records import QuestionKind
from auditor.store.reviews import ITEM, PERSON, QUESTION, add
from auditor.web.errors import Refused
from tests.review_practice import question, who
from tests.review_site import Reviewing


def add_person(pages: Reviewing, person: str, questions: int, items: int) -> None:
    """Add somebody with so many questions of so many items, like those that are asked."""
    desk, campaign = pages.desk, pages.campaign
    like = question(desk, "dana", campaign, "ana", QuestionKind.EXCESS)
    view = desk.person(who("dana"), campaign, "ana")
    assert view is not None
    one = replace(view.person, person=person, name="Many Things")
    asked = [
        replace(like.question, question=f"Q-{n:010}", person=person, person_name=one.name, risk=n)
        for n in range(questions)
    ]
    held = [
        replace(like.items[0], question=q.question, id=None, name=f"thing {n}") for q in asked for n in range(items)
    ]
    with pages.store.reviewing() as connection:
        add(connection, PERSON, [one])
        add(connection, QUESTION, asked)
        add(connection, ITEM, held)
        write_working(connection, asked)


def test_of_many_questions_the_riskiest_come_first_and_the_rest_is_counted(pages: Reviewing) -> None:
    add_person(pages, "VMA-99", MOST_QUESTIONS + 3, MOST_ITEMS + 7)
    dana, path = pages.as_("dana"), pages.path("VMA-99")
    page = dana.get(path)
    assert page.text.count('<fieldset class="ask"') == MOST_QUESTIONS
    assert "3 more questions about Many Things come when these are saved" in page.text
    assert f"{MOST_QUESTIONS + 3} things need you" in page.text
    assert page.text.count("and 7 more") == MOST_QUESTIONS
    assert f'id="ask-Q-{MOST_QUESTIONS + 2:010}"' in page.text, "the riskiest"
    answers = {f"kind:Q-{n:010}": "remove" for n in range(3, MOST_QUESTIONS + 3)}
    assert dana.submit(page, path, **answers, then="next").headers["location"] == path, "the rest of the same person"
    assert dana.get(path).text.count('<fieldset class="ask"') == 3


@pytest.mark.parametrize(
    "person",
    [
        *("account:ehr:1", "account:dir:CN=A B,DC=x", "arn:aws:iam::1:user/a/../b", "..", ".", "~"),
        *("a/b", "é", "\udcff", "x" * 400),
    ],
)
def test_every_id_has_one_address_that_holds_nothing_but_letters(person: str) -> None:
    key = person_key(person)
    assert all(c.isascii() and (c.isalnum() or c in "~._-") for c in key)
    assert key not in (".", "..")
    assert person_of(key) == person


@pytest.mark.parametrize("key", ["~YW5h", "~YW5", "~!", "..", "a b", "~_w", "~" + "A" * 5])
def test_an_address_that_this_program_never_wrote_is_nobodys(key: str) -> None:
    with pytest.raises(Refused):
        person_of(key)

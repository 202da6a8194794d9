"""Every route of the review, with who may ask; there is no other way to its data."""

from collections.abc import Callable
from functools import partial

from starlette.responses import Response

from auditor.review_page import (
    amend_page,
    close_page,
    hand_over_page,
    help_page,
    officer_page,
    people_page,
    person_page,
    sign_page,
)
from auditor.review_page.office import Office
from auditor.web.pages import Page, get, post
from auditor.web.people import SIGNED_IN, Role
from auditor.web.visit import Visit

_ONE = "/review/{campaign}"
_QUESTION = "/review/{campaign}/question/{question}"
READERS = (Role.OFFICER, Role.AUDITOR)
PageOf = Callable[[Office, Visit], Response]


def review_pages(office: Office) -> tuple[Page, ...]:
    """
    Return the pages of a practice's reviews.

    The pages on which something is decided are for whoever is signed in: they show and take the own questions alone,
    so that to everybody else they are as if they were not there (404).
    """

    def of(page: PageOf) -> Callable[[Visit], Response]:
        return partial(page, office)

    return (
        get("/", of(people_page.home), *SIGNED_IN),
        get("/help", of(help_page.help_), *SIGNED_IN),
        get(_ONE, of(people_page.people), *SIGNED_IN),
        get(f"{_ONE}/person/{{person}}", of(person_page.person), *SIGNED_IN),
        post(f"{_ONE}/person/{{person}}", of(person_page.decide), *SIGNED_IN, max_fields=20_000),
        post(f"{_QUESTION}/undo", of(person_page.undo), *SIGNED_IN),
        get(f"{_QUESTION}/hand-over", of(hand_over_page.hand_over), *SIGNED_IN),
        post(f"{_QUESTION}/hand-over", of(hand_over_page.handed_over), *SIGNED_IN),
        get(f"{_QUESTION}/amend", of(amend_page.amend), *SIGNED_IN),
        post(f"{_QUESTION}/amend", of(amend_page.amended), *SIGNED_IN),
        get(f"{_ONE}/sign", of(sign_page.sign), *SIGNED_IN),
        post(f"{_ONE}/sign", of(sign_page.signed), *SIGNED_IN),
        get(f"{_ONE}/progress", of(officer_page.progress), *READERS),
        get(f"{_ONE}/open", of(officer_page.undecided), *READERS),
        get(f"{_ONE}/people", of(officer_page.everybody), *READERS),
        get(f"{_ONE}/removals", of(officer_page.removed), *READERS),
        post(f"{_ONE}/close", of(close_page.closed), Role.OFFICER),
        get(f"{_ONE}/read/{{person}}", of(officer_page.read_person), *READERS),
    )

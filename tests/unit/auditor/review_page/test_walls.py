"""
What nobody gets by asking: every route, as everybody, with everybody's ids; and what a system's names can do.

A route that is missing in the table below fails a test: whoever adds one says who may ask for it.
"""

import base64
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.routing import Route

from auditor.review_records import QuestionKind
from auditor.store.web_records import Means
from tests.review_practice import ROWS, Reviewed, who
from tests.review_site import Made, Reviewing, reviewing
from tests.small_practice import account
from tests.web_visits import Visitor, forms_of

OWN, READS, OFFICER, ALL, SHELL = "own questions", "officer and auditor", "officer", "signed in", "of the shell"

WHO_MAY = {
    ("GET", "/"): ALL,
    ("GET", "/help"): ALL,
    ("GET", "/review/{campaign}"): OWN,
    ("GET", "/review/{campaign}/person/{person}"): OWN,
    ("POST", "/review/{campaign}/person/{person}"): OWN,
    ("POST", "/review/{campaign}/question/{question}/undo"): OWN,
    ("GET", "/review/{campaign}/question/{question}/hand-over"): OWN,
    ("POST", "/review/{campaign}/question/{question}/hand-over"): OWN,
    ("GET", "/review/{campaign}/question/{question}/amend"): OWN,
    ("POST", "/review/{campaign}/question/{question}/amend"): OWN,
    ("GET", "/review/{campaign}/sign"): OWN,
    ("POST", "/review/{campaign}/sign"): OWN,
    ("GET", "/review/{campaign}/progress"): READS,
    ("GET", "/review/{campaign}/open"): READS,
    ("GET", "/review/{campaign}/people"): READS,
    ("GET", "/review/{campaign}/removals"): READS,
    ("GET", "/review/{campaign}/read/{person}"): READS,
    ("POST", "/review/{campaign}/close"): OFFICER,
    ("GET", "/sign-in"): SHELL,
    ("GET", "/sign-in/begin"): SHELL,
    ("GET", "/sign-in/callback"): SHELL,
    ("GET", "/signed-out"): SHELL,
    ("POST", "/sign-out"): SHELL,
    ("GET", "/l/{token}"): SHELL,
    ("POST", "/l/{token}"): SHELL,
    ("POST", "/l/{token}/new"): SHELL,
    ("GET", "/static/{path:path}"): SHELL,
}


def routes(pages: Reviewing) -> set[tuple[str, str]]:
    found = set()
    for route in pages.app.routes:
        assert isinstance(route, Route)
        found |= {(method, route.path) for method in route.methods or () if method != "HEAD"}
    return found


def filled(pages: Reviewing, path: str, *, person: str, question: str, campaign: str = "") -> str:
    return path.format(campaign=campaign or pages.campaign, person=person, question=question)


def ask(visitor: Visitor, method: str, path: str, page: Any = None) -> Any:
    """Ask; a form has everything that a form of one's own page has."""
    if method == "GET":
        return visitor.get(path)
    hidden = forms_of(page.text)[0].hidden if page is not None else {}
    return visitor.post(path, {**hidden, "form_version": "0", "then": "stay", "to": "morgan", "reason": "for me"})


def same(answer: Any) -> tuple[int, str]:
    """Return what an answer says, without what is new in every form."""
    return answer.status_code, re.sub(r'value="[^"]*"', "", answer.text)


def test_every_route_stands_in_the_table_of_who_may(pages: Reviewing) -> None:
    assert routes(pages) == set(WHO_MAY)


@pytest.mark.parametrize("asks", ["morgan", "ada", "sam"])
def test_what_is_anothers_is_as_if_it_were_not_there(pages: Reviewing, asks: str) -> None:
    """Every page of Dana's own questions, asked for by another reviewer, the auditor and the officer."""
    visitor, before = pages.as_(asks), pages.decided()
    question = pages.asked("dana", "ana", QuestionKind.EXCESS)
    form = visitor.get("/help")
    tried = 0
    for (method, path), may in WHO_MAY.items():
        if may is not OWN or (asks == "morgan" and path in ("/review/{campaign}", "/review/{campaign}/sign")):
            continue  # Morgan has people of his own in this campaign
        foreign = filled(pages, path, person="ana", question=question)
        absent = filled(pages, path, person="nobody", question="Q-AAAAAAAAAA", campaign="R-AAAAAAAAAA")
        one, other = (ask(visitor, method, where, form) for where in (foreign, absent))
        assert one.status_code == 404, (method, path)
        assert same(one) == same(other)
        tried += 1
    assert tried >= 7
    assert pages.decided() == before


def test_nobody_is_led_to_sign_in_whatever_there_is(pages: Reviewing) -> None:
    question, before = pages.asked("dana", "ana", QuestionKind.EXCESS), pages.decided()
    for (method, path), may in WHO_MAY.items():
        if may is SHELL:
            continue
        for person, id_, campaign in (("ana", question, ""), ("nobody", "Q-AAAAAAAAAA", "R-AAAAAAAAAA")):
            answer = ask(
                Visitor(pages.app), method, filled(pages, path, person=person, question=id_, campaign=campaign)
            )
            if method == "GET":
                assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
            else:
                assert answer.status_code == 403
    assert pages.decided() == before


@pytest.mark.parametrize(("asks", "means"), [("dana", Means.OIDC), ("morgan", Means.OIDC)])
def test_the_officers_pages_are_refused_to_reviewers_alike_whatever_there_is(
    pages: Reviewing, asks: str, means: Means
) -> None:
    visitor, before = pages.as_(asks), pages.decided()
    form = visitor.get("/help")
    for (method, path), may in WHO_MAY.items():
        if may in (READS, OFFICER):
            there, absent = (
                ask(visitor, method, filled(pages, path, person="eve", question="", campaign=campaign), form)
                for campaign in ("", "R-AAAAAAAAAA")
            )
            assert same(there) == same(absent)
            assert there.status_code == 403
    assert pages.decided() == before


def test_the_auditor_reads_everything_and_changes_nothing(pages: Reviewing) -> None:
    ada, before = pages.as_("ada"), pages.decided()
    form = ada.get("/help")
    for (method, path), may in WHO_MAY.items():
        if may is READS:
            answer = ada.get(filled(pages, path, person="ana", question=""))
            assert answer.status_code == 200, path
            inside = [one.action for one in forms_of(answer.text)]
            assert inside == ["/sign-out"], "there is nothing to send"
        elif method == "POST" and may is not SHELL:
            question = pages.asked("dana", "ana", QuestionKind.EXCESS)
            answer = ask(ada, method, filled(pages, path, person="ana", question=question), form)
            assert answer.status_code in (403, 404), path
    assert pages.decided() == before


def test_a_link_makes_an_officer_a_reviewer_who_sees_the_own_questions_alone(opened: Made, tmp_path: Path) -> None:
    made = opened.copied(tmp_path)
    text = made.reviewed.small.config.read_text()
    both = text.replace("roles: [officer], privileged: true}", "roles: [officer, reviewer], privileged: true}")
    assert both != text
    made.reviewed.small.config.write_text(both)
    with reviewing(made) as pages:
        by_link = Visitor(pages.app).sign_in("sam", Means.LINK)
        assert by_link.get(f"/review/{pages.campaign}/progress").status_code == 403
        assert by_link.get(pages.path("ana")).status_code == 404
        assert pages.as_("sam").get(f"/review/{pages.campaign}/progress").status_code == 200


@pytest.mark.parametrize("field", ["version", "kind", "why"])
def test_ids_in_hidden_fields_reach_nothing_of_anybody_else(pages: Reviewing, field: str) -> None:
    """Dana sends Morgan's question on her own page: nothing is taken, her own answer neither."""
    dana, before = pages.as_("dana"), pages.decided()
    mine = pages.asked("dana", "ana", QuestionKind.EXCESS)
    his = pages.asked("morgan", "eve", QuestionKind.EXPLAINED)
    path = pages.path("ana")
    page = dana.get(path)
    smuggled = {f"version:{his}": "0", f"kind:{his}": "keep", f"{field}:{his}": "0"}
    answer = dana.submit(page, path, **{f"kind:{mine}": "remove", **smuggled})
    assert answer.status_code == 404
    assert pages.decided() == before


def test_items_of_another_question_cannot_be_named(pages: Reviewing) -> None:
    dana, before = pages.as_("dana"), pages.decided()
    mine = pages.asked("dana", "ben", QuestionKind.EXPLAINED)
    his = pages.desk.question(who("morgan"), pages.campaign, pages.asked("morgan", "eve", QuestionKind.EXPLAINED))
    assert his is not None
    fields = {f"kind:{mine}": "remove", f"why:{mine}": "he does not need it", f"only:{mine}": str(his.items[0].id)}
    answer = dana.submit(dana.get(pages.path("ben")), pages.path("ben"), **fields)
    assert answer.status_code == 422
    assert pages.decided() == before


def test_nobody_is_handed_what_they_may_not_decide(pages: Reviewing) -> None:
    dana, before = pages.as_("dana"), pages.decided()
    question = pages.asked("dana", "ana", QuestionKind.EXCESS)
    path = f"/review/{pages.campaign}/question/{question}/hand-over"
    page = dana.get(path)
    for to in ("ada", "dana", "nobody", "../morgan", "<b>"):
        answer = dana.submit(page, path, to=to, reason="they know it better")
        assert answer.status_code == 422, to
    assert pages.decided() == before


@pytest.mark.parametrize("how", ["HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE"])
def test_other_methods_show_and_change_nothing(pages: Reviewing, how: str) -> None:
    dana, morgan, before = pages.as_("dana"), pages.as_("morgan"), pages.decided()
    path = pages.path("ana")
    own, foreign = (visitor.client.request(how, path) for visitor in (dana, morgan))
    assert own.text == "" or "Ana" not in own.text
    assert foreign.status_code in (404, 405)
    assert foreign.text == "" or "Ana" not in foreign.text
    assert pages.decided() == before


@pytest.mark.parametrize(
    "tail",
    ["/", "//", "/%2e", "/%2e%2e/eve", "%2f..%2feve", "%00", ";eve", "?person=eve", "/../eve", "%252e%252e"],
)
def test_other_spellings_of_an_address_lead_to_no_one_else(pages: Reviewing, tail: str) -> None:
    dana = pages.as_("dana")
    answer = dana.get(pages.path("ana") + tail)
    assert answer.status_code == (200 if tail.startswith("?") else 404)
    assert "Eve Reyes" not in answer.text


@pytest.mark.parametrize(
    "person", ["ANA", "ana.", " ana", "~YW5h", "~", "~!!", "~4pyT/x", "a" * 3000, "~" + "A" * 3001]
)
def test_a_person_has_one_address(pages: Reviewing, person: str) -> None:
    """Another spelling of an id is no id: `~YW5h` is `ana` in base64url, which this program never writes."""
    assert pages.as_("dana").get(f"/review/{pages.campaign}/person/{person}").status_code in (404, 400)


@pytest.mark.parametrize("page", ["0", "-1", "2", "x", "1e3", "٣", "999999999"])
def test_a_part_of_a_list_that_there_is_not_is_no_page(pages: Reviewing, page: str) -> None:
    for path in (f"/review/{pages.campaign}", f"/review/{pages.campaign}/sign"):
        assert pages.as_("dana").get(f"{path}?page={page}").status_code in (400, 404)
    assert pages.as_("sam").get(f"/review/{pages.campaign}/open?page={page}").status_code in (400, 404)


# ---- names from systems ----

CANARIES = (
    "<img src=x onerror=alert(1)>",
    '" autofocus onfocus=alert(1) x="',
    "javascript:alert(1)",
    "</title></textarea></style><script>alert(1)</script>",
    "<svg/onload=alert(1)>",
    "{{7*7}}{%raw%}${7*7}",
    "--><script>alert(1)</script>",
    "+ADw-script+AD4-alert(1)",
    "\u202egro.live\u2066",
    "\\u0000' or 1=1 --",
)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reviewing]:
    """A practice in which everything that comes from a system is an attack."""
    rows, accounts = list(ROWS), []
    for number, canary in enumerate(CANARIES):
        login = f"h{number} {canary}".replace(",", " ")
        accounts.append(account(f"x{number}", "Scheduling;Charges", Login=login, Name=f"{login} Reyes"))
    accounts.append(account("ana", "Scheduling;Charges"))
    made = Reviewed.made(tmp_path_factory.mktemp("hostile"), accounts=_quoted(accounts), rows=rows)
    with reviewing(Made(made, made.open().campaign.id)) as pages:
        yield pages


def _quoted(accounts: list[dict[str, str]]) -> list[dict[str, str]]:
    return [{k: '"' + v.replace('"', '""') + '"' for k, v in one.items()} for one in accounts]


TAGS = re.compile(r"<[^>]*>")
ALLOWED = re.compile(r"</?(?:img|svg|script|b)\b", re.IGNORECASE)


def test_what_comes_from_a_system_stays_text_on_every_page(hostile: Reviewing) -> None:
    morgan, sam = hostile.as_("morgan"), hostile.as_("sam")
    desk, campaign = hostile.desk, hostile.campaign
    seen = []
    for line in desk.people(who("morgan"), campaign):
        seen.append(morgan.get(hostile.path(line.person)))
        view = desk.person(who("morgan"), campaign, line.person)
        assert view is not None
        question = view.questions[0].question.question
        seen.append(morgan.get(f"/review/{campaign}/question/{question}/hand-over"))
    seen += [morgan.get(f"/review/{campaign}"), morgan.get(f"/review/{campaign}/sign")]
    seen += [sam.get(f"/review/{campaign}/{name}") for name in ("progress", "open", "people", "removals")]
    whole = ""
    for page in seen:
        assert page.status_code == 200
        assert not ALLOWED.search(page.text), "no tag of a name"
        for tag in TAGS.findall(page.text):
            assert not re.search(r"\son\w+\s*=", re.sub(r'"[^"]*"', '""', tag)), tag
        assert not re.search(r'(?:href|action|src)="(?!/|#)', page.text), "every address is a path of ours"
        assert "\u202e" not in page.text
        assert "\u2066" not in page.text
        whole += page.text
    assert "&lt;img src=x onerror=alert(1)&gt;" in whole, "it was there"
    assert "{{7*7}}" in whole
    assert len(seen) > 2 * len(CANARIES)


@pytest.mark.parametrize("canary", CANARIES)
def test_what_a_reviewer_types_stays_text_wherever_it_is_shown(pages: Reviewing, canary: str) -> None:
    dana, path = pages.as_("dana"), pages.path("ana")
    asked = pages.asked("dana", "ana", QuestionKind.EXCESS)
    fields = {f"kind:{asked}": "change", f"why:{asked}": f"why {canary}", f"to:{asked}": f"to {canary}"}
    shown = [dana.submit(dana.get(path), path, **{**fields, f"kind:{asked}": "exception"})]
    saved = dana.submit(dana.get(path), path, **fields)
    shown.append(saved)
    if saved.status_code == 303:
        shown += [dana.get(path), dana.get(f"/review/{pages.campaign}/sign")]
        shown += [pages.as_("sam").get(f"/review/{pages.campaign}/read/ana")]
    for page in shown:
        assert not ALLOWED.search(page.text)
        assert ' autofocus onfocus="' not in page.text
        assert '" autofocus onfocus=alert' not in page.text


def test_the_address_of_an_account_of_nobody_holds_nothing_of_its_id(hostile: Reviewing) -> None:
    page = hostile.as_("morgan").get(f"/review/{hostile.campaign}")
    paths = re.findall(r'href="(/review/[^"]+/person/[^"]+)"', page.text)
    assert paths
    for path in paths:
        assert re.fullmatch(r"/review/R-[A-Z0-9]+/person/[A-Za-z0-9._~-]+", path)
        coded = path.rpartition("/")[2]
        if coded.startswith("~"):
            assert base64.urlsafe_b64decode(coded[1:] + "==").decode().startswith("account:ehr:")

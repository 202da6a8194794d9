"""`auditor review link` and `auditor review sign-ins`: who may come to the review's pages, and how."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from auditor.cli import run
from auditor.config import load_config
from auditor.ledger.keys import Signer
from auditor.review_page.site import review_site
from auditor.sign_in_settings import SignInSettings
from auditor.store import Store
from auditor.store.web import WebStore
from auditor.store.web_records import Means, WebIdentity
from auditor.web.tokens import digest
from tests.review_practice import REVIEW
from tests.small_practice import Small, account, noon, row

DOCS = Path(__file__).parents[4] / "docs"
SITE = "  sign_in: {site: 'https://review.example', link_number: true}\n"
BY = ("--by", "Sam Kim")


@pytest.fixture
def small(tmp_path):
    small = Small(tmp_path / "small")
    small.write(noon("2026-11-20"), [row("ana", "2026-01-05")], [account("ana")])
    small.config.write_text(small.config.read_text() + REVIEW + SITE)
    Store.open(small.folder / "auditor.db").close()
    return small


@pytest.fixture
def answer(small, capsys):
    def ask(*words: str, code: int = 0) -> str:
        capsys.readouterr()
        assert run(["review", words[0], *words[1:], "--config", str(small.config)]) == code
        printed = capsys.readouterr()
        return printed.out + printed.err

    return ask


def web(small) -> WebStore:
    return WebStore(small.folder / "auditor.db")


def test_a_link_is_printed_once_with_the_address_that_browsers_use(answer, small):
    text = answer("link", "dana", *BY)
    (value,) = re.findall(r"^https://review\.example/l/([A-Za-z0-9_-]{43})$", text, re.MULTILINE)
    assert "by telephone" in text
    with web(small) as store:
        link = store.link(digest(value))
        assert link is not None
        assert (link.person, link.made_by, link.numbered) == ("dana", "Sam Kim", True)
        (request,) = store.requests()
    assert (request.method, request.route, request.person) == ("COMMAND", "review link", "dana")
    assert value not in repr(request)


def test_a_link_for_machines_holds_what_is_needed_to_send_it(answer):
    data = json.loads(answer("link", "dana", *BY, "--no-number", "--hours", "1", "--format", "json"))
    assert data["number"] is None
    left = datetime.fromisoformat(data["expires"]) - datetime.now(UTC)
    assert timedelta(minutes=58) < left <= timedelta(hours=1)


@pytest.mark.parametrize(
    ("person", "said"), [("sam", "is no reviewer"), ("ada", "is no reviewer"), ("eve", "there are: dana, morgan, sam")]
)
def test_a_link_is_for_reviewers_of_the_configuration(answer, small, person, said):
    assert said in answer("link", person, *BY, code=64)
    with web(small) as store:
        assert {request.outcome for request in store.requests()} <= {"refused"}


def test_a_link_to_this_machine_is_said_to_be_one(answer, small):
    assert "leads to this machine" not in answer("link", "dana", *BY)
    small.config.write_text(small.config.read_text().replace("site: 'https://review.example', ", ""))
    text = answer("link", "dana", *BY)
    assert "http://127.0.0.1:8802/l/" in text
    assert "leads to this machine" in text


def test_no_link_is_made_where_links_do_not_sign_in(answer, small):
    oidc = "oidc: {name: A, issuer: 'https://id.example', client_id: a}, links: false"
    small.config.write_text(small.config.read_text().replace("link_number: true", oidc))
    assert "links do not sign in here" in answer("link", "dana", *BY, code=64)


def test_who_may_come_is_listed_with_how_and_when(answer, small):
    now = datetime.now(UTC)
    with web(small) as store:
        store.bind(WebIdentity("https://id.example", "s-1", "sam", "sam@small.example.test", now))
        store.sign_in("a", "sam", Means.OIDC, at=now, issuer="https://id.example", subject="s-1")
        store.sign_in("b", "sam", Means.OIDC, at=now - timedelta(hours=13), issuer="https://id.example", subject="s-1")
    answer("link", "dana", *BY)
    text = answer("sign-ins", "--requests", "5")
    assert "Sam Kim (sam): officer" in text
    assert "account s-1 of https://id.example" in text
    assert "1 session open" in text
    assert "Dana Ortiz (dana): reviewer\n  never signed in\n  a link waits until" in text
    assert "COMMAND review link (link 1 by Sam Kim)  done 200" in text
    data = json.loads(answer("sign-ins", "--format", "json"))
    assert [p["open_sessions"] for p in data["people"]] == [0, 0, 1, 0]
    assert data["requests"] == []


def test_somebody_is_shut_out_until_they_sign_in_anew(answer, small):
    now = datetime.now(UTC)
    with web(small) as store:
        store.bind(WebIdentity("https://id.example", "s-1", "dana", "dana@small.example.test", now))
        store.sign_in("a", "dana", Means.OIDC, at=now, issuer="https://id.example", subject="s-1")
    answer("link", "dana", *BY)
    assert "1 session, 1 unused link, 1 account ended" in answer("sign-ins", "--release", "dana", *BY)
    with web(small) as store:
        assert store.session("a", now, idle=timedelta(1), life=timedelta(1)) is None
        assert store.bound("dana") == ()
        assert [link.revoked is not None for link in store.links("dana")] == [True]
        assert store.requests()[-1].about == "by Sam Kim"


def test_somebody_who_left_the_configuration_can_be_shut_out_and_nobody_else(answer, small):
    with web(small) as store:
        store.sign_in("a", "gone", Means.LINK, at=datetime.now(UTC))
    assert "1 session" in answer("sign-ins", "--release", "gone", *BY)
    assert "has the id" in answer("sign-ins", "--release", "nobody", *BY, code=64)


@pytest.mark.parametrize("words", [("--release", "dana"), BY])
def test_to_shut_somebody_out_it_is_said_who_does_it(answer, words):
    assert "go together" in answer("sign-ins", *words, code=64)


def test_the_settings_of_the_page_are_those_of_the_program():
    page = (DOCS / "sign-in.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    settings = SignInSettings.model_validate(yaml.safe_load(block)["review"]["sign_in"])
    assert settings.oidc is not None
    assert settings.oidc.trust_email
    for name in (*SignInSettings.model_fields, *type(settings.oidc).model_fields):
        assert re.search(rf"`(oidc: )?{name}[`:]", page), name


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"links": False}, "nobody can sign in"),
        ({"site": "https://review.example/"}, "nothing behind the name"),
        ({"site": "https://["}, "nothing behind the name"),
        ({"oidc": {"name": "A", "issuer": "http://id.example", "client_id": "a"}}, "https://"),
        ({"oidc": {"name": "A", "issuer": "https://id.example?x", "client_id": "a"}}, "without `?`"),
        ({"oidc": {"name": "A", "issuer": "https://id.example", "client_id": "a", "algorithms": ["none"]}}, "RS256"),
        ({"oidc": {"name": "A", "issuer": "https://id.example", "client_id": "a", "algorithms": ["HS256"]}}, "RS256"),
        (
            {"oidc": {"name": "A", "issuer": "https://id.example", "client_id": "a", "email_claim": "upn"}},
            "trust_email",
        ),
        ({"oidc": {"name": "A", "issuer": "https://id.example", "client_id": "a", "scopes": ["email"]}}, "openid"),
        (
            {"oidc": {"name": "A", "issuer": "https://id.example", "client_id": "a", "client_secret_env": "a b"}},
            "pattern",
        ),
    ],
)
def test_settings_that_would_let_somebody_in_by_mistake_are_refused(given, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        SignInSettings.model_validate(given)


def test_the_pages_let_nobody_in_whom_the_configuration_has_dropped(small):
    config = load_config(small.config, check_files=False)
    key = config.store.with_suffix(".key")
    with Store.open(config.store) as store:
        signer = Signer.load_or_create(key, ledger_is_empty=True)
        people = review_site(config, store, signer, "https://review.example").people
        assert sorted(people) == ["ada", "dana", "morgan", "sam"]
        text = small.config.read_text()
        small.config.write_text("\n".join(line for line in text.splitlines() if "    dana:" not in line))
        assert sorted(people) == ["ada", "morgan", "sam"]
        small.config.write_text(text.partition("review:")[0])
        assert sorted(people) == []

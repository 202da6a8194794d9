"""
Whom an identity provider can make us believe: a provider that lies in every way that a stranger could think of.

What authlib alone accepts is marked `authlib took it`: run against it without our checks, it signed somebody in.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from httpx2 import Response

from auditor.sign_in_settings import Provider
from auditor.web.pages import get
from auditor.web.people import SIGNED_IN
from auditor.web.rates import Rate
from auditor.web.sign_in import oidc, provider_pages, transport
from tests.servers.hostile_oidc import CLIENT_ID, EC, OTHER_RSA, PS, RSA, Lies, hostile
from tests.web_visits import Visitor, a_site, visiting

DAY = 86_400
DISCOVERY = "/.well-known/openid-configuration"
Change = Callable[[Lies], Any]


@pytest.fixture
def lies() -> Iterator[Lies]:
    with hostile() as provider:
        yield provider


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """One store for all: an issuer is another for each test, by its port."""
    return tmp_path_factory.mktemp("lies")


@pytest.fixture
def site(folder, lies):
    provider = Provider(name="Lakeside", issuer=lies.url, client_id=CLIENT_ID)
    return a_site(folder, get("/", lambda visit: visit.render("signed_out.html.j2"), *SIGNED_IN), provider=provider)


@pytest.fixture
def dana(site, monkeypatch) -> Iterator[Visitor]:
    monkeypatch.setattr(provider_pages, "STRANGERS", Rate(1000, 1000))
    monkeypatch.setattr(provider_pages, "ONE_PERSON", Rate(1000, 1000))
    with visiting(site) as app:
        yield Visitor(app)


def begin(browser: Visitor, lies: Lies) -> dict[str, str]:
    """Go to the provider, and return what our side asked it."""
    went = browser.get("/sign-in/begin")
    if went.status_code != 303:
        return {}
    asked = {name: values[0] for name, values in parse_qs(urlsplit(went.headers["location"]).query).items()}
    lies.nonce, lies.challenge = asked["nonce"], asked["code_challenge"]
    return asked


def come_back(browser: Visitor, lies: Lies, asked: dict[str, str], **changed: Any) -> Response:
    """Come back from the provider; a parameter of `...` is left out."""
    sent = {"code": "c-1", "state": asked.get("state", ""), "iss": lies.url, **changed}
    return browser.get("/sign-in/callback?" + urlencode({k: v for k, v in sent.items() if v is not ...}))


def sign_in(browser: Visitor, lies: Lies, **changed: Any) -> Response:
    return come_back(browser, lies, begin(browser, lies), **changed)


def is_in(browser: Visitor) -> bool:
    return browser.get("/").status_code == 200


def lie(name: str, change: Change) -> Any:
    return pytest.param(change, id=name)


def now(seconds: int) -> Callable[[], int]:
    """So many seconds from when the token is made, and not from when the tests were collected."""
    return lambda: int(time.time()) + seconds


def claim(**values: Any) -> Change:
    return lambda lies: lies.claims.update({k: v() if callable(v) else v for k, v in values.items()})


def meta(**values: Any) -> Change:
    return lambda lies: lies.metadata.update(values)


def listed(*algorithms: str) -> Change:
    return meta(id_token_signing_alg_values_supported=list(algorithms))


def both(*changes: Change) -> Change:
    return lambda lies: [change(lies) for change in changes]


def signed(how: Any, **header: Any) -> Change:
    def change(lies: Lies) -> None:
        lies.signs_with = how
        lies.header.update(header)

    return change


def answers(path: str, body: bytes, **headers: str) -> Change:
    def change(lies: Lies) -> None:
        lies.bodies[path] = body
        lies.headers[path] = headers

    return change


def moved(path: str) -> Change:
    def change(lies: Lies) -> None:
        lies.status[path] = 302
        lies.headers[path] = {"location": f"{lies.url}/elsewhere"}

    return change


HONEST = [
    lie("as it should be", lambda lies: None),
    lie("one key and no name of it", lambda lies: lies.header.update(kid=...)),
    lie("ended 20 seconds ago, by another clock", claim(exp=now(-20))),
    lie("several audiences, and we asked", claim(aud=[CLIENT_ID, "other"], azp=CLIENT_ID)),
    lie("ES256", both(listed("ES256"), signed(EC, alg="ES256", kid="two"), lambda lies: lies.keys.append(EC))),
    lie("PS256", both(listed("PS256"), signed(PS, alg="PS256", kid="ps"), lambda lies: lies.keys.append(PS))),
    lie("RFC 9207 not announced, and none sent", meta(authorization_response_iss_parameter_supported=...)),
    lie("no access token hash", claim(at_hash=...)),
    lie("the address in other letters", claim(email="Dana@Lakeside.example")),
]

LIES = [
    lie("alg none", signed("nothing")),
    lie("alg none, and discovery lists it: authlib took it", both(signed("nothing"), listed("RS256", "none"))),
    lie("alg none alone in discovery", both(signed("nothing"), listed("none"))),
    lie("HS256 with the public key", signed("the public key")),
    lie("HS256 with the public key, listed", both(signed("the public key"), listed("RS256", "HS256"))),
    lie("RS512, which we do not list", both(signed(RSA, alg="RS512"), listed("RS512"))),
    lie("algorithms as text", meta(id_token_signing_alg_values_supported="RS256")),
    lie("discovery of another issuer: authlib took it", meta(issuer="https://other.example")),
    lie("discovery without issuer: authlib took it", meta(issuer=...)),
    lie("issuer with a slash more", lambda lies: lies.metadata.update(issuer=lies.url + "/")),
    lie("token of another issuer", claim(iss="https://other.example")),
    lie("token without issuer", claim(iss=...)),
    lie("no identity token: authlib took it", lambda lies: lies.answer.update(id_token=...)),
    lie("identity token that is no text", lambda lies: lies.answer.update(id_token=["a"])),
    lie("identity token that is nothing", lambda lies: lies.answer.update(id_token=None)),
    lie("an error in place of a token", lambda lies: lies.answer.update(error="invalid_grant")),
    lie("no subject", claim(sub=...)),
    lie("an empty subject: authlib took it", claim(sub="")),
    lie("a subject of spaces", claim(sub="  ")),
    lie("a list as subject", claim(sub=["s-dana"])),
    lie("a number as subject", claim(sub=7)),
    lie("a subject of 300 characters", claim(sub="s" * 300)),
    lie("a subject beyond ASCII", claim(sub="s-dänä")),
    lie("a subject of 200 KB", claim(sub="s" * 200_000)),
    lie("ended 100 seconds ago: authlib took it", claim(exp=now(-100))),
    lie("without end", claim(exp=...)),
    lie("an end that is text", claim(exp="tomorrow")),
    lie("without beginning", claim(iat=...)),
    lie("issued 30 days ago: authlib took it", claim(iat=now(-30 * DAY))),
    lie("issued in an hour", claim(iat=now(3600))),
    lie("valid in an hour", claim(nbf=now(3600))),
    lie("without nonce", claim(nonce=...)),
    lie("with another nonce", claim(nonce="of another browser")),
    lie("for another client", claim(aud="other")),
    lie("for nobody", claim(aud=...)),
    lie("for several, and nobody asked", claim(aud=[CLIENT_ID, "other"])),
    lie("for us, and another asked", claim(azp="other")),
    lie("of another access token", claim(at_hash="AAAAAAAAAAAAAAAAAAAAAA")),
    lie("signed by another key of the same name", signed(OTHER_RSA)),
    lie("signed by a key that nobody knows", signed(RSA, kid="unknown")),
    lie("two keys, and none is named", both(signed(RSA, kid=...), lambda lies: lies.keys.append(EC))),
    lie("40,000 keys", answers("/jwks", b'{"keys":[' + b'{"kty":"RSA"},' * 39_999 + b'{"kty":"RSA"}]}')),
    lie("51 keys", lambda lies: lies.keys.extend([EC] * 50)),
    lie("no keys", answers("/jwks", b'{"keys":[]}')),
    lie("keys that are none", answers("/jwks", b'{"keys":[1,null]}')),
    lie("a shared secret among the keys", answers("/jwks", b'{"keys":[{"kty":"oct","k":"AAAA","kid":"one"}]}')),
    lie("keys in HTML", answers("/jwks", b"<html>")),
    lie("keys elsewhere", moved("/jwks")),
    lie("the token elsewhere", moved("/token")),
    lie("a token answer without end: authlib read it all", lambda lies: lies.endless.add("/token")),
    lie("a token answer in HTML", answers("/token", b"<html>")),
    lie("a token answer that is a list", answers("/token", b"[]")),
    lie("a token answer nested 100,000 deep", answers("/token", b"[" * 100_000)),
    lie("a packed token answer", lambda lies: lies.packed.add("/token")),
    lie("packed keys", lambda lies: lies.packed.add("/jwks")),
    lie("discovery elsewhere", moved(DISCOVERY)),
    lie("discovery in HTML", answers(DISCOVERY, b"<html>")),
    lie("discovery that is a list", answers(DISCOVERY, b"[]")),
    lie("discovery without end", lambda lies: lies.endless.add(DISCOVERY)),
    lie("discovery that fails", lambda lies: lies.status.update({DISCOVERY: 500})),
    lie("a token endpoint without TLS", meta(token_endpoint="http://id.example/token")),
    lie("keys in a file", meta(jwks_uri="file:///etc/passwd")),
    lie("no authorization endpoint", meta(authorization_endpoint=...)),
    lie("an authorization endpoint that is a script", meta(authorization_endpoint="javascript:alert(1)")),
    lie("an endpoint with a line break", meta(authorization_endpoint="https://id.example/\r\nset-cookie: a=b")),
    lie("an address that is not verified", claim(email_verified=False)),
    lie("an address of which nothing is said", claim(email_verified=...)),
    lie("an address that is verified by a word", claim(email_verified="yes")),
    lie("no address", claim(email=...)),
    lie("a list of addresses", claim(email=["dana@lakeside.example"])),
    lie("two addresses", claim(email="dana@lakeside.example,kim@lakeside.example")),
    lie("an address that nobody here has", claim(email="eve@lakeside.example")),
    lie("an address whose k is the Kelvin sign", claim(email="\u212aim@lakeside.example", sub="s-kim")),
    lie("an address in wide letters", claim(email="\uff44ana@lakeside.example")),
    lie("an address with a space before it", claim(email=" dana@lakeside.example")),
    lie("an address with something behind it", claim(email="dana@lakeside.example\x00.evil.example")),
]


@pytest.mark.parametrize("change", HONEST)
def test_an_honest_provider_signs_in(dana, lies, change):
    change(lies)
    asked = begin(dana, lies)
    iss = ... if lies.metadata["authorization_response_iss_parameter_supported"] is ... else lies.url
    done = come_back(dana, lies, asked, iss=iss)
    assert (done.status_code, done.headers.get("location")) == (303, "/")
    assert is_in(dana)


@pytest.mark.parametrize("change", LIES)
def test_a_provider_that_lies_signs_nobody_in(dana, lies, change):
    change(lies)
    done = sign_in(dana, lies)
    assert done.status_code in (403, 503)
    assert "You could not be signed in" in done.text
    assert not is_in(dana)
    assert lies.sent_bytes < 2**25, "an answer without an end was read on"


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://other.example"},
        {"iss": ...},
        {"iss": ""},
        {"state": "unknown"},
        {"state": ...},
        {"state": ""},
        {"code": ...},
        {"error": "login_required"},
        {"error": "x", "error_description": "<script>alert(1)</script>"},
    ],
    ids=str,
)
def test_an_answer_that_is_not_ours_signs_nobody_in(dana, lies, caplog, changed):
    done = sign_in(dana, lies, **changed)
    assert done.status_code == 403
    assert not is_in(dana)
    assert "<script" not in done.text + caplog.text


def test_the_answer_of_another_browser_signs_nobody_in(dana, lies):
    """A mix-up, or a person who is sent the attacker's own answer."""
    theirs = begin(Visitor(dana.app), lies)
    assert come_back(dana, lies, theirs).status_code == 403
    assert not is_in(dana)


def test_an_answer_signs_in_once(dana, lies):
    asked = begin(dana, lies)
    assert come_back(dana, lies, asked).status_code == 303
    again = Visitor(dana.app)
    assert come_back(again, lies, asked).status_code == 403
    assert come_back(dana, lies, asked).status_code == 403
    assert is_in(dana)


def test_somebody_elses_answer_does_not_end_what_is_pending(dana, lies):
    asked = begin(dana, lies)
    assert come_back(dana, lies, asked, state="unknown").status_code == 403
    assert come_back(dana, lies, asked).status_code == 303


def test_nothing_of_a_pending_sign_in_is_in_the_cookie(dana, lies):
    asked = begin(dana, lies)
    come_back(dana, lies, asked)
    (form,) = lies.forms
    assert len(form["code_verifier"]) >= 43
    assert form["redirect_uri"] == "https://review.example/sign-in/callback"
    assert len(dana.value) == 43
    assert not {form["code_verifier"], asked["nonce"], asked["state"]} & {dana.value}


def test_a_provider_cannot_choose_how_it_is_asked(dana, lies):
    """authlib hands the discovery document to its client as options: certificates, redirects, PKCE, the transport."""
    lies.metadata |= {"verify": False, "follow_redirects": True, "transport": "x", "code_challenge_method": "plain",
                      "proxy": "http://127.0.0.1:9", "client_id": "other", "scope": "everything", "trust_env": True,
                      "jwks": {"keys": [OTHER_RSA.as_dict()]}, "_loaded_at": 1, "_read_at": 1e18}  # fmt: skip
    asked = begin(dana, lies)
    assert (asked["client_id"], asked["scope"]) == (CLIENT_ID, "openid email")
    assert asked["code_challenge_method"] == "S256"
    assert come_back(dana, lies, asked).status_code == 303


def test_a_new_key_is_fetched_once(dana, lies):
    assert sign_in(dana, lies).status_code == 303
    lies.keys, lies.signs_with = [EC], EC
    lies.header |= {"alg": "RS256", "kid": "one"}
    rotated = OTHER_RSA.as_dict(private=True) | {"kid": "new"}
    new = type(OTHER_RSA).import_key(rotated)
    lies.keys, lies.signs_with = [new], new
    lies.header |= {"kid": "new"}
    app_keys(dana).keys_at -= oidc.KEYS_AGAIN_S
    assert sign_in(dana, lies).status_code == 303


def test_a_key_replaced_under_its_old_name_is_fetched_once(dana, lies):
    """authlib alone refuses until it is started again."""
    assert sign_in(dana, lies).status_code == 303
    lies.keys, lies.signs_with = [OTHER_RSA], OTHER_RSA
    app_keys(dana).keys_at -= oidc.KEYS_AGAIN_S
    assert sign_in(dana, lies).status_code == 303


def test_bad_tokens_do_not_have_the_keys_fetched_again_and_again(dana, lies):
    assert sign_in(dana, lies).status_code == 303
    lies.header["kid"] = "unknown"
    for _ in range(5):
        assert sign_in(dana, lies).status_code == 403
    lies.header["kid"], lies.signs_with = "one", OTHER_RSA
    for _ in range(5):
        assert sign_in(dana, lies).status_code == 403
    assert lies.asked.count("/jwks") == 1
    assert lies.asked.count(DISCOVERY) == 1


def test_a_key_that_was_taken_back_counts_for_an_hour_at_most(dana, lies):
    assert sign_in(dana, lies).status_code == 303
    lies.keys = [EC]
    app_keys(dana).server_metadata["_read_at"] -= oidc.METADATA_AGAIN_S
    app_keys(dana).keys_at -= oidc.KEYS_AGAIN_S
    assert sign_in(Visitor(dana.app), lies).status_code == 403


@pytest.mark.parametrize("path", [DISCOVERY, "/jwks", "/token"])
@pytest.mark.parametrize(("one", "whole"), [(0.2, 600), (600, 0.2)], ids=["an answer", "a sign-in"])
def test_an_answer_that_drips_is_given_up(dana, lies, monkeypatch, path, one, whole):
    monkeypatch.setattr(transport, "ANSWER_SECONDS", one)
    monkeypatch.setattr(oidc, "WHOLE_SECONDS", 600)
    lies.drip[path] = 0.05
    asked = begin(dana, lies) if path != DISCOVERY else None
    monkeypatch.setattr(oidc, "WHOLE_SECONDS", whole)
    done = dana.get("/sign-in/begin") if asked is None else come_back(dana, lies, asked)
    assert done.status_code == 503
    assert "does not answer" in done.text


def test_a_provider_that_is_down_is_said_and_comes_back(site, dana, lies):
    lies.status[DISCOVERY] = 502
    assert dana.get("/sign-in/begin").status_code == 503
    del lies.status[DISCOVERY]
    assert sign_in(dana, lies).status_code == 303


def test_people_are_known_by_issuer_and_subject_once_their_address_was_seen(dana, lies):
    assert sign_in(dana, lies).status_code == 303
    lies.claims |= {"email": "kim@lakeside.example"}
    browser = Visitor(dana.app)
    assert sign_in(browser, lies).status_code == 303
    assert browser.shell.store.requests()[-1].person == "dana"


def test_a_second_account_with_the_address_of_somebody_who_is_known_is_refused(dana, lies, caplog):
    """An address that was given to somebody else, or an account made anew: the officer has to say so."""
    assert sign_in(dana, lies).status_code == 303
    lies.claims["sub"] = "s-eve"
    eve = Visitor(dana.app)
    assert sign_in(eve, lies).status_code == 403
    assert "signs in with another account" in caplog.text
    dana.shell.store.release("dana", dana.shell.site.now())
    assert not is_in(dana)
    assert sign_in(eve, lies).status_code == 303


def test_an_address_that_is_not_verified_counts_only_where_the_practice_says_so(tmp_path, lies):
    provider = Provider(name="Lakeside", issuer=lies.url, client_id=CLIENT_ID, trust_email=True)
    page = get("/", lambda visit: visit.render("signed_out.html.j2"), *SIGNED_IN)
    with visiting(a_site(tmp_path, page, provider=provider)) as app:
        lies.claims["email_verified"] = False
        assert sign_in(Visitor(app), lies).status_code == 403
        lies.claims["email_verified"] = ...
        assert sign_in(Visitor(app), lies).status_code == 303


def test_a_person_who_is_no_more_in_the_configuration_is_out_at_once(site, lies):
    with visiting(site) as app:
        dana = Visitor(app)
        assert sign_in(dana, lies).status_code == 303
        value = dana.value
    without = {id_: person for id_, person in site.people.items() if id_ != "dana"}
    with visiting(replace(site, people=without)) as app:
        again = Visitor(app)
        again.client.cookies.set("__Host-auditor", value, domain="review.example", path="/")
        assert not is_in(again)
        assert sign_in(again, lies).status_code == 403


def app_keys(browser: Visitor) -> Any:
    """The client of the provider, whose clock a test puts forward."""
    routes = {route.path: route for route in browser.app.routes}
    guard = routes["/sign-in/callback"].endpoint.__closure__
    (page,) = (cell.cell_contents for cell in guard if hasattr(cell.cell_contents, "_pages"))
    return page._pages["GET"].handler.__self__.client._app

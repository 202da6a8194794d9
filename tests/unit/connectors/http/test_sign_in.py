"""Signing in over HTTPS: three ways, no secret in the configuration, none in any message."""

from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from pydantic import ValidationError

from connectors.errors import SourceDenied, SourceError, SourceMalformed
from connectors.http.client import Web
from connectors.http.sign_in import HttpSignIn, SignInSettings
from tests.servers._rest import Call, Fake, Reply, serve
from tests.servers.oauth import SECRET, TokenEndpoint, new_key, pem

CLIENT = {"client_id": "access-auditor", "client_secret_env": "CLIENT_SECRET"}


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLIENT_SECRET", SECRET)


class Service(Fake):
    """Serves `/token`, and everything else to whoever holds a token of it."""

    def __init__(self, endpoint: TokenEndpoint) -> None:
        super().__init__()
        self.endpoint = endpoint

    def answer(self, call: Call) -> Reply:
        if call.path == "/token":
            return self.endpoint.answer(call)
        return Reply(200, {}) if self.endpoint.knows(call) else Reply(401, {})


@contextmanager
def service(endpoint: TokenEndpoint) -> Iterator[Service]:
    fake = Service(endpoint)
    with serve(fake):
        endpoint.url = f"{fake.url}/token"
        yield fake


def signed_in(server: Fake, folder: Path = Path(), **fields: object) -> tuple[HttpSignIn, Web]:
    settings = SignInSettings.model_validate({"url": server.url, **fields})
    web = Web("ehr", settings, folder)
    return HttpSignIn("ehr", settings, folder, web), web


def get(server: Fake, folder: Path = Path(), **fields: object) -> HttpSignIn:
    """Sign in and ask for something."""
    sign_in, web = signed_in(server, folder, **fields)
    try:
        sign_in.authorize()
        web.get("data")
    finally:
        web.close()
    return sign_in


def refused(endpoint: TokenEndpoint, error: type[SourceError], folder: Path = Path(), **fields: object) -> SourceError:
    with service(endpoint) as server, pytest.raises(error) as caught:
        get(server, folder, token_url=f"{server.url}/token", **fields)
    told = caught.value.diagnostics()
    assert SECRET not in told
    assert "Jane" not in told
    return caught.value


@pytest.mark.parametrize("where", ["header", "form"])
def test_a_client_signs_in_with_its_secret(where: str) -> None:
    with service(TokenEndpoint(scopes="users:read")) as server:
        sign_in = get(server, token_url=f"{server.url}/token", client_auth=where, scope="users:read", **CLIENT)
        assert sign_in.scope == "users:read"
        assert ("authorization" in server.calls[0].headers) == (where == "header")


@pytest.mark.parametrize("kind", ["ES384", "RS384"])
def test_a_client_signs_in_with_its_key_as_smart_backend_services_ask(kind: str, tmp_path: Path) -> None:
    key = new_key(kind)
    (tmp_path / "key.pem").write_bytes(pem(key))
    endpoint = TokenEndpoint(secret=None, key=key, key_id="k-2026")
    with service(endpoint) as server:
        fields: dict[str, Any] = {"token_url": f"{server.url}/token", "client_id": "access-auditor", "key_id": "k-2026"}
        get(server, tmp_path, key_file="key.pem", **fields)
        get(server, tmp_path, key_file="key.pem", **fields)  # no assertion is used twice
        form = server.calls[0].form
    assert form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    assert "client_secret" not in form


def test_the_key_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    key = new_key()
    monkeypatch.setenv("CLIENT_KEY", pem(key).decode())
    with service(TokenEndpoint(key=key)) as server:
        get(server, token_url=f"{server.url}/token", client_id="access-auditor", key_env="CLIENT_KEY")


def test_the_key_of_somebody_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_bytes(pem(new_key()))
    error = refused(
        TokenEndpoint(key=new_key()), SourceDenied, tmp_path, client_id="access-auditor", key_file="key.pem"
    )
    assert "`invalid_client`" in str(error)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"hello", id="no key"),
        pytest.param(pem(new_key(), b"word"), id="locked"),
        pytest.param(pem(ec.generate_private_key(ec.SECP256R1())), id="another curve"),
        pytest.param(pem(rsa.generate_private_key(65537, 1024)), id="too short"),
        pytest.param(pem(ed25519.Ed25519PrivateKey.generate()), id="another kind"),
    ],
)
def test_a_key_that_cannot_be_used_is_told_before_anything_is_sent(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_bytes(content)
    endpoint = TokenEndpoint(key=new_key())
    with service(endpoint) as server, pytest.raises(SourceDenied) as caught:
        get(server, tmp_path, token_url=f"{server.url}/token", client_id="access-auditor", key_file="key.pem")
    assert server.calls == []
    assert caught.value.hint


def test_a_token_is_renewed_before_it_ends_and_not_earlier() -> None:
    endpoint = TokenEndpoint(lasts_s=1)
    with service(endpoint) as server:
        sign_in, web = signed_in(server, token_url=f"{server.url}/token", **CLIENT)
        sign_in.authorize()
        sign_in.authorize()
        assert len(endpoint.issued) == 1
        sign_in._token.renew_at -= 1  # type: ignore[union-attr]
        sign_in.authorize()
        assert len(endpoint.issued) == 2
        web.get("data")
        web.close()


@pytest.mark.parametrize("lasts", [None, 3600, "3600"])
def test_a_token_may_say_how_long_it_lasts_or_not(lasts: object) -> None:
    endpoint = TokenEndpoint(lasts_s=lasts)
    with service(endpoint) as server:
        sign_in = get(server, token_url=f"{server.url}/token", scope="a b", **CLIENT)
        sign_in.authorize()
    assert len(endpoint.issued) == 1
    assert sign_in.scope == "a b"  # what is not said is as it was asked


@pytest.mark.parametrize(
    "more",
    [
        {"access_token": None},
        {"access_token": ["x"]},
        {"token_type": "mac"},
        {"token_type": None},
        {"scope": 7},
        {"expires_in": -1},
        {"expires_in": "soon"},
        {"expires_in": True},
    ],
)
def test_an_answer_without_a_usable_token_is_an_error(more: dict[str, object]) -> None:
    refused(TokenEndpoint(more=more), SourceMalformed, **CLIENT)


def test_a_wrong_secret_is_told_by_the_servers_word_and_not_by_its_text() -> None:
    assert "`invalid_client`" in str(refused(TokenEndpoint(secret="another"), SourceDenied, **CLIENT))


def test_what_a_token_endpoint_says_in_its_own_words_is_not_told() -> None:
    endpoint = TokenEndpoint()
    with service(endpoint) as server:
        server.instead = lambda call: Reply(400, {"error": f"Jane {SECRET}"})
        with pytest.raises(SourceDenied) as caught:
            get(server, token_url=f"{server.url}/token", **CLIENT)
    assert "Jane" not in caught.value.diagnostics()
    assert SECRET not in caught.value.diagnostics()


def test_a_name_and_a_password_are_sent_as_basic() -> None:
    server = Fake()
    server.instead = lambda call: Reply(200, {})
    with serve(server):
        get(server, user="auditor", password_env="CLIENT_SECRET")
    word = b64encode(f"auditor:{SECRET}".encode()).decode()
    assert server.calls[0].headers["authorization"] == f"Basic {word}"


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"token_env": "A", "user": "x", "password_env": "B"},
        {"user": "x"},
        {"password_env": "A"},
        {"client_id": "x"},
        {"client_id": "x", "client_secret_env": "A"},
        {"client_id": "x", "client_secret_env": "A", "key_file": "k", "token_url": "https://x.example/t"},
        {"client_secret_env": "A", "token_url": "https://x.example/t"},
        {"client_id": "x", "client_secret_env": "A", "token_url": "http://x.example/t"},
        {"token_env": "the secret itself!"},
        {"token": "the secret itself!"},
        {"user": "x", "password": "the secret itself!"},
    ],
)
def test_anything_but_one_whole_way_to_sign_in_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as caught:
        SignInSettings.model_validate({"url": "https://ehr.example", **fields})
    assert "the secret itself!" not in str(caught.value)

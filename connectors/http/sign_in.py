"""
How a connector signs in over HTTPS: a token, a name and a password, or OAuth 2.0 client credentials.

The configuration names environment variables and files; it never holds a secret.
"""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Annotated, ClassVar, Literal, Self
from urllib.parse import quote

from pydantic import Field, StringConstraints, field_validator, model_validator

from connectors.errors import SourceDenied, SourceMalformed
from connectors.http.client import Web, WebSettings, encrypted_address
from connectors.http.client_assertion import ASSERTION_TYPE, load_key, sign
from connectors.http.credentials import Variable, secret
from connectors.inputs.files import MAX_KEY_BYTES, read_bytes

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]
RENEW_BEFORE_S = 30
OAUTH_ERRORS = frozenset(
    {
        *("invalid_request", "invalid_client", "invalid_grant"),
        *("unauthorized_client", "unsupported_grant_type", "invalid_scope"),
    }
)
"""Words that a token endpoint may refuse with (RFC 6749 §5.2); nothing else of its answer is told."""
HINTS = {
    "invalid_scope": "register the client for exactly the scopes that `auditor connect` prints",
    "unauthorized_client": "allow this client the grant `client_credentials`",
    "unsupported_grant_type": "the server does not offer `client_credentials`: use `token_env`",
}


class SignInSettings(WebSettings):
    """How to reach a server, and as whom: one of the three ways."""

    token_env: Variable | None = None
    """The name of the environment variable that holds a bearer token."""
    user: Name | None = None
    """The auditor's own account, for a server that takes a name and a password."""
    password_env: Variable | None = None
    """The name of the environment variable that holds its password."""
    client_id: Name | None = None
    """The id of the auditor's OAuth 2.0 client, which signs in by itself (`client_credentials`)."""
    client_secret_env: Variable | None = None
    """The name of the environment variable that holds the client's secret."""
    client_auth: Literal["header", "form"] = "header"
    """Where the server wants the client's secret: RFC 6749 §2.3.1 allows both."""
    key_file: Path | None = None
    """Instead of a secret: the client's private key, PEM, RSA or P-384 (RFC 7523)."""
    key_env: Variable | None = None
    """Instead of `key_file`: the name of the environment variable that holds the key."""
    key_id: Name | None = None
    """The `kid` under which the public half is registered."""
    token_url: Annotated[str, Field(max_length=2000)] | None = None
    """Where the client gets its token, such as `https://login.example.org/token`."""
    scope: Name | None = None
    """The scopes to ask for, separated by spaces."""

    finds_token_url: ClassVar[bool] = False
    """Whether the connector learns `token_url` from the server."""

    @field_validator("token_url")
    @classmethod
    def _token_url(cls, value: str | None) -> str | None:
        return None if value is None else encrypted_address(value)

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        client = (self.client_secret_env, self.key_file, self.key_env)
        ways: dict[str, list[object]] = {
            "`token_env`": [self.token_env],
            "`user` and `password_env`": [self.user, self.password_env],
            "`client_id` and one of `client_secret_env`, `key_file`, `key_env`": [self.client_id, *client],
        }
        chosen = [way for way, fields in ways.items() if any(field is not None for field in fields)]
        if len(chosen) != 1:
            raise ValueError(f"one way to sign in: {', or '.join(ways)}")
        if (self.user is None) != (self.password_env is None):
            raise ValueError("`user` and `password_env` together")
        if any(client) or self.client_id:
            if self.client_id is None or sum(field is not None for field in client) != 1:
                raise ValueError("`client_id` and one of `client_secret_env`, `key_file`, `key_env`")
            if self.token_url is None and not self.finds_token_url:
                raise ValueError("`token_url` beside `client_id`")
        return self


@dataclass(slots=True)
class Token:
    """A bearer token, the scopes that it has, and when to get another."""

    value: str
    scope: str | None
    renew_at: float


class HttpSignIn:
    """Keeps one connection authorized; gets a new token before the old one ends."""

    def __init__(self, system: str, settings: SignInSettings, folder: Path, web: Web) -> None:
        self._system, self._settings, self._folder, self._web = system, settings, folder, web
        self._token: Token | None = None

    @property
    def scope(self) -> str | None:
        """The scopes that the server granted to the auditor's client; `None` when it signs in in another way."""
        return self._token.scope if self._token else None

    def authorize(self, *, token_url: str | None = None, scope: str | None = None) -> None:
        """
        Sign in, or renew when it is time; `token_url` and `scope` hold where the settings name none.

        Raises `SourceDenied` when a secret is missing or refused, other `SourceError` when the server cannot be asked.
        """
        settings = self._settings
        if settings.token_env:
            self._web.authorize(f"Bearer {secret(self._system, settings.token_env)}")
        elif settings.user and settings.password_env:
            self._web.authorize(basic(settings.user, secret(self._system, settings.password_env)))
        elif self._token is None or monotonic() >= self._token.renew_at:
            self._token = self._client_token(settings.token_url or token_url, settings.scope or scope)
            self._web.authorize(f"Bearer {self._token.value}")

    def _client_token(self, token_url: str | None, scope: str | None) -> Token:
        if token_url is None:
            raise SourceMalformed(
                f"`{self._system}` does not say where a client gets its token", hint="set `token_url` for this system"
            )
        web = Web(self._system, self._settings.model_copy(update={"url": token_url}), self._folder)
        try:
            return request_token(self._system, web, token_url, scope, self._proof(web, token_url))
        finally:
            web.close()

    def _proof(self, web: Web, token_url: str) -> dict[str, str]:
        """Prove who the client is, in the form or in a header."""
        settings = self._settings
        client = settings.client_id or ""
        if settings.client_secret_env:
            word = secret(self._system, settings.client_secret_env)
            if settings.client_auth == "form":
                return {"client_id": client, "client_secret": word}
            web.authorize(basic(quote(client, safe=""), quote(word, safe="")))
            return {}
        pem = (
            secret(self._system, settings.key_env).encode()
            if settings.key_env
            else read_bytes(self._folder / (settings.key_file or ""), max_bytes=MAX_KEY_BYTES)
        )
        key = load_key(self._system, pem)
        assertion = sign(key, client_id=client, audience=token_url, key_id=settings.key_id)
        return {"client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion}


def request_token(system: str, web: Web, url: str, scope: str | None, proof: Mapping[str, str] | None = None) -> Token:
    """
    Ask for a token with the client's own credentials, which are in `proof` or in a header already (RFC 6749 §4.4).

    Raises `SourceDenied` with the word of RFC 6749 §5.2 when they are refused; nothing else of the answer is told.
    """
    form = {"grant_type": "client_credentials"} | ({"scope": scope} if scope else {}) | dict(proof or {})
    answer = web.post_form(url, form, accept=(400, 401))
    if answer.status >= 400:
        raise _refused(system, answer.data, web.clock_hint())
    return _read(system, answer.object("the token endpoint"), scope)


def basic(user: str, password: str) -> str:
    """Return the header of a name and a password (RFC 7617)."""
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()


def _refused(system: str, data: object, clock: str) -> SourceDenied:
    word = data.get("error") if isinstance(data, dict) else None
    known = word if isinstance(word, str) and word in OAUTH_ERRORS else None
    hint = HINTS.get(known or "", "check `client_id`, the secret or the key, and `key_id`")
    return SourceDenied(
        f"`{system}`: the token endpoint refuses the auditor's client" + (f": `{known}`" if known else ""),
        hint=hint + clock,
    )


def _read(system: str, data: dict[str, object], asked: str | None) -> Token:
    value, kind, scope = data.get("access_token"), data.get("token_type"), data.get("scope")
    lasts = data.get("expires_in")
    if isinstance(lasts, str) and lasts.isdecimal() and len(lasts) < 10:
        lasts = int(lasts)  # several servers write it so
    # What is missing means: as asked (RFC 6749 §5.1).
    scope = asked if scope is None else scope
    if (
        not isinstance(value, str)
        or not value
        or not isinstance(kind, str)
        or kind.casefold() != "bearer"
        or not isinstance(scope, str | None)
        or (lasts is not None and (isinstance(lasts, bool) or not isinstance(lasts, int) or lasts <= 0))
    ):
        raise SourceMalformed(
            f"`{system}`: the token endpoint answered without a bearer token", hint="check `token_url`"
        )
    seconds = float(lasts) if isinstance(lasts, int) else float("inf")
    return Token(value, scope, monotonic() + seconds - min(RENEW_BEFORE_S, seconds / 2))

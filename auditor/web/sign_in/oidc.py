"""
OpenID Connect by authlib, with what it leaves out: each check here closes something that was seen to be accepted.

- Discovery: the issuer is the configured one; only what we use of it is kept, because authlib hands all of it to its
  client, where a provider could name another transport, switch certificates off, or leave PKCE away; algorithms are
  those of our list; addresses are encrypted.
- Keys: at most so many; fetched again for an unknown or a bad signature, but not more than once a minute.
- The answer: from this provider (RFC 9207), with an identity token; its claims are checked once more (`claims`).
- Everything within time and size (`transport`).
"""

import base64
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus, urlsplit

from anyio import fail_after
from authlib.integrations.starlette_client import OAuth, StarletteOAuth2App
from joserfc.errors import BadSignatureError
from starlette.requests import Request

from auditor.sign_in_settings import Provider
from auditor.web.sign_in.claims import LEEWAY_S, Identity, IdentityRefused, check_claims
from auditor.web.sign_in.transport import BoundedTransport, ProviderUnavailable, trusting
from auditor.web.tokens import same
from connectors.errors import AuditorError
from connectors.http.credentials import is_loopback, secret

WHOLE_SECONDS = 12
"""For all that a sign-in asks of the provider."""
KEYS_AGAIN_S = 60
METADATA_AGAIN_S = 3600
MAX_KEYS = 50

_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_ANNOUNCES_ISSUER = "authorization_response_iss_parameter_supported"
_BY_POST = "asked_by_post"
_ALGORITHMS = "id_token_signing_alg_values_supported"


class CheckedApp(StarletteOAuth2App):  # type: ignore[misc]  # authlib has no types
    """authlib's client of one provider, which keeps of discovery and of keys only what holds."""

    server_metadata: dict[str, Any]
    client_kwargs: dict[str, Any]
    provider: Provider
    trusted: ssl.SSLContext
    keys_at: float = 0.0

    async def load_server_metadata(self) -> dict[str, Any]:
        """Return what is known of the provider; asked again every hour, and at once when it was refused."""
        known = self.server_metadata
        if time.monotonic() - known.get("_read_at", -METADATA_AGAIN_S) < METADATA_AGAIN_S:
            return known
        answer = await self._ask(self._server_metadata_url)
        # Without the keys of before: one that the provider has taken back must not count for as long as we run.
        self.server_metadata = {**checked_metadata(answer, self.provider), "_read_at": time.monotonic()}
        return self.server_metadata

    async def fetch_jwk_set(self, force: bool = False) -> dict[str, Any]:
        """Return the provider's keys; by force, but not more than once a minute, from the provider itself."""
        metadata = await self.load_server_metadata()
        known: dict[str, Any] | None = metadata.get("jwks")
        lately = time.monotonic() - self.keys_at < KEYS_AGAIN_S
        if known is not None and (not force or lately):
            return known
        answer = await self._ask(metadata["jwks_uri"])
        self.keys_at = time.monotonic()
        self.server_metadata["jwks"] = checked_keys(answer)
        return answer

    async def parse_id_token(self, token: Any, nonce: Any, **options: Any) -> Any:
        """Return the claims of a token; a bad signature may be of a new key under an old name."""
        try:
            return await super().parse_id_token(token, nonce, **options)
        except BadSignatureError:
            await self.fetch_jwk_set(force=True)
            return await super().parse_id_token(token, nonce, **options)

    def _get_session(self) -> Any:
        return self._bounded(super()._get_session)

    def _get_oauth_client(self, **metadata: Any) -> Any:
        method = "client_secret_post" if metadata.pop(_BY_POST, False) and self.client_secret else None
        given = {name: metadata[name] for name in ("issuer", *_ENDPOINTS) if name in metadata}
        return self._bounded(super()._get_oauth_client, token_endpoint_auth_method=method, **given)

    def _bounded(self, make: Callable[..., Any], **given: Any) -> Any:
        """Make a client with a transport of its own: it closes what it was given."""
        self.client_kwargs = {**self.client_kwargs, "transport": BoundedTransport(self.trusted)}
        return make(**given)

    async def _ask(self, url: str) -> dict[str, Any]:
        async with self._get_session() as client:
            response = await client.request("GET", url, withhold_token=True)
        if response.status_code != 200:
            raise ProviderUnavailable(f"the identity provider answers with {response.status_code}")
        try:
            answer = response.json()
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict):
            raise ProviderUnavailable("the identity provider does not answer in JSON")
        return answer


def checked_metadata(answer: Mapping[str, Any], provider: Provider) -> dict[str, Any]:
    """Return what is used of a provider's discovery document; raises `IdentityRefused` for one that is not its own."""
    if answer.get("issuer") != provider.issuer:
        raise IdentityRefused("discovery names another issuer than the configuration")
    kept: dict[str, Any] = {"issuer": provider.issuer}
    for name in _ENDPOINTS:
        kept[name] = _address(answer.get(name), name)
    offered = answer.get(_ALGORITHMS, ["RS256"])
    kept[_ALGORITHMS] = [name for name in provider.algorithms if isinstance(offered, list) and name in offered]
    if not kept[_ALGORITHMS]:
        raise IdentityRefused("the identity provider signs with nothing that we take")
    kept[_ANNOUNCES_ISSUER] = answer.get(_ANNOUNCES_ISSUER) is True
    methods = answer.get("token_endpoint_auth_methods_supported")
    kept[_BY_POST] = isinstance(methods, list) and "client_secret_basic" not in methods
    return kept


def checked_keys(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a set of keys; raises `IdentityRefused` for one that would take long to read."""
    keys = answer.get("keys")
    if not isinstance(keys, list) or not keys or len(keys) > MAX_KEYS:
        raise IdentityRefused(f"the identity provider has no keys, or more than {MAX_KEYS}")
    if not all(isinstance(key, dict) and key.get("kty") in ("RSA", "EC", "OKP") for key in keys):
        raise IdentityRefused("a key of the identity provider is of a kind that signs nothing in public")
    return answer


def _address(value: object, name: str) -> str:
    """Return an address that may be asked; raises `IdentityRefused`."""
    if isinstance(value, str) and len(value) <= 1000 and value.isprintable():
        parts = urlsplit(value)
        local = parts.scheme == "http" and is_loopback(parts.hostname or "")
        if (parts.scheme == "https" or local) and parts.hostname and "@" not in parts.netloc:
            return value
    raise IdentityRefused(f"the identity provider has no usable `{name}`")


def _basic(client: Any, _method: str, uri: str, headers: Any, body: Any) -> tuple[str, Any, Any]:
    """
    Say who we are to the token endpoint; authlib leaves out to write both parts as a form does (RFC 6749 §2.3.1).

    Without it a provider that reads them so takes `%` and `+` of a secret for something else, and refuses everybody.
    """
    pair = f"{quote_plus(client.client_id)}:{quote_plus(client.client_secret)}"
    headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    return uri, headers, body


class OidcClient:
    """Asks one identity provider who somebody is."""

    def __init__(self, provider: Provider, folder: Path, redirect_uri: str) -> None:
        """Read the client's secret from the environment; raises `AuditorError` when it is not there."""
        self.provider, self._redirect_uri = provider, redirect_uri
        variable = provider.client_secret_env
        self._app = OAuth().register(
            "provider",
            client_cls=CheckedApp,
            client_id=provider.client_id,
            client_secret=secret(provider.name, variable) if variable else None,
            client_auth_methods=[("client_secret_basic", _basic)],
            server_metadata_url=f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration",
            client_kwargs={
                "scope": " ".join(provider.scopes),
                "code_challenge_method": "S256",
                "trust_env": False,
                "follow_redirects": False,
            },
        )
        self._app.provider = provider
        self._app.trusted = trusting(folder / provider.ca_file if provider.ca_file else None)

    async def begin(self, request: Request) -> str:
        """Return where the browser is sent; what must be remembered goes into `request.scope["session"]`."""
        with _within_bounds():
            with fail_after(WHOLE_SECONDS):
                answer = await self._app.authorize_redirect(request, self._redirect_uri)
                return str(answer.headers["location"])
        raise AssertionError

    async def finish(self, request: Request, now: datetime) -> Identity:
        """Return who came back from the provider; raises `IdentityRefused` or `ProviderUnavailable`."""
        with _within_bounds():
            with fail_after(WHOLE_SECONDS):
                await self._check_sender(request)
                return check_claims(await self._claims(request), self.provider, now)
        raise AssertionError

    async def _check_sender(self, request: Request) -> None:
        """Refuse the answer of another provider (RFC 9207 §2.4)."""
        metadata = await self._app.load_server_metadata()
        sent = request.query_params.getlist("iss")
        if metadata[_ANNOUNCES_ISSUER] and not sent:
            raise IdentityRefused("the answer does not say of which provider it is")
        if sent and (len(sent) > 1 or not same(sent[0], self.provider.issuer)):
            raise IdentityRefused("the answer is of another provider")

    async def _claims(self, request: Request) -> Mapping[str, Any]:
        token = await self._app.authorize_access_token(request, leeway=LEEWAY_S, claims_options=self._options())
        claims = token.get("userinfo")
        if not isinstance(token.get("id_token"), str) or not isinstance(claims, Mapping):
            raise IdentityRefused("the answer holds no identity token")
        return claims

    def _options(self) -> dict[str, dict[str, Any]]:
        return {
            "iss": {"essential": True, "value": self.provider.issuer},
            "sub": {"essential": True},
            "aud": {"essential": True, "value": self.provider.client_id},
        }


@contextmanager
def _within_bounds() -> Iterator[None]:
    """Turn whatever a provider's answer makes of authlib into one of two errors, without a word of that answer."""
    try:
        yield
    except TimeoutError:
        raise ProviderUnavailable("the identity provider does not answer in time") from None
    except AuditorError:
        raise
    except Exception as error:  # noqa: BLE001 - a provider may answer anything, and authlib expects less
        raise IdentityRefused(f"the identity provider's answer was refused: `{type(error).__name__}`") from None

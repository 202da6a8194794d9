"""`sign_in:` in the configuration: how people sign in to the pages; every secret by the name of its variable."""

from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from auditor.config_types import FilePath
from connectors.http.credentials import Variable, is_loopback
from connectors.inputs.strict import Settings

Algorithm = Literal["RS256", "PS256", "ES256"]
ALGORITHMS: tuple[Algorithm, ...] = ("RS256", "PS256", "ES256")
"""
Signatures with a public key; `none`, and what a shared secret makes, are never taken (RFC 8725 §3.1, §3.2).

Not `EdDSA`: the name is given up (RFC 9864), and authlib cannot yet check an access token's hash under the new one.
Every provider signs with RS256 (OpenID Connect Core §15.1).
"""


def is_origin(text: str) -> bool:
    """Whether a browser could send this as the origin of a page: scheme, name and port, and nothing else."""
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return False
    whole = parts.scheme in ("http", "https") and f"{parts.scheme}://{parts.netloc}" == text == text.lower()
    return whole and bool(parts.hostname) and "@" not in parts.netloc and text.isascii() and text.isprintable()


class Provider(Settings):
    """The identity provider, by OpenID Connect."""

    name: Annotated[str, Field(min_length=1, max_length=60)]
    """What the button says: `Sign in with NAME`."""
    issuer: Annotated[str, Field(min_length=1, max_length=500)]
    """Its address, exactly as the provider says it in `.well-known/openid-configuration`."""
    client_id: Annotated[str, Field(min_length=1, max_length=200)]
    client_secret_env: Variable | None = None
    """The variable that holds the client's secret; left out: a public client, with PKCE alone."""
    email_claim: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:/-]{1,100}$")] = "email"
    """The claim that holds the e-mail address by which a person is known at the first sign-in."""
    trust_email: bool = False
    """
    Whether addresses count of which the provider does not say that they are verified: only for a tenant of one's own,
    where nobody but its administrator sets them (Entra says nothing of it). `email_verified: false` never counts.
    """
    scopes: tuple[Annotated[str, Field(pattern=r"^[!#-\[\]-~]{1,100}$")], ...] = ("openid", "email")
    algorithms: Annotated[tuple[Algorithm, ...], Field(min_length=1)] = ALGORITHMS
    ca_file: FilePath | None = None
    """PEM certificate of the authority that signed the provider's; left out: those that the machine trusts."""

    @field_validator("issuer")
    @classmethod
    def _safe(cls, issuer: str) -> str:
        parts = urlsplit(issuer)
        local = parts.scheme == "http" and is_loopback(parts.hostname or "")
        if not (parts.scheme == "https" or local) or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("an address that begins with `https://`, without `?` and `#` (OpenID Connect Core §2)")
        return issuer

    @model_validator(mode="after")
    def _openid(self) -> Self:
        if "openid" not in self.scopes:
            raise ValueError("`openid` among the `scopes`: without it nobody is identified")
        if self.email_claim != "email" and not self.trust_email:
            raise ValueError("`trust_email: true`, because `email_verified` says nothing of another claim than `email`")
        return self


class SignInSettings(Settings):
    """How people sign in: by the identity provider of the practice, by single-use links, or by both."""

    site: Annotated[str, Field(max_length=200)] | None = None
    """How browsers name the pages, such as `https://review.example`; left out: as `auditor review serve` listens."""
    oidc: Provider | None = None
    links: bool = True
    """Whether single-use links sign in reviewers who have no account with the provider."""
    link_hours: Annotated[int, Field(ge=1, le=24 * 14)] = 72
    """How long a link waits to be used."""
    link_number: bool = False
    """Whether a link asks for a six-digit number that the officer tells by telephone."""

    @field_validator("site")
    @classmethod
    def _origin(cls, site: str | None) -> str | None:
        if site is not None and not is_origin(site):
            raise ValueError("an address such as `https://review.example`: lower case, and nothing behind the name")
        return site

    @model_validator(mode="after")
    def _some_way(self) -> Self:
        if self.oidc is None and not self.links:
            raise ValueError("`oidc`, or `links: true`: otherwise nobody can sign in")
        return self

    def inputs(self, folder: Path) -> tuple[Path, ...]:
        """Return the files that it names, which the pages read."""
        ca_file = self.oidc.ca_file if self.oidc else None
        return () if ca_file is None else (folder / ca_file,)

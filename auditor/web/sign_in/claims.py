"""
What an identity token has to say beside what authlib checks; pure, so that every lie can be tried.

Source: OpenID Connect Core 1.0 §3.1.3.7 (validation), §2 (`sub`: at most 255 ASCII characters, never empty).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from auditor.sign_in_settings import Provider
from connectors.errors import AuditorError

LEEWAY_S = 30
"""How far the clocks of the provider and ours may differ."""
MAX_AGE = timedelta(minutes=10)
"""How long ago a token may have been issued: it was made for the answer that brought it."""
MAX_SUBJECT, MAX_EMAIL = 255, 254


class IdentityRefused(AuditorError):
    """What the provider says identifies nobody; the text is for the log, and holds nothing that it sent."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who signed in, as the provider says."""

    issuer: str
    subject: str
    email: str | None
    """Only when it counts: verified, or set by the practice's own administrator alone (`trust_email`)."""


def check_claims(claims: Mapping[str, Any], provider: Provider, now: datetime) -> Identity:
    """Return whose a token is, its signature, audience, nonce and end already checked; raises `IdentityRefused`."""
    if claims.get("iss") != provider.issuer:
        raise IdentityRefused("the token is of another issuer")
    _check_audience(claims, provider.client_id)
    subject = claims.get("sub")
    if not isinstance(subject, str) or not subject.strip() or not subject.isascii() or len(subject) > MAX_SUBJECT:
        raise IdentityRefused("the token has no subject, or one that nobody may have")
    issued = claims.get("iat")
    if isinstance(issued, bool) or not isinstance(issued, int | float):
        raise IdentityRefused("the token does not say when it was issued")
    if abs(now.timestamp() - issued) > MAX_AGE.total_seconds():
        raise IdentityRefused("the token is old, or the clocks differ by more than ten minutes")
    return Identity(provider.issuer, subject, _email(claims, provider))


def _check_audience(claims: Mapping[str, Any], client_id: str) -> None:
    """Check that the token was made for us, and for nobody else who is not said to have asked for it."""
    audience = claims.get("aud")
    listed = audience if isinstance(audience, list) else [audience]
    if client_id not in listed:
        raise IdentityRefused("the token is for another client")
    if (len(listed) > 1 or "azp" in claims) and claims.get("azp") != client_id:
        raise IdentityRefused("another client asked for the token")


def _email(claims: Mapping[str, Any], provider: Provider) -> str | None:
    email, verified = claims.get(provider.email_claim), claims.get("email_verified")
    if not isinstance(email, str) or len(email) > MAX_EMAIL or not email.isprintable() or email.count("@") != 1:
        return None
    # Only `true` is a yes; some providers write it as text. Whoever says `false` is believed in any case.
    if verified is True or verified == "true":
        return email
    return email if verified is None and provider.trust_email else None

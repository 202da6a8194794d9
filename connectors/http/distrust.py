"""Why a server's certificate is not trusted, in words that tell what to do; the same wherever TLS is spoken."""

import ssl
from datetime import UTC, datetime
from typing import Protocol

from connectors.errors import shorten

# From: https://docs.openssl.org/3.0/man3/X509_STORE_CTX_get_error/#error-codes
NOT_YET_VALID, EXPIRED, SELF_SIGNED, NAME_MISMATCH, ADDRESS_MISMATCH = 9, 10, 18, 62, 64


class SeenCertificate(Protocol):
    """A certificate that somebody has looked at."""

    @property
    def names(self) -> tuple[str, ...]:
        """For whom it is."""

    @property
    def starts(self) -> datetime:
        """Its first moment."""

    @property
    def ends(self) -> datetime:
        """Its last moment."""


def refused_in(error: BaseException | None) -> ssl.SSLCertVerificationError | None:
    """Return the refusal of a certificate that lies behind the error of a library, if one does."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        if isinstance(error, ssl.SSLCertVerificationError):
            return error
        seen.add(id(error))
        error = error.__cause__ or error.__context__
    return None


def distrust(
    error: ssl.SSLCertVerificationError,
    name: str,
    *,
    own_authority: bool,
    can_name: bool = True,
    found: SeenCertificate | None = None,
) -> tuple[str, str]:
    """
    Say why a certificate is not trusted, as what follows on "the certificate", and what to do.

    `name` is the one that it had to bear; `found` the certificate, where somebody has looked at it.
    """
    code = error.verify_code
    if code in (NAME_MISMATCH, ADDRESS_MISMATCH):
        return _other_name(name, found, can_name=can_name)
    if code == EXPIRED:
        when = f" on {found.ends:%Y-%m-%d}" if found else ""
        return f"ended{when}", "whoever runs the server must renew it; check this clock too"
    if code == NOT_YET_VALID:
        when = f" from {found.starts:%Y-%m-%d %H:%M} UTC" if found else " later"
        return (
            f"is only valid{when}, and here it is {datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
            "check the clock of this machine",
        )
    if code == SELF_SIGNED:
        return (
            "is signed by itself, so nobody vouches for it",
            "get this certificate (PEM) from whoever runs the server, not from the connection, and set `ca_file` to it",
        )
    if own_authority:
        return (
            "is not signed by an authority in the `ca_file`",
            "ask whoever runs the server for the certificate (PEM) of the authority that signed it, the whole chain",
        )
    return (
        "is not signed by an authority that this machine trusts",
        "set `ca_file` to the certificate (PEM) of that authority; whoever runs the server has it",
    )


def _other_name(name: str, found: SeenCertificate | None, *, can_name: bool) -> tuple[str, str]:
    also = ", or give it as `server_name`" if can_name else ""
    if found is None:
        return f"is not for `{name}`, but for another name", f"use the name that is on it in `url`{also}"
    if not found.names:
        return (
            f"is not for `{name}`: it bears no name at all",
            "ask whoever runs the server for a certificate with its name",
        )
    bears = ", ".join(shorten(one, 60) for one in found.names[:5])
    return f"is not for `{name}`: it bears {bears}", f"use one of these names in `url`{also}"

"""What a server's certificate says, and why it is not trusted, in words that tell what to do."""

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.x509.oid import NameOID

from connectors.errors import shorten

ENDS_SOON_DAYS = 30
"""A certificate that ends within this many days is told: whoever renews it needs time."""

# From: https://docs.openssl.org/3.0/man3/X509_STORE_CTX_get_error/#error-codes
NOT_YET_VALID, EXPIRED, NAME_MISMATCH, ADDRESS_MISMATCH = 9, 10, 62, 64


@dataclass(frozen=True, slots=True)
class Certificate:
    """The parts of a certificate that a person needs to know."""

    issuer: str
    names: tuple[str, ...]
    starts: datetime
    ends: datetime

    @classmethod
    def read(cls, der: bytes) -> "Certificate":
        """Read one; raises `ValueError` when it is none."""
        certificate = x509.load_der_x509_certificate(der)
        return cls(
            issuer=_issuer(certificate),
            names=_names(certificate),
            starts=certificate.not_valid_before_utc,
            ends=certificate.not_valid_after_utc,
        )

    def days_left(self, now: datetime) -> int:
        """Whole days until it ends."""
        return (self.ends - now).days

    def told(self, now: datetime) -> str:
        """Say who signed it and how long it holds."""
        days = self.days_left(now)
        left = "in 1 day" if days == 1 else f"in {days} days" if days else "within a day"
        return f"issued by {shorten(self.issuer)}, ends {left} ({self.ends:%Y-%m-%d})"


def _issuer(certificate: x509.Certificate) -> str:
    for oid in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
        for attribute in certificate.issuer.get_attributes_for_oid(oid):
            return str(attribute.value)
    return certificate.issuer.rfc4514_string()


def _names(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        alternatives = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    names = alternatives.get_values_for_type(x509.DNSName)
    return (*names, *(str(address) for address in alternatives.get_values_for_type(x509.IPAddress)))


def distrust(
    error: ssl.SSLCertVerificationError, found: Certificate | None, name: str, *, own_authority: bool, can_name: bool
) -> tuple[str, str]:
    """Say why a certificate is not trusted, and what to do: `name` is the one that it had to bear."""
    code = error.verify_code
    issuer = f", issued by {shorten(found.issuer)}," if found else ""
    if code in (NAME_MISMATCH, ADDRESS_MISMATCH):
        bears = ", ".join(shorten(n, 60) for n in found.names[:5]) if found and found.names else "no name at all"
        way = "use one of these names in `url`" + (", or give it as `server_name`" if can_name else "")
        return (
            f"the certificate is not for `{name}`: it bears {bears}",
            way if found and found.names else "ask whoever runs the server for a certificate with its name",
        )
    if code == EXPIRED:
        when = f" on {found.ends:%Y-%m-%d}" if found else ""
        return f"the certificate{issuer} ended{when}", "whoever runs the server must renew it; check this clock too"
    if code == NOT_YET_VALID:
        when = f" from {found.starts:%Y-%m-%d %H:%M} UTC" if found else ""
        return (
            f"the certificate{issuer} is only valid{when}, and here it is {datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
            "check the clock of this machine",
        )
    if own_authority:
        return (
            f"the certificate{issuer} is not signed by an authority in the `ca_file`",
            "ask whoever runs the server for the certificate (PEM) of the authority that signed it, the whole chain",
        )
    return (
        f"the certificate{issuer} is not signed by an authority that this machine trusts",
        "set `ca_file` to the certificate (PEM) of that authority; whoever runs the server has it",
    )

"""What a server's certificate says, in words; why one is not trusted, `connectors.http.distrust` says."""

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.x509.oid import NameOID

from connectors.errors import shorten

ENDS_SOON_DAYS = 30
"""A certificate that ends within this many days is told: whoever renews it needs time."""


@dataclass(frozen=True, slots=True)
class CertificateSummary:
    """The parts of a certificate that a person needs to know."""

    issuer: str
    names: tuple[str, ...]
    starts: datetime
    ends: datetime

    @classmethod
    def read(cls, der: bytes) -> "CertificateSummary":
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


def told_of(found: CertificateSummary | None) -> str:
    """Return the certificate as the subject of a sentence: `the certificate, issued by …,`."""
    return f"the certificate, issued by {shorten(found.issuer)}," if found else "the certificate"

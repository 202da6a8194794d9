"""Certificates for a server on loopback: one that is to be trusted, and three that are not."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from connectors.testing.faults import Fault

LOOPBACK = ("localhost", "127.0.0.1")


@dataclass(frozen=True, slots=True)
class ServerCertificate:
    """A server's certificate with its key, and the authority that a connector is told to trust."""

    ca_file: Path
    certificate: Path
    key: Path


def make_certificates(folder: Path) -> dict[Fault | None, ServerCertificate]:
    """Make the good one (`None`) and one for each fault; all but the good one must be refused."""
    folder.mkdir(parents=True, exist_ok=True)
    trusted, stranger = _Authority(folder / "trusted-ca.pem"), _Authority(folder / "other-ca.pem")
    good = trusted.issue(folder, "good")
    unknown = stranger.issue(folder, "unknown")
    return {
        None: good,
        # The connector is told to trust the first authority, and meets a server of the second.
        Fault.UNKNOWN_AUTHORITY: ServerCertificate(good.ca_file, unknown.certificate, unknown.key),
        Fault.WRONG_NAME: trusted.issue(folder, "elsewhere", names=("elsewhere.invalid",)),
        Fault.EXPIRED_CERTIFICATE: trusted.issue(folder, "expired", ends=timedelta(days=-1)),
    }


class _Authority:
    def __init__(self, path: Path) -> None:
        self.path, self.key = path, ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, path.stem)])
        builder = _builder(self.name, self.name, self.key, timedelta(days=2))
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        path.write_bytes(builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))

    def issue(
        self, folder: Path, name: str, *, names: tuple[str, ...] = LOOPBACK, ends: timedelta = timedelta(days=1)
    ) -> ServerCertificate:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
        alternatives = [x509.IPAddress(ip_address(n)) if n[0].isdigit() else x509.DNSName(n) for n in names]
        builder = _builder(subject, self.name, key, ends)
        builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        certificate, key_file = folder / f"{name}.pem", folder / f"{name}.key"
        certificate.write_bytes(builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
        key_file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return ServerCertificate(self.path, certificate, key_file)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, ends: timedelta
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=10))
        .not_valid_after(now + ends)
    )

"""
Real directory servers for the tests: started on free loopback ports, with a certificate of their own.

`DirectoryServer` is what a test needs to know of any server; `slapd` starts OpenLDAP. Others (Samba AD, 389) can be
added as further functions that yield a `DirectoryServer`.
"""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import NoReturn

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True, slots=True)
class DirectoryServer:
    """A running directory, and an account that may read it."""

    host: str
    port: int
    ldaps_port: int
    ca_file: Path
    base_dn: str
    bind_dn: str
    password: str
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"ldap://{self.host}:{self.port}"

    @property
    def ldaps_url(self) -> str:
        return f"ldaps://{self.host}:{self.ldaps_port}"


def require(program: str, package: str) -> str:
    """Return the path of a program; skip the test when it is missing, or fail where CI must have it."""
    path = shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if path is None:
        missing(f"`{program}`", package)
    return path


def missing(what: str, package: str) -> NoReturn:
    """Skip the test for want of a package, or fail where CI must have it."""
    message = f"{what} is missing: apt-get install {package}"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def make_certificate(folder: Path, *, names: tuple[str, ...] = ("localhost", "127.0.0.1")) -> tuple[Path, Path, Path]:
    """
    Write an authority, and a server certificate signed by it; return the paths of CA, certificate and key.

    `client.pem` and `client-key.pem` beside them are a certificate of `CN=auditor`, by the same authority.
    """
    folder.mkdir(parents=True, exist_ok=True)
    now = datetime.now(UTC)
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Test CA {folder.name}")])
    ca = _builder(ca_name, ca_name, ca_key.public_key(), now).add_extension(
        x509.BasicConstraints(ca=True, path_length=0), critical=True
    )
    ca_cert = ca.sign(ca_key, hashes.SHA256())
    alternatives = [x509.IPAddress(ip_address(n)) if n[0].isdigit() else x509.DNSName(n) for n in names]
    server = _builder(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])]), ca_name, key.public_key(), now)
    cert = server.add_extension(x509.SubjectAlternativeName(alternatives), critical=False).sign(ca_key, hashes.SHA256())
    client_key = ec.generate_private_key(ec.SECP256R1())
    client = _builder(
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "auditor")]), ca_name, client_key.public_key(), now
    ).sign(ca_key, hashes.SHA256())
    paths = folder / "ca.pem", folder / "cert.pem", folder / "key.pem"
    for name, one in (("ca.pem", ca_cert), ("cert.pem", cert), ("client.pem", client)):
        (folder / name).write_bytes(one.public_bytes(serialization.Encoding.PEM))
    for name, one_key in (("key.pem", key), ("client-key.pem", client_key)):
        (folder / name).write_bytes(private_pem(one_key))
    return paths


def private_pem(key: ec.EllipticCurvePrivateKey, password: bytes | None = None) -> bytes:
    """Write a private key as PEM, encrypted when there is a password."""
    how = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, how)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
    )


CONFIG = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
include /etc/ldap/schema/nis.schema
modulepath /usr/lib/ldap
moduleload back_mdb.so
moduleload ppolicy.so
pidfile {folder}/slapd.pid
argsfile {folder}/slapd.args
TLSCACertificateFile {ca}
TLSCertificateFile {cert}
TLSCertificateKeyFile {key}
{security}
{options}
database mdb
suffix "dc=t"
rootdn "cn=root,dc=t"
directory {folder}/db
maxsize 1073741824
dbnosync
lastbind on
index objectClass,uid eq
{access}
overlay ppolicy
ppolicy_default "cn=default,dc=t"
"""

ACCESS = """\
limits dn.exact="uid=reader,dc=t" size=unlimited
limits dn.exact="uid=small,dc=t" size.soft=5 size.hard=10 size.pr=3 size.prtotal=7
access to attrs=userPassword by anonymous auth by * none
access to attrs=member by dn.exact="uid=blind,dc=t" none by users read
access to * by users read
"""

BASE = """\
dn: dc=t
objectClass: domain
dc: t

dn: cn=default,dc=t
objectClass: device
objectClass: pwdPolicy
cn: default
pwdAttribute: userPassword
pwdLockout: TRUE
pwdMaxFailure: 3
pwdLockoutDuration: 0

"""


def reader(uid: str) -> str:
    """Return the LDIF of an account that may sign in, with its uid as the password."""
    return f"dn: uid={uid},dc=t\nobjectClass: inetOrgPerson\nuid: {uid}\ncn: {uid}\nsn: {uid}\nuserPassword: {uid}\n\n"


@contextmanager
def slapd(
    folder: Path,
    entries: str,
    *,
    security: str = "security simple_bind=128",
    options: str = "",
    access: str = ACCESS,
    changes: str = "",
    certificate: tuple[Path, Path] | None = None,
) -> Iterator[DirectoryServer]:
    """
    Run OpenLDAP over the entries (LDIF below `dc=t`); passwords go over TLS only, unless told otherwise.

    `options` are further lines of the configuration; `changes` is LDIF for `cn=config`, which is then used instead.
    """
    program, loader = require("slapd", "slapd"), require("slapadd", "slapd")
    (folder / "db").mkdir(parents=True)
    ca, cert, key = make_certificate(folder / "tls")
    cert, key = certificate or (cert, key)
    config = folder / "slapd.conf"
    config.write_text(
        CONFIG.format(folder=folder, ca=ca, cert=cert, key=key, security=security, options=options, access=access)
    )
    seed = folder / "seed.ldif"
    seed.write_text(BASE + reader("reader") + reader("small") + reader("blind") + entries)
    # `-q` leaves out what only a running server needs: 20,000 entries load in a quarter of a second.
    subprocess.run([loader, "-q", "-b", "dc=t", "-f", config, "-l", seed], check=True, capture_output=True)
    given = ["-f", str(config)]
    if changes:
        given = ["-F", str(_modern(folder, config, changes))]
    port, ldaps_port = free_port(), free_port()
    urls = f"ldap://127.0.0.1:{port} ldaps://127.0.0.1:{ldaps_port}"
    process = subprocess.Popen([program, "-d", "0", "-h", urls, *given], stderr=subprocess.DEVNULL)
    try:
        for one in (port, ldaps_port):
            _wait_for(one, process)
        yield DirectoryServer("127.0.0.1", port, ldaps_port, ca, "dc=t", "uid=reader,dc=t", "reader", process)
    finally:
        process.terminate()
        process.wait(10)


def _modern(folder: Path, config: Path, changes: str) -> Path:
    """Turn a slapd.conf into `cn=config`, as servers have it today, and change it offline."""
    converted = folder / "slapd.d"
    converted.mkdir()
    (folder / "changes.ldif").write_text(changes)
    for command in (
        [require("slaptest", "slapd"), "-f", config, "-F", converted],
        [require("slapmodify", "slapd"), "-F", converted, "-n", "0", "-l", folder / "changes.ldif"],
    ):
        done = subprocess.run(command, capture_output=True, check=False, text=True)
        assert done.returncode == 0, done.stderr
    return converted


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.01)
    raise RuntimeError(f"the server does not answer on port {port}")

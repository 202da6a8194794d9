"""The way to a system, one step at a time: its name, its port, its certificate. Nothing of a protocol is spoken."""

import ipaddress
import socket
import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from queue import Empty, Queue
from threading import Thread

from auditor.connecting.certificate import ENDS_SOON_DAYS, CertificateSummary, told_of
from auditor.connecting.checks import Check, CheckState
from connectors.connector import Endpoint, Transport
from connectors.errors import AuditorError, InputError, SourceUnreachable
from connectors.http.distrust import distrust

PATIENCE_S = 10.0
"""How long a name, a connection or a handshake may take."""

NAME, PORT, TLS = "name", "port", "tls"
STEPS = (NAME, PORT, TLS)


def try_network(endpoint: Endpoint, begin: Callable[[str], None], *, can_name: bool = False) -> Iterator[Check]:
    """
    Yield what each step said; `begin` is told before each.

    Raises `AuditorError` for the first that fails. `can_name` says whether the connector has a setting `server_name`.
    """
    begin(NAME)
    addresses = _resolve(endpoint)
    yield Check(NAME, CheckState.OK, _addresses(endpoint.host, addresses))
    begin(PORT)
    address = _connect(endpoint, addresses)
    yield Check(PORT, CheckState.OK, f"{address} answers on port {endpoint.port}")
    begin(TLS)
    yield _tls(endpoint, address, can_name=can_name)


def _resolve(endpoint: Endpoint) -> list[str]:
    host, answer = endpoint.host, Queue[list[str] | OSError]()

    def run() -> None:
        try:
            found = socket.getaddrinfo(host, endpoint.port, type=socket.SOCK_STREAM)
            answer.put(list(dict.fromkeys(str(entry[4][0]) for entry in found)))
        except (OSError, UnicodeError) as error:
            answer.put(error if isinstance(error, OSError) else OSError())

    # Looking up a name has no time limit of its own.
    Thread(target=run, daemon=True).start()
    try:
        found = answer.get(timeout=PATIENCE_S)
    except Empty:
        raise SourceUnreachable(
            f"nobody said within {PATIENCE_S:.0f} s where `{host}` is",
            hint="the name server of this machine does not answer: check the network and its DNS settings",
        ) from None
    if isinstance(found, OSError):
        if isinstance(found, socket.gaierror) and found.errno == socket.EAI_AGAIN:
            hint = "the name server of this machine has no answer: check the name, the network and its DNS settings"
        else:
            hint = "check the host in the address; a name of the practice's own network is only known within it"
        raise SourceUnreachable(f"no machine is called `{host}` from here", hint=hint)
    return found


def _addresses(host: str, addresses: list[str]) -> str:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return f"{host} is {', '.join(addresses[:4])}" + (" …" if len(addresses) > 4 else "")
    return f"{host} is an address already"


def _connect(endpoint: Endpoint, addresses: list[str]) -> str:
    failed: OSError | None = None
    for address in addresses:
        try:
            socket.create_connection((address, endpoint.port), PATIENCE_S).close()
        except OSError as error:
            failed = error
        else:
            return address
    raise _no_port(endpoint, failed)


def _no_port(endpoint: Endpoint, error: OSError | None) -> SourceUnreachable:
    where = f"port {endpoint.port} of `{endpoint.host}`"
    if isinstance(error, ConnectionRefusedError):
        return SourceUnreachable(f"nobody listens on {where}", hint="check the port, and that the service runs there")
    if isinstance(error, TimeoutError):
        return SourceUnreachable(
            f"{where} did not answer within {PATIENCE_S:.0f} s",
            hint="a firewall between this machine and the server drops the connection: have this port opened for it",
        )
    return SourceUnreachable(f"{where} cannot be reached", hint="check the route, the VPN and the address")


def _tls(endpoint: Endpoint, address: str, *, can_name: bool) -> Check:
    if endpoint.transport is Transport.PLAIN:
        return Check(TLS, CheckState.SKIPPED, "no encryption: nothing leaves this machine")
    if endpoint.transport is Transport.UPGRADE:
        return Check(
            TLS, CheckState.SKIPPED, "starts within the protocol: the certificate is checked by the first sign-in"
        )
    name = endpoint.server_name or endpoint.host
    try:
        der, version = _shake_hands(endpoint, address, _context(endpoint), name)
    except ssl.SSLCertVerificationError as error:
        found = _seen(endpoint, address, name)
        own = endpoint.ca_file is not None
        why, advice = distrust(error, name, own_authority=own, can_name=can_name, found=found)
        raise SourceUnreachable(f"{told_of(found)} {why}", hint=advice) from None
    except (OSError, ValueError) as error:
        raise _no_tls(endpoint, error) from None
    certificate, now = CertificateSummary.read(der), datetime.now(UTC)
    soon = certificate.days_left(now) < ENDS_SOON_DAYS
    return Check(
        TLS,
        CheckState.WARNING if soon else CheckState.OK,
        f"{version}, certificate for {name} {certificate.told(now)}",
        "have it renewed before it ends: from that day on this system cannot be read" if soon else "",
    )


def _context(endpoint: Endpoint) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=endpoint.ca_file)
    except (OSError, ssl.SSLError):
        raise InputError(
            str(endpoint.ca_file),
            "this is not a certificate file",
            field="ca_file",
            expected="the PEM certificate of the authority that signed the server's",
        ) from None


def _shake_hands(endpoint: Endpoint, address: str, context: ssl.SSLContext, name: str) -> tuple[bytes, str]:
    with (
        socket.create_connection((address, endpoint.port), PATIENCE_S) as plain,
        context.wrap_socket(plain, server_hostname=name) as secured,
    ):
        return secured.getpeercert(binary_form=True) or b"", secured.version() or "TLS"


def _seen(endpoint: Endpoint, address: str, name: str) -> CertificateSummary | None:
    """Look at a certificate that is not trusted, to say what is wrong with it; nothing is sent over the connection."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        return CertificateSummary.read(_shake_hands(endpoint, address, context, name)[0])
    except (OSError, ValueError):
        return None


def _no_tls(endpoint: Endpoint, error: Exception) -> AuditorError:
    where = f"port {endpoint.port} of `{endpoint.host}`"
    if isinstance(error, TimeoutError):
        return SourceUnreachable(
            f"{where} did not start TLS within {PATIENCE_S:.0f} s",
            hint="something that does not speak TLS at once answers there: is it the right port?",
        )
    if isinstance(error, ssl.SSLError) and "VERSION" not in (error.reason or "VERSION_NUMBER"):
        return SourceUnreachable(
            f"{where} and this machine found no TLS that both accept: `{error.reason}`",
            hint="the server must offer TLS 1.2 or later",
        )
    return SourceUnreachable(
        f"{where} answers, but not with TLS", hint="is it the right port? a port without encryption answers there"
    )

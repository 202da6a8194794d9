"""
Where a site listens: on this machine, unless what travels is encrypted or a proxy in front is named.

One process, one thread of the network, HTTP/1.1 by h11: it refuses what two readers could take for two requests, and
what is counted (`auditor.web.rates`) is counted in one place. At SIGTERM no request is cut off.
"""

import ipaddress
import signal
import socket
import ssl
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from auditor.web.site import Network, check_origin
from connectors.errors import AuditorError

if TYPE_CHECKING:
    import uvicorn
    from starlette.types import ASGIApp

PORT = 8802
DRAIN_S = 20
"""So long a request may take that was there at SIGTERM."""
MAX_HEADER_BYTES = 2**15
MAX_CONNECTIONS = 200
"""Beyond so many, browsers are told to come back (503): two people reviewing need four."""


@dataclass(frozen=True, slots=True)
class Listening:
    """
    Where a site listens, and how browsers name it.

    Raises `AuditorError` where what people type would travel readably: other machines reach it, and there is neither
    certificate nor proxy.
    """

    host: str = "127.0.0.1"
    """An address of this machine, or `localhost`."""
    port: int = PORT
    certificate: Path | None = None
    key: Path | None = None
    proxies: tuple[Network, ...] = ()
    """From where the proxy in front asks (`named_proxies`)."""
    public: str | None = None
    """How browsers name it, such as `https://review.lakeside.example`; `None`: by host and port."""

    def __post_init__(self) -> None:
        address = _address(self.host)
        if (self.certificate is None) != (self.key is None):
            raise AuditorError("a certificate needs its key, and a key its certificate", hint="give both files")
        if not (address.is_loopback or self.certificate or self.proxies):
            raise AuditorError(
                f"`{self.host}` can be reached from other machines, and nothing would be encrypted",
                hint="give a certificate and its key, name the proxy that encrypts, or listen on 127.0.0.1",
            )
        if self.public is not None:
            check_origin(self.public)
        elif address.is_unspecified or self.proxies or self.port == 0:
            raise AuditorError(
                "browsers need to know the name of this site",
                hint="give the address that they use, such as `https://review.example`",
            )
        if self.encrypted and not self.origin.startswith("https://"):
            raise AuditorError(f"`{self.origin}` is not encrypted", hint="give an address that begins with `https://`")

    @property
    def encrypted(self) -> bool:
        """Whether browsers come by TLS: to us, or to the proxy."""
        return bool(self.certificate or self.proxies)

    @property
    def origin(self) -> str:
        """How browsers name it."""
        if self.public is not None:
            return self.public
        host = str(_address(self.host))
        name = f"[{host}]" if ":" in host else host
        default = 443 if self.certificate else 80
        port = "" if self.port == default else f":{self.port}"
        return f"{'https' if self.certificate else 'http'}://{name}{port}"


def named_proxies(names: Iterable[str]) -> tuple[Network, ...]:
    """Return the addresses or networks of a proxy; raises `AuditorError` for what names nobody in particular."""
    found = []
    for name in names:
        try:
            network = ipaddress.ip_network(name)
        except ValueError:
            raise AuditorError(
                f"`{name}` is not the address of a proxy", hint="give the address that it asks from, such as 10.0.0.5"
            ) from None
        if network.prefixlen < (8 if network.version == 4 else 32):
            raise AuditorError(f"`{name}` is everybody, and not a proxy", hint="give the proxy's own address")
        found.append(network)
    return tuple(found)


def open_socket(listening: Listening) -> socket.socket:
    """Take the port; raises `AuditorError` when somebody else has it, or may not."""
    address = _address(listening.host)
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    try:
        opened = socket.create_server((str(address), listening.port), family=family, backlog=128)
    except OSError as error:
        raise AuditorError(
            f"`{listening.host}` port {listening.port} cannot be listened on: `{error.strerror}`",
            hint="choose another port, or end what listens there",
        ) from None
    # Head and body are two writes: without this the second waits for the first one's acknowledgement, 40 ms. asyncio
    # would set it itself, but knows a TCP socket by its protocol number, which `create_server` leaves at 0.
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return opened


def make_server(app: "ASGIApp", listening: Listening) -> "uvicorn.Server":
    """Return the server of an application, not yet started; raises `AuditorError` for an unusable certificate."""
    # What serves is imported when something is served.
    import uvicorn  # noqa: PLC0415

    from auditor.web.patience import TimedHeads  # noqa: PLC0415

    _check_certificate(listening)
    config = uvicorn.Config(
        app,
        http=TimedHeads,
        ws="none",
        loop="asyncio",
        lifespan="on",
        interface="asgi3",
        proxy_headers=False,  # `OwnHost` believes a named proxy, and nobody else
        server_header=False,
        access_log=False,  # the address of a link holds what signs in
        log_config=None,
        limit_concurrency=MAX_CONNECTIONS,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=DRAIN_S,
        h11_max_incomplete_event_size=MAX_HEADER_BYTES,
        ssl_certfile=listening.certificate,
        ssl_keyfile=listening.key,
    )
    return uvicorn.Server(config)


def serve(app: "ASGIApp", listening: Listening, ready: Callable[[str], None]) -> None:
    """
    Serve until SIGTERM or SIGINT, then let what has begun end; for the main thread.

    `ready` is told the address once browsers can connect. Raises `AuditorError` when the port or the certificate
    cannot be used.
    """
    server = make_server(app, listening)
    with open_socket(listening) as sock:
        before = {number: signal.signal(number, _ended) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            ready(listening.origin)
            server.run(sockets=[sock])
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _ended(_signal: int, _frame: FrameType | None) -> None:
    """Do nothing: uvicorn hears the signal, ends, and passes it on to whoever listened before."""


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    try:
        return ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError:
        raise AuditorError(f"`{host}` is not an address of this machine", hint="such as 127.0.0.1, or ::1") from None


def _check_certificate(listening: Listening) -> None:
    if listening.certificate is None or listening.key is None:
        return
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        # A key with a password would be asked for at the terminal, where nobody may be.
        context.load_cert_chain(listening.certificate, listening.key, password=lambda: "")
    except OSError as error:  # `SSLError` is one
        said = error.strerror or type(error).__name__
        raise AuditorError(
            f"the certificate `{listening.certificate}` cannot be used with the key `{listening.key}`: `{said}`",
            hint="give PEM files that belong together, the key without a password",
        ) from None

"""
One HTTP call that ends in time and stays small, whatever the server does.

`connectors.http.client` decides what is asked, what is tried again and what an answer means; here is only the wire.
"""

import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Queue
from threading import Event, Thread
from time import monotonic
from typing import Any, NoReturn

from connectors.connector import Endpoint, Transport
from connectors.errors import SourceMalformed, SourceTruncated, SourceUnreachable
from connectors.http.credentials import is_loopback
from connectors.http.distrust import distrust, refused_in

MAX_ANSWER_BYTES = 64 * 2**20
BLOCK = 2**16


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """What came back, unpacked; headers in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """What is asked."""

    method: str
    url: str
    shown: str
    """The path: what errors may tell of the address."""
    content: Mapping[str, Any]


class Caller:
    """Holds the connection to one server; every error names the system and the path, never what was sent or came."""

    def __init__(self, system: str, endpoint: Endpoint, headers: Mapping[str, str], timeout_s: float) -> None:
        self._system, self._endpoint, self._timeout_s = system, endpoint, timeout_s
        self._headers = dict(headers)
        self._client: Any = None

    def set_header(self, name: str, value: str) -> None:
        """Send a header with every further call."""
        self._headers[name] = value
        if self._client is not None:
            self._client.headers[name] = value

    def close(self) -> None:
        """Close the connection."""
        client, self._client = self._client, None
        if client is not None:
            client.close()

    def call(self, request: HttpRequest, deadline: float) -> HttpResponse:
        """
        Try once; ends by the deadline (a value of `monotonic`).

        The client's own time-out starts anew with every byte, and looking up a name has none; so the try runs beside
        us, and is left behind when it is late. Raises `SourceUnreachable`, `SourceTruncated`, `SourceMalformed`.
        """
        client = self._client = self._client or self._open()
        result: Queue[HttpResponse | Exception] = Queue()
        late = Event()

        def run() -> None:
            try:
                result.put(self._once(client, request, deadline))
            except Exception as error:  # noqa: BLE001 - raised again below, in the thread that asked
                result.put(error)
            if late.is_set():
                client.close()

        Thread(target=run, daemon=True).start()
        try:
            outcome = result.get(timeout=max(0.0, deadline - monotonic()))
        except Empty:
            self._client = None
            late.set()  # from here on the late try closes the client, unless it has just ended
            if not result.empty():
                client.close()
            self._late(request.shown)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def _once(self, client: Any, request: HttpRequest, deadline: float) -> HttpResponse:
        import httpx  # noqa: PLC0415 - imported late: an audit of files does not pay for it

        shown = request.shown
        try:
            with client.stream(request.method, request.url, **request.content) as answer:
                headers = {name.lower(): value for name, value in answer.headers.items()}
                body = bytearray()
                for part in self._unpacked(answer.iter_raw(), headers.get("content-encoding", ""), shown):
                    body += part
                    if len(body) > MAX_ANSWER_BYTES:
                        raise SourceMalformed(
                            f"`{self._system}` sent more than {MAX_ANSWER_BYTES >> 20} MiB for `{shown}`",
                            hint="lower `page_size`",
                        )
                    if monotonic() > deadline:
                        self._late(shown)
                return HttpResponse(answer.status_code, headers, bytes(body))
        except httpx.TimeoutException:
            self._late(shown)
        except (httpx.RemoteProtocolError, httpx.ReadError) as error:
            if _is_tls(error):
                self._untrusted(error)
            self._broken_off(shown)
        except httpx.InvalidURL:
            raise SourceMalformed(f"`{self._system}` gave an address that is none", hint="check `url`") from None
        except httpx.HTTPError as error:
            if _is_tls(error):
                self._untrusted(error)
            raise SourceUnreachable(
                f"`{self._system}` cannot be reached for `{shown}`: {type(error).__name__}",
                hint=f"check that {self._endpoint.host} answers on port {self._endpoint.port} from this machine",
            ) from None

    def _unpacked(self, parts: Iterable[bytes], encoding: str, shown: str) -> Iterator[bytes]:
        """Unpack block by block: a few bytes can hold gigabytes, and packings can be stacked."""
        if encoding.lower() in ("", "identity"):
            yield from parts
            return
        if encoding.lower() not in ("gzip", "x-gzip"):
            raise SourceMalformed(f"`{self._system}` packed its answer to `{shown}` in a way that was not asked for")
        unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS)
        try:
            for part in parts:
                packed = part
                while packed:
                    yield unpacker.decompress(packed, BLOCK)
                    packed = unpacker.unconsumed_tail
            yield unpacker.flush()
        except zlib.error:
            raise SourceMalformed(
                f"`{self._system}` sent an answer to `{shown}` that cannot be unpacked",
                hint="try again; if it stays, ask the vendor",
            ) from None
        if not unpacker.eof:
            self._broken_off(shown)

    def _open(self) -> Any:
        import ssl  # noqa: PLC0415

        import httpx  # noqa: PLC0415

        tls = self._endpoint.transport is Transport.TLS
        nobody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # trusts no authority, so that none needs to be loaded
        return httpx.Client(
            headers={**self._headers, "accept-encoding": "gzip"},
            timeout=self._timeout_s,
            verify=_trust(self._system, self._endpoint.ca_file) if tls else nobody,
            follow_redirects=False,
            # A proxy of the environment must not see what never leaves this machine.
            trust_env=not is_loopback(self._endpoint.host),
        )

    def _late(self, shown: str) -> NoReturn:
        raise SourceUnreachable(
            f"`{self._system}` did not answer `{shown}` in time",
            hint="raise `timeout_s` or `call_limit_s` for this system, or ask why it is slow",
        ) from None

    def _broken_off(self, shown: str) -> NoReturn:
        raise SourceTruncated(
            f"`{self._system}` broke off its answer to `{shown}`", hint="try again; if it stays, ask the vendor"
        ) from None

    def _untrusted(self, error: Exception) -> NoReturn:
        refused = refused_in(error)
        if refused is None:
            raise SourceUnreachable(
                f"the TLS of `{self._system}` is not to be trusted: both sides found none that they accept",
                hint="the server must offer TLS 1.2 or later; is it the right port?",
            ) from None
        own = self._endpoint.ca_file is not None
        why, advice = distrust(refused, self._endpoint.host, own_authority=own, can_name=False)
        raise SourceUnreachable(
            f"the certificate of `{self._system}` is not to be trusted: it {why}", hint=advice
        ) from None


def _is_tls(error: Exception) -> bool:
    text = str(error).lower()
    return "certificate" in text or "ssl" in text or "tls" in text


def _trust(system: str, ca_file: Path | None) -> Any:
    import ssl  # noqa: PLC0415

    if ca_file is None:
        return ssl.create_default_context()
    try:
        return ssl.create_default_context(cafile=str(ca_file))
    except (OSError, ssl.SSLError):
        raise SourceUnreachable(
            f"`{system}`: the file `{ca_file.name}` that `ca_file` names holds no certificate that can be read",
            hint="a PEM file that starts with `-----BEGIN CERTIFICATE-----`",
        ) from None

"""How the identity provider is asked: within bounds, over TLS or on this machine, following nowhere."""

import ssl
from collections.abc import AsyncIterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import httpx2
from anyio import fail_after

from connectors.errors import AuditorError
from connectors.http.credentials import is_loopback

MAX_ANSWER_BYTES = 256 * 2**10
"""Discovery and keys of the largest providers have 20 KB."""
ANSWER_SECONDS = 5
"""For one answer, from the first byte that is asked to the last that comes, however slowly it drips."""


class ProviderUnavailable(AuditorError):
    """The identity provider does not answer, or not within bounds."""


@lru_cache(maxsize=8)
def trusting(ca_file: Path | None) -> ssl.SSLContext:
    """Return whom to trust: the authorities of a file, or those of the machine; raises `AuditorError` for no file."""
    try:
        return ssl.create_default_context(cafile=None if ca_file is None else str(ca_file))
    except OSError as error:
        raise AuditorError(
            f"the certificates in `{ca_file}` cannot be read: `{error.strerror or type(error).__name__}`",
            hint="give the PEM certificate of the authority that signed the identity provider's",
        ) from None


class BoundedTransport(httpx2.AsyncBaseTransport):
    """Reads every answer whole, of at most so many bytes within so many seconds; nothing is unpacked."""

    def __init__(self, trusted: ssl.SSLContext) -> None:
        self._transport = httpx2.AsyncHTTPTransport(verify=trusted)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Ask once; raises `ProviderUnavailable`."""
        if request.url.scheme != "https" and not is_loopback(request.url.host):
            raise ProviderUnavailable("the identity provider names an address that is not encrypted")
        request.headers["accept-encoding"] = "identity"  # a packed answer of 256 KB may hold gigabytes
        try:
            with fail_after(ANSWER_SECONDS):
                response = await self._transport.handle_async_request(request)
                try:
                    return await _read(response)
                finally:
                    await response.aclose()
        except TimeoutError:
            raise ProviderUnavailable("the identity provider does not answer in time") from None
        except (httpx2.HTTPError, OSError) as error:
            raise ProviderUnavailable(f"the identity provider cannot be asked: `{type(error).__name__}`") from None

    async def aclose(self) -> None:
        """Close the connections."""
        await self._transport.aclose()


async def _read(response: httpx2.Response) -> httpx2.Response:
    if response.is_redirect:
        raise ProviderUnavailable("the identity provider answers from elsewhere, where nobody is asked")
    if response.headers.get("content-encoding", "identity").lower() not in ("", "identity"):
        raise ProviderUnavailable("the identity provider packs its answer, though it was asked not to")
    body = bytearray()
    stream: AsyncIterator[bytes] = response.stream  # type: ignore[assignment]  # of an async transport
    async for part in stream:
        body += part
        if len(body) > MAX_ANSWER_BYTES:
            raise ProviderUnavailable("the identity provider answers without an end")
    headers: Any = [(name, value) for name, value in response.headers.raw if name.lower() != b"transfer-encoding"]
    return httpx2.Response(response.status_code, headers=headers, content=bytes(body))

"""
No body without a limit: neither uvicorn nor Starlette has one, and both take what is sent.

A request may send `SMALL` bytes unless its page allows more (`allow_body`). What `content-length` announces is refused
before it is read, and what arrives is counted, because the header may lie or be absent.
"""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from auditor.web.errors import Refused

SMALL = 2**16
_LIMIT = "auditor.body"


class BoundedBodies:
    """Counts what arrives."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, with a `receive` that raises `Refused` (413) beyond its limit."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if "content-length" in headers and "transfer-encoding" in headers:
            # Two readers could take it for one request or for two (RFC 9112 §6.1): nothing after it is read.
            raise Refused(400, headers={"connection": "close"})
        scope[_LIMIT] = SMALL
        announced = _announced(headers.get("content-length", "0"))
        received = 0

        async def bounded() -> Message:
            nonlocal received
            if announced > scope[_LIMIT]:
                raise Refused(413)
            message = await receive()
            received += len(message.get("body", b""))
            if received > scope[_LIMIT]:
                raise Refused(413)
            return message

        await self._app(scope, bounded, send)


def allow_body(scope: Scope, limit: int) -> None:
    """Allow a request so many bytes, before its body is read."""
    scope[_LIMIT] = limit


def _announced(length: str) -> int:
    return int(length) if length.isascii() and length.isdecimal() and len(length) < 19 else 2**63

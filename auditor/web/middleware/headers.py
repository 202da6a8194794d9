"""
What every answer says to the browser, whatever made it; and nothing that would end a header.

Source: W3C CSP 3; OWASP Secure Headers. `same-origin` as referrer, because with `no-referrer` Chromium sends
`Origin: null` from our own forms.
"""

import logging
from collections.abc import Iterable

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_SECURITY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
ALWAYS = {
    "content-security-policy": CONTENT_SECURITY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "x-frame-options": "DENY",
    "x-robots-tag": "noindex, nofollow",
}
UNENCRYPTED = "max-age=31536000"
"""`Strict-Transport-Security`, where browsers come by TLS: a year, of this host alone."""
KEPT_FOR_EVER = "public, max-age=31536000, immutable"

log = logging.getLogger("auditor.web")


class SecurityHeaders:
    """Puts the headers on every answer."""

    def __init__(self, app: ASGIApp, *, encrypted: bool) -> None:
        self._app = app
        self._always = {**ALWAYS, **({"strict-transport-security": UNENCRYPTED} if encrypted else {})}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with them; `no-store` unless the answer may be kept for ever, as only a hashed file may."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._always.items():
                    headers[name] = value
                if headers.get("cache-control") != KEPT_FOR_EVER:
                    headers["cache-control"] = "no-store"
            await send(message)

        await self._app(scope, receive, with_headers)


class WholeHeaders:
    """Lets no answer through with a header that would end: not every server looks."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; raises `HeaderInjectionError` before anything is sent."""

        async def checked(message: Message) -> None:
            if message["type"] == "http.response.start":
                _check(message["headers"])
            await send(message)

        await self._app(scope, receive, checked)


class HeaderInjectionError(Exception):
    """Something of a visitor's got into a header with what would end it."""


def _check(headers: Iterable[tuple[bytes, bytes]]) -> None:
    """Raise `HeaderInjectionError` for a header that holds a line break."""
    for name, value in headers:
        if any(byte in name + value for byte in b"\r\n\x00"):
            raise HeaderInjectionError

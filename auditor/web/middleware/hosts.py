"""
A site is served under its own name only: one elsewhere whose name leads here (DNS rebinding) gets nothing.

Behind a named proxy only the proxy is answered, and its word counts for where a request comes from: the last address
that it did not write itself.
"""

import ipaddress

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from auditor.web.errors import Refused
from auditor.web.site import Network

MAX_ADDRESS = 4096
"""Bytes of an address: no page of ours has a longer one, and the answer of an identity provider stays below it."""
VERSIONS = ("1.0", "1.1")
"""What h11 speaks; it takes a line that says `HTTP/2.0` for one of version 1 all the same."""

_ELSEWHERE = "This site is not served under that name. Open {}"
_NOT_THE_PROXY = "This site is asked through its proxy only."


class OwnHost:
    """Refuses what was asked under another name, or not by the proxy."""

    def __init__(self, app: ASGIApp, *, origin: str, host: str, proxies: tuple[Network, ...]) -> None:
        self._app, self._origin, self._host, self._proxies = app, origin, host, proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on that names this site; raises `Refused` otherwise."""
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            if (
                scope["http_version"] not in VERSIONS
                or len(scope["raw_path"]) + len(scope["query_string"]) > MAX_ADDRESS
            ):
                raise Refused(400)
            if self._proxies:
                scope = {**scope, "client": self._client(scope, headers)}
            if [host.lower() for host in headers.getlist("host")] != [self._host]:
                raise Refused(400, _ELSEWHERE.format(self._origin))
        await self._app(scope, receive, send)

    def _client(self, scope: Scope, headers: Headers) -> tuple[str, int]:
        """Return whom the proxy asks for; raises `Refused` when it is not the proxy who asks."""
        client = scope.get("client")
        if client is None or not self._is_proxy(client[0]):
            raise Refused(403, _NOT_THE_PROXY)
        forwarded = ",".join(headers.getlist("x-forwarded-for")).split(",")
        for one in reversed([entry.strip() for entry in forwarded]):
            if one and not self._is_proxy(one):
                return (one[:45], 0) if _is_address(one) else (client[0], 0)
        return (client[0], 0)

    def _is_proxy(self, address: str) -> bool:
        return _is_address(address) and any(ipaddress.ip_address(address) in network for network in self._proxies)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True

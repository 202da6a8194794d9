"""
The one cookie: 32 random bytes, with nothing to read in them.

`__Host-` keeps other hosts of the domain from setting it (RFC 6265bis §4.1.3.2). `Lax`, because the answer of the
identity provider arrives from its site. `Secure` on loopback too: browsers of today take it there without TLS.
"""

from starlette.requests import Request
from starlette.responses import Response

from auditor.web.tokens import is_value

COOKIE = "__Host-auditor"


def value_of(request: Request) -> str:
    """Return what the browser holds; empty when it holds nothing that could be ours."""
    value = request.cookies.get(COOKIE, "")
    return value if is_value(value) else ""


def give(response: Response, value: str) -> None:
    """Have the browser hold a value until it is closed."""
    response.set_cookie(COOKIE, value, path="/", secure=True, httponly=True, samesite="lax")


def take_back(response: Response) -> None:
    """Have the browser forget it."""
    response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="lax")

"""How a module of pages declares its routes; there is no other way in, so no page can go without its guards."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.responses import Response

from auditor.web.people import Role

if TYPE_CHECKING:
    from auditor.web.visit import Visit

Handler = Callable[["Visit"], "Response | Awaitable[Response]"]
"""Answers one request; one that is no coroutine runs in a thread, where it may ask the store."""

MAX_BODY = 2**20
MAX_UPLOAD = 10 * 2**20


@dataclass(frozen=True, slots=True)
class Page:
    """One method of one path."""

    method: str
    path: str
    handler: Handler
    roles: frozenset[Role]
    """Who may ask; empty: anybody."""
    max_body: int = MAX_BODY
    """Bytes of a form, with its files; more is refused before it is read."""
    max_fields: int = 1000

    def __post_init__(self) -> None:
        if self.method not in ("GET", "POST") or not self.path.startswith("/"):
            raise ValueError(f"a page is a GET or a POST of a path: {self.method} {self.path}")

    @property
    def public(self) -> bool:
        """Whether anybody may ask, signed in or not."""
        return not self.roles


def get(path: str, handler: Handler, *roles: Role) -> Page:
    """Declare a page that changes nothing, for people with one of the roles; raises `ValueError` without one."""
    return Page("GET", path, handler, _some(roles, path))


def post(path: str, handler: Handler, *roles: Role, max_body: int = MAX_BODY, max_fields: int = 1000) -> Page:
    """Declare what changes something: its form is checked and its outcome taken down before and after it."""
    return Page("POST", path, handler, _some(roles, path), max_body, max_fields)


def public_get(path: str, handler: Handler) -> Page:
    """Declare a page for anybody, such as that of signing in."""
    return Page("GET", path, handler, frozenset())


def public_post(path: str, handler: Handler) -> Page:
    """Declare a form for anybody, such as the button of a link; its token and origin are checked all the same."""
    return Page("POST", path, handler, frozenset())


def _some(roles: tuple[Role, ...], path: str) -> frozenset[Role]:
    if not roles:
        raise ValueError(f"who may ask for `{path}`? name the roles, or `*SIGNED_IN`")
    return frozenset(roles)

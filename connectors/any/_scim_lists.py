"""
Lists of SCIM resources, page by page to their proven end (RFC 7644 §3.4.2.4, RFC 9865).

`connectors/any/scim.py` reads accounts with it; whoever reads something else from a SCIM server can use it as well.
"""

from dataclasses import dataclass
from urllib.parse import quote

from connectors.any._scim_resource import Resource
from connectors.errors import SourceMalformed, SourceTruncated
from connectors.web import Web

ACCEPT = "application/scim+json, application/json;q=0.9"
NOT_FOUND = 404
UNSAID = (403, NOT_FOUND, 405, 501)
"""How servers refuse to describe themselves."""


@dataclass(frozen=True, slots=True)
class Service:
    """What a server says of itself in its ServiceProviderConfig."""

    said: bool
    cursor: bool = False
    """Whether it pages by cursor, which holds still while accounts come and go."""
    most: int | None = None
    """The most that it gives on a page."""


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of a list."""

    resources: tuple[Resource, ...]
    total: int | None
    """The server's own count; `None` only where it pages by cursor and does not say."""
    next: str | None
    """The token of the page after it."""
    offered: bool = True
    """`False`: the server has no such list."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a page begins: how many came before it, and the cursor if there is one."""

    received: int = 0
    cursor: str | None = None

    @classmethod
    def of(cls, token: str) -> "_Place":
        received, _, cursor = token.partition(" ")
        return cls(int(received), cursor or None)

    @property
    def token(self) -> str:
        return f"{self.received} {self.cursor or ''}"


class Lists:
    """Reads the lists of one server; holds nothing of them."""

    def __init__(self, system: str, web: Web, page_size: int) -> None:
        self._system, self._web, self._size = system, web, page_size
        self._service = Service(said=False)
        self._selects = True

    def service(self) -> Service:
        """Read the ServiceProviderConfig; a server that shows none is taken to page by index."""
        answer = self._web.get("ServiceProviderConfig", accept=UNSAID)
        if answer.status == 200:
            config = Resource(self._system, "a ServiceProviderConfig", answer.object("ServiceProviderConfig"))
            paging, filters = config.one("pagination"), config.one("filter")
            bounds = (paging and paging.number("maxPageSize"), filters and filters.number("maxResults"))
            self._service = Service(
                said=True,
                cursor=bool(paging and paging.flag("cursor")),
                most=min((bound for bound in bounds if bound), default=None),
            )
        return self._service

    def page(
        self, name: str, what: str, attributes: tuple[str, ...], token: str | None, *, must: bool = True
    ) -> ListPage:
        """
        Read one page of the list `name`, of which each entry is `what`, such as `a user`; `None` asks for the first.

        Only `attributes` are asked for; the server may send more. Unless it `must` be there, a list that the server
        does not offer is an empty page. Raises `SourceError` for everything that is not a whole page.
        """
        place = _Place.of(token) if token else _Place()
        answer = self._get(name, attributes, place, must=must)
        if answer is None:
            return ListPage((), 0, None, offered=False)
        resources = answer.entries("Resources", what)
        total, cursor = answer.number("totalResults"), answer.text("nextCursor")
        # A server may page by cursor although nobody asked for it (RFC 9865 §2.4).
        by_cursor = self._service.cursor or bool(place.cursor or cursor)
        if total is None and not by_cursor:
            raise SourceMalformed(
                f"`{self._system}` gave a page of `{name}` without `totalResults`", hint="check `url`: is it SCIM 2.0?"
            )
        received = place.received + len(resources)
        more = bool(cursor) if by_cursor else received < (total or 0) and bool(resources)
        if not more and total is not None and total != received:
            raise SourceTruncated(
                f"`{self._system}` said that `{name}` has {total} entries but returned {received}",
                hint="run again when nobody is changing accounts; if it stays, ask the vendor",
            )
        return ListPage(resources, total, _Place(received, cursor).token if more else None)

    def single(self, name: str, what: str, attributes: tuple[str, ...], id_: str) -> Resource:
        """Read one entry of a list by its id; raises `SourceMalformed` when another one comes."""
        selected = {"attributes": ",".join(attributes)} if self._selects else None
        entry = Resource(self._system, what, self._web.get(f"{name}/{quote(id_, safe='')}", selected).data)
        if entry.required("id") != id_:
            raise SourceMalformed(f"`{self._system}` gave another entry of `{name}` than the one that was asked for")
        return entry

    def _get(self, name: str, attributes: tuple[str, ...], place: _Place, *, must: bool) -> Resource | None:
        size = min(self._size, self._service.most or self._size)
        params: dict[str, str | int] = {"count": size}
        if place.cursor or (self._service.cursor and not place.received):
            params["cursor"] = place.cursor or ""
        elif place.received:  # the first page without: a server that knows cursors only, and hides it, then uses them
            params["startIndex"] = place.received + 1
        absent = () if must else (NOT_FOUND,)
        if self._selects:
            answer = self._web.get(name, params | {"attributes": ",".join(attributes)}, accept=(400, *absent))
            if answer.status == 400:  # several servers refuse attributes that they do not know
                self._selects = False
        if not self._selects:
            answer = self._web.get(name, params, accept=absent)
        if answer.status == NOT_FOUND:
            return None
        return Resource(self._system, f"a page of `{name}`", answer.object(name))

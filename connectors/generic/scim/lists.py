"""
Lists of SCIM resources, page by page to their proven end (RFC 7644 §3.4.2.4, RFC 9865).

`connectors/generic/scim/connector.py` reads accounts with it; whoever reads something else from a SCIM server can use
it as well.
"""

from dataclasses import dataclass
from functools import partial
from urllib.parse import quote

from connectors.errors import SourceMalformed, SourceTruncated
from connectors.generic.scim.end import REFUSED, ListResponse, Params, Walk, find_end
from connectors.generic.scim.resource import resource
from connectors.http.client import Web
from connectors.inputs.fields import Fields

ACCEPT = "application/scim+json, application/json;q=0.9"
BAD_REQUEST, NOT_FOUND = 400, 404
NOT_OFFERED = (404, 405, 501)
"""How servers say that they have no such list."""
UNSAID = (403, *NOT_OFFERED)
"""How servers refuse to describe themselves."""


@dataclass(frozen=True, slots=True)
class ServiceProviderConfig:
    """What a server says of itself in its ServiceProviderConfig."""

    said: bool
    cursor: bool = False
    """Whether it pages by cursor, which holds still while accounts come and go."""
    most: int | None = None
    """The most that it gives on a page."""


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of a list."""

    resources: tuple[Fields, ...]
    total: int | None
    """The server's own count; `None` where it does not say, or counts something else than the list."""
    next: str | None
    """The token of the page after it."""
    offered: bool = True
    """`False`: the server has no such list."""
    proof: str = ""
    """On the last page: what proves that it is the last; empty where nothing does."""


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
    """Reads the lists of one server; of what they hold it keeps the ids, while a list is read."""

    def __init__(self, system: str, web: Web, page_size: int) -> None:
        self._system, self._web, self._size = system, web, page_size
        self._service = ServiceProviderConfig(said=False)
        self._selects = True
        self._walks: dict[str, Walk] = {}

    def service(self) -> ServiceProviderConfig:
        """Read the ServiceProviderConfig; a server that shows none is taken to page by index."""
        answer = self._web.get("ServiceProviderConfig", accept=UNSAID)
        if answer.status == 200:
            config = resource(self._system, "a ServiceProviderConfig", answer.object("ServiceProviderConfig"))
            paging, filters = config.part("pagination"), config.part("filter")
            bounds = (paging and paging.number_or_none("maxPageSize"), filters and filters.number_or_none("maxResults"))
            self._service = ServiceProviderConfig(
                said=True,
                cursor=bool(paging and paging.flag_or_none("cursor")),
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
        if token is None:
            self._walks[name] = Walk(self._system, name)
        walk, ask = self._walks[name], partial(self._ask, name, what, attributes)
        absent = () if must else NOT_OFFERED
        answer = ask(self._params(place), absent)
        if answer is not None and not (answer.entries or place.received or answer.cursor or self._service.cursor):
            # Several servers page only where they are asked for a first index, such as Bitwarden's.
            answer = ask({**self._params(place), "startIndex": 1}, (*REFUSED, *absent)) or answer
        if answer is None:
            return ListPage((), 0, None, offered=False)
        walk.take(answer.entries)
        received = place.received + len(answer.entries)
        # A server may page by cursor although nobody asked for it (RFC 9865 §2.4).
        by_cursor = self._service.cursor or bool(place.cursor or answer.cursor)
        if by_cursor:
            walk.cursors |= bool(answer.cursor)
            more, total = bool(answer.cursor), None if walk.of_page else answer.total
        else:
            total = walk.listed(answer.total, len(answer.entries))
            more = bool(answer.entries) and (total is None or received < total)
        if more:
            return ListPage(answer.entries, total, _Place(received, answer.cursor).token)
        if total is not None and total != received:
            raise SourceTruncated(
                f"`{self._system}` said that `{name}` has {total} entries but returned {received}",
                hint="run again when nobody is changing accounts; if it stays, ask the vendor",
            )
        end = find_end(walk, ask, min(self._size, self._service.most or self._size), received, by_cursor=by_cursor)
        if end.more:
            return ListPage(answer.entries, None, _Place(received, end.cursor).token)
        return ListPage(answer.entries, total, None, proof=end.proof)

    def single(self, name: str, what: str, attributes: tuple[str, ...], id_: str) -> Fields:
        """Read one entry of a list by its id; raises `SourceMalformed` when another one comes."""
        selected = {"attributes": ",".join(attributes)} if self._selects else None
        entry = resource(self._system, what, self._web.get(f"{name}/{quote(id_, safe='')}", selected).data)
        if entry.as_it_stands("id") != id_:
            raise SourceMalformed(f"`{self._system}` gave another entry of `{name}` than the one that was asked for")
        return entry

    def perhaps(self, name: str, what: str, attributes: tuple[str, ...], id_: str) -> Fields | None:
        """Read one entry by its id; `None` where the server says that there is none (RFC 7644 section 3.12)."""
        address = f"{name}/{quote(id_, safe='')}"
        answer = self._web.get(address, {"attributes": ",".join(attributes)}, accept=(400, 404))
        if answer.status == BAD_REQUEST:
            answer = self._web.get(address, accept=(404,))
        if answer.status == NOT_FOUND:
            return None
        entry = resource(self._system, what, answer.data)
        if entry.as_it_stands("id") != id_:
            raise SourceMalformed(f"`{self._system}` gave another entry of `{name}` than the one that was asked for")
        return entry

    def _params(self, place: _Place) -> Params:
        params: Params = {"count": min(self._size, self._service.most or self._size)}
        if place.cursor or (self._service.cursor and not place.received):
            params["cursor"] = place.cursor or ""
        elif place.received:  # the first page without: a server that knows cursors only, and hides it, then uses them
            params["startIndex"] = place.received + 1
        return params

    def _ask(
        self, name: str, what: str, attributes: tuple[str, ...], params: Params, refused: tuple[int, ...] = ()
    ) -> ListResponse | None:
        """Ask for one page; `None` where the server answers with one of the statuses `refused`."""
        if self._selects:
            answer = self._web.get(name, {**params, "attributes": ",".join(attributes)}, accept=(400, *refused))
            # Several servers refuse attributes that they do not know; a refusal of the page comes without them, too.
            self._selects = answer.status != BAD_REQUEST or BAD_REQUEST in refused
        if not self._selects:
            answer = self._web.get(name, params, accept=refused)
        if answer.status in refused:
            return None
        page = resource(self._system, f"a page of `{name}`", answer.object(name))
        entries = page.entries("Resources", what, optional=True)
        total, cursor = page.number_or_none("totalResults"), page.text_or_none("nextCursor")
        if total is None and not (cursor or "cursor" in params):
            raise SourceMalformed(
                f"`{self._system}` gave a page of `{name}` without `totalResults`", hint="check `url`: is it SCIM 2.0?"
            )
        return ListResponse(entries, total, cursor)

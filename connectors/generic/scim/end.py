"""
Where a SCIM list ends: neither a full page nor the server's own total proves it (RFC 7644 §3.4.2.4).

`totalResults` is the total of the list by the RFC, and the number of entries on the page in several products (WSO2
product-is #13772, better-auth #10398); others ignore `startIndex` (better-auth, scimmy #21) or refuse one past the end.
So the end is asked for: a page past the last is empty, or the total stays the same for a page of one, or the server
pages by cursor (RFC 9865) where it is asked to, as AWS IAM Identity Center does.
"""

import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

from connectors.errors import SourceMalformed, SourceUnreachable
from connectors.inputs.fields import Fields

REFUSED = (400, 404, 405, 416, 422, 501)
"""How servers refuse a page that they cannot give."""

Params = dict[str, str | int]


@dataclass(frozen=True, slots=True)
class ListResponse:
    """What one answer says."""

    entries: tuple[Fields, ...]
    total: int | None
    cursor: str | None


class Ask(Protocol):
    """Asks for one page of a list."""

    def __call__(self, params: Params, refused: tuple[int, ...] = ()) -> ListResponse | None:
        """Return the page; `None` where the server answers with one of the statuses `refused`."""


@dataclass(frozen=True, slots=True)
class ListEnd:
    """Whether a list ends here."""

    proof: str = ""
    """What proves it; empty where nothing does."""
    more: bool = False
    """It does not end here, whatever the total says."""
    cursor: str | None = None
    """Where it goes on, when by cursor."""


@dataclass(slots=True)
class Walk:
    """One walk through one list, from its first page."""

    system: str
    name: str
    cursors: bool = False
    """A further page was named by a cursor."""
    several: bool = False
    """The total was larger than a page, so it does not count the page."""
    of_page: bool = False
    """The total counts the page only: there was more after it was reached."""
    _seen: set[str] = field(default_factory=set)
    _total: int | None = None

    def take(self, entries: Iterable[Fields]) -> None:
        """Note the entries of a page; raises `SourceMalformed` for one that came before."""
        for entry in entries:
            key = _key(entry)
            if key in self._seen:
                raise SourceMalformed(
                    f"`{self.system}` listed an entry of `{self.name}` twice",
                    hint="run again; an entry that moves between pages while they are read is read twice; "
                    "if it stays so, ask the vendor: its pages overlap",
                )
            self._seen.add(key)

    def listed(self, total: int | None, on_page: int) -> int | None:
        """Return the total of the list, by what a page states; `None` when that is known to count the page."""
        if self.of_page:
            return None
        if self._total is not None and total != self._total:
            raise SourceMalformed(
                f"`{self.system}` changed its total of `{self.name}` from {self._total} to {total} while it was read",
                hint="run again when nobody is changing accounts; if it stays so, ask the vendor",
            )
        self._total = total
        self.several |= total is not None and total > on_page
        return total

    def knows(self, entries: Iterable[Fields]) -> bool:
        """Whether all of them came before."""
        return all(_key(entry) in self._seen for entry in entries)


def find_end(walk: Walk, ask: Ask, size: int, received: int, *, by_cursor: bool) -> ListEnd:
    """Ask whether a list ends after what was `received`; raises `SourceError` for what is no answer."""
    if walk.cursors:
        return ListEnd("no further cursor on the last page")
    if not received:
        return ListEnd("the list is empty")
    past = None if by_cursor else _tried(ask, {"count": size, "startIndex": received + 1})
    if past is not None and not past.entries:
        return ListEnd("a page past the last is empty")
    if past is not None and not walk.knows(past.entries):
        walk.of_page = True
        return ListEnd(more=True)
    if walk.several and not walk.of_page:
        return ListEnd("one total on all pages, larger than a page")
    return _of_one_page(walk, ask, size, received, by_cursor=by_cursor)


def _of_one_page(walk: Walk, ask: Ask, size: int, received: int, *, by_cursor: bool) -> ListEnd:
    """Tell the total of a list from that of a page; some servers page by cursor only, and only who asks for it."""
    one = _tried(ask, {"count": 1, "cursor": ""} if by_cursor else {"count": 1})
    if one is not None and len(one.entries) == 1 and one.total == received > 1 and not walk.of_page:
        return ListEnd("the same total for a page of one")
    if by_cursor and received == 1:
        return ListEnd("no cursor where the server pages by cursor")
    if not by_cursor:
        one = _tried(ask, {"count": 1, "cursor": ""})
    if one is None or len(one.entries) != 1 or not one.cursor:
        return ListEnd()
    first = _tried(ask, {"count": size, "cursor": ""})
    if first is None or len(first.entries) != received or not walk.knows(first.entries):
        return ListEnd()
    walk.cursors = walk.of_page = True
    if first.cursor:
        return ListEnd(more=True, cursor=first.cursor)
    return ListEnd("no further cursor, and one on a page of one")


def _tried(ask: Ask, params: Params) -> ListResponse | None:
    # Some servers fail where they should give an empty page: that is no end, and no reason to give up either.
    with suppress(SourceUnreachable):
        return ask(params, REFUSED)
    return None


def _key(entry: Fields) -> str:
    id_ = entry.values.get("id")
    return id_ if isinstance(id_, str) and id_ else json.dumps(entry.values, sort_keys=True, default=str)

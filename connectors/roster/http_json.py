"""
A roster from an HTTPS endpoint that answers JSON: the interface of an agency's or a practice's HR system.

The list must prove its end, because somebody who is not on the roster counts as gone: by a page after which `next` is
empty, by a total that the server states (`total`), or because whoever runs the service says that it answers in one
piece (`whole`). The absence of a link proves nothing, nor does a total that is as long as a usual page.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urljoin

from pydantic import Field

from connectors.errors import SourceMalformed, SourceTruncated
from connectors.http.client import Web, WebSettings
from connectors.http.credentials import Variable, secret
from connectors.roster.columns import RosterColumns, field_of, record_of
from connectors.roster.people import RosterRead, build_roster
from connectors.roster.whole import NAME, refuse_unproven
from connectors.unproven import like_a_page

MAX_PAGES = 1_000
Path_ = Annotated[str, Field(min_length=1, max_length=200)]
SIGNS_OF_MORE = (
    *("next", "next_page", "nextPage", "nextLink", "next_cursor", "nextCursor", "nextPageToken", "@odata.nextLink"),
    *(
        "links.next",
        "_links.next",
        "paging.next",
        "pagination.next",
        "meta.next",
        "has_more",
        "hasMore",
        "meta.has_more",
    ),
)
"""Where services say that an answer is only a page of a list."""
TOTALS = (
    *("total", "totalCount", "total_count", "totalResults", "totalElements", "count", "meta.total", "meta.count"),
    *("paging.total", "pagination.total", "page.totalElements"),
)
"""Where services say how many there are."""
LINK_TO_MORE = re.compile(r";\s*rel\s*=\s*\"?(?:[a-z ]*\s)?next\b", re.IGNORECASE)
"""RFC 8288: a header that names the next page."""


class Settings(WebSettings):
    """Which address, as whom, and where the answer holds what."""

    token_env: Variable | None = None
    """The name of the environment variable that holds the bearer token; left out: no authorization."""
    items: Path_ | None = None
    """Where the list of people is in the answer, such as `data.people`; left out: the answer is the list."""
    total: Path_ | None = None
    """Where the server states how many there are."""
    next: Path_ | None = None
    """Where the address of the next page is; it is empty or missing on the last."""
    whole: bool = False
    """Whoever runs the service says that it answers with everybody at once; nothing in the answer shows it."""
    columns: RosterColumns
    """Where each column of the roster comes from."""


def read(settings: Settings, folder: Path) -> RosterRead:
    """
    Read a roster to its end.

    Raises `SourceError` when it cannot be read whole, `InputError` naming record and field.
    """
    web = Web(NAME, settings, folder)
    try:
        if settings.token_env:
            web.authorize(f"Bearer {secret(NAME, settings.token_env)}")
        people = list(_people(web, settings))
    finally:
        web.close()
    # What was read, in one order and one spelling: the same people give the same sum.
    sha256 = hashlib.sha256(json.dumps(people, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    records = (
        record_of(settings.columns, settings.url, number, person, line=False) for number, person in enumerate(people, 1)
    )
    return build_roster(settings.url, records, source=settings.url, sha256=sha256)


def _people(web: Web, settings: Settings) -> Iterator[dict[str, str | list[str]]]:
    """Give the fields that the columns use, of every person; nothing else of the answer is kept."""
    address, seen, count = settings.url, {settings.url}, 0
    total: int | None = None
    for _ in range(MAX_PAGES):
        got = web.get(address)
        answer = got.data
        if settings.total:
            total, before = _total(answer, settings.total), total
            if before not in (None, total):
                raise SourceTruncated(
                    f"{NAME} changed its total from {before} to {total} while it was read",
                    hint="read again when nobody changes it; a total that counts the page is none: leave `total` out",
                )
        for item in _items(answer, settings.items):
            count += 1
            yield {name: field_of(item, name, settings.url, count) for name in settings.columns.fields()}
        following = _inside(answer, settings.next) if settings.next else None
        if not following:
            _refuse_signs_of_more(answer, got.headers, settings, count)
            if total is not None and total != count:
                raise SourceTruncated(
                    f"{NAME} says that it has {total} people but gave {count}",
                    hint="set `next` to where the answer names its next page, or ask for more at once",
                )
            if not (settings.whole or len(seen) > 1 or _shown(answer, settings, total)):
                refuse_unproven(count)
            return
        if not isinstance(following, str) or following in seen:
            raise SourceMalformed(f"{NAME} names a next page that it gave before, or that is no address")
        seen.add(following)
        address = urljoin(address, following)
    raise SourceMalformed(f"{NAME} still had more after {MAX_PAGES} pages")


def _shown(answer: Any, settings: Settings, total: int | None) -> bool:
    """Whether one page alone shows that it is all: it says that there is no next, or a total that is none of a page."""
    if settings.next is not None and _says(answer, settings.next):
        return True
    return total is not None and not like_a_page(total)


def _refuse_signs_of_more(answer: Any, headers: Mapping[str, str], settings: Settings, count: int) -> None:
    """Refuse an answer that names a next page where nobody told us to look: half a roster is people who are gone."""
    signs = [sign for sign in SIGNS_OF_MORE if sign != settings.next and _inside(answer, sign)]
    if LINK_TO_MORE.search(headers.get("link", "")):
        raise SourceTruncated(
            f"{NAME} ends, but a header `Link` of its answer names a next page",
            hint="ask whoever runs the service for an address that answers with everybody at once",
        )
    if signs:
        raise SourceTruncated(
            f"{NAME} ends, but its answer says in `{signs[0]}` that there is more",
            hint=f"set `next` to `{signs[0]}` when that is the address of the next page; otherwise ask for all at once",
        )
    for sign in (where for where in TOTALS if where != settings.total):
        stated = _inside(answer, sign)
        if isinstance(stated, int) and not isinstance(stated, bool) and stated > count:
            raise SourceTruncated(
                f"{NAME} gave {count} people, but its answer says in `{sign}` that there are {stated}",
                hint=f"set `total` to `{sign}`, and `next` to where the answer names its next page",
            )


def _items(answer: Any, where: str | None) -> list[dict[str, Any]]:
    items = _inside(answer, where) if where else answer
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise SourceMalformed(
            f"{NAME} answered without a list of people" + (f" in `{where}`" if where else ""),
            hint="set `items` to where the list is, such as `data`",
        )
    return items


def _total(answer: Any, where: str) -> int:
    total = _inside(answer, where)
    if not isinstance(total, int) or isinstance(total, bool):
        raise SourceMalformed(f"{NAME} states no total in `{where}`", hint="correct `total`, or leave it out")
    return total


def _says(answer: Any, where: str) -> bool:
    """Whether the answer has this field, be it empty."""
    head, _, last = where.rpartition(".")
    holder = _inside(answer, head) if head else answer
    return isinstance(holder, dict) and last in holder


def _inside(answer: Any, where: str) -> Any:
    for part in where.split("."):
        answer = answer.get(part) if isinstance(answer, dict) else None
    return answer

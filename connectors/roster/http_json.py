"""
A roster from an HTTPS endpoint that answers JSON: the interface of an agency's or a practice's HR system.

The list must prove its end, because somebody who is not on the roster counts as gone: by a total that the server
states (`total`), or by an end of its pages (`next` is empty on the last), or because it answers in one piece.
"""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urljoin

from pydantic import Field

from connectors.credentials import Variable, secret
from connectors.errors import SourceMalformed, SourceTruncated
from connectors.roster.columns import Columns, field_of, record_of
from connectors.roster.record import RosterRead, build_roster
from connectors.web import Web, WebSettings

MAX_PAGES = 1_000
Path_ = Annotated[str, Field(min_length=1, max_length=200)]
NAME = "the roster"
SIGNS_OF_MORE = ("next", "next_page", "nextPage", "nextLink", "links.next", "paging.next", "has_more", "hasMore")
"""Where services say that an answer is only a page of a list."""


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
    columns: Columns
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
        answer = web.get(address).data
        if settings.total:
            total = _total(answer, settings.total)
        for item in _items(answer, settings.items):
            count += 1
            yield {name: field_of(item, name, settings.url, count) for name in settings.columns.fields()}
        following = _inside(answer, settings.next) if settings.next else None
        if not following:
            _refuse_signs_of_more(answer, settings)
            if total is not None and total != count:
                raise SourceTruncated(
                    f"{NAME} says that it has {total} people but gave {count}",
                    hint="set `next` to where the answer names its next page, or ask for more at once",
                )
            return
        if not isinstance(following, str) or following in seen:
            raise SourceMalformed(f"{NAME} names a next page that it gave before, or that is no address")
        seen.add(following)
        address = urljoin(address, following)
    raise SourceMalformed(f"{NAME} still had more after {MAX_PAGES} pages")


def _refuse_signs_of_more(answer: Any, settings: Settings) -> None:
    """Refuse an answer that names a next page where nobody told us to look: half a roster is people who are gone."""
    for sign in SIGNS_OF_MORE:
        if sign != settings.next and _inside(answer, sign):
            raise SourceTruncated(
                f"{NAME} ends, but its answer says in `{sign}` that there is more",
                hint=f"set `next` to `{sign}` when that is the address of the next page; otherwise ask for all at once",
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


def _inside(answer: Any, where: str) -> Any:
    for part in where.split("."):
        answer = answer.get(part) if isinstance(answer, dict) else None
    return answer

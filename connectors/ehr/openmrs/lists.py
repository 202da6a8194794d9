"""One page of a list of OpenMRS, proven by the server's own total and by asking past its end."""

from connectors.errors import SourceMalformed, SourceTruncated
from connectors.http.client import Web
from connectors.inputs.fields import Fields, FromServer
from connectors.unproven import refuse_more

REST = "ws/rest/v1"


def read_list(
    system: str, web: Web, path: str, representation: str, *, start: int, page_size: int
) -> tuple[tuple[Fields, ...], int | None, int]:
    """Read one page of a list; returns its entries, where the next page starts, and the server's own total."""
    asked: dict[str, str | int] = {
        "v": representation,
        "limit": page_size,
        "startIndex": start,
        "totalCount": "true",
    }
    answer = Fields(FromServer(system), "a list", web.get(f"{REST}/{path}", asked).data)
    entries = answer.entries("results", f"a {path}")
    if not answer.has("totalCount"):
        raise SourceMalformed(
            f"`{system}` does not say how many entries `/{path}` has",
            hint="update OpenMRS's module webservices.rest: without `totalCount` nothing proves the list whole",
        )
    total, end = answer.number("totalCount"), start + len(entries)
    links = answer.entries("links", "a link", optional=True)
    # Where the next page is we know ourselves: behind a proxy these links often name another server.
    more = any(link.text("rel") == "next" for link in links)
    if (more and not entries) or (not more and end != total):
        raise SourceTruncated(
            f"`{system}` says that `/{path}` has {total} entries but ended after {end}",
            hint="run again when nobody is changing users; if it stays, ask for the server's log",
        )
    if not more:
        data = web.get(f"{REST}/{path}", asked | {"startIndex": end}).data
        past = Fields(FromServer(system), "a list", data)
        refuse_more(system, f"/{path}", end, past.entries("results", f"a {path}"))
    return entries, end if more else None, total

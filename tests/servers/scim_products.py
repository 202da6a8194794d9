"""
Small SCIM servers that page as public products document, or as their bug reports show; no product was tried.

Each is honest in everything but the one habit that its docstring names.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.servers._rest import Call, Fake, Reply, serve

SIZE = 250


class ScimProduct(Fake):
    """Pages as RFC 7644 §3.4.2.4 says, up to a hundred on a page."""

    most = 100

    def __init__(self, size: int = SIZE) -> None:
        super().__init__()
        self.lists: dict[str, list[dict[str, Any]]] = {
            "Users": [
                {"id": f"u{n}", "userName": f"user{n}", "active": True, "roles": [{"value": "staff"}]}
                for n in range(1, size + 1)
            ],
            "Groups": [
                {"id": f"g{n}", "displayName": f"Group {n}", "members": [{"value": f"u{n}", "type": "User"}]}
                for n in range(1, 4)
            ],
        }

    def answer(self, call: Call) -> Reply:
        parts = call.path.strip("/").split("/")
        entries = self.lists.get(parts[0])
        if entries is None:
            return Reply(404, {"status": "404"})
        if len(parts) == 2:
            return Reply(200, next(entry for entry in entries if entry["id"] == parts[1]))
        return self.page(call.query, entries)

    def page(self, query: dict[str, str], entries: list[dict[str, Any]]) -> Reply:
        start = max(1, int(query.get("startIndex", "1")))
        size = min(self.most, int(query.get("count", str(self.most))))
        return self.said(entries[start - 1 :][:size], len(entries), start)

    def said(self, found: list[dict[str, Any]], total: int, start: int = 1, **more: object) -> Reply:
        page = {"totalResults": total, "itemsPerPage": len(found), "startIndex": start, **more}
        return Reply(200, page | ({"Resources": found} if found else {}))


class TotalOfThePage(ScimProduct):
    """`totalResults` is the number on the page; `startIndex` works. WSO2 product-is #7320, #13772."""

    def said(self, found: list[dict[str, Any]], total: int, start: int = 1, **more: object) -> Reply:
        return super().said(found, len(found), start, **more)


class FirstHundred(ScimProduct):
    """The first hundred whatever is asked, and says that they are all. better-auth #10398."""

    def page(self, query: dict[str, str], entries: list[dict[str, Any]]) -> Reply:
        found = entries[: self.most]
        return self.said(found, len(found))


class OneSample(ScimProduct):
    """A list is one made-up entry. Snowflake, before its behaviour change bcr-2276."""

    def page(self, query: dict[str, str], entries: list[dict[str, Any]]) -> Reply:
        return self.said(entries[:1], 1)


class CursorOnRequest(ScimProduct):
    """Counts the page, ignores `startIndex`, and pages for who sends `cursor`. AWS IAM Identity Center, ListUsers."""

    def page(self, query: dict[str, str], entries: list[dict[str, Any]]) -> Reply:
        size = min(self.most, int(query.get("count", str(self.most))))
        if "cursor" not in query:
            return self.said(entries[:size], len(entries[:size]))
        at = int(query["cursor"] or 0)
        following = {"nextCursor": str(at + size)} if at + size < len(entries) else {}
        return Reply(200, {"itemsPerPage": size, "Resources": entries[at : at + size], **following})


class AllAtOnce(ScimProduct):
    """Knows no paging: everybody in one answer, whatever is asked."""

    def page(self, query: dict[str, str], entries: list[dict[str, Any]]) -> Reply:
        return self.said(entries, len(entries))


class NothingUnasked(ScimProduct):
    """Nobody, unless both `startIndex` and `count` are given. bitwarden/server #4034."""

    def page(self, query: dict[str, str], entries: list[dict[str, Any]]) -> Reply:
        return super().page(query, entries) if {"startIndex", "count"} <= query.keys() else self.said([], 0)


class AgainPastTheEnd(ScimProduct):
    """Where the list is shorter than a page, `startIndex` is ignored. scimmy #21."""

    def page(self, query: dict[str, str], entries: list[dict[str, Any]]) -> Reply:
        size = min(self.most, int(query.get("count", str(self.most))))
        return super().page(query, entries) if len(entries) > size else self.said(entries, len(entries))


class RefusedPastTheEnd(ScimProduct):
    """Refuses a `startIndex` that is past the end."""

    def page(self, query: dict[str, str], entries: list[dict[str, Any]]) -> Reply:
        past = int(query.get("startIndex", "1")) > len(entries)
        return Reply(400, {"status": "400"}) if past else super().page(query, entries)


class FailsPastTheEnd(ScimProduct):
    """Fails at a `startIndex` that is past the end."""

    def page(self, query: dict[str, str], entries: list[dict[str, Any]]) -> Reply:
        past = int(query.get("startIndex", "1")) > len(entries)
        return Reply(500, {"status": "500"}) if past else super().page(query, entries)


@contextmanager
def scim_product(product: ScimProduct) -> Iterator[ScimProduct]:
    with serve(product):
        yield product

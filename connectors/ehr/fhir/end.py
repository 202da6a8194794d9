"""
Whether a FHIR search that ends without a link to another page was all (HL7 FHIR R4, 3.1.1: `_summary`, `_count`).

`Bundle.total` is optional, and counted the page on real servers (microsoft/fhir-server #232); a server that does not
page gives no link either. So it is asked for the number alone, or for a page of one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.errors import SourceMalformed, SourceTruncated
from connectors.http.client import Web
from connectors.inputs.fields import Fields, FromServer

REFUSED = (400, 404, 405, 422, 501)
"""How servers refuse a parameter that they do not know."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Another way to ask the question of a search."""

    system: str
    web: Web
    type: str
    params: Mapping[str, str | int]
    following: Callable[[Mapping[str, Any]], str | None]
    """Finds the next page that a page names."""

    def prove(self, read: int, *, several: bool) -> str:
        """
        Return what shows that `read` entries, on one page or `several`, are all; empty where nothing does.

        Raises `SourceTruncated` when the server counts otherwise.
        """
        number = self._number()
        if number is not None:
            if number != read:
                raise SourceTruncated(
                    f"`{self.system}` counts {number} of `{self.type}` but returned {read}, and then no next page",
                    hint="ask the vendor why its list is cut; until then nobody can be said to be missing",
                )
            return "as many as the server counts by itself"
        return "no next page after the last of several" if several else self._page_of_one(read)

    def _number(self) -> int | None:
        """Ask for the number alone; `None` where the server does not know the question, or counts its empty page."""
        bundle = self._ask({"_summary": "count"})
        if bundle is None or bundle.get("entry"):
            return None
        fields = Fields(FromServer(self.system), f"a count of `{self.type}`", bundle)
        return (fields.number("total") or None) if fields.has("total") else None

    def _page_of_one(self, read: int) -> str:
        bundle = self._ask({"_count": 1, "_total": "accurate"}) or self._ask({"_count": 1})
        entries = bundle.get("entry") if bundle else None
        if bundle is None or not isinstance(entries, list) or len(entries) != 1 or read < 2:
            return ""
        if bundle.get("total") == read:
            return "the same total for a page of one"
        return "the server names a next page where there is one" if self.following(bundle) else ""

    def _ask(self, changed: Mapping[str, str | int]) -> Mapping[str, Any] | None:
        narrow = ("_count", "_total", "_elements", "_sort")
        params = {name: value for name, value in self.params.items() if name not in narrow} | dict(changed)
        answer = self.web.get(self.type, params, accept=REFUSED)
        if answer.status in REFUSED:
            return None
        bundle = answer.object(self.type)
        if bundle.get("resourceType") == "OperationOutcome":
            return None
        if bundle.get("resourceType") != "Bundle":
            raise SourceMalformed(f"`{self.system}` answered a search for `{self.type}` with something else")
        return bundle

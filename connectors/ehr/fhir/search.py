"""FHIR searches, page by page to their end (HL7 FHIR R4, sections 3.1.0.7 `Bundle` and 3.1.1 `FhirSearch`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from connectors.ehr.fhir.end import Asking
from connectors.errors import SourceError, SourceMalformed, SourceTruncated
from connectors.http.client import Web
from connectors.inputs.fields import Fields, FromServer

EVENTS, PROVENANCE = "AuditEvent", "Provenance"
MAX_LINK = 8000
FATAL = frozenset({"fatal", "error"})
HELD_BACK = frozenset({"incomplete", "suppressed", "too-costly", "throttled", "timeout", "security", "forbidden"})
"""Codes of an OperationOutcome beside the results that mean: there is more than you see."""


@dataclass(frozen=True, slots=True)
class FoundPage:
    """One page of a search."""

    resources: tuple[Fields, ...]
    next: str | None
    """The address of the page after it, as the server gave it."""


class FhirSearch:
    """One search for one type of resource; counts what came, and refuses an end that is none."""

    def __init__(self, system: str, web: Web, base: str, type_: str, params: Mapping[str, str | int]) -> None:
        self._system, self._web, self._base, self.type = system, web, base, type_
        self._params = dict(params)
        self._seen: set[str] = set()
        self.total: int | None = None
        self.proof = ""
        """After the last page: what proves that it was the last; empty where nothing does."""

    @property
    def read(self) -> int:
        """How many came so far."""
        return len(self._seen)

    def page(self, link: str | None) -> FoundPage:
        """Read the page at `link`; `None` asks for the first. Raises `SourceError` for all that is no whole page."""
        bundle = self._first() if link is None else self._web.get(link).object(self.type)
        if bundle.get("resourceType") == "OperationOutcome":
            self._judge(bundle)
        if (bundle.get("resourceType"), bundle.get("type")) != ("Bundle", "searchset"):
            raise SourceMalformed(
                f"`{self._system}` answered a search for `{self.type}` with something else than its results",
                hint="check `url`: it is the base of the FHIR service, such as `https://ehr.example.org/fhir/R4`",
            )
        fields = Fields(FromServer(self._system), f"a page of `{self.type}`", bundle)
        resources = self._resources(fields)
        self._note_total(fields)
        following = self._next(bundle)
        if following is None and self.total is not None and self.total != self.read:
            raise SourceTruncated(
                f"`{self._system}` said that it has {self.total} of `{self.type}` but returned {self.read}",
                hint="run again when nobody is changing them; if it stays, ask the vendor",
            )
        if following is None:
            self.proof = self._prove(several=link is not None)
        return FoundPage(resources, following)

    def _prove(self, *, several: bool) -> str:
        """Ask in another way whether it was all, unless a total that is larger than a page was reached."""
        # A sign-in that is missing is not known, and nobody is called dormant; so it is with who wrote something.
        if not self.read or self.type in (EVENTS, PROVENANCE):
            return "nothing further was asked"
        if several and self.total is not None:
            return "no next page after the last of several, and the total that was stated on each"
        return Asking(self._system, self._web, self.type, self._params, self._next).prove(self.read, several=several)

    def _first(self) -> dict[str, Any]:
        answer = self._web.get(self.type, self._params, accept=(400,))
        if answer.status == 400:  # several servers refuse parameters that only narrow the answer
            narrow = ("_elements", "_total")
            answer = self._web.get(self.type, {k: v for k, v in self._params.items() if k not in narrow})
        return answer.object(self.type)

    def _resources(self, bundle: Fields) -> tuple[Fields, ...]:
        found = []
        for entry in bundle.entries("entry", f"an entry of `{self.type}`", optional=True):
            resource = entry.part("resource")
            if resource is None:
                raise SourceMalformed(f"`{self._system}` gave an entry of `{self.type}` without its content")
            type_ = resource.text("resourceType")
            if type_ == "OperationOutcome":
                self._judge_fields(resource)
                continue
            if type_ != self.type:
                raise SourceMalformed(f"`{self._system}` gave something else among the results for `{self.type}`")
            id_ = resource.text("id")
            if id_ in self._seen:
                raise SourceMalformed(
                    f"`{self._system}` listed a `{self.type}` twice",
                    hint="run again; an entry that moves between pages while they are read is read twice; "
                    "if it stays so, ask the vendor: its pages overlap",
                )
            self._seen.add(id_)
            found.append(resource)
        return tuple(found)

    def _note_total(self, bundle: Fields) -> None:
        total = bundle.number("total") if bundle.has("total") else None
        if total is not None and self.total is not None and total != self.total:
            raise SourceMalformed(
                f"`{self._system}` changed its total of `{self.type}` from {self.total} to {total} while it was read",
                hint="run again when nobody is changing them; if it stays so, ask the vendor",
            )
        self.total = self.total if total is None else total

    def _next(self, bundle: Mapping[str, Any]) -> str | None:
        links = bundle.get("link", [])
        if not isinstance(links, list) or not all(isinstance(link, dict) for link in links):
            raise SourceMalformed(f"`{self._system}` gave a page of `{self.type}` whose `link` is not a list of links")
        following = [link.get("url") for link in links if link.get("relation") == "next"]
        if not following:
            return None
        if len(following) > 1 or not isinstance(following[0], str) or not 0 < len(following[0]) <= MAX_LINK:
            raise SourceMalformed(f"`{self._system}` gave a page of `{self.type}` without one clear next page")
        try:
            return urljoin(f"{self._base}/", following[0])
        except ValueError:
            raise SourceMalformed(f"`{self._system}` gave a page of `{self.type}` without a usable next page") from None

    def _judge(self, outcome: Mapping[str, Any]) -> None:
        self._judge_fields(Fields(FromServer(self._system), "an OperationOutcome", outcome))

    def _judge_fields(self, outcome: Fields) -> None:
        """Raise when the server says that results are missing; hints and warnings of other kinds take nothing away."""
        for issue in outcome.entries("issue", "an issue"):
            code = issue.text_or_none("code") or ""
            if issue.text_or_none("severity") in FATAL or code in HELD_BACK:
                # Only words of the standard are told: `diagnostics` may hold a patient's name.
                known = f": `{code}`" if code.replace("-", "").isalpha() and len(code) < 30 else ""
                raise SourceError(
                    f"`{self._system}` holds back results for `{self.type}`{known}",
                    hint="check what the auditor's client may read; some servers refuse to list everybody",
                )

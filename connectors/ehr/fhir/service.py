"""What a FHIR service says of itself: its CapabilityStatement, and where SMART clients sign in."""

from dataclasses import dataclass

from connectors.errors import SourceMalformed
from connectors.http.client import Web, encrypted_address
from connectors.inputs.fields import Fields, FromServer

R4 = "4."
"""4.0 is R4, 4.3 is R4B, in which what is read here is the same."""


@dataclass(frozen=True, slots=True)
class SearchSupport:
    """What can be searched."""

    version: str
    types: frozenset[str]
    histories: frozenset[str]
    """Of which types an entry can be asked for its versions, or may be as nothing is said of it."""


@dataclass(frozen=True, slots=True)
class Smart:
    """Where and how a client gets a token."""

    token_url: str | None
    v2: bool
    """Whether the server understands scopes as SMART 2 writes them."""


def read_service(system: str, web: Web) -> SearchSupport:
    """Read the CapabilityStatement; raises `SourceMalformed` unless it is one of R4 that can search Practitioner."""
    statement = Fields(FromServer(system), "a CapabilityStatement", web.get("metadata").data)
    if statement.text("resourceType") != "CapabilityStatement":
        raise SourceMalformed(
            f"`{system}` does not describe itself as a FHIR service",
            hint="`url` is the base of the service, such as `https://ehr.example.org/fhir/R4`",
        )
    version = statement.text("fhirVersion")
    if not version.startswith(R4):
        raise SourceMalformed(
            f"`{system}` speaks another FHIR than R4", hint="most servers offer R4 at an address of its own"
        )
    types = _offering(statement, "search-type")
    if "Practitioner" not in types:
        raise SourceMalformed(
            f"`{system}` does not let anybody search `Practitioner`",
            hint="read this EHR in another way: its database, its users API, or its user-access report",
        )
    return SearchSupport(version, types, _offering(statement, "history-instance"))


def read_smart(system: str, web: Web, base: str) -> Smart:
    """
    Read where a client gets its token; a token endpoint on another server must be confirmed by the settings.

    The client's secret goes to that address, so the word of the service alone is not enough.
    """
    answer = web.get(".well-known/smart-configuration", accept=(404,))
    if answer.status == 404:
        return Smart(None, v2=True)
    smart = Fields(FromServer(system), "a SMART configuration", answer.data)
    capabilities = smart.ids("capabilities") if smart.has("capabilities") else ()
    v2 = "permission-v2" in capabilities or "permission-v1" not in capabilities
    token_url = smart.text_or_none("token_endpoint")
    if token_url is not None:
        _confirm(system, token_url, base)
    return Smart(token_url, v2)


def _confirm(system: str, token_url: str, base: str) -> None:
    try:
        encrypted_address(token_url)
        same = token_url.split("/")[:3] == base.split("/")[:3]
    except ValueError:
        same = False
    if not same:
        shown = "".join(c for c in token_url if c.isprintable())[:200]
        raise SourceMalformed(
            f"`{system}` has its token endpoint on another server: `{shown}`",
            hint="if that is where the auditor's client may sign in, set `token_url` to it",
        )


def _offering(statement: Fields, code: str) -> frozenset[str]:
    return frozenset(
        resource.text("type")
        for rest in statement.entries("rest", "a `rest` of a CapabilityStatement")
        for resource in rest.entries("resource", "a resource of a CapabilityStatement", optional=True)
        if _offers(resource, code)
    )


def _offers(resource: Fields, code: str) -> bool:
    interactions = resource.entries("interaction", "an interaction of a CapabilityStatement", optional=True)
    return not interactions or any(i.text_or_none("code") == code for i in interactions)

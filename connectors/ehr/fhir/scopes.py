"""Which SMART scopes the auditor's client asks for, was granted, and must not have (SMART App Launch 2.2.0)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from connectors.errors import SourceDenied
from connectors.facts import Account, Entitlement, EntitlementKind, Status
from connectors.http.client import Web
from connectors.http.credentials import secret
from connectors.inputs.fields import Fields, FromServer

MAX_SCOPES = 1000
HARMLESS = frozenset({"Practitioner", "PractitionerRole", "Person", "AuditEvent"})
"""What the auditor reads; Person because of staff, and what is a patient in it is dropped unread."""
_FHIR = re.compile(r"(?:patient|user|system)/(?P<type>[^.]+)\.(?P<what>[^?]+)(?:\?.*)?")
_READS = frozenset({"read", "r", "s", "rs"})


def to_ask(types: Iterable[str], *, v2: bool) -> str:
    """Return the scopes that reading these types needs."""
    return " ".join(f"system/{type_}.{'rs' if v2 else 'read'}" for type_ in types)


@dataclass(frozen=True, slots=True)
class Client:
    """The auditor's own client, as the server knows it."""

    id: str
    scopes: tuple[str, ...]


def granted(system: str, scope: str) -> tuple[str, ...]:
    """Split what the server granted; raises `SourceDenied` for more scopes than any client has."""
    scopes = tuple(dict.fromkeys(scope.split()))
    if len(scopes) > MAX_SCOPES or any(len(one) > MAX_SCOPES for one in scopes):
        raise SourceDenied(f"`{system}` granted more scopes than can be looked at", hint="register a client with few")
    return scopes


def introspect(system: str, web: Web, url: str, token_env: str) -> Client:
    """Ask the server what the auditor's token may do (RFC 7662); the token asks for itself."""
    token = secret(system, token_env)
    try:
        web.authorize(f"Bearer {token}")
        told = Fields(FromServer(system), "an introspection", web.post_form(url, {"token": token}).data)
    finally:
        web.close()
    if not told.flag("active", default=False):
        raise SourceDenied(f"`{system}` says that the auditor's token is no longer valid", hint="get a new token")
    return Client(told.text_or_none("client_id") or told.text("sub"), granted(system, told.text("scope")))


def covers(scopes: Iterable[str], type_: str) -> bool:
    """Whether a scope lets the client read a type."""
    matches = (_FHIR.fullmatch(scope) for scope in scopes)
    return any(match is not None and match["type"] in (type_, "*") for match in matches)


def refuse_wide(system: str, scopes: Iterable[str]) -> None:
    """Raise `SourceDenied` when a scope lets the auditor's client read patients' records, or write anything."""
    for scope in scopes:
        match = _FHIR.fullmatch(scope)
        if match and (match["type"] not in HARMLESS or match["what"] not in _READS):
            raise SourceDenied(
                f"`{system}` granted `{scope}` to the auditor's client, which needs none of that",
                hint="register the client for the scopes that `auditor connect` prints and no others; "
                "if the server can grant no less, set `accept_wide_scopes: true`",
            )


def client(system: str, client_id: str, scopes: Iterable[str]) -> tuple[Account, tuple[Entitlement, ...]]:
    """Return the auditor's own client as the account that it is, and the scopes that it holds."""
    account = Account(
        system=system,
        id=f"client/{client_id}",
        login=client_id,
        name=client_id,
        status=Status.ACTIVE,
        service=True,
    )
    return account, tuple(Entitlement(system, s, s, EntitlementKind.PRIVILEGE) for s in scopes)

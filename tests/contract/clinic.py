"""The connector that docs/add-a-connector.md writes: a made-up EHR with a small API."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from connectors.connector import Endpoint, Page
from connectors.errors import SourceTruncated
from connectors.facts import Account, Entitlement, EntitlementKind, Evidence, Grant, Status, System
from connectors.http.client import Web, WebSettings
from connectors.http.credentials import Variable, secret
from connectors.inputs.fields import Fields, FromServer


class Settings(WebSettings):
    """Settings of the connector `clinic`."""

    token_env: Variable
    """The name of the environment variable that holds the token of the auditor's account."""
    canary: Annotated[str, Field(max_length=200)] | None = None
    """The login of an account that must be seen, best the auditor's own."""


def connect(system: System, settings: Settings, folder: Path) -> "Clinic":
    """Return a connector; nothing is read yet."""
    return Clinic(system, settings, Web(system.id, settings, folder))


def setup(system: System, settings: Settings) -> str:
    """Return what the auditor's account needs there, as text ready to paste."""
    return (
        f"In {system.title}, under Administration > API, make a token with the one right `staff:read`,\n"
        f"for an account of the auditor's own, and put it into the environment variable {settings.token_env}."
    )


class Clinic:
    """Reads the roles, then the staff page by page."""

    def __init__(self, system: System, settings: Settings, web: Web) -> None:
        self.system, self.source, self.canary = system, settings.url, settings.canary
        self._settings, self._web = settings, web
        self._above: dict[str, tuple[str, ...]] = {}

    @property
    def endpoint(self) -> Endpoint:
        """Where it connects to."""
        return self._web.endpoint

    def read_page(self, token: str | None) -> Page:
        """Read one page; every error is raised, none is answered with an empty page."""
        roles: tuple[Entitlement, ...] = ()
        if token is None:
            self._web.authorize(f"Bearer {secret(self.system.id, self._settings.token_env)}")
            roles = self._roles()
        answer = self._fields("the list of staff", self._web.get("staff", {"page": token or "1"}).data)
        people = answer.entries("staff", "a member of staff")
        following = answer.text_or_none("next")
        if following is None:
            self._refuse_more(int(token or "1") + 1)
        return Page(
            accounts=tuple(self._account(person) for person in people),
            entitlements=roles,
            grants=tuple(grant for person in people for grant in self._grants(person)),
            next_token=following,
            total=answer.number("total"),
            evidence=() if following else (Evidence("end", "`next` is null, and no page is after the last"),),
        )

    def _refuse_more(self, page: int) -> None:
        """Ask past the end: a server that cuts its list counts and links only what it gives."""
        answer = self._fields("the list of staff", self._web.get("staff", {"page": str(page)}).data)
        if answer.entries("staff", "a member of staff"):
            raise SourceTruncated(f"`{self.system.id}` ended before page {page}, but there is such a page")

    def close(self) -> None:
        """Close the connection."""
        self._web.close()

    def _fields(self, what: str, data: object) -> Fields:
        """Read an answer field by field: each is of the type that the vendor documents, or an error that names it."""
        return Fields(FromServer(self.system.id), what, data)

    def _roles(self) -> tuple[Entitlement, ...]:
        found = []
        for role in self._fields("the list of roles", self._web.get("roles").data).entries("roles", "a role"):
            self._above[role.text("id")] = role.ids("includes")
            found.append(Entitlement(self.system.id, role.text("id"), role.text("name"), EntitlementKind.ROLE))
        return tuple(found)

    def _account(self, person: Fields) -> Account:
        return Account(
            system=self.system.id,
            id=str(person.number("id")),
            login=person.text("login"),
            name=person.text("name"),
            status=Status.ACTIVE if person.flag("active") else Status.DISABLED,
        )

    def _grants(self, person: Fields) -> list[Grant]:
        """Follow each role to all that it includes, however deep; a circle ends where it began."""
        paths: dict[str, tuple[str, ...]] = {}
        ahead: list[tuple[str, tuple[str, ...]]] = [(role, ()) for role in person.ids("roles")]
        while ahead:
            role, path = ahead.pop(0)
            if role not in paths:
                paths[role] = path
                ahead += [(other, (*path, role)) for other in self._above.get(role, ())]
        return [Grant(str(person.number("id")), role, path) for role, path in paths.items()]

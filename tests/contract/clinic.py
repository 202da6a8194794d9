"""The connector that docs/add-a-connector.md writes: a made-up EHR with a small API."""

from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from connectors.connector import Endpoint, Page
from connectors.errors import SourceMalformed, SourceTruncated
from connectors.facts import Account, Entitlement, EntitlementKind, Evidence, Grant, Status, System
from connectors.http.client import Web, WebSettings
from connectors.http.credentials import Variable, secret


class Settings(WebSettings):
    """Settings of the connector `clinic`."""

    token_env: Variable
    """The name of the environment variable that holds the token of the auditor's account."""
    canary: Annotated[str, Field(max_length=200)] | None = None
    """The login of an account that must be seen, best the auditor's own."""


def connect(system: System, settings: Settings, folder: Path) -> "Clinic":
    """Return a connector; nothing is read yet."""
    return Clinic(system, settings, Web(system.id, settings, folder))


class Clinic:
    """Reads the roles, then the staff page by page."""

    def __init__(self, system: System, settings: Settings, web: Web) -> None:
        self.system, self.source, self.canary = system, settings.url, settings.canary
        self._settings, self._web = settings, web
        self._above: dict[str, list[str]] = {}

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
        answer = self._web.get("staff", {"page": token or "1"}).object("staff")
        people = [self._expect(item, dict) for item in self._expect(answer.get("staff"), list)]
        following = answer.get("next")
        if following is None:
            self._refuse_more(int(token or "1") + 1)
        return Page(
            accounts=tuple(self._account(person) for person in people),
            entitlements=roles,
            grants=tuple(grant for person in people for grant in self._grants(person)),
            next_token=None if following is None else self._expect(following, str),
            total=self._expect(answer.get("total"), int),
            evidence=() if following else (Evidence("end", "`next` is null, and no page is after the last"),),
        )

    def _refuse_more(self, page: int) -> None:
        """Ask past the end: a server that cuts its list counts and links only what it gives."""
        if self._web.get("staff", {"page": str(page)}).object("staff").get("staff"):
            raise SourceTruncated(f"`{self.system.id}` ended before page {page}, but there is such a page")

    def close(self) -> None:
        """Close the connection."""
        self._web.close()

    def _roles(self) -> tuple[Entitlement, ...]:
        found = []
        for item in self._expect(self._web.get("roles").object("roles").get("roles"), list):
            role = self._expect(item, dict)
            id_, name = self._expect(role.get("id"), str), self._expect(role.get("name"), str)
            self._above[id_] = [self._expect(other, str) for other in self._expect(role.get("includes"), list)]
            found.append(Entitlement(self.system.id, id_, name, EntitlementKind.ROLE))
        return tuple(found)

    def _account(self, person: dict[str, Any]) -> Account:
        return Account(
            system=self.system.id,
            id=str(self._expect(person.get("id"), int)),
            login=self._expect(person.get("login"), str),
            name=self._expect(person.get("name"), str),
            # `"false"` is true to Python: only a real boolean counts.
            status=Status.ACTIVE if self._expect(person.get("active"), bool) else Status.DISABLED,
        )

    def _grants(self, person: dict[str, Any]) -> list[Grant]:
        """Follow each role to all that it includes, however deep; a circle ends where it began."""
        account = str(person["id"])
        paths: dict[str, tuple[str, ...]] = {}
        ahead = [(self._expect(role, str), ()) for role in self._expect(person.get("roles"), list)]
        while ahead:
            role, path = ahead.pop(0)
            if role not in paths:
                paths[role] = path
                ahead += [(other, (*path, role)) for other in self._above.get(role, ())]
        return [Grant(account, role, path) for role, path in paths.items()]

    def _expect(self, value: Any, kind: type) -> Any:
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise SourceMalformed(
                f"`{self.system.id}` sent something that is not of the documented type", hint="is `url` right?"
            )
        return value

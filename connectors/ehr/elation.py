"""
Elation, live, by its API 2.0: users, and what physicians delegated to them.

Licence and DEA numbers, which come with the users, are dropped as they are read; patients are never asked for.
`docs/connect-elation.md` says how to set up the access that reads.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints

from connectors.connector import Endpoint, Page, ProbeStep
from connectors.errors import SourceDenied, SourceMalformed, SourceTruncated
from connectors.facts import Account, Entitlement, EntitlementKind, Evidence, Grant, Status, System
from connectors.http.client import Web, WebSettings
from connectors.http.credentials import Variable, secret
from connectors.http.sign_in import basic, request_token
from connectors.inputs.fields import Fields, FromServer
from connectors.unproven import refuse_more

TOKEN, USERS, DELEGATES = "api/2.0/oauth2/token/", "api/2.0/users/", "api/2.0/delegate_permissions/"
FIRST = f"{DELEGATES} 0"
READ_ONLY = ":read-only"
ENTERPRISE = "Elation gives its users API only to keys that belong to an Enterprise: ask the vendor for such a key"
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class Settings(WebSettings):
    """How to reach Elation."""

    url: Annotated[str, Field(max_length=2000)]
    """The address that came with the API key, such as `https://app.elationemr.com`."""
    client_id_env: Variable
    """The name of the environment variable that holds the client id of the API key."""
    client_secret_env: Variable
    """The name of the environment variable that holds its client secret; the secret itself is refused."""
    scope: Text | None = "system/users.read system/delegate_permissions.read"
    """What the token may do; null: whatever the key was registered for."""
    practice: Annotated[int, Field(ge=1)] | None = None
    """Elation's number of the practice, where the key reads several; left out: all that it reads."""
    page_size: Annotated[int, Field(ge=1, le=100)] = 100
    """Entries in one answer; 100 is Elation's own limit."""
    canary: Text | None = None
    """The e-mail address of a user that must be seen."""


class Elation:
    """Reads the delegations, then the users, to Elation's own count of each."""

    def __init__(self, system: System, settings: Settings, folder: Path) -> None:
        self.system = system
        self.source = f"{settings.url}, Elation API 2.0"
        self.canary = settings.canary
        self._settings = settings
        self._web = Web(system.id, settings, folder)
        self._next: str | None = None
        self._counts: dict[str, int] = {}
        self._delegations: set[str] = set()
        self._elsewhere = 0

    @property
    def endpoint(self) -> Endpoint:
        """Where it connects to."""
        return self._web.endpoint

    def steps(self) -> Sequence[ProbeStep]:
        """Return the checks before the first page."""
        return (ProbeStep("sign-in", self._sign_in), ProbeStep("rights", self._check_rights))

    def read_page(self, token: str | None) -> Page:
        """Read one page of delegations or users; raises `SourceError` for anything that is not a whole page."""
        if token is None:
            self._next, self._counts, self._delegations, self._elsewhere = FIRST, {}, set(), 0
            self._sign_in()
        if self._next is None or (token or FIRST) != self._next:
            raise SourceMalformed(f"`{self.system.id}`: pages must be read in order")
        path, _, start = self._next.partition(" ")
        page = self._users(int(start)) if path == USERS else self._delegates(int(start))
        self._next = page.next_token
        return page

    def close(self) -> None:
        """Close the connection; the token ends by itself."""
        self._web.close()

    def _sign_in(self) -> str:
        """Get a token by the client's own credentials. Source: RFC 6749 §4.4."""
        settings = self._settings
        client, word = (secret(self.system.id, name) for name in (settings.client_id_env, settings.client_secret_env))
        self._web.authorize(basic(client, word))
        try:
            token = request_token(self.system.id, self._web, TOKEN, settings.scope)
        except SourceDenied as error:
            hint = f"{error.hint}; if Elation gave the key other scopes, write them in `scope`, or `scope: null`"
            raise SourceDenied(error.message, hint=hint) from None
        self._web.authorize(f"Bearer {token.value}")
        return "Elation gave a token" + (f" for {settings.scope}" if settings.scope else "")

    def _check_rights(self) -> str:
        users = self._list(USERS, 0, "a user", limit=1)[2]
        delegations = self._list(DELEGATES, 0, "a delegation", limit=1)[2]
        return f"{users} users and {delegations} delegations can be read"

    def _delegates(self, start: int) -> Page:
        entries, following, _ = self._list(DELEGATES, start, "a delegation")
        entitlements: dict[str, Entitlement] = {}
        grants = []
        for entry in entries:
            self._once(entry.id("id"))
            if not self._ours(entry):
                continue
            kind, physician = entry.text("permission_type"), entry.id("physician")
            # The physician is part of the right: to sign for one is not to sign for all. The catalog knows the kind.
            id_ = f"delegate:{kind}:{physician}"
            name = f"{kind} on behalf of physician {physician}"
            entitlements[id_] = Entitlement(
                self.system.id, id_, name, EntitlementKind.PRIVILEGE, aliases=(f"delegate:{kind}",)
            )
            grants.append(Grant(entry.id("delegate_user"), id_))
        return Page(
            entitlements=tuple(entitlements.values()),
            grants=tuple(grants),
            next_token=f"{DELEGATES} {following}" if following else f"{USERS} 0",
        )

    def _once(self, delegation: str) -> None:
        """Refuse a delegation that comes twice: the count is then right although another one is missing."""
        if delegation in self._delegations:
            raise SourceMalformed(
                f"`{self.system.id}` listed a delegation twice", hint="run again when nobody is changing users"
            )
        self._delegations.add(delegation)

    def _users(self, start: int) -> Page:
        try:
            entries, following, total = self._list(USERS, start, "a user")
        except SourceDenied as error:
            raise SourceDenied(error.message, hint=f"{error.hint}; {ENTERPRISE}") from None
        ours = [entry for entry in entries if self._ours(entry)]
        self._elsewhere += len(entries) - len(ours)
        accounts = [self._account(entry) for entry in ours]
        entitlements: dict[str, Entitlement] = {}
        grants = []
        for account, entry in zip(accounts, ours, strict=True):
            for entitlement in self._held(entry):
                entitlements.setdefault(entitlement.id, entitlement)
                grants.append(Grant(account.id, entitlement.id))
        return Page(
            accounts=tuple(accounts),
            entitlements=tuple(entitlements.values()),
            grants=tuple(grants),
            next_token=f"{USERS} {following}" if following else None,
            # Of several practices, Elation's count is of all of them.
            total=total if self._settings.practice is None else None,
            evidence=() if following else self._evidence(total),
        )

    def _ours(self, entry: Fields) -> bool:
        practice = entry.id("practice")
        return self._settings.practice is None or practice == str(self._settings.practice)

    def _account(self, entry: Fields) -> Account:
        login = entry.text("email")
        names = (entry.text_or_none("first_name"), entry.text_or_none("last_name"))
        return Account(
            system=self.system.id,
            id=entry.id("id"),
            login=login,
            name=" ".join(part for part in names if part) or login,
            status=Status.ACTIVE if entry.flag("is_active") else Status.DISABLED,
            email=login,
        )

    def _held(self, entry: Fields) -> list[Entitlement]:
        limit = READ_ONLY if entry.flag("is_read_only", default=False) else ""
        kind = entry.text("user_type")
        if kind == "physician":
            kind += f"/{entry.text_or_none('account_type') or 'regular'}"
        held = [Entitlement(self.system.id, f"{kind}{limit}", f"{kind}{limit}", EntitlementKind.ROLE)]
        # Left out, Elation means that charts are open.
        if entry.flag("has_chart_access", default=True):
            held.append(self._privilege(f"has_chart_access{limit}"))
        if entry.flag("is_practice_admin", default=False):
            held.append(self._privilege("is_practice_admin"))
        return held

    def _privilege(self, id_: str) -> Entitlement:
        return Entitlement(self.system.id, id_, id_, EntitlementKind.PRIVILEGE)

    def _list(
        self, path: str, start: int, what: str, *, limit: int | None = None
    ) -> tuple[tuple[Fields, ...], int | None, int]:
        """Read one page; returns its entries, where the next page starts, and Elation's own count."""
        # With `offset` Elation pages by number and says how many there are; without it, neither.
        asked: dict[str, str | int] = {"limit": limit or self._settings.page_size, "offset": start}
        answer = Fields(FromServer(self.system.id), "a list", self._web.get(path, asked).data)
        entries, count = answer.entries("results", what), answer.number("count")
        if not answer.has("next"):
            answer.refuse("next", "missing, so nothing says whether there is more")
        more, end = answer.text_or_none("next") is not None, start + len(entries)
        if self._counts.setdefault(path, count) != count:
            raise SourceMalformed(
                f"`{self.system.id}` changed its count of `{path}` while it was read",
                hint="run again when nobody is changing users",
            )
        if (more and not entries) or (not more and end != count):
            raise SourceTruncated(
                f"`{self.system.id}` says that `{path}` has {count} entries but ended after {end}",
                hint="run again when nobody is changing users; if it stays, ask Elation",
            )
        if not more and limit is None:
            past = Fields(FromServer(self.system.id), "a list", self._web.get(path, asked | {"offset": end}).data)
            refuse_more(self.system.id, path, end, past.entries("results", what))
        return entries, end if more else None, count

    def _evidence(self, total: int) -> tuple[Evidence, ...]:
        told = [
            Evidence(
                "end", "no link to a next page, as many users and delegations as Elation's own count, and none past it"
            )
        ]
        if self._settings.practice is not None:
            told.append(
                Evidence("practice", f"{self._elsewhere} of {total} users are of other practices, and were left out")
            )
        return tuple(told)


def connect(system: System, settings: Settings, folder: Path) -> Elation:
    """Return a connector; nothing is read yet."""
    return Elation(system, settings, folder)


def setup(system: System, settings: Settings) -> str:
    """Return what to ask Elation for."""
    scope = settings.scope or "system/users.read system/delegate_permissions.read"
    return f"""\
For {system.title} (Elation):

  1. Ask Elation for an API key (client credentials) that belongs to an Enterprise: its users API is for such keys
     only. It is to have these scopes and no others:
       {scope}
     Refuse `apiv2` (every right, patients included) and `act_as_user` (to act as a physician).
  2. Put the client id into the environment variable {settings.client_id_env} and the client secret into
     {settings.client_secret_env} of the auditor's process.
  3. If the key is of an enterprise with several practices, set `practice` to the number of yours.
"""

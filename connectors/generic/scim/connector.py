"""
Reads users and groups over SCIM 2.0 (RFC 7643, RFC 7644): whatever speaks it, of every kind.

Groups are read before users, so that every page of users comes with its grants, and no user has to be kept. SCIM says
nothing on last sign-ins and second factors. `docs/connect-scim.md` says how to set up the account that reads.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

from pydantic import Field

from connectors.connector import Endpoint, Page, ProbeStep
from connectors.errors import SourceMalformed
from connectors.facts import Account, Entitlement, Evidence, Grant, System
from connectors.generic.scim.groups import GROUP_ATTRIBUTES, ScimGroups, group_id
from connectors.generic.scim.lists import ACCEPT, ListPage, Lists, ServiceProviderConfig
from connectors.generic.scim.user import USER_ATTRIBUTES, ScimUser, decode_user
from connectors.http.client import Web
from connectors.http.sign_in import HttpSignIn, Name, SignInSettings
from connectors.inputs.fields import Fields
from connectors.one_account import AccountNow
from connectors.unproven import counted, shown_otherwise

MAX_SINGLE_READS = 50
"""Groups that are asked for one by one before a server is taken never to show members."""


class Settings(SignInSettings):
    """How to reach a SCIM server, and as whom."""

    page_size: Annotated[int, Field(ge=1, le=10_000)] = 200
    """How many users or groups to ask for at once; the server may give fewer."""
    canary: Name | None = None
    """The login of an account that must be seen, such as that of the person who set this up."""
    expect_accounts: Annotated[int, Field(ge=1)] | None = None
    """How many users there are, from the product's own screen; for a server that proves no end of its lists."""


class ScimServer:
    """A connector that pages through the groups, then the users, of one server."""

    def __init__(self, system: System, settings: Settings, folder: Path) -> None:
        self.system = system
        self.source = settings.url
        self.canary = settings.canary
        self._settings = settings
        self._web = Web(system.id, settings, folder, headers={"accept": ACCEPT})
        self._sign_in = HttpSignIn(system.id, settings, folder, self._web)
        self._read: _Read | None = None

    @property
    def endpoint(self) -> Endpoint:
        """Where it connects to."""
        return self._web.endpoint

    def read_page(self, token: str | None) -> Page:
        """Read one page; raises `SourceError` for anything that is not a whole page."""
        self._sign_in.authorize()
        if token is None:
            self._read = _Read(self.system.id, self._web, self._settings)
        if self._read is None:
            raise SourceMalformed(f"`{self.system.id}`: pages must be read in order, from the first")
        return self._read.page(token)

    def read_accounts(self, accounts: Sequence[Account]) -> Mapping[str, AccountNow]:
        """Return the users that are asked for, by `GET /Users/{id}`; raises `SourceError`."""
        self._sign_in.authorize()
        lists = Lists(self.system.id, self._web, 1)
        found: dict[str, AccountNow] = {}
        for asked in accounts:
            entry = lists.perhaps("Users", "a user", USER_ATTRIBUTES, asked.id)
            if entry is not None:
                user = decode_user(self.system.id, entry)
                held = {held.id for held in user.held} | {group_id(group.id) for group in user.groups if group.direct}
                # Not every server lets a user carry its groups: then nobody has looked.
                found[asked.id] = AccountNow(user.account, frozenset(held) if user.says_groups else None)
        return found

    def steps(self) -> Sequence[ProbeStep]:
        """Try the sign-in, the service's own description, and the right to read users and groups."""
        return (
            ProbeStep("sign-in", self._try_sign_in),
            ProbeStep("rights", self._try_rights),
        )

    def close(self) -> None:
        """Close the connection."""
        self._web.close()
        self._read = None

    def _try_sign_in(self) -> str:
        self._sign_in.authorize()
        service = Lists(self.system.id, self._web, 1).service()
        return "signed in; " + _told(service)

    def _try_rights(self) -> str:
        self._sign_in.authorize()
        lists = Lists(self.system.id, self._web, 1)
        lists.service()
        users = lists.page("Users", "a user", ("userName",), None)
        groups = lists.page("Groups", "a group", GROUP_ATTRIBUTES, None, must=False)
        shown = f"{groups.total} groups" if groups.offered else "no list of groups"
        return f"{users.total if users.total is not None else 'some'} users, {shown}"


class _Read:
    """One read from the first group to the last user."""

    def __init__(self, system: str, web: Web, settings: Settings) -> None:
        self._system, self._settings = system, settings
        self._lists = Lists(system, web, settings.page_size)
        self._service = self._lists.service()
        self._groups = ScimGroups(system)
        self._named: dict[str, Entitlement] = {}
        self._users: list[str] = []
        self._single_reads = 0

    def page(self, token: str | None) -> Page:
        phase, _, place = (token or "groups").partition(" ")
        if phase == "groups":
            return self._group_page(place)
        listed = self._lists.page("Users", "a user", USER_ATTRIBUTES, place or None)
        users = [decode_user(self._system, user) for user in listed.resources]
        self._users += [user.account.id for user in users]
        page = Page(
            accounts=tuple(user.account for user in users),
            grants=tuple(grant for user in users for grant in self._grants(user)),
            next_token=f"users {listed.next}" if listed.next else None,
        )
        page = replace(page, entitlements=self._described(users))
        return page if listed.next else self._last(page, listed)

    def _last(self, page: Page, listed: ListPage) -> Page:
        """Close the last page: what proves it the last, and who may be in groups that were not read."""
        read, settings = len(self._users), self._settings
        end = listed.proof or shown_otherwise(
            self._system,
            "Users",
            read,
            expected=settings.expect_accounts,
            canary=settings.canary,
            asked=settings.page_size,
        )
        at_once = read if not listed.proof and settings.expect_accounts else 0
        told = self._groups.settle(anything=bool(self._named), at_once=at_once)
        unread = self._groups.unread
        return replace(
            page,
            total=listed.total,
            entitlements=(*page.entitlements, *unread.entitlements),
            grants=(*page.grants, *(grant for user in self._users for grant in unread.grants(user))),
            evidence=(
                Evidence("end", f"of the users: {end}"),
                Evidence("service", _told(self._service)),
                *counted(self._system, read, settings.expect_accounts),
                *told,
            ),
        )

    def _group_page(self, place: str) -> Page:
        listed = self._lists.page("Groups", "a group", GROUP_ATTRIBUTES, place or None, must=False)
        groups = tuple(self._groups.add(self._with_members(group)) for group in listed.resources)
        if listed.next is None:
            self._groups.end(offered=listed.offered, proof=listed.proof)
        return Page(entitlements=groups, next_token=f"groups {listed.next}" if listed.next else "users")

    def _with_members(self, group: Fields) -> Fields:
        """Ask for a group by itself when the list leaves its members out, as that of several servers does."""
        if group.has("members") or self._single_reads >= MAX_SINGLE_READS:
            return group
        single = self._lists.single("Groups", "a group", GROUP_ATTRIBUTES, group.as_it_stands("id"))
        # A server that once shows members shows them; only one that never does is given up.
        self._single_reads = -(10**9) if single.has("members") else self._single_reads + 1
        return single

    def _grants(self, user: ScimUser) -> list[Grant]:
        for held in user.held:
            self._named.setdefault(held.id, held)  # the same role may be displayed in several ways: the first counts
        carried = [Grant(user.account.id, held.id) for held in user.held]
        return carried + self._groups.grants(user)

    def _described(self, users: list[ScimUser]) -> tuple[Entitlement, ...]:
        described = [self._named[held.id] for user in users for held in user.held]
        for user in users:
            described += [self._named.setdefault(group.id, group) for group in self._groups.describe(user)]
        return tuple(dict.fromkeys(described))


def _told(service: ServiceProviderConfig) -> str:
    if not service.said:
        return "the server does not describe itself; read by index"
    most = f", at most {service.most} on a page" if service.most else ""
    return f"read by {'cursor' if service.cursor else 'index'}{most}"


def connect(system: System, settings: Settings, folder: Path) -> ScimServer:
    """Return the connector; nothing is read yet."""
    return ScimServer(system, settings, folder)


def setup(system: System, settings: Settings) -> str:
    """Return the least-privilege set-up: what the auditor's token may do, for whoever administers the server."""
    return f"""\
In the administration of {system.title}, make an API client or token for the auditor that may only read:

  GET {settings.url}/ServiceProviderConfig
  GET {settings.url}/Users     {", ".join(USER_ATTRIBUTES)}
  GET {settings.url}/Groups    {", ".join(GROUP_ATTRIBUTES)}

Nothing else: no POST, PUT, PATCH, DELETE, no /Bulk, no passwords. Where the product has scopes, give the one that reads
users and groups and none that writes. If its SCIM tokens can always write, make the token for a user who may only read.
Inactive users must be included: a leaver who is hidden cannot be judged.
"""

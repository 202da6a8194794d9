"""
Microsoft Entra ID from saved answers of Microsoft Graph.

Users, groups, their members and directory roles, for practices that hand out no credentials. `docs/connect-entra.md`
says how to save the files so that they prove themselves whole. Users may also come from the CSV that the portal offers;
it says less.
"""

from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints

from connectors.audit_log import LogAnswer, LogQuestion
from connectors.connector import Page
from connectors.directory.entra.doors import contacts, doors_unread, not_read, outside
from connectors.directory.entra.groups import MEMBERS, EntraGroups
from connectors.directory.entra.log import read_entra_log
from connectors.directory.entra.roles import EntraRoles
from connectors.directory.entra.services import Services
from connectors.directory.entra.setup import text_for
from connectors.directory.entra.users import EntraUsers, read_registrations, read_users
from connectors.directory.saved.export import SavedExport
from connectors.directory.saved.folder import SavedFolder
from connectors.errors import InputError, SourceTruncated
from connectors.facts import Account, Evidence, Grant, System
from connectors.inputs.strict import Settings as StrictSettings
from connectors.unread import GROUPS, ROLES, Unread, unread_id

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]
GROUPS_NOT_READ = unread_id("entra", GROUPS)
ROLES_NOT_READ = unread_id("entra", ROLES)


class Settings(StrictSettings):
    """Which folder to read, and what is known about it."""

    folder: Path
    """The folder with `users.json` (or the portal's `users.csv`) and the other files."""
    canary: Text | None = None
    """The user principal name of a user who must be seen."""
    expect_accounts: Annotated[int, Field(ge=1)] | None = None
    """How many users there are, from another source than these files; needed for a CSV."""
    hidden_members_read: bool = False
    """Whether whoever saved the files could see the members of groups that hide them (`Member.Read.Hidden`)."""


class _Read:
    """One pass over one folder."""

    def __init__(self, system: str, settings: Settings, files: SavedFolder) -> None:
        self._system, self._files = system, files
        path = files.require("users.json", "users.csv")
        self._users: EntraUsers = read_users(system, path, settings.expect_accounts)
        self._groups = EntraGroups(system, self._users.accounts.keys(), hidden_read=settings.hidden_members_read)
        self._roles, self._services = EntraRoles(system), Services(system)
        self._not_read = Unread(system)
        self._evidence = [self._end(path), Evidence("total", self._total(settings.expect_accounts))]

    def page(self) -> Page:
        self._read_groups()
        self._read_roles()
        services = self._services.accounts(self._service_ids())
        users = dict(self._users.accounts)
        accounts = {**users, **services}
        if report := self._files.find("registration-details.json"):
            self._evidence.append(read_registrations(self._users, report))
            accounts.update(self._users.accounts)
        grants = self._grants(accounts, users)
        types = self._users.entitlements()
        return Page(
            accounts=tuple(accounts.values()),
            entitlements=(
                *self._groups.nested.groups.values(),
                *self._roles.entitlements.values(),
                *types.values(),
                *self._not_read.entitlements,
            ),
            grants=tuple(grants),
            evidence=(
                *self._evidence,
                self._files.fingerprint(),
                *self._users.evidence(),
                *self._groups.evidence(),
                *self._roles.evidence(),
                self._services.evidence(len(services)),
                *not_read(),
            ),
            doors=(*outside(self._users), *contacts(self._groups.contacts)),
            doors_unread=doors_unread(groups_read=GROUPS_NOT_READ not in self._not_read),
        )

    def _read_groups(self) -> None:
        path, members = self._files.find("groups.json"), self._files.inside(MEMBERS)
        if path is not None:
            self._groups.read(path, self._files.folder / MEMBERS, members)
        elif members is not None:
            raise InputError(
                self._files.folder / "groups.json", "there is no such file", expected=f"it beside `{MEMBERS}`"
            )
        else:
            self._not_read.add(GROUPS_NOT_READ, "groups, which were not saved")

    def _read_roles(self) -> None:
        if path := self._files.find("service-principals.json"):
            self._services.read(path)
        eligible = self._files.find("role-eligibility.json")
        if path := self._files.find("role-assignments.json"):
            self._roles.read_active(path)
            self._roles.read_eligible(eligible)
        elif eligible is not None:
            raise InputError(eligible.with_name("role-assignments.json"), "there is no such file", expected="it too")
        else:
            self._not_read.add(ROLES_NOT_READ, "directory roles, which were not saved")
        self._check_holders(path)

    def _check_holders(self, path: Path | None) -> None:
        unknown = self._roles.unresolved(self._known)
        if not unknown:
            return
        # Only where all three kinds were counted can what is missing not have been cut off, but must be deleted.
        if self._users.counted and self._groups.counted and self._services.counted:
            self._evidence.append(
                Evidence("unknown-holders", f"{len(unknown)} holders of roles are neither users nor programs any more")
            )
            return
        raise SourceTruncated(
            f"{path}: {len(unknown)} holders of roles are neither in the saved users nor groups nor programs",
            hint=f"one of them is `{min(unknown)}`; save users, groups and service principals with `$count=true` each: "
            "only then is what is missing known to be deleted",
        )

    def _known(self, id_: str) -> bool:
        return id_ in self._users.accounts or id_ in self._groups.nested.groups or id_ in self._services.known

    def _service_ids(self) -> set[str]:
        holders = {*self._roles.held, *self._roles.through_groups} & self._services.known.keys()
        return holders | self._groups.services

    def _grants(self, accounts: dict[str, Account], users: dict[str, Account]) -> set[Grant]:
        nested, roles = self._groups.nested, self._roles
        for group in nested.groups.keys() & roles.held.keys():
            for role in roles.held[group]:
                nested.carry(group, role)
        grants: set[Grant] = set()
        for id_ in accounts:
            found = nested.grants(id_, roles.held.get(id_, ()))
            held = {grant.entitlement for grant in found}
            # Eligibility through a group is told of the group and of each member; the path by the group says more.
            found.update(Grant(id_, role) for role in roles.through_groups.get(id_, set()) - held)
            if kind := self._users.types.get(id_):
                found.add(Grant(id_, f"user-type:{kind}"))
            if id_ in users:
                found |= self._not_read.grants(id_)
            grants |= found
        return grants

    def _end(self, path: Path) -> Evidence:
        if path.suffix == ".csv":
            return Evidence("end", "the end of the portal's CSV, which has no mark of its own")
        return Evidence("end", f"no `@odata.nextLink` on the last page of {path.name}")

    def _total(self, expected: int | None) -> str:
        read = len(self._users.accounts)
        if expected is not None:
            return f"{expected} users expected, {read} read"
        if self._users.counted:
            return f"{read} users stated by Graph, {read} read"
        return f"{read} users read; Graph was not asked how many there are (`$count=true`)"


def connect(system: System, settings: Settings, folder: Path) -> SavedExport:
    """Return the connector; nothing is read yet."""

    def read(files: SavedFolder) -> Page:
        return _Read(system.id, settings, files).page()

    def log(files: SavedFolder, question: LogQuestion) -> LogAnswer:
        return read_entra_log(system.id, files, question)

    at = folder / settings.folder
    return SavedExport(
        system, at, settings.canary, product="Microsoft Entra ID", first="users.json", read=read, log=log
    )


def setup(system: System, settings: Settings) -> str:
    """Return which permissions saving the files needs, and the commands that save them."""
    return text_for(system.title, settings.folder)

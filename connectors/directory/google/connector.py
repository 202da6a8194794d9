"""
Google Workspace from what its own tools export.

GAM's CSV files, saved answers of the Directory API, or the Admin console's list of users, for practices that hand out
no credentials. `docs/connect-google.md` says how to export so that the files prove themselves whole, and what each of
the three tools does not say.
"""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from connectors.audit_log import LogAnswer, LogQuestion
from connectors.connector import Page
from connectors.directory.google import answers, tables
from connectors.directory.google.doors import doors_unread, not_read, outside
from connectors.directory.google.groups import GoogleGroups
from connectors.directory.google.log import read_google_log
from connectors.directory.google.roles import GoogleRoles
from connectors.directory.google.setup import text_for
from connectors.directory.google.users import MAILBOX, GoogleUsers
from connectors.directory.saved.export import SavedExport
from connectors.directory.saved.folder import SavedFolder
from connectors.errors import InputError, SourceTruncated
from connectors.facts import Account, Evidence, Grant, System
from connectors.inputs.dates import DateStyle, known_timezone
from connectors.inputs.strict import Settings as StrictSettings
from connectors.inputs.tables import read_table
from connectors.unproven import like_a_page
from connectors.unread import GROUPS, ROLES, Unread, unread_id

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]
GROUPS_NOT_READ = unread_id("google", GROUPS)
ROLES_NOT_READ = unread_id("google", ROLES)
MEMBERS = "group-members"


class Settings(StrictSettings):
    """Which folder to read, and what is known about it."""

    folder: Path
    """The folder with `users.csv` or `users.json`, and the other files."""
    canary: Text | None = None
    """The primary address of a user who must be seen."""
    expect_accounts: Annotated[int, Field(ge=1)] | None = None
    """How many users there are, from another source than these files; needed for `users.csv`."""
    timezone: Annotated[str, AfterValidator(known_timezone)] = "UTC"
    """In which time zone the Admin console shows sign-ins; only for its CSV."""


class _Read:
    """One pass over one folder."""

    def __init__(self, system: str, settings: Settings, files: SavedFolder) -> None:
        self._system, self._settings, self._files = system, settings, files
        self._users = GoogleUsers(system)
        self._groups = GoogleGroups(system, self._users)
        self._roles = GoogleRoles(system, self._users, self._groups)
        self._not_read = Unread(system)
        self._console = False

    def page(self) -> Page:
        end = self._read_users()
        self._read_groups()
        self._read_roles()
        accounts = self._users.accounts(console=self._console)
        grants = self._grants(accounts)
        return Page(
            accounts=tuple(accounts),
            entitlements=(
                *self._groups.nested.groups.values(),
                *self._roles.entitlements.values(),
                *self._users.mailbox(),
                *self._not_read.entitlements,
            ),
            grants=tuple(grants),
            evidence=(
                *end,
                self._files.fingerprint(),
                *self._users.evidence(),
                *self._groups.evidence(),
                *self._roles.evidence(),
                *not_read(),
            ),
            doors=outside(self._users, self._groups),
            doors_unread=doors_unread(groups_read=GROUPS_NOT_READ not in self._not_read),
        )

    def _read_users(self) -> tuple[Evidence, ...]:
        path = self._files.require("users.csv", "users.json")
        expected = self._settings.expect_accounts
        if path.suffix == ".csv":
            if expected is None:
                raise SourceTruncated(
                    f"{path}: a CSV does not say how many users there are",
                    hint="set `expect_accounts`: `gam print users showitemcountonly` counts them, and the console does",
                )
            self._console = tables.CONSOLE_EMAIL in read_table(path).header
            self._users.read(path, tables.users(path, DateStyle(timezone=self._settings.timezone)))
        else:
            self._users.read(path, answers.users(path))
        read = len(self._users.rows)
        if expected is not None and expected != read:
            raise SourceTruncated(
                f"{path}: `expect_accounts` says there are {expected} users, but the file holds {read}",
                hint="export all users again, without a filter",
            )
        if expected is None and like_a_page(read) and answers.one_page(path):
            raise SourceTruncated(
                f"{path} holds {read} users, a usual length of a page, and Google does not say how many there are",
                hint="set `expect_accounts`: `gam print users showitemcountonly` counts them, and the console does",
            )
        end = "the end of the CSV" if path.suffix == ".csv" else "no `nextPageToken` on the last page of users.json"
        stated = "Google does not say how many there are" if expected is None else f"{expected} users expected"
        return Evidence("end", end), Evidence("total", f"{stated}, {read} read")

    def _read_groups(self) -> None:
        path = self._files.find("groups.csv", "groups.json")
        listed, folder = self._files.find("group-members.csv"), self._files.inside(MEMBERS)
        if path is None:
            if listed or folder:
                raise InputError(
                    self._files.folder / "groups.csv", "there is no such file", expected="it beside members"
                )
            self._not_read.add(GROUPS_NOT_READ, "groups, which were not exported")
            return
        self._groups.read(path, tables.groups(path) if path.suffix == ".csv" else answers.groups(path))
        if listed and folder:
            raise InputError(listed, f"there is also the folder `{MEMBERS}`", expected="one of the two")
        if listed:
            self._groups.read_members(listed, tables.members(listed))
        else:
            self._read_each(path, folder or {})
        self._groups.check(path)

    def _read_each(self, path: Path, files: dict[str, Path]) -> None:
        names, seen = self._groups.names(), set[str]()
        for stem, file in files.items():
            key = names.get(stem.lower())
            if key is None or key in seen:
                raise SourceTruncated(
                    f"{file}: there is no group of this name in {path.name}, or its members stand twice",
                    hint="export both again in one go, into an empty folder",
                )
            seen.add(key)
            self._groups.read_members(file, answers.members(file, stem))
        if missing := self._groups.nested.groups.keys() - seen:
            raise SourceTruncated(
                f"{path}: the members of {len(missing)} of {len(self._groups.nested.groups)} groups are not saved",
                hint=f"one of them is `{min(missing)}`; export both again in one go",
            )

    def _read_roles(self) -> None:
        given = self._files.find("admins.csv", "role-assignments.json")
        roles = self._files.find("adminroles.csv", "roles.json")
        for id_, row in self._users.rows.items():
            if row.super_admin:
                self._roles.super_admin(id_)
        if (given is None) is not (roles is None):
            missing = "admins.csv" if given is None else "adminroles.csv"
            raise InputError(self._files.folder / missing, "there is no such file", expected="roles and who has them")
        if given is None or roles is None:
            self._not_read.add(ROLES_NOT_READ, "admin roles, which were not exported")
            return
        self._roles.read(roles, tables.roles(roles) if roles.suffix == ".csv" else answers.roles(roles))
        self._roles.assign(given, tables.assignments(given) if given.suffix == ".csv" else answers.assignments(given))

    def _grants(self, accounts: list[Account]) -> set[Grant]:
        grants: set[Grant] = set()
        held = self._roles.held
        for account in accounts:
            row = self._users.rows.get(account.id)
            found = self._groups.nested.grants(account.id, held.get(account.id, ()), outsider=row is None)
            if row is not None:
                if row.mailbox:
                    found.add(Grant(account.id, MAILBOX))
                found |= self._not_read.grants(account.id, GROUPS_NOT_READ)
                if self._role_is_missing(row.delegated_admin, found):
                    found |= self._not_read.grants(account.id, ROLES_NOT_READ)
            grants |= found
        return grants

    def _role_is_missing(self, delegated: bool | None, found: set[Grant]) -> bool:
        """
        Whether a user may hold an admin role that was not exported.

        Google says of each user whether it is a delegated admin; who is not holds none.
        """
        read = ROLES_NOT_READ not in self._not_read
        if delegated is None:
            return not read
        has_one = any(g.entitlement.startswith(("role:", "system-role:")) for g in found)
        if delegated and not has_one:
            self._not_read.add(ROLES_NOT_READ, "an admin role that was not exported")
            return True
        return False


def connect(system: System, settings: Settings, folder: Path) -> SavedExport:
    """Return the connector; nothing is read yet."""

    def read(files: SavedFolder) -> Page:
        return _Read(system.id, settings, files).page()

    def log(files: SavedFolder, question: LogQuestion) -> LogAnswer:
        return read_google_log(system.id, files, question)

    at = folder / settings.folder
    return SavedExport(system, at, settings.canary, product="Google Workspace", first="users.csv", read=read, log=log)


def setup(system: System, settings: Settings) -> str:
    """Return which rights exporting the files needs, and the commands that do it."""
    return text_for(system.title, settings.folder)

"""
OpenEMR by an export of its user and access-control tables: one CSV file a table, no patient data, no secrets.

`docs/connect-ehr.md` has the statements that write the files.
"""

from datetime import datetime
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from connectors.connector import Page
from connectors.dates import DateStyle, known_timezone
from connectors.ehr._openemr_acl import AccessControl
from connectors.ehr._openemr_tables import Export, Record
from connectors.facts import NEVER, Account, Entitlement, EntitlementKind, Evidence, Grant, Never, Status, System

SERVICES = frozenset({"oe-system", "phimail-service", "portal-user"})
"""Accounts that OpenEMR ships for its own use. From: sql/official_additional_users.sql."""
ZERO_DATE = "0000-00-00"


class Settings(BaseModel):
    """Settings of the connector `openemr-export`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    folder: Path
    canary: str | None = None
    """The login of an account that exists, usually that of the person who exported."""
    timezone: Annotated[str, AfterValidator(known_timezone)] = "UTC"
    """Time zone of the database server, in which OpenEMR writes its times."""
    max_failed_logins: Annotated[int, Field(ge=0)] = 20
    """OpenEMR's global `Maximum Failed Login Attempts For User`; 0 means that nobody is locked."""


def connect(system: System, settings: Settings, folder: Path) -> "OpenEmrExport":
    """Return a connector for the export; nothing is read yet."""
    return OpenEmrExport(system, settings, folder / settings.folder)


class OpenEmrExport:
    """Reads the export as one page; raises `InputError` unless the files fit together."""

    def __init__(self, system: System, settings: Settings, folder: Path) -> None:
        self.system, self.settings, self.folder = system, settings, folder
        self._as_of: datetime | None = None

    @property
    def source(self) -> str:
        """The name of the folder."""
        return f"{self.folder.name}/*.csv"

    @property
    def canary(self) -> str | None:
        """The login that must be in the export."""
        return self.settings.canary

    def as_of(self) -> datetime:
        """When the oldest of the files was written."""
        return self._as_of or Export(self.folder).as_of

    def read_page(self, token: str | None) -> Page:  # noqa: ARG002 - there is only one page
        """Read the whole export."""
        export = Export(self.folder)
        self._as_of = export.as_of
        users = _users(export)
        access = AccessControl(export, set(users))
        signing_in = _SigningIn(export, users, self.settings)
        entitlements = {
            group.entitlement: Entitlement(
                self.system.id, group.entitlement, group.title, EntitlementKind.GROUP, container=True
            )
            for group in access.groups.values()
        }
        accounts, grants = [], set()
        for record in users.values():
            account = signing_in.account(self.system.id, record, bool(access.memberships(record["username"])))
            accounts.append(account)
            for name, path in access.holdings(account.login):
                entitlements.setdefault(name, Entitlement(self.system.id, name, name, EntitlementKind.PRIVILEGE))
                grants.add(Grant(account.id, name, path))
            for chain in access.memberships(account.login):
                ids = [group.entitlement for group in chain]
                grants.update(Grant(account.id, id_, tuple(ids[:i])) for i, id_ in enumerate(ids))
        rows = sum(len(records) for records in export.tables.values())
        return Page(
            accounts=tuple(accounts),
            entitlements=tuple(entitlements.values()),
            grants=tuple(grants),
            evidence=(
                Evidence("end", f"end of {len(export.files)} files after {rows} rows, which refer only to each other"),
                *(Evidence("sha256", f"{name} {digest}") for name, digest in export.files.items()),
            ),
        )


def _users(export: Export) -> dict[str, Record]:
    """Return the rows of `users` that are accounts, by login; an address-book entry has no username."""
    users: dict[str, Record] = {}
    ids: dict[int, int] = {}
    for record in export["users"]:
        number = record.number("id")
        if number in ids:
            record.refuse("id", f"lines {ids[number]} and {record.line} have one id", expected="each user once")
        ids[number] = record.line
        login = record["username"].casefold()
        if not login:
            continue
        if login in users:
            record.refuse(
                "username",
                f"duplicate account on lines {users[login].line} and {record.line}",
                found=record["username"],
                expected="each username once, large or small letters alike",
            )
        users[login] = record
    return users


class _SigningIn:
    """
    Who can sign in, and who did.

    OpenEMR lets in only a user who is active, stands in `groups`, is in an ACL group, has a row in `users_secure`
    and is not over the limit of failed attempts. Source: src/Common/Auth/AuthUtils.php.
    """

    def __init__(self, export: Export, users: dict[str, Record], settings: Settings) -> None:
        self.settings, self.dates = settings, DateStyle(timezone=settings.timezone)
        ids = {record.number("id") for record in users.values()}
        self.in_groups = {_login(record, "user", users) for record in export["groups"] if record["user"]}
        self.secure = _by_id(export, "users_secure", "id", ids)
        self.mfa = _by_id(export, "login_mfa_registrations", "user_id", ids)
        self.last: dict[str, datetime] | None = None
        if export.has("last_login"):
            self.last = {}
            for record in export["last_login"]:
                # The log outlives users, so a name that is no user here is not a cut export.
                login, at = record["username"].casefold(), self._instant(record, "last_login")
                self.last[login] = max(at, self.last.get(login, at))

    def account(self, system: str, record: Record, in_acl_group: bool) -> Account:
        """Return the account of one row of `users`."""
        login, number = record["username"], record.number("id")
        created = record["date_created"]
        return Account(
            system=system,
            id=str(number),
            login=login,
            name=" ".join(part for part in (record["fname"], record["mname"], record["lname"]) if part) or login,
            status=self._status(record, in_acl_group),
            email=record["email"] or None,
            created=None if not created or created.startswith(ZERO_DATE) else self._instant(record, "date_created"),
            last_login=self._last_login(login),
            mfa=None if self.mfa is None else number in self.mfa,
            service=login in SERVICES,
        )

    def _status(self, record: Record, in_acl_group: bool) -> Status:
        number = record.number("id")
        if not (record.flag("active") and in_acl_group and record["username"].casefold() in self.in_groups):
            return Status.DISABLED
        if self.secure is None:
            return Status.ACTIVE
        if number not in self.secure:
            return Status.DISABLED
        failed = self.secure[number].number("login_fail_counter", empty=0)
        limit = self.settings.max_failed_logins
        return Status.LOCKED if limit and failed >= limit else Status.ACTIVE

    def _last_login(self, login: str) -> datetime | Never | None:
        return None if self.last is None else self.last.get(login.casefold(), NEVER)

    def _instant(self, record: Record, column: str) -> datetime:
        try:
            return self.dates.instant(record[column])
        except ValueError:
            record.refuse(column, "this is no date", found=record[column], expected=self.dates.expected)


def _login(record: Record, column: str, users: dict[str, Record]) -> str:
    login = record[column].casefold()
    if login not in users:
        record.cut(column, "a user")
    return login


def _by_id(export: Export, name: str, column: str, users: set[int]) -> dict[int, Record] | None:
    if not export.has(name):
        return None
    records = {}
    for record in export[name]:
        number = record.number(column)
        if number not in users:
            record.cut(column, "a user")
        records[number] = record
    return records

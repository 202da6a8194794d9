"""
The accounts of an OpenEMR, and everything that they hold.

OpenEMR lets in only a user who is active, stands in `groups`, is in an ACL group, has a row in `users_secure`, is not
over the limit of failed attempts, and whose password has not run out. Who signs in with Google needs no password: a
`google_signin_email` lets in whoever is active and in both kinds of groups (`verifyGoogleSignIn`). Source:
src/Common/Auth/AuthUtils.php and src/Common/Auth/MfaUtils.php.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, Field

from connectors.ehr.openemr.acl import AccessControl
from connectors.ehr.openemr.tables import TableRow, Tables
from connectors.facts import NEVER, Account, Entitlement, EntitlementKind, Grant, Never, Status
from connectors.inputs.dates import DateStyle, day_of, known_timezone
from connectors.inputs.strict import Settings

SERVICES = frozenset({"oe-system", "phimail-service", "portal-user"})
"""Accounts that OpenEMR ships for its own use. From: sql/official_additional_users.sql."""
SECOND_FACTORS = frozenset({"TOTP", "U2F"})
"""Methods that OpenEMR asks for at the sign-in; it ignores rows of any other."""
ZERO_DATE = "0000-00-00"
GOOGLE = "google_signin_email"


class OpenemrSignIn(Settings):
    """What OpenEMR keeps in its own configuration, which is not read because it holds secrets."""

    canary: Annotated[str, Field(min_length=1, max_length=255)] | None = None
    """The login of an account that exists in OpenEMR and so must be seen."""
    timezone: Annotated[str, AfterValidator(known_timezone)] = "UTC"
    """Time zone of the database server, in which OpenEMR writes its times, such as `America/Chicago`."""
    max_failed_logins: Annotated[int, Field(ge=0)] = 20
    """OpenEMR's global `Maximum Failed Login Attempts For User`; 0 means that nobody is locked."""
    password_expiration_days: Annotated[int, Field(ge=0, le=36500)] = 0
    """OpenEMR's global `Default Password Expiration Days`; 0 (also for LDAP sign-in): a password never runs out."""
    password_grace_days: Annotated[int, Field(ge=0, le=36500)] = 30
    """OpenEMR's global `Password Expiration Grace Period`, in which the user may still sign in to change it."""
    google_sign_in: bool | None = None
    """OpenEMR's global `Enable Google Sign-in`, to which a password's age means nothing; left out: it may be on."""


@dataclass(frozen=True, slots=True)
class OpenemrUsers:
    """Who there is, and what they hold."""

    accounts: tuple[Account, ...]
    entitlements: tuple[Entitlement, ...]
    grants: tuple[Grant, ...]


def population(system: str, tables: Tables, settings: OpenemrSignIn) -> OpenemrUsers:
    """Say what the tables mean; raises the error of their place for a row that cannot be."""
    users = _users(tables)
    access = AccessControl(tables, set(users))
    signing_in = _SigningIn(tables, users, settings)
    facilities = _Facilities(tables, users)
    entitlements = {
        group.entitlement: Entitlement(system, group.entitlement, group.title, EntitlementKind.GROUP, container=True)
        for group in access.groups.values()
    }
    for id_, name in facilities.names.items():
        entitlements[id_] = Entitlement(system, id_, name, EntitlementKind.GROUP, container=True)
    accounts: list[Account] = []
    grants: list[Grant] = []
    for login, record in users.items():
        account = signing_in.account(system, record, login in access.members)
        accounts.append(account)
        grants += [Grant(account.id, name, path) for name, path in access.holdings(login)]
        grants += [Grant(account.id, facility) for facility in sorted(facilities.of(record))]
    for name in access.held - entitlements.keys():
        entitlements[name] = Entitlement(system, name, name, EntitlementKind.PRIVILEGE)
    return OpenemrUsers(tuple(accounts), tuple(entitlements.values()), tuple(grants))


def google_unknown(tables: Tables, settings: OpenemrSignIn) -> bool:
    """Whether passwords run out, and nobody says who may sign in with Google instead."""
    untold = any(GOOGLE not in record.values for record in tables["users"])
    return bool(settings.password_expiration_days) and settings.google_sign_in is not False and untold


def _users(tables: Tables) -> dict[str, TableRow]:
    """Return the rows of `users` that are accounts, by login; an address-book entry has no username."""
    users: dict[str, TableRow] = {}
    ids: dict[int, int] = {}
    for record in tables["users"]:
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


class _Facilities:
    """In which facilities of the practice a user works; whether OpenEMR holds them to it is its own setting."""

    def __init__(self, tables: Tables, users: dict[str, TableRow]) -> None:
        self.names: dict[str, str] = {}
        self._also: dict[int, set[str]] = {}
        for record in tables["facility"]:
            self.names[f"facility:{record.number('id')}"] = record["name"] or f"facility {record['id']}"
        ids = {record.number("id") for record in users.values()}
        for record in tables["users_facility"]:
            number, facility = record.number("table_id"), f"facility:{record.number('facility_id')}"
            if (record["tablename"] or "users") != "users":
                continue
            if number not in ids:
                record.stray("table_id", "a user")
            elif facility not in self.names:
                record.stray("facility_id", "a facility")
            else:
                self._also.setdefault(number, set()).add(facility)

    def of(self, record: TableRow) -> set[str]:
        """Return the facilities of a user: the default one, and those that were added."""
        if not self.names:
            return set()
        found = set(self._also.get(record.number("id"), ()))
        own = record.number("facility_id", empty=0)
        if own and f"facility:{own}" in self.names:
            found.add(f"facility:{own}")
        elif own:
            record.stray("facility_id", "a facility")
        return found


class _SigningIn:
    """Who can sign in, and who did."""

    def __init__(self, tables: Tables, users: dict[str, TableRow], settings: OpenemrSignIn) -> None:
        self.settings, self.dates = settings, DateStyle(timezone=settings.timezone)
        self.today = day_of(tables.read_at, settings.timezone)
        self.log_from = tables.log_from
        ids = {record.number("id") for record in users.values()}
        self.in_groups = {login for _, login in _of_users(tables["groups"], "user", users)}
        self.secure = _by_id(tables["users_secure"], "id", ids) if tables.has("users_secure") else None
        self.mfa: set[int] | None = None
        if tables.has("login_mfa_registrations"):
            factors = (r for r in tables["login_mfa_registrations"] if _second_factor(r))
            self.mfa = set(_by_id(factors, "user_id", ids))
        self.last: dict[str, datetime] | None = None
        if tables.has("last_login"):
            self.last = {}
            for record in tables["last_login"]:
                # The log outlives users, so a name that is no user here is not a cut export.
                login, at = record["username"].casefold(), self._instant(record, "last_login")
                self.last[login] = max(at, self.last.get(login, at))

    def account(self, system: str, record: TableRow, in_acl_group: bool) -> Account:
        """Return the account of one row of `users`."""
        login, number = record["username"], record.number("id")
        created = self._date(record, "date_created")
        return Account(
            system=system,
            id=str(number),
            login=login,
            name=" ".join(part for part in (record["fname"], record["mname"], record["lname"]) if part) or login,
            status=self._status(record, in_acl_group),
            email=record["email"] or None,
            created=created,
            last_login=self._last_login(login, created),
            mfa=None if self.mfa is None else number in self.mfa,
            service=login in SERVICES,
        )

    def _status(self, record: TableRow, in_acl_group: bool) -> Status:
        if not (record.flag("active") and in_acl_group):
            return Status.DISABLED
        if record["username"].casefold() not in self.in_groups:
            record.hollow("username", "`groups` has no row for this active user")
            return Status.DISABLED
        if self.secure is None:
            return Status.ACTIVE
        secure = self.secure.get(record.number("id"))
        if secure is None:
            record.hollow("id", "`users_secure` has no row for this active user")
            return Status.DISABLED
        if self._ran_out(secure):
            return self._without_password(record)
        failed = secure.number("login_fail_counter", empty=0)
        limit = self.settings.max_failed_logins
        return Status.LOCKED if limit and failed >= limit else Status.ACTIVE

    def _without_password(self, record: TableRow) -> Status:
        """Return the state of who can no longer use the password: there may be another way in."""
        if self.settings.google_sign_in is False:
            return Status.EXPIRED
        if GOOGLE not in record.values:
            return Status.UNKNOWN
        return Status.ACTIVE if record[GOOGLE] else Status.EXPIRED

    def _ran_out(self, secure: TableRow) -> bool:
        if not self.settings.password_expiration_days:
            return False
        changed = self._date(secure, "last_update_password")
        if changed is None:
            return False
        days = timedelta(self.settings.password_expiration_days + self.settings.password_grace_days)
        return self.today > day_of(changed, self.settings.timezone) + days

    def _last_login(self, login: str, created: datetime | None) -> datetime | Never | None:
        if self.last is None:
            return None
        at = self.last.get(login.casefold())
        if at is not None:
            return at
        # A log that begins after the account was made may have lost its sign-ins.
        known = self.log_from is None or (created is not None and self.log_from <= created)
        return NEVER if known else None

    def _date(self, record: TableRow, column: str) -> datetime | None:
        text = record[column]
        return None if not text or text.startswith(ZERO_DATE) else self._instant(record, column)

    def _instant(self, record: TableRow, column: str) -> datetime:
        try:
            return self.dates.instant(record[column])
        except ValueError:
            record.refuse(column, "this is no date", found=record[column], expected=self.dates.expected)


def _second_factor(record: TableRow) -> bool:
    return "method" not in record.values or record["method"] in SECOND_FACTORS


def _of_users(records: Iterable[TableRow], column: str, users: dict[str, TableRow]) -> Iterator[tuple[TableRow, str]]:
    for record in records:
        login = record[column].casefold()
        if login in users:
            yield record, login
        elif login:
            record.stray(column, "a user")


def _by_id(records: Iterable[TableRow], column: str, users: set[int]) -> dict[int, TableRow]:
    found = {}
    for record in records:
        number = record.number(column)
        if number in users:
            found[number] = record
        else:
            record.stray(column, "a user")
    return found

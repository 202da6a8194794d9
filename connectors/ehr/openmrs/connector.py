"""
OpenMRS, live, by the REST API of its module `webservices.rest`: users (retired ones too), roles, privileges.

Only named fields are asked for (`v=custom:…`), so neither secret questions nor patients come with the answers.
`docs/connect-openmrs.md` says how to set up the account that reads.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import NoReturn

from connectors.audit_log import LogAnswer, LogQuestion
from connectors.collect import utc_now
from connectors.connector import Endpoint, Page, ProbeStep
from connectors.ehr.openmrs.lists import REST, read_list
from connectors.ehr.openmrs.log import AuditInfoLog
from connectors.ehr.openmrs.one_account import users_now
from connectors.ehr.openmrs.roles import DESCRIPTION, IMPLICIT, REFERENCE, SUPERUSER, OpenmrsRoles, role_id
from connectors.ehr.openmrs.settings import Settings
from connectors.ehr.openmrs.setup import PATIENT_DATA, least_privilege
from connectors.errors import SourceDenied, SourceError, SourceMalformed
from connectors.facts import NEVER, Account, Entitlement, Evidence, Grant, Never, Status, System
from connectors.http.client import Web
from connectors.http.credentials import secret
from connectors.http.sign_in import basic
from connectors.inputs.dates import DateStyle
from connectors.inputs.fields import Fields, FromServer
from connectors.one_account import AccountNow

FIRST = "roles:0"

__all__ = ["OpenMrs", "Settings", "connect", "setup"]


class OpenMrs:
    """Reads the roles, then the users. Where the list of roles is refused, the roles come with the users."""

    def __init__(
        self, system: System, settings: Settings, folder: Path, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self.system = system
        self.source = f"{settings.url}, OpenMRS REST"
        self.canary: str | None = settings.canary or settings.username
        self._settings, self._clock = settings, clock
        self._web = Web(system.id, settings, folder)
        self._roles = OpenmrsRoles(system.id)
        self._listed: set[str] = set()
        self._inline = False
        self._next: str | None = None
        self._signed_in = False

    @property
    def endpoint(self) -> Endpoint:
        """Where it connects to."""
        return self._web.endpoint

    def steps(self) -> Sequence[ProbeStep]:
        """Return the checks before the first page."""
        return (ProbeStep("sign-in", self._check_sign_in), ProbeStep("rights", self._check_rights))

    def read_page(self, token: str | None) -> Page:
        """Read one page of roles or users; raises `SourceError` for anything that is not a whole page."""
        if token is None:
            self._roles, self._listed, self._inline, self._next = OpenmrsRoles(self.system.id), set(), False, FIRST
            self._refuse_too_much(self._session())
        if self._next is None or (token or FIRST) != self._next:
            raise SourceMalformed(f"`{self.system.id}`: pages must be read in order")
        phase, _, start = self._next.partition(":")
        # A session that a failed page left behind ends by itself; asking a failing server again would only cost time.
        self._signed_in, signed_in = False, True
        page = self._role_page(int(start)) if phase == "roles" else self._user_page(int(start))
        self._signed_in, self._next = signed_in, page.next_token
        return page

    def read_log(self, question: LogQuestion) -> LogAnswer:
        """Read what OpenMRS keeps of when each of the users was made, changed and retired."""
        self._refuse_too_much(self._session())
        return AuditInfoLog(self.system.id, self._web, REST).read(question, self._clock())

    def read_accounts(self, accounts: Sequence[Account]) -> Mapping[str, AccountNow]:
        """Return the users that are asked for, by `GET /user/{uuid}`; raises `SourceError`."""
        self._refuse_too_much(self._session())
        users = users_now(self.system.id, self._web, f"{REST}/user", self._user_fields(), accounts)
        read = [(self._account(user), user.entries("roles", "a role")) for user in users]
        return {a.id: AccountNow(a, frozenset(role_id(role.text("name")) for role in roles)) for a, roles in read}

    def close(self) -> None:
        """End the session that OpenMRS opened for us, and the connection."""
        if self._signed_in:
            self._signed_in = False
            with suppress(SourceError):  # What was read stays true, and the session ends by itself.
                self._web.delete(f"{REST}/session")
        self._web.close()

    def _session(self) -> Fields:
        password = secret(self.system.id, self._settings.password_env)
        self._web.authorize(basic(self._settings.username, password))
        session = Fields(FromServer(self.system.id), "a session", self._web.get(f"{REST}/session").data)
        # OpenMRS answers a wrong password here with success, and with `false`.
        if not session.flag("authenticated"):
            raise SourceDenied(
                f"`{self.system.id}` does not accept the name and password of `{self._settings.username}`",
                hint=f"check `username` and the secret in `{self._settings.password_env}`; is the user locked?",
            )
        self._signed_in = True
        return session.part("user") or session.refuse("user", "missing or empty")

    def _refuse_too_much(self, user: Fields) -> list[str]:
        held = [_named(p) for p in user.entries("privileges", "a privilege", optional=True)]
        roles = {_named(r) for r in user.entries("roles", "a role", optional=True)}
        if found := [SUPERUSER] if SUPERUSER in roles else sorted(PATIENT_DATA & set(held)):
            raise SourceDenied(
                f"`{self.system.id}`: the auditor's own user holds `{found[0]}`, with which it could read patients",
                hint="give it the role that `auditor connect` prints, and no other",
            )
        return held

    def _check_sign_in(self) -> str:
        self._session()
        return f"signed in as {self._settings.username}"

    def _check_rights(self) -> str:
        held = self._refuse_too_much(self._session())
        more = [name for name in held if name.startswith(("Add ", "Edit ", "Delete ", "Purge ", "Manage "))]
        told = "it cannot read patients"
        if more:
            told += f"; it can also `{'`, `'.join(sorted(more)[:5])}`, which the audit does not need"
        return told

    def _role_page(self, start: int) -> Page:
        try:
            entries, following, _ = self._list("role", f"custom:{DESCRIPTION}", start)
        except SourceDenied:
            if start:
                raise
            self._inline = True
            self._describe_implicit()
            return Page(next_token="users:0")  # noqa: S106 - a page token
        for entry in entries:
            uuid = self._roles.describe(entry)
            if uuid in self._listed:
                # The total is then right although another role is missing.
                raise SourceMalformed(
                    f"`{self.system.id}` listed a role twice", hint="run again when nobody is changing roles"
                )
            self._listed.add(uuid)
        return Page(next_token=f"roles:{following}" if following else "users:0")

    def _describe_implicit(self) -> None:
        """Read Anonymous and Authenticated one by one, which takes no right where the list does."""
        for name, uuid in IMPLICIT.items():
            answer = self._web.get(f"{REST}/role/{uuid}", {"v": f"custom:{DESCRIPTION}"}, accept=(401, 403, 404))
            if answer.status == 200:
                self._roles.describe(Fields(FromServer(self.system.id), "a role", answer.data))
            else:
                self._roles.name(Fields(FromServer(self.system.id), "a role", {"uuid": uuid, "name": name}))

    def _user_page(self, start: int) -> Page:
        try:
            entries, following, total = self._list("user", f"custom:{self._user_fields()}", start)
        except SourceMalformed as error:
            if start:
                raise
            self._explain(error)
        accounts = [self._account(entry) for entry in entries]
        direct = [self._direct_roles(entry) for entry in entries]
        entitlements: dict[str, Entitlement] = {}
        grants = []
        for account, roles in zip(accounts, direct, strict=True):
            for id_, path in self._roles.holdings(dict.fromkeys((*roles, *self._roles.implicit()))):
                entitlements.setdefault(id_, self._roles.entitlement(id_))
                grants.append(Grant(account.id, id_, path))
        return Page(
            accounts=tuple(accounts),
            entitlements=tuple(entitlements.values()),
            grants=tuple(grants),
            next_token=f"users:{following}" if following else None,
            total=total,
            evidence=() if following else self._evidence(),
        )

    def _user_fields(self) -> str:
        fields = ["uuid", "username", "systemId", "retired", "dateCreated", "userProperties"]
        fields += ["email"] if self._settings.email else []
        fields += ["person:(display)"] if self._settings.names else []
        fields += [f"roles:{DESCRIPTION}", f"allRoles:{DESCRIPTION}"] if self._inline else [f"roles:{REFERENCE}"]
        return f"({','.join(fields)})"

    def _direct_roles(self, entry: Fields) -> tuple[str, ...]:
        take = self._roles.describe if self._inline else self._roles.name
        if self._inline:
            for role in entry.entries("allRoles", "a role", optional=True):
                self._roles.describe(role)
        return tuple(take(role) for role in entry.entries("roles", "a role"))

    def _account(self, entry: Fields) -> Account:
        login = entry.text_or_none("username") or entry.text("systemId")
        # Of these properties only two are taken: among the others are patients that the user opened.
        properties = entry.part("userProperties")
        person = entry.part("person")
        return Account(
            system=self.system.id,
            id=entry.text("uuid"),
            login=login,
            name=(person and person.text_or_none("display")) or login,
            status=self._status(entry, properties),
            email=entry.text_or_none("email"),
            created=entry.instant("dateCreated", DateStyle()),
            last_login=self._last_login(properties),
        )

    def _status(self, entry: Fields, properties: Fields | None) -> Status:
        if entry.flag("retired"):
            return Status.DISABLED
        locked = properties and properties.milliseconds("lockoutTimestamp")
        until = timedelta(minutes=self._settings.unlock_after_minutes)
        return Status.LOCKED if locked and self._clock() < locked + until else Status.ACTIVE

    def _last_login(self, properties: Fields | None) -> datetime | Never | None:
        last = properties and properties.milliseconds("lastLoginTimestamp")
        if last:
            return last
        return NEVER if self._settings.empty_last_login == "never" else None

    def _list(self, path: str, representation: str, start: int) -> tuple[tuple[Fields, ...], int | None, int]:
        limit = self._settings.page_size
        return read_list(self.system.id, self._web, path, representation, start=start, page_size=limit)

    def _explain(self, error: SourceMalformed) -> NoReturn:
        advice = "if OpenMRS is older than 2.2 set `email: false`; if its administrator lowered its limit, `page_size`"
        raise SourceMalformed(error.message, hint=f"{error.hint}; {advice}") from None

    def _evidence(self) -> tuple[Evidence, ...]:
        refused = "refused, so they were read with the users" if self._inline else "read to the server's own total"
        told = [
            Evidence("end", "no link to a next page, as many users as the server's own total, and none past it"),
            Evidence("roles", f"the list of roles was {refused}"),
        ]
        told += [Evidence("unread", f"what the role {name} carries was refused") for name in self._roles.unread()]
        for name in sorted(set(IMPLICIT) - set(self._roles.unread())):
            whom = "whoever asks, without sign-in" if name == "Anonymous" else "everybody who signs in"
            told.append(Evidence("implicit", f"{name}: {self._roles.carried_by(name)} privileges, for {whom}"))
        return tuple(told)


def connect(system: System, settings: Settings, folder: Path) -> OpenMrs:
    """Return a connector; nothing is read yet."""
    return OpenMrs(system, settings, folder)


def setup(system: System, settings: Settings) -> str:
    """Return the role and the user to make in OpenMRS."""
    return least_privilege(system, settings.username, names=settings.names)


def _named(reference: Fields) -> str:
    return reference.text_or_none("name") or reference.text("display")

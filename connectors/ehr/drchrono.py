"""
DrChrono, live, by its API v4: users with their permissions, user groups, and sign-ins from its audit log.

Of the audit log only rows of the type `Login` are asked for, and of each only who and when is kept: other rows name
patients. `docs/connect-drchrono.md` says how to set up the access that reads.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StringConstraints

from connectors.collect import utc_now
from connectors.connector import Endpoint, Page, ProbeStep
from connectors.ehr._drchrono_setup import access_text
from connectors.errors import SourceDenied, SourceMalformed
from connectors.facts import Account, Entitlement, EntitlementKind, Evidence, Grant, Status, System
from connectors.http.client import Web, WebSettings
from connectors.http.credentials import Variable, secret
from connectors.inputs.dates import DateStyle, known_timezone
from connectors.inputs.fields import Fields, FromServer
from connectors.unproven import counted, shown_otherwise
from connectors.unread import GROUPS as ALL_GROUPS
from connectors.unread import Unread, unread_id

USERS, GROUPS, AUDIT_LOG = "api/users", "api/user_groups", "api/audit_log"
GROUPS_NOT_READ = unread_id("drchrono", ALL_GROUPS)
PERMISSIONS_NOT_READ = unread_id("drchrono", "permissions")
SIGN_IN = "Login"
SIGN_IN_LAG_DAYS = 1
"""DrChrono's times name no time zone, so that a sign-in may have been on the day after."""


class Settings(WebSettings):
    """How to reach DrChrono."""

    url: Annotated[str, Field(max_length=2000)] = "https://app.drchrono.com"
    """The address of DrChrono; left out: `https://app.drchrono.com`."""
    token_env: Variable
    """The name of the environment variable that holds an OAuth access token; the token itself is refused."""
    page_size: Annotated[int, Field(ge=1, le=250)] = 250
    """Entries in one answer; DrChrono allows 500 calls an hour, so large pages are better."""
    sign_ins_days: Annotated[int, Field(ge=0, le=3650)] = 120
    """How many days of sign-ins to read from the audit log; 0: none, and the last sign-in stays unknown."""
    timezone: Annotated[str, AfterValidator(known_timezone)] = "UTC"
    """Time zone of DrChrono's times, usually the practice's; DrChrono does not write it."""
    canary: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=250)] | None = None
    """The username of an account that must be seen; name one, because DrChrono states no total."""
    expect_accounts: Annotated[int, Field(ge=1)] | None = None
    """How many users Account > Staff Permissions shows."""


NEXT = {AUDIT_LOG: GROUPS, GROUPS: USERS, USERS: ""}


class DrChrono:
    """Reads the sign-ins, the groups, then the users, each by the links that DrChrono gives."""

    def __init__(
        self, system: System, settings: Settings, folder: Path, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self.system = system
        self.source = f"{settings.url}, DrChrono API v4"
        self.canary = settings.canary
        self._settings, self._clock = settings, clock
        self._web = Web(system.id, settings, folder)
        self._dates = DateStyle(timezone=settings.timezone)
        self._reset()

    def _reset(self) -> None:
        self._since = self._clock() - timedelta(days=self._settings.sign_ins_days)
        self._last: dict[str, datetime] = {}
        self._signed_in_log = "not read"
        self._archived = 0
        self._unread = Unread(self.system.id)
        self._ids: list[str] = []
        self._bare = 0
        self._next: str | None = AUDIT_LOG if self._settings.sign_ins_days else GROUPS
        self._first = self._next

    @property
    def endpoint(self) -> Endpoint:
        """Where it connects to."""
        return self._web.endpoint

    def steps(self) -> Sequence[ProbeStep]:
        """Return the checks before the first page."""
        return (ProbeStep("sign-in", self._check_sign_in), ProbeStep("audit log", self._check_audit_log))

    def read_page(self, token: str | None) -> Page:
        """Read one page of sign-ins, groups or users; raises `SourceError` for anything that is not a whole page."""
        if token is None:
            self._reset()
            self._authorize()
        if self._next is None or (token or self._first) != self._next:
            raise SourceMalformed(f"`{self.system.id}`: pages must be read in order")
        path, _, link = self._next.partition(" ")
        page = {AUDIT_LOG: self._sign_ins, GROUPS: self._groups, USERS: self._users}[path](link)
        self._next = page.next_token
        return page

    def close(self) -> None:
        """Close the connection."""
        self._web.close()

    def _authorize(self) -> None:
        self._web.authorize(f"Bearer {secret(self.system.id, self._settings.token_env)}")

    def _check_sign_in(self) -> str:
        self._authorize()
        entries, _ = self._list(USERS, "", {"page_size": 1}, "a user")
        return "the token is accepted" if entries else "the token is accepted, but shows no user"

    def _check_audit_log(self) -> str:
        if not self._settings.sign_ins_days:
            return "not read: the last sign-in stays unknown"
        try:
            self._list(AUDIT_LOG, "", {**self._sign_in_query(), "page_size": 1}, "a sign-in")
        except SourceDenied:
            return (
                "refused, so the last sign-in stays unknown; it needs the scope billing:read, which shows billing too"
            )
        return "sign-ins can be read"

    def _sign_in_query(self) -> dict[str, str | int]:
        return {"type": SIGN_IN, "since": self._since.strftime("%Y-%m-%dT%H:%M:%S")}

    def _sign_ins(self, link: str) -> Page:
        try:
            entries, following = self._list(AUDIT_LOG, link, self._sign_in_query(), "a sign-in")
        except SourceDenied:
            if link:
                raise
            self._signed_in_log = "refused"
            return Page(next_token=GROUPS)
        for entry in entries:
            # An address that does not filter would go on handing out rows that name patients.
            if entry.text_or_none("type") != SIGN_IN:
                entry.refuse("type", f"not `{SIGN_IN}`, although only these were asked for")
            at = entry.instant("created_at", self._dates) or entry.refuse("created_at", "missing or empty")
            user = entry.id("user_id")
            self._last[user] = max(at, self._last.get(user, at))
        self._signed_in_log = f"read from {self._since:%Y-%m-%d} on"
        return Page(next_token=self._token(AUDIT_LOG, following))

    def _groups(self, link: str) -> Page:
        entries, following = self._list(GROUPS, link, {}, "a group")
        entitlements, grants = [], []
        for entry in entries:
            id_ = f"group:{entry.id('id')}"
            # With the word before it, so that nobody can call a group like a harmless permission.
            name = f"group {entry.text_or_none('name') or entry.id('id')}"
            entitlements.append(Entitlement(self.system.id, id_, name, EntitlementKind.GROUP))
            members = entry.ids("members")
            if entry.flag("archived", default=False):
                self._archived += 1
            else:
                grants += [Grant(member, id_) for member in members]
        if following is None and not self._proof(GROUPS, link, len(entries)):
            self._unread.add(GROUPS_NOT_READ, "groups, of which the list proves no end")
        return Page(entitlements=tuple(entitlements), grants=tuple(grants), next_token=self._token(GROUPS, following))

    def _users(self, link: str) -> Page:
        entries, following = self._list(USERS, link, {}, "a user")
        accounts = [self._account(entry) for entry in entries]
        entitlements: dict[str, Entitlement] = {}
        grants = []
        for account, entry in zip(accounts, entries, strict=True):
            for entitlement in self._held(entry):
                entitlements.setdefault(entitlement.id, entitlement)
                grants.append(Grant(account.id, entitlement.id))
        self._ids += [account.id for account in accounts]
        page = Page(tuple(accounts), tuple(entitlements.values()), tuple(grants), self._token(USERS, following))
        return page if following else self._close_list(page, self._proof(USERS, link, len(entries)))

    def _close_list(self, page: Page, proof: str) -> Page:
        read, settings = len(self._ids), self._settings
        end = proof or shown_otherwise(
            self.system.id,
            USERS,
            read,
            expected=settings.expect_accounts,
            canary=settings.canary,
            asked=settings.page_size,
        )
        groups = [grant for id_ in self._ids for grant in self._unread.grants(id_, GROUPS_NOT_READ)]
        return replace(
            page,
            entitlements=(*page.entitlements, *self._unread.entitlements),
            grants=(*page.grants, *groups),
            evidence=(*self._evidence(end), *counted(self.system.id, read, settings.expect_accounts)),
        )

    def _proof(self, path: str, link: str, on_page: int) -> str:
        """
        Return what shows that a list without a link to more was all; empty where nothing does.

        A list of one page gives no link whether it was cut or not; one that does for a page of one pages indeed.
        """
        if link:
            return "no link to a next page after the last of several"
        if on_page < 2:
            return "no link to a next page, and one entry or none"
        entries, following = self._list(path, "", {"page_size": 1}, "an entry")
        return "no link to a next page, and one on a page of one" if following and len(entries) == 1 else ""

    def _account(self, entry: Fields) -> Account:
        id_, login = entry.id("id"), entry.text("username")
        last = self._last.get(id_)
        return Account(
            system=self.system.id,
            id=id_,
            login=login,
            name=login,
            # DrChrono's API has no word for an account that is switched off.
            status=Status.UNKNOWN,
            last_login=last,
            last_login_lag_days=SIGN_IN_LAG_DAYS if last else 0,
        )

    def _held(self, entry: Fields) -> list[Entitlement]:
        kinds = [kind for kind in ("is_doctor", "is_staff") if _flag(entry, kind)]
        held = [Entitlement(self.system.id, kind, kind, EntitlementKind.ROLE) for kind in kinds]
        permissions = entry.part("permissions")
        if permissions is None:
            raise SourceDenied(
                f"`{self.system.id}` lists users without their permissions",
                hint="let a user authorise the token who sees them all under Account > Staff Permissions",
            )
        if not permissions.keys():
            # Whoever may not see them gets an empty object: that is not somebody without rights.
            self._bare += 1
            shown = Unread(self.system.id)
            shown.add(PERMISSIONS_NOT_READ, "permissions, which DrChrono did not show")
            held += shown.entitlements
        for key in permissions.keys():  # noqa: SIM118 - `Fields` is no dictionary
            if permissions.flag(key, default=False):
                # The screen and the catalog write the same words with spaces.
                name = key.replace("_", " ")
                held.append(Entitlement(self.system.id, key, name, EntitlementKind.PRIVILEGE))
        return held

    def _list(
        self, path: str, link: str, query: dict[str, str | int], what: str
    ) -> tuple[tuple[Fields, ...], str | None]:
        """Read one page; returns its entries, and the link to the next page."""
        answer = self._web.get(link) if link else self._web.get(path, {"page_size": self._settings.page_size, **query})
        fields = Fields(FromServer(self.system.id), "a list", answer.data)
        # From: the API's own description says `data`, its manual `results`.
        entries = fields.entries("data" if fields.has("data") else "results", what)
        if not fields.has("next"):
            fields.refuse("next", "missing, so nothing says whether there is more")
        following = fields.text_or_none("next")
        if following and urlsplit(following).path.rstrip("/") != self._path(path):
            # Only the list itself: a link elsewhere, such as to patients, is not followed.
            fields.refuse("next", "a link to something else than the same list")
        return entries, following

    def _path(self, path: str) -> str:
        return f"{urlsplit(self._settings.url).path.rstrip('/')}/{path}"

    def _token(self, path: str, following: str | None) -> str | None:
        return f"{path} {following}" if following else NEXT[path] or None

    def _evidence(self, end: str) -> tuple[Evidence, ...]:
        told = [Evidence("not read", f"permissions of {self._bare} users")] if self._bare else []
        if GROUPS_NOT_READ in self._unread:
            told.append(Evidence("not read", "whether there are more groups; every user may be in some"))
        return (
            Evidence("end", f"of the users: {end}"),
            *told,
            Evidence("sign-ins", self._signed_in_log),
            *([Evidence("archived", f"{self._archived} groups, which were left out")] if self._archived else []),
        )


def _flag(entry: Fields, key: str) -> bool:
    """Read what the API's own description calls a text, and its answers give as true or false."""
    try:
        return entry.flag(key, default=False)
    except SourceMalformed:
        word = (entry.text_or_none(key) or "").casefold()
        return word == "true" if word in {"true", "false"} else entry.refuse(key, "not true or false")


def connect(system: System, settings: Settings, folder: Path) -> DrChrono:
    """Return a connector; nothing is read yet."""
    return DrChrono(system, settings, folder)


def setup(system: System, settings: Settings) -> str:
    """Return how to get an access token that can do little else."""
    return access_text(system, settings.url, settings.token_env, sign_ins=settings.sign_ins_days > 0)

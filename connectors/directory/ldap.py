"""
Reads a directory over LDAP: Active Directory, Samba, OpenLDAP, 389 Directory Server, FreeIPA.

Groups are read before users, so that every page of users already comes with its grants and its MFA state, and no
user has to be kept. `docs/connect-ldap.md` says how to set up the account that reads.
"""

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationInfo, field_validator

from connectors.collect import utc_now
from connectors.connector import Page
from connectors.directory._decode import (
    GROUP_ATTRIBUTES,
    GROUP_FILTER,
    USER_ATTRIBUTES,
    USER_ATTRIBUTES_OF,
    USER_FILTER,
    USER_FILTER_AD,
    decode_group,
    decode_user,
    is_account,
)
from connectors.directory._dn import below, normalise
from connectors.directory._entry import BadValue, Entry, join_range
from connectors.directory._flavour import flavour_of, ignorable
from connectors.directory._membership import Memberships
from connectors.directory._wire import Search, Target, Wire
from connectors.errors import InputError, SourceDenied, SourceMalformed, SourceTruncated
from connectors.facts import Entitlement, Evidence, System

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4096)]

GLOBAL_CATALOG = {3268, 3269}


class Settings(BaseModel):
    """How to reach a directory, and which part of it to read."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    url: Text
    """`ldaps://host[:port]`, or `ldap://host[:port]`, which is secured by StartTLS."""
    base_dn: Text
    """Everything under it is read: the root of the domain, because groups elsewhere would be missed."""
    bind_dn: Text
    """The auditor's own account: a DN, or `user@domain` in AD."""
    password_env: Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,127}$")]
    """The name of the environment variable that holds the password; the password itself is refused."""
    plain: bool = False
    """No encryption at all; only for a loopback address."""
    start_tls: Annotated[bool | None, Field(validate_default=True)] = None
    """Left out: StartTLS for `ldap://`, unless `plain`."""
    ca_file: Path | None = None
    """PEM certificate of the authority that signed the server's; left out: those that the machine trusts."""
    server_name: Text | None = None
    """The name on the certificate, when it is not the host of `url`."""
    user_filter: Text | None = None
    """Left out: everything that can sign in, except computers."""
    group_filter: Text = GROUP_FILTER
    page_size: Annotated[int, Field(ge=1, le=5000)] = 500
    timeout_s: Annotated[int, Field(ge=1, le=3600)] = 60
    canary: Text | None = None
    """The login of an account that must be seen, best the auditor's own."""
    mfa_group: Text | None = None
    """DN or cn of the group whose members must use MFA; left out: MFA is unknown."""

    @field_validator("url")
    @classmethod
    def _is_ldap(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in {"ldap", "ldaps"} or not parts.hostname:
            raise ValueError("`ldaps://host[:port]` or `ldap://host[:port]`")
        if parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc:
            raise ValueError("only scheme, host and port; the base belongs in `base_dn`")
        if parts.port in GLOBAL_CATALOG:
            raise ValueError("port 636 or 389: the global catalog does not know the members of most groups")
        return url

    @field_validator("base_dn")
    @classmethod
    def _is_dn(cls, dn: str) -> str:
        normalise(dn)
        return dn

    @field_validator("plain")
    @classmethod
    def _only_loopback(cls, plain: bool, info: ValidationInfo) -> bool:
        if plain and not _is_loopback(info.data.get("url", "")):
            raise ValueError("false: without encryption only to a loopback address such as ldap://127.0.0.1")
        return plain

    @field_validator("start_tls")
    @classmethod
    def _secured(cls, start_tls: bool | None, info: ValidationInfo) -> bool:
        ldaps = str(info.data.get("url", "")).startswith("ldaps:")
        plain = bool(info.data.get("plain"))
        if start_tls is None:
            return not ldaps and not plain
        if start_tls and (ldaps or plain):
            raise ValueError("left out: it goes neither with ldaps:// nor with `plain`")
        if not start_tls and not ldaps and not plain:
            raise ValueError("true: an ldap:// connection without it would show the password")
        return start_tls


class LdapDirectory:
    """A connector that pages through the groups, then the users, of one directory."""

    def __init__(
        self, system: System, settings: Settings, target: Target, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self.system = system
        self.source = f"{settings.url}, {settings.base_dn}"
        self.canary = settings.canary
        self._settings, self._target, self._clock = settings, target, clock
        self._wire: Wire | None = None
        self._state: _Read | None = None

    def read_page(self, token: str | None) -> Page:
        """Read one page; raises `SourceError` or `InputError` for anything that is not a whole page."""
        try:
            if token is None:
                self.close()
                self._wire = Wire(self._target, _password(self.system, self._settings.password_env))
                self._state = _Read(self.system.id, self._settings, self._wire, self._clock())
            if self._state is None or (token or "") != self._state.token:
                raise SourceMalformed(f"`{self.system.id}`: pages must be read in order, on one connection")
            return self._state.next_page()
        except BadValue as error:
            # Neither DN nor name: they are people's.
            raise SourceMalformed(
                f"`{self.system.id}` gave an entry whose {error}", hint="correct the entry in the directory"
            ) from None

    def close(self) -> None:
        """Close the connection; may be called at any time."""
        if self._wire is not None:
            self._wire.close()
        self._wire = self._state = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Read:
    """One read from the first group to the last user."""

    def __init__(self, system: str, settings: Settings, wire: Wire, now: datetime) -> None:
        self._system, self._settings, self._wire, self._now = system, settings, wire, now
        self._flavour = flavour_of(wire.root())
        self._memberships = Memberships(system, settings.mfa_group)
        self._phase, self._number, self._cookie = "groups", 0, b""
        self._ignored = 0
        default_filter = USER_FILTER_AD if self._flavour.attributes == "ad" else USER_FILTER
        self._user_filter = settings.user_filter or default_filter
        own = USER_ATTRIBUTES_OF.get(self._flavour.attributes)
        self._attributes = (*USER_ATTRIBUTES, *(own or sum(USER_ATTRIBUTES_OF.values(), ())))

    @property
    def token(self) -> str:
        """Name the next page. The number makes it unique: 389 and Samba give the same cookie on every page."""
        return f"{self._phase}:{self._number}:{self._cookie.hex()}" if self._number else ""

    def next_page(self) -> Page:
        page = self._groups() if self._phase == "groups" else self._users()
        self._number += 1
        if self._cookie:
            return replace(page, next_token=self.token)
        if self._phase == "groups":
            self._memberships.settle()
            self._phase = "users"
            return replace(page, next_token=self.token)
        return replace(page, evidence=self._evidence())

    def _groups(self) -> Page:
        return Page(
            entitlements=tuple(self._group(e) for e in self._entries(self._settings.group_filter, GROUP_ATTRIBUTES))
        )

    def _users(self) -> Page:
        entries = self._entries(self._user_filter, self._attributes)
        if self._settings.user_filter is None:
            entries = [e for e in entries if is_account(e)]
        users = [decode_user(self._system, e, self._now) for e in entries]
        return Page(
            accounts=tuple(self._memberships.account(u) for u in users),
            grants=tuple(g for u in users for g in self._memberships.grants(u)),
        )

    def _entries(self, search_filter: str, attributes: tuple[str, ...]) -> list[Entry]:
        settings = self._settings
        entries, references, self._cookie = self._wire.page(
            Search(self._phase, settings.base_dn, search_filter, attributes, settings.page_size), self._cookie
        )
        for uri in references:
            if not ignorable(self._flavour, uri):
                raise SourceTruncated(
                    f"`{self._system}` says that part of `{settings.base_dn}` is on another server",
                    hint="read that part as a system of its own, and narrow `base_dn` to what this server holds",
                )
        self._ignored += len(references)
        return entries

    def _group(self, entry: Entry) -> Entitlement:
        group = decode_group(self._system, self._with_all_members(entry))
        if self._flavour.requires_members and not group.members and _must_have_members(entry):
            raise SourceDenied(
                f"`{self._system}` shows the group `{group.entitlement.id}` without the members it must have",
                hint="let the auditor's account read `member` and `uniqueMember`",
            )
        self._memberships.add(group)
        return group.entitlement

    def _with_all_members(self, entry: Entry) -> Entry:
        """Fetch the ranges of `member` that the server held back, to the last."""
        values, start = join_range(entry.attributes, "member")
        while start is not None:
            more = self._wire.read_values(entry.dn, f"member;range={start}-*")
            part, following = join_range(more.attributes, "member")
            if not part or (following is not None and following <= start):
                raise SourceTruncated(
                    f"`{self._system}` stopped after {len(values)} members of a group that has more",
                    hint="run again; if it stays, ask for the server's log",
                )
            values, start = values + part, following
        return Entry(entry.dn, {**entry.attributes, "member": values})

    def _evidence(self) -> tuple[Evidence, ...]:
        base = normalise(self._settings.base_dn)
        roots = self._flavour.roots
        scope = base if base in roots else next((f"{base}, part of {r}" for r in roots if below(base, r)), base)
        told = [
            Evidence("end", "result code 0 on every page of groups and of users, and no cookie on the last"),
            Evidence("directory", self._flavour.name),
            Evidence("scope", scope),
            *self._memberships.evidence(),
        ]
        if self._ignored:
            told.append(Evidence("references", f"{self._ignored} to AD's own partitions, which hold no accounts"))
        return tuple(told)


def connect(system: System, settings: Settings, folder: Path) -> LdapDirectory:
    """Return the connector; raises `InputError` when `ca_file` is missing. Nothing is read yet."""
    parts = urlsplit(settings.url)
    ldaps = parts.scheme == "ldaps"
    ca_file = folder / settings.ca_file if settings.ca_file else None
    if ca_file and not ca_file.is_file():
        raise InputError(ca_file, "there is no such file", field="ca_file", expected="a PEM certificate")
    host = str(parts.hostname)
    target = Target(
        system=system.id,
        host=host,
        port=parts.port or (636 if ldaps else 389),
        ldaps=ldaps,
        start_tls=bool(settings.start_tls),
        ca_file=ca_file,
        server_name=settings.server_name or host,
        bind_dn=settings.bind_dn,
        timeout_s=settings.timeout_s,
    )
    return LdapDirectory(system, settings, target)


def _password(system: System, variable: str) -> str:
    password = os.environ.get(variable, "")
    if not password:
        # An empty password would be an anonymous sign-in, which many servers accept and answer with less.
        raise SourceDenied(
            f"`{system.id}`: the environment variable `{variable}` holds no password",
            hint="set it for the auditor's process only, from your secret store",
        )
    return password


def _is_loopback(url: str) -> bool:
    try:
        return ip_address(urlsplit(url).hostname or "").is_loopback
    except ValueError:
        return False


def _must_have_members(entry: Entry) -> bool:
    return bool(entry.classes & {"groupofnames", "groupofuniquenames"})

"""
Reads a directory over LDAP: Active Directory, Samba, OpenLDAP, 389 Directory Server, FreeIPA.

Groups are read before users, so that every page of users already comes with its grants and its MFA state, and no
user has to be kept. `docs/connect-ldap.md` says how to set up the account that reads.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from connectors.audit_log import LogAnswer, LogQuestion
from connectors.collect import utc_now
from connectors.connector import Endpoint, Page, ProbeStep, Transport
from connectors.directory.changes.files import read as read_files
from connectors.directory.changes.setup import record_text
from connectors.directory.ldap.one_account import accounts_now
from connectors.directory.ldap.probes import steps
from connectors.directory.ldap.read import LdapPage
from connectors.directory.ldap.scope import ReadScope, scope_of
from connectors.directory.ldap.settings import Settings
from connectors.directory.ldap.sign_in import External, Kerberos, SignIn, Simple
from connectors.directory.ldap.target import LdapTarget
from connectors.directory.schema.entry import BadValue
from connectors.directory.schema.setup import names_for, text_for
from connectors.errors import InputError, SourceMalformed, shorten
from connectors.facts import Account, System
from connectors.http.credentials import secret
from connectors.one_account import AccountNow

if TYPE_CHECKING:
    from connectors.directory.ldap.wire import LdapConnection


class LdapDirectory:
    """A connector that pages through the groups, then the users, of one directory."""

    def __init__(
        self,
        system: System,
        settings: Settings,
        target: LdapTarget,
        clock: Callable[[], datetime] = utc_now,
        log_files: Sequence[Path] = (),
    ) -> None:
        self.system = system
        self.source = f"{settings.url}, {settings.base_dn}"
        self.canary = settings.canary
        self._settings, self._target, self._clock = settings, target, clock
        self._log_files = log_files
        self._wire: LdapConnection | None = None
        self._scope: ReadScope | None = None
        self._read: LdapPage | None = None

    @property
    def endpoint(self) -> Endpoint:
        """Where it connects to."""
        target = self._target
        transport = Transport.TLS if target.ldaps else Transport.UPGRADE if target.start_tls else Transport.PLAIN
        return Endpoint(target.host, target.port, transport, target.ca_file, self._settings.server_name)

    def steps(self) -> Sequence[ProbeStep]:
        """Try the sign-in, what the server is, the base and the rights, all on one connection."""
        settings = self._settings
        how = {"simple": f"as {settings.bind_dn}", "external": "with the client certificate"}
        who = how.get(settings.bind, "with the Kerberos ticket")
        return steps(self.system.id, self.system.product, self._signed_in, self._known, who)

    def read_page(self, token: str | None) -> Page:
        """Read one page; raises `SourceError` or `InputError` for anything that is not a whole page."""
        try:
            if token is None:
                self.close()
                self._read = LdapPage(
                    self.system.id, self._signed_in(), self._known(), self._settings.mfa_group, self._clock()
                )
            if self._read is None or (token or "") != self._read.token:
                raise SourceMalformed(f"`{self.system.id}`: pages must be read in order, on one connection")
            return self._read.next_page()
        except BadValue as error:
            raise self._wrong(error) from None

    def read_log(self, question: LogQuestion) -> LogAnswer:
        """Read when access of the accounts asked for changed; raises `SourceError` or `InputError`."""
        from connectors.directory.ldap.log import read_log  # noqa: PLC0415 - most reads ask for no record
        from connectors.directory.ldap.record import Recorded  # noqa: PLC0415

        settings = self._settings
        logs = read_files(self._log_files, settings.log_zone)
        if logs.ldif:
            raise InputError(logs.ldif[0], "this is LDIF", field="log_files", expected="a log that the server writes")
        recorded = Recorded(self.system.id, question, wire=self._signed_in(), scope=self._known(), logs=logs)
        return read_log(recorded, settings.log_base, self._clock())

    def read_accounts(self, accounts: Sequence[Account]) -> Mapping[str, AccountNow]:
        """Return the accounts that are asked for and that lie below the base; raises `SourceError`."""
        try:
            return accounts_now(self.system.id, self._signed_in(), self._known(), accounts, self._clock())
        except BadValue as error:
            raise self._wrong(error) from None

    def opened(self) -> "tuple[LdapConnection, ReadScope]":
        """Return the connection, signed in, and what to read there; for whoever reads something else than accounts."""
        return self._signed_in(), self._known()

    def close(self) -> None:
        """Close the connection; may be called at any time."""
        if self._wire is not None:
            self._wire.close()
        self._wire = self._scope = self._read = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _signed_in(self) -> "LdapConnection":
        if self._wire is None:
            from connectors.directory.ldap.wire import LdapConnection  # noqa: PLC0415 - ldap3 is slow to import

            self._wire = LdapConnection(self._target, self._sign_in())
        return self._wire

    def _wrong(self, error: BadValue) -> SourceMalformed:
        where = f"`{self.system.id}`: the entry {shorten(error.dn, 200)} has a wrong value"
        return SourceMalformed(f"{where}: {error}", hint="correct the entry in the directory")

    def _sign_in(self) -> SignIn:
        settings = self._settings
        if settings.bind == "external":
            return External()
        if settings.bind == "kerberos":
            return Kerberos(self._target.server_name)
        assert settings.bind_dn and settings.password_env  # noqa: S101, PT018 - `Settings` has made sure
        # An empty password would be an anonymous sign-in, which many servers accept and answer with less.
        return Simple(settings.bind_dn, secret(self.system.id, settings.password_env))

    def _known(self) -> ReadScope:
        if self._scope is None:
            s = self._settings
            bases = s.base_dn, s.group_base_dn or s.base_dn
            self._scope = scope_of(self._signed_in(), bases, s.user_filter, s.group_filter, s.page_size)
        return self._scope


def connect(system: System, settings: Settings, folder: Path) -> LdapDirectory:
    """Return the connector; raises `InputError` when a certificate or key is missing. Nothing is read yet."""
    parts = urlsplit(settings.url)
    ldaps = parts.scheme == "ldaps"
    host = str(parts.hostname)
    certificate = _file(folder, settings.client_cert, "client_cert", "a PEM certificate")
    key = _file(folder, settings.client_key, "client_key", "a PEM key")
    target = LdapTarget(
        system=system.id,
        host=host,
        port=parts.port or (636 if ldaps else 389),
        ldaps=ldaps,
        start_tls=bool(settings.start_tls),
        ca_file=_file(folder, settings.ca_file, "ca_file", "a PEM certificate"),
        server_name=settings.server_name or host,
        timeout_s=settings.timeout_s,
        client=(certificate, key) if certificate and key else None,
    )
    log_files = [folder / path for path in settings.log_files]
    return LdapDirectory(system, settings, target, log_files=log_files)


def setup(system: System, settings: Settings) -> str:
    """Return the least-privilege set-up for the kind of directory that `product` names."""
    names = names_for(settings.base_dn, settings.bind_dn)
    return f"{text_for(system.product, settings.base_dn, settings.bind_dn)}\n{record_text(system.product, names)}"


def _file(folder: Path, path: Path | None, field: str, expected: str) -> Path | None:
    if path is None:
        return None
    if not (folder / path).is_file():
        raise InputError(folder / path, "there is no such file", field=field, expected=expected)
    return folder / path

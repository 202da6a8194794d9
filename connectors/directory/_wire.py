"""
The LDAP connection: opened safely, read page by page, every result code looked at.

What it guards against, all seen with ldap3 2.9.1: certificates are not checked by default; a referral is followed and
given the password; limits (results 3, 4) and referrals (10) end a search without an error, on any page; a silent server
is waited for without end; ranges of members that break off half-way are taken for the whole.
"""

import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ldap3
from ldap3.core.exceptions import LDAPException, LDAPInvalidFilterError, LDAPOperationResult

from connectors.directory._entry import Entry
from connectors.directory._refusal import broken, refusal
from connectors.errors import InputError, SourceDenied, SourceError, SourceMalformed, SourceTruncated

PAGED_RESULTS = "1.2.840.113556.1.4.319"
ROOT_ATTRIBUTES = (
    *("objectClass", "supportedCapabilities", "vendorName", "defaultNamingContext", "namingContexts"),
    *("ipaDomainLevel", "ipaTopologyPluginVersion"),
)
RECEIVE_BYTES = 32_768
"""How much is taken from the socket at once; ldap3's 4 KiB makes large groups quadratic."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where and how to connect; without the password."""

    system: str
    host: str
    port: int
    ldaps: bool
    start_tls: bool
    ca_file: Path | None
    server_name: str
    """The name that the certificate must bear."""
    bind_dn: str
    timeout_s: int


@dataclass(frozen=True, slots=True)
class Search:
    """What to read, page by page."""

    what: str
    base: str
    filter: str
    attributes: tuple[str, ...]
    page_size: int


class _CheckedTls(ldap3.Tls):
    """TLS whose certificate and name are checked by OpenSSL during the handshake, before anything is sent."""

    def __init__(self, target: Target) -> None:
        super().__init__(validate=ssl.CERT_REQUIRED)
        self._name = target.server_name
        try:
            self._context = ssl.create_default_context(cafile=target.ca_file)
        except (OSError, ssl.SSLError):
            raise InputError(
                str(target.ca_file),
                "this is not a certificate file",
                field="ca_file",
                expected="the PEM certificate of the authority that signed the server's",
            ) from None

    def wrap_socket(self, connection: Any, do_handshake: bool = False) -> None:  # noqa: ARG002, FBT
        # NOTE: ldap3's own check uses ssl.match_hostname, which is gone in Python 3.12; its replacement does not
        # match IP addresses.
        connection.socket = self._context.wrap_socket(connection.socket, server_hostname=self._name)


class Wire:
    """A bound connection that can only search."""

    def __init__(self, target: Target, password: str) -> None:
        """Connect, secure and bind; raises `SourceUnreachable`, `SourceDenied` or `InputError`."""
        self._system, self._target = target.system, target
        secured = target.ldaps or target.start_tls
        server = ldap3.Server(
            target.host,
            port=target.port,
            use_ssl=target.ldaps,
            tls=_CheckedTls(target) if secured else None,
            get_info=ldap3.NONE,
            connect_timeout=min(10, target.timeout_s),
        )
        self._connection = ldap3.Connection(
            server,
            user=target.bind_dn,
            password=password,
            authentication=ldap3.SIMPLE,
            auto_bind=ldap3.AUTO_BIND_NONE,
            read_only=True,
            auto_referrals=False,
            auto_range=False,
            raise_exceptions=True,
            return_empty_attributes=False,
            check_names=False,
            receive_timeout=target.timeout_s,
        )
        self._connection.strategy.socket_size = RECEIVE_BYTES
        try:
            self._open()
        except BaseException:
            self.close()
            raise

    def _open(self) -> None:
        with self._errors("connecting"):
            self._connection.open(read_server_info=False)
            if self._target.start_tls:
                self._connection.start_tls(read_server_info=False)
        with self._errors("signing in"):
            self._connection.bind(read_server_info=False)
        if not self._connection.bound:
            raise refusal(self._system, "signing in", self._code())

    def close(self) -> None:
        """Close the connection; never raises."""
        socket = self._connection.socket
        with suppress(LDAPException, OSError):
            self._connection.unbind()
        if socket is not None:
            with suppress(OSError):
                socket.close()

    def root(self) -> Entry:
        """Read the root DSE, where a server says what it is; an empty entry when it hides it."""
        try:
            with self._errors("reading the root entry"):
                self._search("", "(objectClass=*)", ldap3.BASE, ROOT_ATTRIBUTES)
        except SourceDenied:
            return Entry("", {})
        entries, _ = self._answer()
        return entries[0] if entries else Entry("", {})

    def page(self, search: Search, cookie: bytes) -> tuple[list[Entry], list[str], bytes]:
        """
        Read one page; return entries, references to other servers, and the cookie of the next page.

        Raises `SourceError` unless the page ended in result 0 with the server's word on whether more follows.
        """
        doing = f"reading {search.what}"
        with self._errors(doing):
            self._search(
                search.base,
                search.filter,
                ldap3.SUBTREE,
                search.attributes,
                paged_size=search.page_size,
                paged_criticality=True,
                paged_cookie=cookie or None,
            )
        self._require_success(doing)
        control = (self._connection.result.get("controls") or {}).get(PAGED_RESULTS)
        if control is None:
            raise SourceMalformed(
                f"`{self._system}` answered without saying whether more {search.what} follow",
                hint="the server must support paged results (RFC 2696)",
            )
        return *self._answer(), bytes(control["value"]["cookie"] or b"")

    def read_values(self, dn: str, attribute: str) -> Entry:
        """Read one attribute, or one range of it, of one entry; raises `SourceError`."""
        with self._errors(f"reading `{attribute}`"):
            self._search(dn, "(objectClass=*)", ldap3.BASE, (attribute,))
        self._require_success(f"reading `{attribute}`")
        entries, _ = self._answer()
        if len(entries) != 1:
            raise SourceTruncated(
                f"`{self._system}` did not return `{attribute}` of a group that it had listed", hint="run again"
            )
        return entries[0]

    def _search(self, base: str, search_filter: str, scope: Any, attributes: Sequence[str], **paging: Any) -> None:
        self._connection.search(
            base,
            search_filter,
            search_scope=scope,
            dereference_aliases=ldap3.DEREF_NEVER,
            attributes=list(attributes),
            **paging,
        )

    def _answer(self) -> tuple[list[Entry], list[str]]:
        entries, references = [], []
        for item in self._connection.response or ():
            if item["type"] == "searchResEntry":
                # Raw values only: ldap3 decodes the others differently with and without a schema.
                # AD sends an empty `member` beside `member;range=…`, which ldap3 turns into `None`.
                raw = {name.lower(): values for name, values in item["raw_attributes"].items() if values}
                entries.append(Entry(item["dn"], raw))
            elif item["type"] == "searchResRef":
                references += item["uri"]
        return entries, references

    def _code(self) -> int:
        return int((self._connection.result or {}).get("result", -1))

    def _require_success(self, doing: str) -> None:
        # `raise_exceptions` leaves out exactly the codes that cut an answer short: 3, 4 and 10.
        if self._code() != 0:
            raise refusal(self._system, doing, self._code())

    @contextmanager
    def _errors(self, doing: str) -> Iterator[None]:
        """Turn ldap3's errors into ours; the text of a server is never repeated."""
        try:
            yield
        except LDAPOperationResult as error:
            raise refusal(self._system, doing, int(error.result or 0), str(error.message or "")) from None
        except LDAPInvalidFilterError:
            raise SourceError(
                f"`{self._system}`: a filter is not an LDAP filter", hint="check `user_filter` and `group_filter`"
            ) from None
        except (LDAPException, OSError) as error:
            where = f"{self._target.host}:{self._target.port}"
            raise broken(self._system, where, doing, str(error), self._target.timeout_s) from None

"""
The LDAP connection: opened safely, read page by page, every result code looked at.

What it guards against, all seen with ldap3 2.9.1: certificates are not checked by default; a referral is followed and
given the password; limits (results 3, 4) and referrals (10) end a search without an error, on any page; a silent server
is waited for without end, and so is one that sends a byte now and then; ranges of members that break off half-way are
taken for the whole; bytes that are no LDAP end in whatever error the decoder happens to meet.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

import ldap3

from connectors.directory.ldap.ber import NotBer, read_entry
from connectors.directory.ldap.sign_in import SignIn
from connectors.directory.ldap.target import LdapSearch, LdapTarget
from connectors.directory.ldap.transport import LdapTransport
from connectors.directory.schema.entry import Entry
from connectors.errors import SourceDenied, SourceError, SourceMalformed, SourceTruncated

PAGED_RESULTS = "1.2.840.113556.1.4.319"
SHOW_DELETED = "1.2.840.113556.1.4.417"
NO_SUCH_ATTRIBUTE, INSUFFICIENT = 16, 50
ROOT_ATTRIBUTES = (
    *("objectClass", "supportedCapabilities", "vendorName", "defaultNamingContext", "namingContexts"),
    *("ipaDomainLevel", "ipaTopologyPluginVersion", "supportedControl"),
)
NO_PAGES = frozenset({11, 12})
"""How a server refuses to page: not allowed (OpenLDAP: `size.prtotal=disabled`), or not known (RFC 4511, 4.1.11)."""
_DEPTHS = {"sub": ldap3.SUBTREE, "one": ldap3.LEVEL, "base": ldap3.BASE}
MAX_ENTRIES = 2_000_000
"""More than any directory has groups, trusts or changes of those who are asked for: a list without an end."""


class LdapConnection(LdapTransport):
    """A bound connection that can only search."""

    def __init__(self, target: LdapTarget, sign_in: SignIn) -> None:
        """Connect, secure and bind; raises `SourceUnreachable`, `SourceDenied` or `InputError`."""
        self._ahead: tuple[LdapSearch, bytes, int] | None = None
        self._unpaged = False
        super().__init__(target, sign_in)

    def root(self) -> Entry:
        """Read the root DSE, where a server says what it is; an empty entry when it hides it."""
        root = self.read_entry("", ROOT_ATTRIBUTES) or Entry("", {})
        known = root.texts("supportedcontrol")
        self._unpaged = bool(known) and PAGED_RESULTS not in known
        return root

    def read_entry(self, dn: str, attributes: Sequence[str]) -> Entry | None:
        """Read one entry; `None` when it is not there or may not be seen; raises `SourceError` otherwise."""
        doing = f"reading `{dn}`" if dn else "reading the root entry"
        try:
            with self._errors(doing):
                self._strategy.wait_for(self._ask(dn, "(objectClass=*)", ldap3.BASE, attributes))
            self._require_success(doing)
        except SourceDenied:
            return None
        entries, _ = self._answer()
        return next(entries, None)

    def may_compare(self, dn: str, attribute: str, value: str) -> bool:
        """
        Tell whether the auditor's account may compare a value, without reading any; raises `SourceError` otherwise.

        Where a server hides values from it, this is how to know before one is read.
        """
        doing = f"comparing `{attribute}`"
        try:
            with self._errors(doing):
                self._connection.compare(dn, attribute, value)  # type: ignore[no-untyped-call]
        except SourceError:
            if self._code() == INSUFFICIENT:
                return False
            if self._code() != NO_SUCH_ATTRIBUTE:
                raise
        return True

    def read_first(self, base: str, search_filter: str) -> str | None:
        """Return the DN of some entry that a filter finds, without any of its attributes; raises `SourceError`."""
        entries, _, _ = self.page(LdapSearch("entries", base, search_filter, ("1.1",), page_size=1), b"")
        first = next(entries, None)
        return first.dn if first else None

    def read_deleted(self, base: str, search_filter: str, attributes: Sequence[str]) -> list[Entry]:
        """Read what a domain keeps of deleted entries, as far as it shows them; raises `SourceError`."""
        with self._errors("reading deleted entries"):
            controls = [(SHOW_DELETED, True, None)]
            self._strategy.wait_for(self._ask(base, search_filter, ldap3.LEVEL, attributes, controls=controls))
        self._require_success("reading deleted entries")
        return list(self._answer()[0])

    def read_all(
        self,
        base: str,
        search_filter: str,
        attributes: tuple[str, ...],
        *,
        what: str = "settings",
        page_size: int = 500,
    ) -> list[Entry]:
        """Read all entries below a base that may be seen; raises `SourceError` when that ends early."""
        search = LdapSearch(what, base, search_filter, attributes, page_size)
        found: list[Entry] = []
        cookie = b""
        while True:
            more, _, cookie = self.page(search, cookie)
            found += more
            if not cookie:
                return found
            if len(found) > MAX_ENTRIES:
                raise SourceTruncated(
                    f"`{self._system}` gave more than {MAX_ENTRIES} entries while reading {what}", hint="report it"
                )

    def page(
        self, search: LdapSearch, cookie: bytes, *, ahead: bool = False
    ) -> tuple[Iterator[Entry], list[str], bytes]:
        """
        Read one page; return entries, references to other servers, and the cookie of the next page.

        An entry is decoded when its turn comes: a page of them as objects would be tens of times its bytes. `ahead`
        promises that nothing else is asked before the next page: it is then asked for at once, so that the server
        works while the entries are decoded. A server that does not page is read in one search, to its end.

        Raises `SourceError` unless the page ended in result 0 with the server's word on whether more follows.
        """
        doing = f"reading {search.what}"
        if self._unpaged:
            return (*self._in_one(search, doing), b"")
        try:
            with self._errors(doing):
                self._strategy.wait_for(self._ask_page(search, cookie))
            self._require_success(doing)
        except SourceError:
            if cookie or self._code() not in NO_PAGES:
                raise
            with suppress(SourceError):
                entries, references = self._in_one(search, doing)
                self._unpaged = True
                return entries, references, b""
            raise
        control = (self._connection.result.get("controls") or {}).get(PAGED_RESULTS)
        if control is None:
            raise SourceMalformed(
                f"`{self._system}` answered without saying whether more {search.what} follow",
                hint="the server must support paged results (RFC 2696)",
            )
        entries, references = self._answer()
        following = bytes(control["value"]["cookie"] or b"")
        if following and ahead:
            with self._errors(doing):
                self._ahead = search, following, self._ask_page(search, following)
        return entries, references, following

    def _in_one(self, search: LdapSearch, doing: str) -> tuple[Iterator[Entry], list[str]]:
        """Ask for all at once: result 0 says that this is all, because a limit ends in another."""
        with self._errors(doing):
            self._strategy.wait_for(self._ask(search.base, search.filter, _DEPTHS[search.depth], search.attributes))
        self._require_success(doing)
        return self._answer()

    def read_values(self, dn: str, attribute: str) -> Entry:
        """Read one attribute, or one range of it, of one entry; raises `SourceError`."""
        with self._errors(f"reading `{attribute}`"):
            self._strategy.wait_for(self._ask(dn, "(objectClass=*)", ldap3.BASE, (attribute,)))
        self._require_success(f"reading `{attribute}`")
        entries = list(self._answer()[0])
        if len(entries) != 1:
            raise SourceTruncated(
                f"`{self._system}` did not return `{attribute}` of a group that it had listed", hint="run again"
            )
        return entries[0]

    def _ask_page(self, search: LdapSearch, cookie: bytes) -> int:
        """Send the request for a page, unless it was sent ahead; return its number."""
        ahead, self._ahead = self._ahead, None
        if ahead and ahead[:2] == (search, cookie):
            return ahead[2]
        return self._ask(
            search.base,
            search.filter,
            _DEPTHS[search.depth],
            search.attributes,
            paged_size=search.page_size,
            paged_criticality=True,
            paged_cookie=cookie or None,
        )

    def _ask(self, base: str, search_filter: str, scope: Any, attributes: Sequence[str], **paging: Any) -> int:
        """Send a search; return the number of the request."""
        number: int = self._connection.search(
            base,
            search_filter,
            search_scope=scope,
            dereference_aliases=ldap3.DEREF_NEVER,
            attributes=list(attributes),
            **paging,
        )
        return number

    def _answer(self) -> tuple[Iterator[Entry], list[str]]:
        others = self._connection.response or ()
        references = [uri for item in others if item["type"] == "searchResRef" for uri in item["uri"] or ("",)]
        return self._decoded(self._strategy.take()), references

    def _decoded(self, messages: list[bytes]) -> Iterator[Entry]:
        try:
            for message in messages:
                yield read_entry(message)
        except NotBer as error:
            raise SourceMalformed(
                f"`{self._system}` sent an entry that is not LDAP: {error}", hint="run again; if it stays, report it"
            ) from None

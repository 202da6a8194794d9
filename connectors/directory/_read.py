"""One live read, from the first group to the last user."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from connectors.connector import Page
from connectors.directory._attributes import GROUP_ATTRIBUTES, USER_ATTRIBUTES, USER_FILTER, USER_FILTER_AD, of
from connectors.directory._decode import decode_user, is_account
from connectors.directory._dn import below, normalise
from connectors.directory._entry import Entry, join_range
from connectors.directory._flavour import Flavour, flavour_of, ignorable
from connectors.directory._freeipa import read_site
from connectors.directory._group import decode_group, is_group
from connectors.directory._membership import Memberships
from connectors.directory._target import Search
from connectors.errors import SourceDenied, SourceError, SourceTruncated
from connectors.facts import Account, Entitlement, Evidence, Grant

if TYPE_CHECKING:
    from connectors.directory._wire import Wire


NOT_SEEN = "accounts, groups and members that the server hides from the auditor's account are not seen"
NOT_SEEN_AD = (
    "accounts that the server hides from the auditor's account are not seen; hidden groups are, where one who is seen "
    "is in them, without what these are in"
)


class Scope:
    """What to read of a directory, once its kind is known."""

    def __init__(
        self, flavour: Flavour, base_dn: str, user_filter: str | None, group_filter: str, page_size: int
    ) -> None:
        self.flavour, self.base_dn, self.page_size = flavour, base_dn, page_size
        self.own_filter = user_filter is not None
        self._user_filter = user_filter or (USER_FILTER_AD if flavour.attributes == "ad" else USER_FILTER)
        self._group_filter = group_filter

    def search(self, what: str) -> Search:
        """Return the search for `groups` or for `users`."""
        users = what == "users"
        attributes = of(USER_ATTRIBUTES if users else GROUP_ATTRIBUTES, self.flavour.attributes)
        if self.flavour.attributes == "ad":
            attributes += ("memberOf",)  # otherwise nobody would hear of groups that stand elsewhere, or are hidden
        return Search(
            what, self.base_dn, self._user_filter if users else self._group_filter, attributes, self.page_size
        )


class Read:
    """One read; `token` names the next page."""

    def __init__(self, system: str, wire: "Wire", scope: Scope, mfa_group: str | None, now: datetime) -> None:
        flavour = scope.flavour
        refuse_twice(system, flavour, scope.base_dn)
        self._system, self._wire, self._scope, self._now = system, wire, scope, now
        home = flavour.roots if flavour.attributes == "ad" else ()
        self._site = read_site(wire, flavour.roots[0], now) if _has_site(flavour) else None
        self._memberships = Memberships(system, mfa_group, home)
        self._phase, self._number, self._cookie = "groups", 0, b""
        self._ignored = 0

    @property
    def token(self) -> str:
        """Name the next page. The number makes it unique: 389 and Samba give the same cookie on every page."""
        return f"{self._phase}:{self._number}:{self._cookie.hex()}" if self._number else ""

    def next_page(self) -> Page:
        """Read it; raises `SourceError` or `BadValue` for anything that is not a whole page."""
        page = self._groups() if self._phase == "groups" else self._users()
        self._number += 1
        if self._cookie:
            return replace(page, next_token=self.token)
        if self._phase == "groups":
            page = self._settled(page)
            self._phase = "users"
            return replace(page, next_token=self.token)
        return replace(page, evidence=self._evidence())

    def _groups(self) -> Page:
        return Page(entitlements=tuple(e for entry in self._entries() if is_group(entry) for e in self._group(entry)))

    def _settled(self, page: Page) -> Page:
        shared = self._memberships.settle()
        accounts, grants = self._memberships.outsiders()
        return replace(page, accounts=tuple(accounts), entitlements=(*page.entitlements, *shared), grants=tuple(grants))

    def _users(self) -> Page:
        # One after the other, so that no more than one entry is held in full.
        accounts: list[Account] = []
        roles: list[Entitlement] = []
        grants: list[Grant] = []
        for entry in self._entries():
            if self._scope.own_filter or is_account(entry):
                user = decode_user(self._system, entry, self._now, self._site)
                accounts.append(self._memberships.account(user))
                roles += self._memberships.roles(user)
                grants += self._memberships.grants(user)
        return Page(tuple(accounts), tuple(roles), tuple(grants))

    def _entries(self) -> Iterator[Entry]:
        # Between pages of groups, ranges of their members are read; between pages of users nothing is.
        search, ahead = self._scope.search(self._phase), self._phase == "users"
        entries, references, self._cookie = self._wire.page(search, self._cookie, ahead=ahead)
        for uri in references:
            if not ignorable(self._scope.flavour, uri):
                raise SourceTruncated(
                    f"`{self._system}` says that part of `{self._scope.base_dn}` is on another server",
                    hint="read that part as a system of its own, and narrow `base_dn` to what this server holds",
                )
        self._ignored += len(references)
        return entries

    def _group(self, entry: Entry) -> list[Entitlement]:
        group = decode_group(self._system, whole_group(self._system, self._wire, entry))
        if self._scope.flavour.requires_members and not group.members and _must_have_members(entry):
            raise SourceDenied(
                f"`{self._system}` shows the group `{group.entitlement.id}` without the members it must have",
                hint="let the auditor's account read `member` and `uniqueMember`",
            )
        return self._memberships.add(group)

    def _evidence(self) -> tuple[Evidence, ...]:
        base = normalise(self._scope.base_dn)
        roots = self._scope.flavour.roots
        scope = base if base in roots else next((f"{base}, part of {r}" for r in roots if below(base, r)), base)
        told = [
            Evidence("end", "result code 0 on every page of groups and of users, and no cookie on the last"),
            Evidence("directory", self._scope.flavour.name),
            Evidence("scope", scope),
            *self._memberships.evidence(),
            Evidence("limits", NOT_SEEN_AD if self._scope.flavour.attributes == "ad" else NOT_SEEN),
        ]
        if self._ignored:
            told.append(Evidence("references", f"{self._ignored} to AD's own partitions, which hold no accounts"))
        return tuple(told)


def scope_of(wire: "Wire", base_dn: str, user_filter: str | None, group_filter: str, page_size: int) -> Scope:
    """Ask the server what it is; raises `SourceError`."""
    return Scope(flavour_of(wire.root()), base_dn, user_filter, group_filter, page_size)


def whole_group(system: str, wire: "Wire", entry: Entry) -> Entry:
    """Fetch the ranges of `member` that the server held back, to the last."""
    values, start = join_range(entry.attributes, "member")
    while start is not None:
        more = wire.read_values(entry.dn, f"member;range={start}-*")
        part, following = join_range(more.attributes, "member")
        if not part or (following is not None and following <= start):
            raise SourceTruncated(
                f"`{system}` stopped after {len(values)} members of a group that has more",
                hint="run again; if it stays, ask for the server's log",
            )
        values, start = values + part, following
    return Entry(entry.dn, {**entry.attributes, "member": values})


def refuse_twice(system: str, flavour: Flavour, base_dn: str) -> None:
    """Refuse to read FreeIPA from its root, where every user stands a second time."""
    base = normalise(base_dn)
    if flavour.attributes == "freeipa" and any(base == root or base.startswith("cn=compat,") for root in flavour.roots):
        raise SourceError(
            f"`{system}` is FreeIPA, where users stand a second time below `cn=compat,{flavour.roots[0]}`",
            hint=f"set `base_dn: cn=accounts,{flavour.roots[0]}`",
        )


def _has_site(flavour: Flavour) -> bool:
    return flavour.attributes == "freeipa" and bool(flavour.roots)


def _must_have_members(entry: Entry) -> bool:
    return bool(entry.classes & {"groupofnames", "groupofuniquenames"})

"""One live read, from the first group to the last user."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from connectors.connector import Page
from connectors.directory.ldap.dynamic import with_found
from connectors.directory.ldap.lookup import Lookup, look_up
from connectors.directory.ldap.scope import ReadScope, refuse_twice
from connectors.directory.ldap.suffixes import elsewhere
from connectors.directory.schema.coverage import left_out_by_base
from connectors.directory.schema.decode import decode_user, dn_key, is_account, is_other_name
from connectors.directory.schema.dn import below, normalise
from connectors.directory.schema.doors import TRUST_ATTRIBUTES, TRUST_FILTER, trust_of
from connectors.directory.schema.entry import Entry, join_range
from connectors.directory.schema.freeipa import FreeIpaSite, read_site
from connectors.directory.schema.group import decode_group, is_group
from connectors.directory.schema.inactivity import POLICY_ATTRIBUTES, POLICY_FILTER, with_inactivity
from connectors.directory.schema.membership import GROUPS_NOT_READ, Memberships
from connectors.directory.schema.server_type import ServerType, ignorable
from connectors.directory.schema.times import integer
from connectors.errors import SourceDenied, SourceTruncated
from connectors.facts import Account, Door, Entitlement, Evidence, Grant

if TYPE_CHECKING:
    from connectors.directory.ldap.wire import LdapConnection


NOT_SEEN = "accounts, groups and members that the server hides from the auditor's account are not seen"
NOT_SEEN_AD = (
    "accounts that the server hides from the auditor's account are not seen; hidden groups are, where one who is seen "
    "is in them, without what these are in"
)

NO_PERSONS = frozenset({"msds-managedserviceaccount", "msds-groupmanagedserviceaccount"})
"""Accounts of AD whose password only a machine knows: a filter for people leaves them out, and nobody with them."""


class LdapPage:
    """One read; `token` names the next page."""

    def __init__(
        self, system: str, wire: "LdapConnection", scope: ReadScope, mfa_group: str | None, now: datetime
    ) -> None:
        flavour = scope.flavour
        refuse_twice(system, flavour, scope.base_dn)
        self._system, self._wire, self._scope, self._now = system, wire, scope, now
        home = flavour.roots if flavour.attributes == "ad" else ()
        self._site = site_of(wire, flavour, now)
        self._memberships = Memberships(system, mfa_group, home)
        self._phase, self._number, self._cookie = "groups", 0, b""
        self._ignored = 0
        self._lookup = Lookup()
        self._read_keys: set[str] = set()
        """Who was read, where a filter of the practice's own may leave others out."""
        self._policies = inactivity_policies(wire, flavour)

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
        page = self._looked_up(page)
        return replace(page, evidence=self._evidence())

    def _groups(self) -> Page:
        return Page(entitlements=tuple(e for entry in self._entries() if is_group(entry) for e in self._group(entry)))

    def _settled(self, page: Page) -> Page:
        scope, roots = self._scope, self._scope.flavour.roots
        why = left_out_by_base(scope.group_base, roots) or self._left_out_by_filter()
        if why := why or elsewhere(self._wire, roots, scope.base_dn, scope.group_base, scope.page_size):
            self._memberships.unread.add(GROUPS_NOT_READ, why)
        shared = self._memberships.settle()
        accounts, grants = self._memberships.outsiders()
        entitlements = *page.entitlements, *shared
        doors = *self._memberships.doors, *self._trusts()
        return replace(page, accounts=tuple(accounts), entitlements=entitlements, grants=tuple(grants), doors=doors)

    def _trusts(self) -> tuple[Door, ...]:
        """Read which whole domains AD or FreeIPA trusts; any user may see that."""
        flavour = self._scope.flavour
        if flavour.attributes not in {"ad", "freeipa"}:
            return ()
        found: dict[str, Door] = {}
        for root in flavour.roots:
            for entry in self._wire.read_all(root, TRUST_FILTER, TRUST_ATTRIBUTES, what="trusts"):
                door = trust_of(entry, root)
                if door is not None:
                    found[door.id] = door
        return tuple(found.values())

    def _left_out_by_filter(self) -> str:
        if not self._scope.own_group_filter:
            return ""
        base, every = self._scope.group_base, self._scope.all_groups
        listed = self._wire.read_all(base, every, ("objectClass",), what="groups", page_size=self._scope.page_size)
        names = [dn_key(entry) for entry in listed if entry.classes.isdisjoint(("ipahostgroup", "mepmanagedentry"))]
        missing = sum(1 for name in names if not self._memberships.knows(name))
        return f"{missing} groups that `group_filter` leaves out" if missing else ""

    def _accounts_left_out(self) -> int:
        """Count the accounts that a filter of the practice's own leaves out: whoever falls out of it is not gone."""
        scope = self._scope
        if not scope.own_filter:
            return 0
        every = self._wire.read_all(
            scope.base_dn, scope.all_users, ("objectClass", "uid", "sambaAcctFlags"), page_size=scope.page_size
        )
        return sum(
            1
            for entry in every
            if is_account(entry) and dn_key(entry) not in self._read_keys and entry.classes.isdisjoint(NO_PERSONS)
        )

    def _looked_up(self, page: Page) -> Page:
        """Look up whom groups name and nobody is; add, on the last page of users, who is hidden in AD."""
        scope, ad = self._scope, self._scope.flavour.attributes == "ad"
        filtered = scope.own_filter or scope.own_group_filter
        unmet = self._memberships.unmet
        self._lookup = look_up(self._system, self._wire, unmet, scope.base_dn, ad=ad, filtered=filtered)
        self._memberships.explain(self._lookup.others)
        if not ad:
            return page
        accounts, grants = self._memberships.hidden(self._lookup.absent, "hidden from the auditor's account")
        return replace(page, accounts=(*page.accounts, *accounts), grants=(*page.grants, *grants))

    def _users(self) -> Page:
        # One after the other, so that no more than one entry is held in full.
        accounts: list[Account] = []
        roles: list[Entitlement] = []
        grants: list[Grant] = []
        for entry in self._entries():
            if is_account(entry) or (self._scope.own_filter and not is_other_name(entry)):
                if self._scope.own_filter:
                    self._read_keys.add(dn_key(entry))
                user = decode_user(self._system, entry, self._now, self._site)
                if user.policy:
                    user = with_inactivity(user, self._policies, self._now)
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
        if group.searches:
            group = with_found(group, self._wire, self._scope.page_size)
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
            *self._scope.base_told(),
            *self._scope.filter_told(self._accounts_left_out()),
            *self._memberships.evidence(),
            *self._lookup.evidence(),
            Evidence("limits", NOT_SEEN_AD if self._scope.flavour.attributes == "ad" else NOT_SEEN),
        ]
        if self._ignored:
            told.append(Evidence("references", f"{self._ignored} to AD's own partitions, which hold no accounts"))
        return tuple(told)


def whole_group(system: str, wire: "LdapConnection", entry: Entry) -> Entry:
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


def site_of(wire: "LdapConnection", flavour: ServerType, now: datetime) -> FreeIpaSite | None:
    """Read what FreeIPA says elsewhere of how people sign in; `None` for other servers."""
    return read_site(wire, flavour.roots[0], now) if flavour.attributes == "freeipa" and flavour.roots else None


def inactivity_policies(wire: "LdapConnection", flavour: ServerType) -> dict[str, int]:
    """Read 389's policies by which accounts end that are not used: seconds, by DN; none from other servers."""
    found: dict[str, int] = {}
    if flavour.attributes in {"389", "freeipa"}:
        for root in flavour.roots:
            with suppress(SourceDenied):  # whose policy could not be read is then of unknown state
                for policy in wire.read_all(root, POLICY_FILTER, POLICY_ATTRIBUTES):
                    found[dn_key(policy)] = policy.read("accountinactivitylimit", integer) or 0
    return found


def _must_have_members(entry: Entry) -> bool:
    return bool(entry.classes & {"groupofnames", "groupofuniquenames"})

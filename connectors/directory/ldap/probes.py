"""What `auditor connect` and `auditor doctor` try on a directory before its first page."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from connectors.connector import ProbeStep
from connectors.directory.ldap.scope import ReadScope, refuse_twice
from connectors.directory.ldap.target import LdapSearch
from connectors.directory.schema.coverage import left_out_by_base
from connectors.directory.schema.decode import is_account
from connectors.directory.schema.dn import below, normalise
from connectors.directory.schema.entry import Entry
from connectors.directory.schema.group import is_group
from connectors.errors import SourceDenied, SourceTruncated

if TYPE_CHECKING:
    from connectors.directory.ldap.wire import LdapConnection

_DECIDES = {
    "ad": "userAccountControl",
    "openldap": "entryUUID",
    "389": "nsUniqueId",
    "freeipa": "ipaUniqueID",
}
"""Every account has it; where nobody shows it, the attributes that tell a disabled account are hidden as well."""

_OWN_CATALOG = frozenset({"active-directory", "freeipa", "ds389"})
"""With the catalog of another directory their administrators would only be unclassified."""


def steps(
    system: str, product: str, signed_in: Callable[[], "LdapConnection"], scope: Callable[[], ReadScope], who: str
) -> Sequence[ProbeStep]:
    """Return the checks; `signed_in` and `scope` open the connection on first use."""

    def sign_in() -> str:
        signed_in()
        return f"signed in {who}"

    def server() -> str:
        flavour = scope().flavour
        if flavour.product == product:
            return f"this is {flavour.name}; the catalog `{product}` knows its groups"
        if flavour.product in _OWN_CATALOG and product in {*_OWN_CATALOG, "ldap"}:
            raise SourceDenied(
                f"`{system}` is {flavour.name}, but its `product` is `{product}`, which knows none of its groups",
                hint=f"`auditor connect {system} --product {flavour.product}`, which prints the set-up for it as well",
            )
        return f"this is {flavour.name}, whose own groups the catalog `{flavour.product}` knows, and not `{product}`"

    def base() -> str:
        return _base(system, signed_in(), scope())

    def rights() -> str:
        return _rights(system, signed_in(), scope())

    return (
        ProbeStep("sign-in", sign_in),
        ProbeStep("server", server),
        ProbeStep("base", base),
        ProbeStep("rights", rights),
    )


def _base(system: str, wire: "LdapConnection", scope: ReadScope) -> str:
    refuse_twice(system, scope.flavour, scope.base_dn)
    entry = wire.read_entry(scope.base_dn, ("objectClass",))
    if entry is None:
        roots = ", ".join(scope.flavour.roots) or "none that it shows"
        raise SourceDenied(
            f"`{system}` shows no entry `{scope.base_dn}`",
            hint=f"correct `base_dn`, or let the auditor's account see it; the roots of this server: {roots}",
        )
    base = normalise(scope.base_dn)
    whole = (*scope.flavour.roots, *(f"cn=accounts,{r}" for r in scope.flavour.roots))
    above = next((r for r in scope.flavour.roots if below(base, r) and base not in whole), None)
    elsewhere = f"; what is elsewhere in {above} is not read{_groups_too(scope)}" if above else ""
    return f"{scope.base_dn} is there{elsewhere}"


def _groups_too(scope: ReadScope) -> str:
    left_out = left_out_by_base(scope.group_base, scope.flavour.roots)
    return ", groups neither: `group_base_dn` says where to look for them" if left_out else ", but its groups are"


def _rights(system: str, wire: "LdapConnection", scope: ReadScope) -> str:
    listed, more = _first_page(wire, scope.search("groups"))
    groups = [e for e in listed if is_group(e)]
    accounts = [e for e in _first_page(wire, scope.search("users"))[0] if scope.own_filter or is_account(e)]
    if not accounts:
        raise SourceTruncated(
            f"`{system}` shows no account at all below `{scope.base_dn}`",
            hint="check `base_dn`, `user_filter` and the rights of the auditor's account",
        )
    decides = _DECIDES.get(scope.flavour.attributes)
    if decides and not _shown(accounts, decides):
        raise SourceDenied(
            f"`{system}` shows no `{decides}` on any of {len(accounts)} accounts, so nobody could be told disabled",
            hint="give the auditor's account the rights that the printed set-up names",
        )
    if groups and not more and not any(_shown(groups, name) for name in ("member", "uniqueMember", "memberUid")):
        raise SourceDenied(
            f"`{system}` shows no member of any of {len(groups)} groups",
            hint="let the auditor's account read `member`, `uniqueMember` and `memberUid`",
        )
    missing = [name for name in scope.search("users").attributes if not _shown(accounts, name)]
    told = f"{len(accounts)} accounts and {len(groups)} groups on the first pages"
    if missing:
        told += f"; on no account (not used there, or not allowed): {', '.join(missing)}"
    return told + _too_much(wire, scope)


def _too_much(wire: "LdapConnection", scope: ReadScope) -> str:
    """Tell when password hashes could be read; asks whether there are any that show, never for one."""
    if scope.flavour.attributes == "ad":
        return ""  # AD gives them to nobody.
    search = LdapSearch("accounts", scope.base_dn, "(userPassword=*)", ("1.1",), page_size=1)
    if not _first_page(wire, search)[0]:
        return ""
    return "; it may search password hashes (`userPassword`), which it does not need: take that right away"


def _first_page(wire: "LdapConnection", search: LdapSearch) -> tuple[list[Entry], bool]:
    """Return its entries, and whether more follow."""
    entries, _, cookie = wire.page(search, b"")
    return list(entries), bool(cookie)


def _shown(entries: Sequence[Entry], attribute: str) -> int:
    name = attribute.lower()
    ranged = f"{name};range="
    return sum(1 for e in entries if e.attributes.get(name) or any(key.startswith(ranged) for key in e.attributes))

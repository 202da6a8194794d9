"""Which directory a server is, from its root DSE, and what follows from it."""

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from connectors.directory.schema.dn import normalise
from connectors.directory.schema.entry import Entry

# From: MS-ADTS 3.1.1.3.4.3, LDAP capabilities
_ACTIVE_DIRECTORY = "1.2.840.113556.1.4.800"

_OWN_PARTITIONS = ("cn=configuration,", "cn=schema,", "dc=domaindnszones,", "dc=forestdnszones,")
"""Where AD refers to on every search from a domain's root; they hold settings and DNS records, not people."""


@dataclass(frozen=True, slots=True)
class ServerType:
    """A kind of directory."""

    name: str
    attributes: str
    """`ad`, `openldap`, `389`, `freeipa`, or empty when it must be asked for everything."""
    product: str
    """The catalog that knows its groups."""
    requires_members: bool
    """Its schema does not allow a groupOfNames without members (RFC 4519 section 3.5), so none means hidden."""
    roots: tuple[str, ...]
    """The normalised DNs of its naming contexts."""


def server_type_of(root: Entry) -> ServerType:
    """Tell AD, Samba, OpenLDAP, 389 and FreeIPA apart; a server that hides its root DSE is "unknown"."""
    vendor = (root.text("vendorname") or "").casefold()
    roots = tuple(_keys(root.texts("namingcontexts")))
    if _ACTIVE_DIRECTORY in root.texts("supportedcapabilities"):
        name = "Samba AD" if "samba" in vendor else "Active Directory"
        own = root.text("defaultnamingcontext")
        return ServerType(name, "ad", "active-directory", requires_members=False, roots=_own(own, roots))
    if "389" in vendor or "fedora" in vendor:
        if any(name in root.attributes for name in ("ipadomainlevel", "ipatopologypluginversion")):
            own = root.text("defaultnamingcontext")
            return ServerType("FreeIPA", "freeipa", "freeipa", requires_members=False, roots=_own(own, roots))
        return ServerType("389 Directory Server", "389", "ds389", requires_members=False, roots=roots)
    if "openldaprootdse" in root.classes:
        return ServerType("OpenLDAP", "openldap", "ldap", requires_members=True, roots=roots)
    return ServerType("unknown LDAP server", "", "ldap", requires_members=False, roots=roots)


def ignorable(flavour: ServerType, uri: str) -> bool:
    """Tell whether a reference leads to one of AD's own partitions, which need not be read."""
    return flavour.attributes == "ad" and ignorable_uri(uri)


def ignorable_uri(uri: str) -> bool:
    """Tell the same by the address alone."""
    try:
        key = normalise(unquote(urlsplit(uri).path.removeprefix("/")))
    except ValueError:
        return False
    return key.startswith(_OWN_PARTITIONS)


def _own(root: str | None, roots: tuple[str, ...]) -> tuple[str, ...]:
    """Return the root that holds the accounts, where a server has others for its own use."""
    return tuple(_keys([root])) if root else roots


def _keys(names: list[str]) -> list[str]:
    keys = []
    for name in names:
        try:
            keys.append(normalise(name))
        except ValueError:
            continue
    return keys

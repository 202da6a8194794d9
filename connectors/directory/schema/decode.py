"""
What directory attributes mean: one entry in, one account out. Shared by the LDAP and the LDIF connector.

It decides by the attributes that are there, not by the name of the product, because a file does not tell its product.
Sources: MS-ADA1 and MS-ADA3 (lastLogonTimestamp), slapo-ppolicy(5), the 389 Directory Server and FreeIPA
manuals, RFC 2307 (posixGroup).
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from connectors.directory.schema.attributes import ACCOUNT_CLASSES, GROUP_CLASSES, MEMBER_OF
from connectors.directory.schema.dn import first_value, fold, normalise
from connectors.directory.schema.entry import BadValue, Entry, join_range, read_sid
from connectors.directory.schema.freeipa import FreeIpaSite
from connectors.directory.schema.state import samba_flags, state_of
from connectors.directory.schema.times import filetime, generalized_time, integer, is_generalized_time
from connectors.facts import NEVER, Account, Never, Status

# From: https://learn.microsoft.com/windows/win32/adschema/a-useraccountcontrol
UAC_DOMAIN_TRUST = 0x0800
UAC_SMART_CARD = 0x40000
"""Windows then accepts a smart card with its PIN and nothing else, and has set a random password that nobody knows."""

AD_LOGON_LAG_DAYS = 14
"""lastLogonTimestamp is written again only when it is older than msDS-LogonTimeSyncInterval, 14 days by default."""

_NO_ACCOUNT = frozenset({"contact", "referral", "alias", "ipauseroverride"})
"""An alias is another name of an entry (RFC 4512 section 2.6). A FreeIPA override has a uid, but changes what somebody
of another domain looks like on one machine."""


DISABLING_ROLES = ("cn=nsmanageddisabledrole,", "cn=nsdisabledrole,")
"""Whoever has one of these roles of 389 is locked by a class of service, where that is set up (ns-inactivate.pl)."""
_SAYS_NOTHING = frozenset({"top", "extensibleobject"})
_GUID = re.compile(rb"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


@dataclass(frozen=True, slots=True)
class DirectoryUser:
    """An account, and the keys under which groups may name it."""

    account: Account
    keys: tuple[str, ...]
    """Its normalised DN, and `uid:` keys for memberUid."""
    primaries: tuple[str, ...]
    """`sid:` and `gid:` keys of its primary groups, which do not list it as a member."""
    roles: tuple[str, ...] = ()
    """DNs of the roles of 389 that the server says it has, nested and filtered ones too."""
    smart_card: bool = False
    """AD lets it in with a smart card only."""
    within: tuple[str, ...] = ()
    """DNs of the groups that the directory itself says it is in; some may stand outside of what is read."""
    is_ad: bool = False
    """It is an account of Active Directory or Samba."""
    policy: str = ""
    """DN of the policy of 389 by which an account ends that is not used."""


def is_account(entry: Entry) -> bool:
    """
    Tell whether somebody, or a managed service, can sign in as this entry; computers and contacts cannot.

    Besides the classes for people, what has a uid counts, and in an export what has a password, unless it is a group.
    """
    classes = entry.classes
    if "computer" in classes or ("sambaacctflags" in entry.attributes and is_machine(entry)):
        return is_managed_service(classes) and not is_deleted(entry)
    named = bool(classes & ACCOUNT_CLASSES) or "uid" in entry.attributes
    if not named and "userpassword" in entry.attributes:
        named = not (classes & GROUP_CLASSES)
    return named and not classes & _NO_ACCOUNT and not is_deleted(entry)


def is_other_name(entry: Entry) -> bool:
    """Tell whether it only points to another entry: no filter makes an account of it."""
    return not entry.classes.isdisjoint({"alias", "referral"})


def kind_of(entry: Entry) -> str:
    """Return a word for what is neither account nor group: its last class that says something."""
    values = [value.decode("utf-8", "replace") for value in entry.attributes.get("objectclass", ())]
    return next((value for value in reversed(values) if value.lower() not in _SAYS_NOTHING), "without a class")


def is_managed_service(classes: frozenset[str]) -> bool:
    """Tell whether it is an account that Windows manages for a service; kinds that come after these count too."""
    return any(name.startswith("msds-") and name.endswith("managedserviceaccount") for name in classes)


def is_machine(entry: Entry) -> bool:
    """Tell whether it is the account of a machine in a domain of Samba's older kind; raises `BadValue`."""
    return bool((entry.read("sambaacctflags", samba_flags) or frozenset()) & {"W", "S"})


def within(entry: Entry) -> tuple[str, ...]:
    """
    Return the DNs of the groups that the entry itself says it is in; raises `BadValue`.

    AD and OpenLDAP name those that list it, 389 and OpenDJ also those around these. FreeIPA names besides what follows
    from groups and roles (privileges, rules of access), which stands elsewhere.
    """
    keys: list[str] = []
    named = MEMBER_OF.intersection(entry.attributes)
    if entry.optioned:
        named = MEMBER_OF.intersection(key.partition(";")[0] for key in entry.attributes)
    for name in sorted(named):
        values, following = join_range(entry.attributes, name)
        if following is not None:
            raise BadValue(entry.dn, name, f"the first {following} of more", "all groups that it is in")
        keys += [_key(entry, name, value.decode("utf-8", "replace")) for value in values if value]
    if "ipauniqueid" in entry.attributes:
        keys = [key for key in keys if ",cn=accounts," in key]
    return tuple(dict.fromkeys(keys))


def is_deleted(entry: Entry) -> bool:
    """Tell whether it is what a server keeps of a deleted entry; an export may hold such, an LDAP read does not."""
    return "nstombstone" in entry.classes or (entry.text("isdeleted") or "").casefold() == "true"


def decode_user(system: str, entry: Entry, now: datetime, site: FreeIpaSite | None = None) -> DirectoryUser:
    """Decode an account; `now` decides what has expired, `site` is what FreeIPA says elsewhere. Raises `BadValue`."""
    key = dn_key(entry)
    uids = entry.texts("uid")
    login = entry.text("samaccountname") or _login(entry, uids)
    control = entry.read("useraccountcontrol", integer) or 0
    smart_card = bool(control & UAC_SMART_CARD)
    last_login, lag = _last_login(entry, site)
    status, expires = state_of(entry, now, last_login, site)
    account = Account(
        system=system,
        id=identifier(entry) or key,
        login=login,
        name=entry.text("displayname") or entry.text("cn") or login,
        status=status,
        email=entry.text("mail"),
        employee_id=entry.text("employeenumber") or entry.text("employeeid") or entry.text("workforceid"),
        created=entry.read("whencreated", generalized_time) or entry.read("createtimestamp", generalized_time),
        last_login=last_login,
        last_login_lag_days=lag,
        mfa=site.second_factor(entry, key) if site else smart_card or None,
        expires=expires,
        service=_is_service(entry, control),
    )
    named = [f"uid:{fold(uid)}" for uid in uids or [login]] + [f"mail:{fold(mail)}" for mail in entry.texts("mail")]
    # A delegated account of Windows 2025 has, besides its own, all that the account has whose place it took.
    before = [
        _key(entry, "msDS-ManagedAccountPrecededByLink", dn) for dn in entry.texts("msds-managedaccountprecededbylink")
    ]
    roles = tuple(
        dict.fromkeys(_key(entry, "nsRole", dn) for name in ("nsrole", "nsroledn") for dn in entry.texts(name))
    )
    if account.status is Status.ACTIVE and any(role.startswith(DISABLING_ROLES) for role in roles):
        account = replace(account, status=Status.UNKNOWN)  # an export does not hold the lock that these roles compute
    policy = entry.text("acctpolicysubentry")
    return DirectoryUser(
        account,
        (key, *named, *before),
        _primaries(entry),
        roles,
        smart_card,
        within(entry),
        is_ad=entry.is_ad,
        policy=_key(entry, "acctPolicySubentry", policy) if policy else "",
    )


def _is_service(entry: Entry, control: int) -> bool:
    if is_managed_service(entry.classes) or "applicationprocess" in entry.classes or control & UAC_DOMAIN_TRUST:
        return True
    return "I" in (entry.read("sambaacctflags", samba_flags) or ())  # a trust with another domain


def dn_key(entry: Entry) -> str:
    """Return the normalised DN of an entry; raises `BadValue`."""
    return _key(entry, "dn", entry.dn)


def _key(entry: Entry, attribute: str, dn: str) -> str:
    try:
        return normalise(dn)
    except ValueError as error:
        raise BadValue(entry.dn, attribute, dn, f"a distinguished name, not one that is {error}") from None


def identifier(entry: Entry) -> str | None:
    """Return what survives a rename, where the directory has it; raises `BadValue`."""
    raw = entry.raw("objectguid")
    if raw is not None:
        if len(raw) == 36 and _GUID.fullmatch(raw):
            return raw.decode("ascii").lower()  # as Samba's `ldbsearch` writes it
        if len(raw) != 16:
            raise BadValue(entry.dn, "objectGUID", f"{len(raw)} bytes", "16 bytes")
        return str(UUID(bytes_le=raw))
    for name in ("ipauniqueid", "nsuniqueid", "entryuuid"):
        value = entry.text(name)
        if value and value.casefold() != "autogenerate":
            return value.lower()
    return None


def _login(entry: Entry, uids: list[str]) -> str:
    if len(uids) == 1:
        return uids[0]
    kind, value = first_value(entry.dn)
    if uids:
        return value if kind == "uid" and value in uids else uids[0]
    return entry.text("cn") or value


def _last_login(entry: Entry, site: FreeIpaSite | None) -> tuple[datetime | Never | None, int]:
    """Return the last sign-in and by how many days it may be understated."""
    if not entry.is_ad:
        tracked = ["pwdlastsuccess", "authtimestamp", "lastlogintime", "logintime"]
        if site and site.knows_sign_ins:
            tracked.append("krblastsuccessfulauth")
        seen = [at for name in tracked if (at := entry.read(name, generalized_time)) is not None]
        # OpenDJ writes it in a form that the site chooses; another one is not understood, and so unknown.
        seen += [generalized_time(t) for t in entry.texts("ds-pwp-last-login-time") if is_generalized_time(t)]
        return max(seen, default=None), 0
    replicated = entry.read("lastlogontimestamp", filetime)
    here = entry.read("lastlogon", filetime)
    if replicated is None and here is None:
        # lastLogon is on every AD account from its birth, so 0 is an answer and absence is not.
        return (NEVER if "lastlogon" in entry.attributes else None), 0
    latest = max(at for at in (replicated, here) if at is not None)
    # lastLogon is exact, but only for the server that was asked: another may know a later one that is not
    # replicated yet, at most 14 days after the replicated one.
    surely = (latest - replicated) // timedelta(days=1) if replicated else 0
    return latest, max(0, AD_LOGON_LAG_DAYS - surely)


def _primaries(entry: Entry) -> tuple[str, ...]:
    keys = []
    rid = entry.read("primarygroupid", integer)
    sid = read_sid(entry)
    if rid is not None and sid is not None:
        keys.append(f"sid:{sid.rpartition('-')[0]}-{rid}")
    gid = entry.text("gidnumber")
    if gid and not entry.is_ad:
        keys.append(f"gid:{gid}")
    return tuple(keys)

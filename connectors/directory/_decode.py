"""
What directory attributes mean: one entry in, one account or group out. Shared by the LDAP and the LDIF connector.

It decides by the attributes that are there, not by the name of the product, because a file does not tell its product.
Sources: MS-ADTS 3.1.1.4.5.17 (computed bits), MS-ADA1 and MS-ADA3 (accountExpires, lastLogonTimestamp,
userAccountControl), slapo-ppolicy(5), the 389 Directory Server and FreeIPA manuals, RFC 2307 (posixGroup).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from connectors.directory._dn import first_value, member_key, normalise
from connectors.directory._entry import BadValue, Entry, read_sid
from connectors.directory._times import account_expires, filetime, generalized_time, integer
from connectors.facts import NEVER, Account, Entitlement, EntitlementKind, Never, Status

ACCOUNT_CLASSES = frozenset({"person", "user", "inetorgperson", "posixaccount", "account", "simplesecurityobject"})
GROUP_CLASSES = frozenset(
    {"group", "groupofnames", "groupofuniquenames", "groupofmembers", "posixgroup", "groupofurls"}
)
MANAGED_SERVICE = frozenset({"msds-managedserviceaccount", "msds-groupmanagedserviceaccount"})

# The same two questions as LDAP filters. A class that a server does not know makes its part of an OR false, but a NOT
# of it false as well (RFC 4511 section 4.5.1.7): a filter with NOT would find nobody outside AD.
USER_FILTER = (
    "(|(objectClass=person)(objectClass=user)(objectClass=inetOrgPerson)(objectClass=posixAccount)"
    "(objectClass=account)(objectClass=simpleSecurityObject)(uid=*))"
)
USER_FILTER_AD = (
    f"(&{USER_FILTER}(!(objectClass=contact))(|(!(objectClass=computer))"
    "(objectClass=msDS-ManagedServiceAccount)(objectClass=msDS-GroupManagedServiceAccount)))"
)
GROUP_FILTER = (
    "(|(objectClass=group)(objectClass=groupOfNames)(objectClass=groupOfUniqueNames)"
    "(objectClass=groupOfMembers)(objectClass=posixGroup)(objectClass=groupOfURLs))"
)

# Asked for by name: locks and times are operational, and reading time grows with the number of attributes.
USER_ATTRIBUTES = ("objectClass", "uid", "cn", "displayName", "mail", "employeeNumber", "createTimestamp")
USER_ATTRIBUTES_OF = {
    "ad": (
        *("objectGUID", "objectSid", "sAMAccountName", "employeeID", "userAccountControl", "accountExpires"),
        *("msDS-User-Account-Control-Computed", "whenCreated", "lastLogon", "lastLogonTimestamp"),
        "primaryGroupID",
    ),
    "openldap": (*("entryUUID", "gidNumber", "pwdAccountLockedTime", "pwdEndTime", "pwdLastSuccess", "authTimestamp"),),
    "389": (
        *("nsUniqueId", "ipaUniqueID", "gidNumber", "nsAccountLock", "accountUnlockTime", "lastLoginTime"),
        *("krbPrincipalExpiration", "pwdEndTime"),
    ),
}
GROUP_ATTRIBUTES = (
    *("objectClass", "cn", "member", "uniqueMember", "memberUid", "memberURL", "gidNumber"),
    *("objectSid", "sAMAccountName", "objectGUID", "entryUUID", "nsUniqueId", "ipaUniqueID"),
)

# From: https://learn.microsoft.com/windows/win32/adschema/a-useraccountcontrol
UAC_DISABLED = 0x0002
UAC_LOCKED = 0x0010
"""Only ever set in msDS-User-Account-Control-Computed."""
UAC_DOMAIN_TRUST = 0x0800

AD_LOGON_LAG_DAYS = 14
"""lastLogonTimestamp is written again only when it is older than msDS-LogonTimeSyncInterval, 14 days by default."""

PERMANENT_LOCK = "000001010000Z"
"""The value of pwdAccountLockedTime that means "until an administrator unlocks it" (slapo-ppolicy)."""

_OPERATIONAL = ("entryuuid", "nsuniqueid", "createtimestamp", "entrycsn", "modifytimestamp")
"""At least one is there when operational attributes were read, which is where locks are kept outside AD."""


@dataclass(frozen=True, slots=True)
class User:
    """An account, and the keys under which groups may name it."""

    account: Account
    keys: tuple[str, ...]
    """Its normalised DN, and `uid:` keys for memberUid."""
    primaries: tuple[str, ...]
    """`sid:` and `gid:` keys of its primary groups, which do not list it as a member."""


@dataclass(frozen=True, slots=True)
class Group:
    """An entitlement, its own keys, and the keys of its members."""

    entitlement: Entitlement
    keys: tuple[str, ...]
    members: frozenset[str]
    computed: bool = False
    """Its members are the result of a search (groupOfURLs) that the server did not run for us."""


def is_account(entry: Entry) -> bool:
    """Tell whether somebody, or a managed service, can sign in as this entry; computers and contacts cannot."""
    classes = entry.classes
    if "computer" in classes:
        return bool(classes & MANAGED_SERVICE)
    named = bool(classes & ACCOUNT_CLASSES) or "uid" in entry.attributes
    return named and not classes & {"contact", "referral"}


def is_group(entry: Entry) -> bool:
    """Tell whether the entry is a group of a known kind."""
    return bool(entry.classes & GROUP_CLASSES)


def decode_user(system: str, entry: Entry, now: datetime) -> User:
    """Decode an account; `now` decides what has expired. Raises `BadValue`."""
    key = dn_key(entry)
    uids = entry.texts("uid")
    login = entry.text("samaccountname") or _login(entry, uids)
    expires = _expires(entry)
    last_login, lag = _last_login(entry)
    account = Account(
        system=system,
        id=_identifier(entry) or key,
        login=login,
        name=entry.text("displayname") or entry.text("cn") or login,
        status=_status(entry, expires, now),
        email=entry.text("mail"),
        employee_id=entry.text("employeenumber") or entry.text("employeeid"),
        created=entry.read("whencreated", generalized_time) or entry.read("createtimestamp", generalized_time),
        last_login=last_login,
        last_login_lag_days=lag,
        expires=expires,
        service=bool(entry.classes & (MANAGED_SERVICE | {"applicationprocess"}))
        or bool((entry.read("useraccountcontrol", integer) or 0) & UAC_DOMAIN_TRUST),
    )
    named = tuple(f"uid:{uid.casefold()}" for uid in uids or [login])
    return User(account, (key, *named), _primaries(entry))


def decode_group(system: str, entry: Entry) -> Group:
    """Decode a group; the values of `member` must already be whole. Raises `BadValue`."""
    key = dn_key(entry)
    sid = read_sid(entry)
    name = entry.text("cn") or entry.text("samaccountname") or first_value(entry.dn)[1]
    called = [n for n in (entry.text("cn"), entry.text("samaccountname")) if n and not _looks_like_key(n)]
    aliases = [a for a in (sid, _identifier(entry), entry.dn, *called) if a]
    listed = [member_key(v) for a in ("member", "uniquemember") for v in entry.texts(a) if v]
    gid = entry.text("gidnumber") if "posixgroup" in entry.classes else None
    return Group(
        Entitlement(system, key, name, EntitlementKind.GROUP, aliases=tuple(dict.fromkeys(aliases))),
        keys=tuple(k for k in (f"sid:{sid}" if sid else "", f"gid:{gid}" if gid else "") if k),
        members=frozenset([*listed, *(f"uid:{u.casefold()}" for u in entry.texts("memberuid"))]),
        computed="memberurl" in entry.attributes and not listed,
    )


def dn_key(entry: Entry) -> str:
    """Return the normalised DN of an entry; raises `BadValue`."""
    try:
        return normalise(entry.dn)
    except ValueError as error:
        raise BadValue("dn", "", f"a distinguished name, not one that is {error}") from None


def _identifier(entry: Entry) -> str | None:
    raw = entry.raw("objectguid")
    if raw is not None:
        if len(raw) != 16:
            raise BadValue("objectGUID", f"{len(raw)} bytes", "16 bytes")
        return str(UUID(bytes_le=raw))
    for name in ("ipauniqueid", "nsuniqueid", "entryuuid"):
        value = entry.text(name)
        if value and value.casefold() != "autogenerate":
            return value.lower()
    return None


def _login(entry: Entry, uids: list[str]) -> str:
    kind, value = first_value(entry.dn)
    if uids:
        return value if kind == "uid" and value in uids else uids[0]
    return entry.text("cn") or value


def _status(entry: Entry, expires: datetime | None, now: datetime) -> Status:
    control = entry.read("useraccountcontrol", integer)
    locked_at = entry.text("pwdaccountlockedtime")
    if (
        (control or 0) & UAC_DISABLED
        or locked_at == PERMANENT_LOCK
        or (entry.text("nsaccountlock") or "").casefold() == "true"
    ):
        return Status.DISABLED
    if expires is not None and expires <= now:
        return Status.EXPIRED
    if locked_at is not None or _locked(entry, now):
        return Status.LOCKED
    known = control is not None if entry.is_ad else any(name in entry.attributes for name in _OPERATIONAL)
    return Status.ACTIVE if known else Status.UNKNOWN


def _locked(entry: Entry, now: datetime) -> bool:
    # lockoutTime alone proves nothing: it stays after the lock is over, until the next good sign-in.
    if (entry.read("msds-user-account-control-computed", integer) or 0) & UAC_LOCKED:
        return True
    until = entry.read("accountunlocktime", generalized_time)
    # 389 writes the start of 1970 for a lock that only an administrator ends.
    return until is not None and (until > now or until.year == 1970)


def _expires(entry: Entry) -> datetime | None:
    ends = [
        entry.read("accountexpires", account_expires),
        entry.read("pwdendtime", generalized_time),
        entry.read("krbprincipalexpiration", generalized_time),
    ]
    return min((end for end in ends if end is not None), default=None)


def _last_login(entry: Entry) -> tuple[datetime | Never | None, int]:
    """Return the last sign-in and by how many days it may be understated."""
    if not entry.is_ad:
        tracked = ("pwdlastsuccess", "authtimestamp", "lastlogintime")
        seen = [at for name in tracked if (at := entry.read(name, generalized_time)) is not None]
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


def _looks_like_key(name: str) -> bool:
    """Whether a name could pass for a SID or a DN: whoever may name a group must not choose how it is judged."""
    return "=" in name or name.upper().startswith("S-1-")

"""
What directory attributes mean: one entry in, one account out. Shared by the LDAP and the LDIF connector.

It decides by the attributes that are there, not by the name of the product, because a file does not tell its product.
Sources: MS-ADTS 3.1.1.4.5.17 (computed bits), MS-ADA1 and MS-ADA3 (accountExpires, lastLogonTimestamp, pwdLastSet,
userAccountControl), slapo-ppolicy(5), the 389 Directory Server and FreeIPA manuals, RFC 2307 (posixGroup).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from connectors.directory._attributes import ACCOUNT_CLASSES, MANAGED_SERVICE
from connectors.directory._dn import first_value, normalise
from connectors.directory._entry import BadValue, Entry, join_range, read_sid
from connectors.directory._freeipa import Site
from connectors.directory._times import account_expires, filetime, generalized_time, integer
from connectors.facts import NEVER, Account, Never, Status

# From: https://learn.microsoft.com/windows/win32/adschema/a-useraccountcontrol
UAC_DISABLED = 0x0002
UAC_LOCKED = 0x0010
"""Only ever set in msDS-User-Account-Control-Computed."""
UAC_DOMAIN_TRUST = 0x0800
UAC_SMART_CARD = 0x40000
"""Windows then accepts a smart card with its PIN and nothing else, and has set a random password that nobody knows."""

AD_LOGON_LAG_DAYS = 14
"""lastLogonTimestamp is written again only when it is older than msDS-LogonTimeSyncInterval, 14 days by default."""

PERMANENT_LOCK = "000001010000Z"
"""The value of pwdAccountLockedTime that means "until an administrator unlocks it" (slapo-ppolicy)."""

_NO_ACCOUNT = frozenset({"contact", "referral", "ipauseroverride"})
"""A FreeIPA override has a uid, but changes what somebody of another domain looks like on one machine."""

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
    roles: tuple[str, ...] = ()
    """DNs of the roles of 389 that the server says it has, nested and filtered ones too."""
    smart_card: bool = False
    """AD lets it in with a smart card only."""
    within: tuple[str, ...] = ()
    """DNs of the groups that AD itself says it is in; needed where groups stand outside of what is read."""


def is_account(entry: Entry) -> bool:
    """Tell whether somebody, or a managed service, can sign in as this entry; computers and contacts cannot."""
    classes = entry.classes
    if "computer" in classes:
        return bool(classes & MANAGED_SERVICE) and not is_deleted(entry)
    named = bool(classes & ACCOUNT_CLASSES) or "uid" in entry.attributes
    return named and not classes & _NO_ACCOUNT and not is_deleted(entry)


def within(entry: Entry) -> tuple[str, ...]:
    """Return the DNs in `memberOf` of AD, which names direct groups only; raises `BadValue`."""
    if not entry.is_ad:
        return ()
    values, following = join_range(entry.attributes, "memberof")
    if following is not None:
        raise BadValue("memberOf", f"the first {following} of more", "all groups that it is in")
    return tuple(_key("memberOf", value.decode("utf-8", "replace")) for value in values)


def is_deleted(entry: Entry) -> bool:
    """Tell whether it is what a server keeps of a deleted entry; an export may hold such, an LDAP read does not."""
    return "nstombstone" in entry.classes or (entry.text("isdeleted") or "").casefold() == "true"


def decode_user(system: str, entry: Entry, now: datetime, site: Site | None = None) -> User:
    """Decode an account; `now` decides what has expired, `site` is what FreeIPA says elsewhere. Raises `BadValue`."""
    key = dn_key(entry)
    uids = entry.texts("uid")
    login = entry.text("samaccountname") or _login(entry, uids)
    expires = _expires(entry)
    control = entry.read("useraccountcontrol", integer) or 0
    smart_card = bool(control & UAC_SMART_CARD)
    last_login, lag = _last_login(entry, site)
    account = Account(
        system=system,
        id=identifier(entry) or key,
        login=login,
        name=entry.text("displayname") or entry.text("cn") or login,
        status=_status(entry, expires, now, site),
        email=entry.text("mail"),
        employee_id=entry.text("employeenumber") or entry.text("employeeid"),
        created=entry.read("whencreated", generalized_time) or entry.read("createtimestamp", generalized_time),
        last_login=last_login,
        last_login_lag_days=lag,
        mfa=site.second_factor(entry, key) if site else smart_card or None,
        expires=expires,
        service=bool(entry.classes & (MANAGED_SERVICE | {"applicationprocess"})) or bool(control & UAC_DOMAIN_TRUST),
        password_changed=_password_changed(entry),
    )
    named = tuple(f"uid:{uid.casefold()}" for uid in uids or [login])
    roles = tuple(_key("nsRole", dn) for dn in entry.texts("nsrole"))
    return User(account, (key, *named), _primaries(entry), roles, smart_card, within(entry))


def dn_key(entry: Entry) -> str:
    """Return the normalised DN of an entry; raises `BadValue`."""
    return _key("dn", entry.dn)


def _key(attribute: str, dn: str) -> str:
    try:
        return normalise(dn)
    except ValueError as error:
        raise BadValue(attribute, "", f"a distinguished name, not one that is {error}") from None


def identifier(entry: Entry) -> str | None:
    """Return what survives a rename, where the directory has it; raises `BadValue`."""
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
    if len(uids) == 1:
        return uids[0]
    kind, value = first_value(entry.dn)
    if uids:
        return value if kind == "uid" and value in uids else uids[0]
    return entry.text("cn") or value


def _status(entry: Entry, expires: datetime | None, now: datetime, site: Site | None) -> Status:
    control = entry.read("useraccountcontrol", integer)
    locked_at = entry.text("pwdaccountlockedtime")
    if (
        (control or 0) & UAC_DISABLED
        or locked_at == PERMANENT_LOCK
        or (entry.text("nsaccountlock") or "").casefold() == "true"
    ):
        return Status.DISABLED
    if locked_at is not None:
        entry.read("pwdaccountlockedtime", generalized_time)  # anything else than a moment is not read as a lock
    if expires is not None and expires <= now:
        return Status.EXPIRED
    if locked_at is not None or _locked(entry, now) or (site and site.locked(entry, now)):
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


def _password_changed(entry: Entry) -> datetime | None:
    # 0 in pwdLastSet: whoever signs in must set a new one; since when is not known.
    return entry.read("pwdlastset", filetime) or next(
        (
            at
            for name in ("pwdchangedtime", "krblastpwdchange", "pwdupdatetime")
            if (at := entry.read(name, generalized_time))
        ),
        None,
    )


def _last_login(entry: Entry, site: Site | None) -> tuple[datetime | Never | None, int]:
    """Return the last sign-in and by how many days it may be understated."""
    if not entry.is_ad:
        tracked = ["pwdlastsuccess", "authtimestamp", "lastlogintime"]
        if site and site.knows_sign_ins:
            tracked.append("krblastsuccessfulauth")
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

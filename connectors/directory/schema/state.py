"""
Whether somebody can sign in, from the attributes in which each directory says it.

An entry of which no attribute tells it is *unknown*, however much else is known of it. What a directory's own sign-in
does not ask (the flags of Samba, the dates of shadow files) ends an account only where nothing speaks against it.
Sources: MS-ADA3 and MS-ADTS 3.1.1.4.5.17 (userAccountControl), MS-ADA2 (msDS-UserAccountDisabled, AD LDS),
slapo-ppolicy(5), the manuals of 389, Oracle Unified Directory, PingDirectory, IBM Directory, Zimbra, and of eDirectory
(loginDisabled, loginExpirationTime), Samba's smbpasswd(5), shadow(5).
"""

import re
from collections.abc import Callable
from datetime import datetime

from connectors.directory.schema.entry import Entry
from connectors.directory.schema.freeipa import FreeIpaSite
from connectors.directory.schema.times import account_expires, days, generalized_time, integer, seconds
from connectors.facts import Never, Status

# From: https://learn.microsoft.com/windows/win32/adschema/a-useraccountcontrol
UAC_DISABLED = 0x0002
UAC_LOCKED = 0x0010
"""Only ever set in msDS-User-Account-Control-Computed."""

PERMANENT_LOCK = re.compile(r"00000101(?:00){1,3}(?:\.0+)?Z", re.ASCII)
"""pwdAccountLockedTime: "until an administrator unlocks it" (slapo-ppolicy: `000001010000Z`; others write seconds)."""

_OFF, _ON, _BACK = Status.DISABLED, Status.ACTIVE, Status.LOCKED
WORDS: dict[str, dict[str, Status]] = {
    "nsaccountlock": {"true": _OFF, "false": _ON},  # 389, FreeIPA
    "logindisabled": {"true": _OFF, "false": _ON},  # eDirectory
    "ds-pwp-account-disabled": {"true": _OFF, "false": _ON},  # OpenDJ, Oracle Unified Directory, PingDirectory
    "msds-useraccountdisabled": {"true": _OFF, "false": _ON},  # AD LDS
    "ibm-pwdaccountlocked": {"true": _OFF, "false": _ON},
    "orclisenabled": {"disabled": _OFF, "enabled": _ON},
    "inetuserstatus": {"inactive": _OFF, "deleted": _OFF, "active": _ON},
    "zimbraaccountstatus": {
        "closed": _OFF,
        "locked": _OFF,
        "maintenance": _BACK,
        "lockout": _BACK,
        "pending": _BACK,
        "active": _ON,
    },
}
"""What the words of an attribute mean; every other word is unknown."""

_TOLD_BY_ABSENCE = ("nsuniqueid", "pwdchangedtime", "pwdpolicysubentry", "accountunlocktime")
"""
Only written by what would write the lock beside it: 389, where an account without nsAccountLock is active, and password
policies of OpenLDAP's kind, where one without pwdAccountLockedTime is.
"""

ENDS: dict[str, Callable[[str], datetime | None]] = {
    "accountexpires": account_expires,
    "pwdendtime": generalized_time,
    "krbprincipalexpiration": generalized_time,
    "loginexpirationtime": generalized_time,  # eDirectory
    "ds-pwp-account-expiration-time": generalized_time,
    "orclactiveenddate": generalized_time,
}
SOFT_ENDS: dict[str, Callable[[str], datetime | None]] = {"shadowexpire": days, "sambakickofftime": seconds}
"""Asked by Unix and by Samba, and not by the directory itself."""

_STARTS = ("pwdstarttime", "ds-pwp-account-activation-time", "orclactivestartdate")

_SAYS = frozenset(
    {
        *("useraccountcontrol", "pwdaccountlockedtime", "sambaacctflags", "lockedbyintruder", "accountunlocktime"),
        *("msds-user-account-control-computed", *WORDS, *ENDS, *SOFT_ENDS, *_STARTS),
    }
)
"""Without one of these nothing is said of the state."""

STATE_ATTRIBUTES = (
    *("nsAccountLock", "loginDisabled", "ds-pwp-account-disabled", "msDS-UserAccountDisabled", "ibm-pwdAccountLocked"),
    *("orclIsEnabled", "inetUserStatus", "zimbraAccountStatus", "pwdPolicySubentry", "lockedByIntruder"),
    *("loginIntruderResetTime", "loginExpirationTime", "ds-pwp-account-expiration-time", "orclActiveEndDate"),
    *("ds-pwp-account-activation-time", "orclActiveStartDate", "loginTime", "ds-pwp-last-login-time"),
)
"""What only some servers have; one that is not known is asked for all."""


def state_of(
    entry: Entry, now: datetime, signed_in: datetime | Never | None, site: FreeIpaSite | None
) -> tuple[Status, datetime | None]:
    """Tell whether the account can be used now, and when it ends or ended; raises `BadValue`."""
    if _SAYS.isdisjoint(entry.attributes) and not site:
        absent = not entry.is_ad and any(name in entry.attributes for name in _TOLD_BY_ABSENCE)
        return (Status.ACTIVE if absent else Status.UNKNOWN), None  # as nearly everywhere outside of AD
    said = _said(entry)
    samba = None if entry.is_ad else _samba(entry)
    soft = None if entry.is_ad else _first(entry, SOFT_ENDS)
    # Somebody signed in after the day, or the directory itself says that it is open: that end did not end it.
    used_since = soft is not None and isinstance(signed_in, datetime) and signed_in > soft
    spoken_against = used_since or Status.ACTIVE in said
    end = _first(entry, ENDS)
    if soft is not None and not spoken_against and (end is None or soft < end):
        end = soft
    if Status.DISABLED in said or (samba is Status.DISABLED and Status.ACTIVE not in said):
        return Status.DISABLED, end
    if end is not None and end <= now:
        return Status.EXPIRED, end
    if Status.LOCKED in (*said, samba) or _locked(entry, now) or (site and site.locked(entry, now)):
        return Status.LOCKED, end
    if Status.UNKNOWN in said or samba is Status.DISABLED or (soft is not None and soft <= now):
        return Status.UNKNOWN, end
    absent = not entry.is_ad and any(name in entry.attributes for name in _TOLD_BY_ABSENCE)
    return (Status.ACTIVE if said or samba or absent else Status.UNKNOWN), end


def _first(entry: Entry, ends: dict[str, Callable[[str], datetime | None]]) -> datetime | None:
    found = [end for name, reader in ends.items() if (end := entry.read(name, reader)) is not None]
    return min(found, default=None)


def _said(entry: Entry) -> set[Status]:
    """Return what attributes say in so many words."""
    said = set()
    control = entry.read("useraccountcontrol", integer)
    if control is not None:
        said.add(Status.DISABLED if control & UAC_DISABLED else Status.ACTIVE)
    for name in WORDS.keys() & entry.attributes.keys():
        said.update(WORDS[name].get(word.strip().casefold(), Status.UNKNOWN) for word in entry.texts(name))
    locked_at = entry.text("pwdaccountlockedtime")
    if locked_at is not None:
        if PERMANENT_LOCK.fullmatch(locked_at):
            said.add(Status.DISABLED)
        else:
            entry.read("pwdaccountlockedtime", generalized_time)  # anything else than a moment is not read as a lock
            said.add(Status.LOCKED)
    return said


def _samba(entry: Entry) -> Status | None:
    """Return what the flags of Samba say, as `[UD         ]`; raises `BadValue`."""
    flags = entry.read("sambaacctflags", samba_flags)
    if flags is None:
        return None
    return Status.DISABLED if "D" in flags else Status.LOCKED if "L" in flags else Status.ACTIVE


def samba_flags(text: str) -> frozenset[str]:
    """Read sambaAcctFlags; raises `ValueError`."""
    if not re.fullmatch(r"\[[A-Z ]{0,16}\]", text, re.ASCII):
        raise ValueError("not flags of Samba such as `[U          ]`")
    return frozenset(text[1:-1].replace(" ", ""))


def _locked(entry: Entry, now: datetime) -> bool:
    # lockoutTime alone proves nothing: it stays after the lock is over, until the next good sign-in.
    if (entry.read("msds-user-account-control-computed", integer) or 0) & UAC_LOCKED:
        return True
    until = entry.read("accountunlocktime", generalized_time)
    # 389 writes the start of 1970 for a lock that only an administrator ends.
    if until is not None and (until > now or until.year == 1970):
        return True
    if (entry.text("lockedbyintruder") or "").casefold() == "true":
        ends = entry.read("loginintruderresettime", generalized_time)
        return ends is None or ends > now
    # Not yet open: it opens by itself.
    return any((start := entry.read(name, generalized_time)) is not None and start > now for name in _STARTS)

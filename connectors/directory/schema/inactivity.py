"""
389's Account Policy plug-in: an account that is not used ends, until an administrator opens it again.

The policy of an account says after how many seconds; the last sign-in counts, or, for whoever never signed in, the
moment when the account was made (the plug-in's default, which the auditor cannot read: then it is unknown).
Source: 389 Directory Server, "Account Policy Design"; manual of Red Hat Directory Server, "Setting account policies".
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from connectors.directory.schema.decode import DirectoryUser
from connectors.facts import Status

POLICY_FILTER = "(|(objectClass=accountPolicy)(&(objectClass=ldapSubEntry)(objectClass=accountPolicy)))"
"""389 shows subentries, as policies usually are, only to who names their class."""
POLICY_ATTRIBUTES = ("objectClass", "accountInactivityLimit")


def with_inactivity(user: DirectoryUser, policies: Mapping[str, int], now: datetime) -> DirectoryUser:
    """Return the user with what the policy makes of it; `policies` are seconds by the normalised DN of the policy."""
    account = user.account
    if not user.policy or account.status not in (Status.ACTIVE, Status.UNKNOWN):
        return user
    used = account.last_login if isinstance(account.last_login, datetime) else None
    limit_s = policies.get(user.policy)
    end = _end(used or account.created, limit_s) if limit_s is not None else None
    if limit_s is None or (end is not None and end <= now and used is None):
        return replace(user, account=replace(account, status=Status.UNKNOWN))
    if end is not None and end <= now:
        return replace(user, account=replace(account, status=Status.EXPIRED, expires=end))
    return user


def _end(since: datetime | None, limit_s: int) -> datetime | None:
    if since is None or limit_s <= 0:
        return None
    try:
        return since + timedelta(seconds=limit_s)
    except OverflowError:
        return None

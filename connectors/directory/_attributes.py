"""
What is asked of a directory: filters, and attributes by the kind of server.

Attributes are asked for by name: locks and times are operational, which no directory sends unasked, and the time of a
read grows with the number of attributes.
"""

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

_PERSON = ("objectClass", "uid", "cn", "displayName", "mail", "employeeNumber")
_SERVER_389 = ("createTimestamp", "nsUniqueId", "gidNumber", "nsAccountLock", "nsRole")
_MEMBERS = ("objectClass", "cn", "member", "memberUid")

USER_ATTRIBUTES = {
    "ad": (
        *_PERSON,
        *("objectGUID", "objectSid", "sAMAccountName", "employeeID", "userAccountControl", "accountExpires"),
        *("msDS-User-Account-Control-Computed", "whenCreated", "lastLogon", "lastLogonTimestamp", "pwdLastSet"),
        "primaryGroupID",
    ),
    "openldap": (
        *_PERSON,
        *("createTimestamp", "entryUUID", "gidNumber", "pwdAccountLockedTime", "pwdEndTime", "pwdLastSuccess"),
        *("authTimestamp", "pwdChangedTime"),
    ),
    "389": (*_PERSON, *_SERVER_389, "accountUnlockTime", "lastLoginTime", "pwdUpdateTime"),
    "freeipa": (
        *_PERSON,
        *_SERVER_389,
        *("ipaUniqueID", "ipaUserAuthType", "krbPrincipalExpiration", "krbLastPwdChange", "krbLastSuccessfulAuth"),
        *("krbLoginFailedCount", "krbLastFailedAuth", "krbLastAdminUnlock", "krbPwdPolicyReference"),
    ),
}
"""By `Flavour.attributes`; an unknown server is asked for all of them."""

GROUP_ATTRIBUTES = {
    "ad": (*_MEMBERS, "objectSid", "sAMAccountName", "objectGUID"),
    "openldap": (*_MEMBERS, "uniqueMember", "memberURL", "gidNumber", "entryUUID"),
    "389": (*_MEMBERS, "uniqueMember", "memberURL", "gidNumber", "nsUniqueId"),
    "freeipa": (*_MEMBERS, "gidNumber", "nsUniqueId", "ipaUniqueID", "ipaExternalMember"),
}
"""By `Flavour.attributes`; an unknown server is asked for all of them."""


def of(table: dict[str, tuple[str, ...]], kind: str) -> tuple[str, ...]:
    """Return the attributes for one kind of server, or for all kinds when it is unknown."""
    return table.get(kind) or tuple(dict.fromkeys(name for names in table.values() for name in names))

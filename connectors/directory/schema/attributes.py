"""
What is asked of a directory: filters, and attributes by the kind of server.

Attributes are asked for by name: locks and times are operational, which no directory sends unasked, and the time of a
read grows with the number of attributes.
"""

from connectors.directory.schema.state import STATE_ATTRIBUTES

ACCOUNT_CLASSES = frozenset(
    {
        *("person", "organizationalperson", "inetorgperson", "user", "account", "posixaccount", "shadowaccount"),
        *("simplesecurityobject", "uidobject", "residentialperson", "pilotperson", "newpilotperson"),
        *("sambasamaccount", "ndsloginproperties", "eperson", "orcluser", "zimbraaccount"),
    }
)
"""In small letters. A server that knows its schema finds those that are kinds of `person` by that; a file does not."""

GROUP_CLASSES_AS_WRITTEN = (
    *("group", "groupOfNames", "groupOfUniqueNames", "groupOfMembers", "groupOfEntries", "groupOfURLs", "posixGroup"),
    *("posixGroupInternal", "organizationalRole", "accessGroup", "accessRole", "dynamicGroup", "dynamicGroupAux"),
    *("nestedGroup", "ibm-staticGroup", "ibm-dynamicGroup", "ibm-nestedGroup", "ds-virtual-static-group"),
    *("univentionGroup", "mailGroup", "nisMailAlias", "zimbraDistributionList", "nisNetgroup", "sudoRole"),
)
GROUP_CLASSES = frozenset(name.lower() for name in GROUP_CLASSES_AS_WRITTEN)

MEMBER_DNS = ("member", "uniquemember", "roleoccupant", "ibm-membergroup")
"""Their values are DNs, of people or of groups."""
MEMBER_MAILS = ("mgrprfc822mailmember", "rfc822mailmember", "zimbramailforwardingaddress")
MEMBER_SEARCHES = ("memberurl", "memberqueryurl")
"""Their values are searches, whose results are the members."""
MEMBERS = frozenset({*MEMBER_DNS, "memberuid", "nisnetgrouptriple", "sudouser", *MEMBER_SEARCHES})
"""Whatever has one of these is a group, of whatever class."""

MEMBER_OF = frozenset({"memberof", "ismemberof", "groupmembership", "securityequals", "ibm-allgroups"})
"""Where an entry says itself what it is in: most servers; OpenDJ and its kin; eDirectory (twice); IBM."""

# The same two questions as LDAP filters. A class that a server does not know makes its part of an OR false, but a NOT
# of it false as well (RFC 4511 section 4.5.1.7): a filter with NOT would find nobody outside AD.
USER_FILTER = (
    "(|(objectClass=person)(objectClass=user)(objectClass=inetOrgPerson)(objectClass=posixAccount)"
    "(objectClass=account)(objectClass=simpleSecurityObject)(uid=*))"
)
USER_FILTER_AD = (
    f"(&{USER_FILTER}(!(objectClass=contact))(|(!(objectClass=computer))"
    "(objectClass=msDS-ManagedServiceAccount)(objectClass=msDS-GroupManagedServiceAccount)"
    "(objectClass=msDS-DelegatedManagedServiceAccount)))"
)
GROUP_FILTER = f"(|{''.join(f'(objectClass={name})' for name in GROUP_CLASSES_AS_WRITTEN)})"
GROUP_FILTER_BY_MEMBERS = f"(|{GROUP_FILTER}(member=*)(uniqueMember=*)(memberUid=*)(roleOccupant=*))"
"""For servers where other classes may have members too; in AD only groups do."""

_PERSON = ("objectClass", "uid", "cn", "displayName", "mail", "employeeNumber", "memberOf")
_UNIX = ("gidNumber", "shadowExpire", "sambaAcctFlags", "sambaKickoffTime")
_SERVER_389 = (
    *("createTimestamp", "nsUniqueId", *_UNIX, "nsAccountLock", "nsRole", "inetUserStatus", "acctPolicySubentry"),
)
_MEMBERS = ("objectClass", "cn", "member", "memberUid", "memberOf")
_OTHER_MEMBERS = (
    *("uniqueMember", "memberURL", "gidNumber", "roleOccupant", "mgrpRFC822MailMember", "rfc822MailMember"),
    *("nisNetgroupTriple", "memberNisNetgroup", "sudoUser"),
)

USER_ATTRIBUTES = {
    "ad": (
        *_PERSON,
        *("objectGUID", "objectSid", "sAMAccountName", "employeeID", "userAccountControl", "accountExpires"),
        *("msDS-User-Account-Control-Computed", "whenCreated", "lastLogon", "lastLogonTimestamp"),
        *("primaryGroupID", "msDS-ManagedAccountPrecededByLink"),
    ),
    "openldap": (
        *_PERSON,
        *("createTimestamp", "entryUUID", *_UNIX, "pwdAccountLockedTime", "pwdStartTime", "pwdEndTime"),
        *("pwdLastSuccess", "authTimestamp", "pwdChangedTime", "pwdPolicySubentry"),
    ),
    "389": (*_PERSON, *_SERVER_389, "accountUnlockTime", "lastLoginTime"),
    "freeipa": (
        *_PERSON,
        *_SERVER_389,
        *("ipaUniqueID", "ipaUserAuthType", "krbPrincipalExpiration", "krbLastSuccessfulAuth"),
        *("krbLoginFailedCount", "krbLastFailedAuth", "krbLastAdminUnlock", "krbPwdPolicyReference"),
    ),
    "others": (*STATE_ATTRIBUTES, "isMemberOf", "groupMembership", "securityEquals", "ibm-allGroups", "workforceID"),
}
"""By `Flavour.attributes`; an unknown server is asked for all of them."""

GROUP_ATTRIBUTES = {
    "ad": (*_MEMBERS, "objectSid", "sAMAccountName", "objectGUID"),
    "openldap": (*_MEMBERS, *_OTHER_MEMBERS, "entryUUID"),
    "389": (*_MEMBERS, *_OTHER_MEMBERS, "nsUniqueId"),
    "freeipa": (*_MEMBERS, "gidNumber", "nsUniqueId", "ipaUniqueID", "ipaExternalMember"),
    "others": ("isMemberOf", "ibm-memberGroup", "memberQueryURL", "mail", "zimbraMailForwardingAddress"),
}
"""By `Flavour.attributes`; an unknown server is asked for all of them."""


def of(table: dict[str, tuple[str, ...]], kind: str) -> tuple[str, ...]:
    """Return the attributes for one kind of server, or for all kinds when it is unknown."""
    return table.get(kind) or tuple(dict.fromkeys(name for names in table.values() for name in names))

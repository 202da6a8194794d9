"""The least-privilege set-up of each kind of directory, as text ready to paste; `docs/connect-ldap.md` explains it."""

import shlex

from connectors.directory.schema.dn import first_value

OPENLDAP_ATTRIBUTES = (
    *("entry", "children", "objectClass", "uid", "cn", "displayName", "mail", "employeeNumber", "gidNumber"),
    *("member", "uniqueMember", "memberUid", "roleOccupant", "nisNetgroupTriple", "memberNisNetgroup"),
    *("entryUUID", "createTimestamp", "shadowExpire", "pwdAccountLockedTime", "pwdStartTime", "pwdEndTime"),
    *("pwdLastSuccess", "pwdChangedTime", "pwdPolicySubentry"),
)
SERVER_389_ATTRIBUTES = (
    *("objectClass", "uid", "cn", "displayName", "mail", "employeeNumber", "gidNumber"),
    *("member", "uniqueMember", "memberUid", "memberURL", "memberOf", "roleOccupant", "nsUniqueId"),
    *("createTimestamp", "nsAccountLock", "nsRole", "accountUnlockTime", "lastLoginTime"),
    *("acctPolicySubentry", "accountInactivityLimit", "inetUserStatus"),
)

_OPENLDAP = """\
# OpenLDAP; for another directory, name its `product`: active-directory, freeipa or ds389.
# As root on the server, with the number of your database from `slapcat -n 0 | grep olcSuffix -B9`:
#   ldapmodify -Q -Y EXTERNAL -H ldapi:/// -f auditor.ldif
# Leave out attributes that your schema lacks (the pwd* ones come with the overlay ppolicy and with `lastbind`), and
# add those of these that it has: memberOf, memberURL, sambaAcctFlags, sambaKickoffTime, sudoUser.
dn: olcDatabase={{1}}mdb,cn=config
changetype: modify
add: olcLimits
olcLimits: {{0}}dn.exact="{who}" size=unlimited
-
add: olcAccess
olcAccess: {{0}}to attrs={attributes}
  by dn.exact="{who}" read
  by * break
olcAccess: {{1}}to *
  by dn.exact="{who}" none
  by * break
"""

_SERVER_389 = """\
# 389 Directory Server. As the directory manager, after the account {who} was made:
#   ldapmodify -H ldaps://SERVER -D "cn=Directory Manager" -W -f auditor.ldif
dn: {base}
changetype: modify
add: aci
aci: (targetattr="{attributes}")
 (version 3.0; acl "access auditor reads accounts and groups";
  allow (read, search, compare) userdn="ldap:///{who}";)

dn: {who}
changetype: modify
replace: nsSizeLimit
nsSizeLimit: -1
-
replace: nsPagedSizeLimit
nsPagedSizeLimit: -1
-
replace: nsLookThroughLimit
nsLookThroughLimit: -1
-
replace: nsPagedLookThroughLimit
nsPagedLookThroughLimit: -1
"""

_FREEIPA = """\
# FreeIPA. As an administrator (`kinit admin`). Any user may read accounts, groups, roles, who is disabled or expired,
# the age of passwords and the ways to sign in. The role adds: sign-ins, lock-out policies, and who has a token.
ipa user-add {name} --first=Access --last=Auditor --random
ipa permission-add "Access auditing: tokens" --right=read --right=search --right=compare \\
    --subtree="cn=otp,{root}" --filter="(objectclass=ipatoken)" \\
    --attrs=objectclass --attrs=ipatokenowner --attrs=ipatokendisabled \\
    --attrs=ipatokennotbefore --attrs=ipatokennotafter
ipa privilege-add "Access auditing" --desc="read what proves who can sign in"
ipa privilege-add-permission "Access auditing" --permissions="Access auditing: tokens" \\
    --permissions="System: Read User Kerberos Login Attributes" \\
    --permissions="System: Read Group Password Policy"
ipa role-add "Access auditor" --desc="reads, never writes"
ipa role-add-privilege "Access auditor" --privileges="Access auditing"
ipa role-add-member "Access auditor" --users={name}
# The random password serves once, to set its own: kinit {name}
# The configuration: base_dn: cn=accounts,{root}; bind_dn: uid={name},cn=users,cn=accounts,{root}
"""

_ACTIVE_DIRECTORY = """\
# Active Directory. As a domain administrator, in PowerShell. A plain user of the domain is enough: Authenticated Users
# may read accounts, groups, members, userAccountControl and lastLogonTimestamp. It needs no other group.
New-ADUser -Name {name} -SamAccountName {name} -UserPrincipalName "{name}@{domain}" -Enabled $true `
    -Description "access auditor, reads only" -AccountPassword (Read-Host -AsSecureString)
# By group policy deny it to log on locally and by Remote Desktop; a list of workstations would end LDAP as well.

# Only where the group Pre-Windows 2000 Compatible Access (S-1-5-32-554) was emptied, so that plain users see less:
dsacls "{base}" /I:S /G "{domain}\\{name}:RP;Account Restrictions;user" "{domain}\\{name}:RP;Logon Information;user"
dsacls "{base}" /I:S /G "{domain}\\{name}:RP;General Information;user" "{domain}\\{name}:RP;Public Information;user"
dsacls "{base}" /I:S /G "{domain}\\{name}:RP;Group Membership;user" "{domain}\\{name}:RP;member;group"
dsacls "{base}" /I:S /G "{domain}\\{name}:RP;primaryGroupID;user" "{domain}\\{name}:RP;lockoutTime;user"

# Samba, as root on a domain controller, does the same with:
#   samba-tool user create {name} --random-password --description="access auditor, reads only"
#   samba-tool user setpassword {name}
"""

_EXPORT = """\
# Then, with that account and never as an administrator, whose export would hold password hashes. Keep everything that
# it writes, its result and count at the end too: they prove that the file is whole (so without `-L`).
ldapsearch -H ldaps://SERVER -D {who} -W -b {base} -E pr=500/noprompt \\
    '(objectClass=*)' '*' '+' > {file}
"""


def export_text(product: str, base: str, file: str) -> str:
    """Return the set-up for an export: the same account, and the command that writes a file with its own proof."""
    who = f"auditor@{_domain(base)}" if product == "active-directory" else f"uid=auditor,{base}"
    command = _EXPORT.format(who=shlex.quote(who), base=shlex.quote(base), file=shlex.quote(file))
    return f"{text_for(product, base, who)}\n{command}"


def text_for(product: str, base: str, who: str | None) -> str:
    """Return the set-up for the product that the configuration names."""
    values = names_for(base, who)
    match product:
        case "active-directory":
            return _ACTIVE_DIRECTORY.format(**values)
        case "freeipa":
            return _FREEIPA.format(**values)
        case "ds389":
            return _SERVER_389.format(attributes=" || ".join(SERVER_389_ATTRIBUTES), **values)
        case _:
            return _OPENLDAP.format(attributes=",".join(OPENLDAP_ATTRIBUTES), **values)


def names_for(base: str, who: str | None) -> dict[str, str]:
    """Return the practice's own names, for texts that are ready to paste."""
    who = who or f"uid=auditor,{base}"
    return {
        "base": base,
        "who": who,
        "name": _login(who),
        "domain": _domain(base),
        "root": base[base.lower().find("dc=") :],
    }


def _domain(base: str) -> str:
    return ".".join(part[3:] for part in base.lower().split(",") if part.startswith("dc=")) or "DOMAIN"


def _login(who: str) -> str:
    """Return the short name of `auditor@practice.test`, `PRACTICE\\auditor` or a DN."""
    try:
        return first_value(who)[1]
    except ValueError:
        return who.partition("@")[0].rpartition("\\")[2]

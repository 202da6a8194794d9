"""
A 389 Directory Server that holds what FreeIPA keeps in its own, by the schema and in the places of FreeIPA.

No FreeIPA server runs on Debian, so this is the nearest honest thing: the server that FreeIPA is built on, really
searched over LDAP, with entries of the documented shapes. What FreeIPA's own plug-ins compute is written down as it
would be. The password of every account is its uid; `reader` holds the role of the auditor, `plain` holds none.

| login | what it is for |
|---|---|
| admin | in admins; has no entry of its own that says how it signs in |
| va01 | in nurses, which is in staff; signed in yesterday; password of 2020 |
| disabled, expired, locked, unlocked | nsAccountLock; krbPrincipalExpiration; failures now; failures of yesterday |
| otp, tokenless, switchedoff, either, radius, key | ways to sign in: see `WAYS` |
| helper | in group service-desk, which holds the role helpdesk |

Besides: a group with somebody of an AD domain, a machine, an override for one machine, a user again below cn=compat.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.integration.slapd import DirectoryServer
from tests.servers.ds389 import add, ds389

KERBEROS = Path("/usr/share/dirsrv/data/60kerberos.ldif")
EXTERNAL = "S-1-5-21-111-222-333-512"
WAYS = {
    "otp": ("otp",),
    "tokenless": ("otp",),
    "switchedoff": ("otp",),
    "either": ("otp", "password"),
    "radius": ("radius",),
    "key": ("passkey",),
}
TEXT, DN, TIME, NUMBER, TRUTH = (f"1.3.6.1.4.1.1466.115.121.1.{n}" for n in (15, 12, 24, 27, 7))

# Names and object identifiers as FreeIPA documents them (install/share/*.ldif); only what the entries below use.
_ATTRIBUTES = (
    ("3.8.3.1", "ipaUniqueID", TEXT),
    ("3.8.11.1", "ipaExternalMember", TEXT),
    ("3.8.11.40", "ipaUserAuthType", TEXT),
    ("3.8.1.17", "ipaConfigString", TEXT),
    ("3.8.19.2.1", "ipaDomainLevel", TEXT),
    ("3.8.11.63", "ipaAnchorUUID", TEXT),
    ("3.8.16.1.1", "ipatokenUniqueID", TEXT),
    ("3.8.16.1.2", "ipatokenDisabled", TRUTH),
    ("3.8.16.1.3", "ipatokenNotBefore", TIME),
    ("3.8.16.1.4", "ipatokenNotAfter", TIME),
    ("3.8.16.1.13", "ipatokenOwner", DN),
    ("3.8.3.4", "fqdn", TEXT),
    ("3.8.99.1", "krbPwdMaxFailure", NUMBER),
    ("3.8.99.2", "krbPwdLockoutDuration", NUMBER),
    ("3.8.99.3", "krbLastAdminUnlock", TIME),
)
_CLASSES = (
    ("3.8.4.12", "ipaObject AUXILIARY", "ipaUniqueID"),
    ("3.8.4.3", "nestedGroup STRUCTURAL", "cn $ member $ description"),
    ("3.8.4.4", "ipaUserGroup STRUCTURAL", "cn"),
    ("3.8.4.5", "ipaHostGroup STRUCTURAL", "cn"),
    ("3.8.12.1", "ipaExternalGroup AUXILIARY", "ipaExternalMember"),
    ("3.8.12.19", "ipaUserAuthTypeClass AUXILIARY", "ipaUserAuthType"),
    ("3.8.2.1", "ipaGuiConfig AUXILIARY", "ipaConfigString $ ipaUserAuthType"),
    ("3.8.16.2.1", "ipaToken AUXILIARY", "ipatokenUniqueID $ ipatokenDisabled $ ipatokenNotBefore $ ipatokenNotAfter"),
    ("3.8.16.2.2", "ipatokenTOTP STRUCTURAL", "ipatokenOwner"),
    ("3.8.4.1", "ipaHost STRUCTURAL", "fqdn"),
    ("3.8.12.31", "ipaUserOverride STRUCTURAL", "ipaAnchorUUID $ uid"),
    ("3.8.99.4", "ipaLockPolicy AUXILIARY", "krbPwdMaxFailure $ krbPwdLockoutDuration"),
    ("3.8.99.5", "ipaUnlocked AUXILIARY", "krbLastAdminUnlock"),
)
SCHEMA = "dn: cn=schema\n" + "".join(
    [
        f"attributeTypes: ( 2.16.840.1.113730.{oid} NAME '{name}' SYNTAX {syntax} )\n"
        for oid, name, syntax in _ATTRIBUTES
    ]
    + [
        f"objectClasses: ( 2.16.840.1.113730.{oid} NAME '{name.split()[0]}' SUP top {name.split()[1]} MAY ( {may} ) )\n"
        for oid, name, may in _CLASSES
    ]
)
# As FreeIPA's default permissions: who signed in reads accounts and groups; sign-ins, tokens and policies take a role.
ACI = (
    '(targetattr != "userPassword || krbLastSuccessfulAuth || krbLastFailedAuth || krbLoginFailedCount")'
    '(targetfilter = "(!(|(objectClass=ipaToken)(objectClass=krbPwdPolicy)))")'
    '(version 3.0; acl "all"; allow (read, search, compare) userdn="ldap:///all";)\n'
    'aci: (targetattr != "userPassword")(version 3.0; acl "role"; allow (read, search, compare) '
    'userdn="ldap:///uid=reader,dc=t";)'
)


def moment(**ago: float) -> str:
    return (datetime.now(UTC) - timedelta(**ago)).strftime("%Y%m%d%H%M%SZ")


def entry(dn: str, classes: str, *lines: str) -> str:
    return f"dn: {dn},dc=t\n" + "".join(f"objectClass: {c}\n" for c in classes.split()) + "\n".join([*lines, "", ""])


def user(uid: str, number: int, *lines: str) -> str:
    """Return a user and the private group that FreeIPA makes for it."""
    classes = (
        "top person organizationalPerson inetOrgPerson posixAccount krbPrincipalAux ipaObject ipaUserAuthTypeClass"
    )
    person = entry(
        *(f"uid={uid},cn=users,cn=accounts", f"{classes} ipaUnlocked", f"uid: {uid}", f"cn: Name of {uid}", "sn: x"),
        *(f"uidNumber: {number}", f"gidNumber: {number}", f"homeDirectory: /home/{uid}", f"userPassword: {uid}"),
        *(f"ipaUniqueID: 0000-{uid}", f"krbPrincipalName: {uid}@T.TEST", *lines),
    )
    managed = "top posixGroup mepManagedEntry ipaObject"
    return person + entry(
        *(f"cn={uid},cn=groups,cn=accounts", managed, f"cn: {uid}", f"gidNumber: {number}"),
        *(f"ipaUniqueID: 0000-group-{uid}", f"mepManagedBy: uid={uid},cn=users,cn=accounts,dc=t"),
    )


def group(
    cn: str, *members: str, place: str = "groups", classes: str = "ipaUserGroup ipaObject", extra: str = ""
) -> str:
    lines = [f"cn: {cn}", *(f"member: {m},cn=accounts,dc=t" for m in members)]
    lines += [f"ipaUniqueID: 0000-{place}-{cn}"] if "ipaObject" in classes else []
    return entry(
        f"cn={cn},cn={place},cn=accounts", f"top groupOfNames nestedGroup {classes}", *lines, *filter(None, [extra])
    )


def token(name: str, owner: str, *lines: str) -> str:
    owned = f"ipatokenOwner: uid={owner},cn=users,cn=accounts,dc=t"
    return entry(
        f"ipatokenUniqueID={name},cn=otp", "top ipaToken ipatokenTOTP", f"ipatokenUniqueID: {name}", owned, *lines
    )


def population(config: str) -> str:
    containers = (
        *("cn=accounts", "cn=users,cn=accounts", "cn=groups,cn=accounts", "cn=hostgroups,cn=accounts"),
        *("cn=roles,cn=accounts", "cn=computers,cn=accounts", "cn=views,cn=accounts", "cn=etc", "cn=otp"),
        *("cn=kerberos", "cn=T.TEST,cn=kerberos", "cn=compat", "cn=users,cn=compat"),
    )
    users = [
        user("admin", 1000),
        user("va01", 1001, f"krbLastSuccessfulAuth: {moment(days=1)}", "krbLastPwdChange: 20200101000000Z"),
        user("disabled", 1002, "nsAccountLock: TRUE"),
        user("expired", 1003, "krbPrincipalExpiration: 20200101000000Z"),
        user("locked", 1004, "krbLoginFailedCount: 6", f"krbLastFailedAuth: {moment(seconds=5)}"),
        user("unlocked", 1005, "krbLoginFailedCount: 6", f"krbLastFailedAuth: {moment(days=1)}"),
        user("helper", 1006),
        *(
            user(uid, 1010 + n, *(f"ipaUserAuthType: {way}" for way in ways))
            for n, (uid, ways) in enumerate(WAYS.items())
        ),
    ]
    people = "uid={},cn=users"
    groups = [
        group("admins", people.format("admin")),
        group("ipausers", people.format("va01")),
        group("nurses", people.format("va01")),
        group("staff", "cn=nurses,cn=groups"),
        group("service-desk", people.format("helper")),
        group("helpdesk", "cn=service-desk,cn=groups", place="roles", classes=""),
        group("partners", classes="ipaUserGroup ipaObject ipaExternalGroup", extra=f"ipaExternalMember: {EXTERNAL}"),
        group("contractors", "cn=partners,cn=groups"),
        group("ipaservers", "fqdn=ipa1.t.test,cn=computers", place="hostgroups", classes="ipaHostGroup ipaObject"),
    ]
    tokens = [token("t1", "otp"), token("t2", "switchedoff", "ipatokenDisabled: TRUE")]
    policy = entry(
        *("cn=global_policy,cn=T.TEST,cn=kerberos", "top nsContainer krbPwdPolicy ipaLockPolicy", "cn: global_policy"),
        *("krbPwdMaxFailure: 6", "krbPwdLockoutDuration: 600"),
    )
    return "".join(
        [
            *(entry(dn, "top nsContainer", f"cn: {dn.partition(',')[0][3:]}") for dn in containers),
            entry("cn=ipaConfig,cn=etc", "top nsContainer ipaGuiConfig", "cn: ipaConfig", *config.splitlines()),
            *users,
            *groups,
            *tokens,
            policy,
            entry("fqdn=ipa1.t.test,cn=computers,cn=accounts", "top ipaHost", "fqdn: ipa1.t.test"),
            entry("ipaAnchorUUID=x,cn=views,cn=accounts", "top ipaUserOverride", "ipaAnchorUUID: x", "uid: override"),
            entry(
                *("uid=va01,cn=users,cn=compat", "top posixAccount", "uid: va01", "cn: va01", "uidNumber: 1001"),
                *("gidNumber: 1001", "homeDirectory: /home/va01"),
            ),
            entry("uid=plain", "top inetOrgPerson", "uid: plain", "cn: plain", "sn: plain", "userPassword: plain"),
        ]
    )


@contextmanager
def freeipa(folder: Path, config: str = "ipaConfigString: AllowNThash") -> Iterator[DirectoryServer]:
    """Run it; `config` is what cn=ipaConfig says."""
    schema = {"60ipa.ldif": SCHEMA, KERBEROS.name: KERBEROS.read_text()}
    with ds389(folder, population(config), schema=schema, aci=ACI) as server:
        add(
            server,
            "dn:\nchangetype: modify\nadd: objectClass\nobjectClass: extensibleObject\n-\n"
            "add: ipaDomainLevel\nipaDomainLevel: 1\n",
        )
        yield server

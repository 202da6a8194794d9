"""Exports as each vendor's tool writes them: who can sign in, who holds what, and what the file does not say."""

import re
from pathlib import Path

import pytest

from connectors.collect import collect
from connectors.directory.ldif import connector as ldif
from connectors.facts import Account, Collection, Complete, DoorKind, Partial, Status, System, SystemKind

SYSTEM = System("directory", SystemKind.DIRECTORY, "ldap", "Directory", holds_phi=False)
TOP = "dn: dc=t\nobjectClass: domain\ndc: t\n\n"
NO_GROUPS = "groups, of which there is none in the file"


def export(folder: Path, content: str, **options: object) -> Collection:
    file = folder / "export.ldif"
    file.write_text(content)
    if "# extended LDIF" not in content and "# returned" not in content:
        options.setdefault("expect_entries", len(re.findall(r"^dn:", content, re.MULTILINE)))
    collection = collect(ldif.connect(SYSTEM, ldif.Settings.model_validate({"file": file, **options}), folder))
    assert isinstance(collection.completeness, Complete), collection.completeness
    return collection


def accounts(collection: Collection) -> dict[str, Account]:
    return {a.login: a for a in collection.accounts}


def held(collection: Collection, login: str) -> set[str]:
    id_ = accounts(collection)[login].id
    return {collection.entitlements[g.entitlement].name for g in collection.grants if g.account == id_}


def evidence(collection: Collection) -> dict[str, str]:
    assert isinstance(collection.completeness, Complete)
    return {e.name: e.detail for e in collection.completeness.evidence}


def header(
    base: str = "dc=t", search_filter: str = "(objectClass=*)", asked: str = "* + ", scope: str = "subtree"
) -> str:
    return (
        f"# extended LDIF\n#\n# LDAPv3\n# base <{base}> with scope {scope}\n# filter: {search_filter}\n"
        f"# requesting: {asked}\n#\n\n"
    )


def end(entries: int) -> str:
    return f"# search result\nsearch: 2\nresult: 0 Success\n\n# numResponses: {entries + 1}\n# numEntries: {entries}\n"


def person(uid: str, extra: str = "", base: str = "ou=people,dc=t") -> str:
    return f"dn: uid={uid},{base}\nobjectClass: inetOrgPerson\nuid: {uid}\ncn: {uid}\nsn: x\n{extra}\n"


GROUP = "dn: cn=billing,ou=groups,dc=t\nobjectClass: groupOfNames\ncn: billing\nmember: uid=va1,ou=people,dc=t\n\n"


# Whether the groups can be in the file at all


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({}, None),
        ({"search_filter": "(objectclass=*)", "asked": "ALL"}, None),
        ({"search_filter": "(|(objectClass=inetOrgPerson)(objectClass=groupOfNames))"}, None),
        ({"asked": "uid cn member objectClass "}, None),
        ({"search_filter": "(uid=*)"}, "groups that the filter `(uid=*)` leaves out"),
        ({"search_filter": "(&(objectClass=group)(cn=x*))"}, "groups that the filter `(&(objectClass=group)(cn=x*))` "),
        ({"search_filter": "(!(objectClass=groupOfNames))"}, "groups that the filter"),
        ({"base": "ou=people,dc=t"}, "groups outside of `ou=people,dc=t`"),
        ({"base": "no name"}, "groups: the base `no name` is not understood"),
        ({"scope": "oneLevel"}, "groups below `dc=t`: the export did not ask for the whole subtree"),
        ({"asked": "uid cn objectClass "}, "members of groups: the export did not ask for `member`"),
    ],
)
def test_an_export_that_cannot_hold_all_groups_says_so_of_everybody(asked, why, tmp_path):
    collection = export(tmp_path, header(**asked) + person("va1") + GROUP + end(2))
    unread = held(collection, "va1") - {"billing"}
    assert "billing" in held(collection, "va1")
    assert (not unread) if why is None else (len(unread) == 1 and min(unread).startswith(why))


def test_a_filter_for_people_leaves_what_memberof_names(tmp_path):
    text = header(search_filter="(uid=*)") + person("va1", "memberOf: cn=billing,ou=groups,dc=t\n") + person("va2")
    collection = export(tmp_path, text + end(2))
    assert held(collection, "va1") == {"billing, not read", "groups that the filter `(uid=*)` leaves out"}
    assert held(collection, "va2") == {"groups that the filter `(uid=*)` leaves out"}


def test_one_of_several_searches_may_have_asked_for_the_groups(tmp_path):
    joined = header(search_filter="(uid=*)") + person("va1") + end(1) + header() + GROUP + end(1)
    assert held(export(tmp_path, joined), "va1") == {"billing"}


def test_a_file_without_a_header_is_whole_where_its_top_is_there(tmp_path):
    assert held(export(tmp_path, TOP + person("va1", base="dc=t")), "va1") == set(), "the directory has no group"
    assert held(export(tmp_path, person("va1")), "va1") == {NO_GROUPS}
    assert held(export(tmp_path, person("va1") + GROUP), "va1") == {"billing"}


def test_groups_outside_of_the_base_that_counts_are_told(tmp_path):
    text = TOP + person("va1") + GROUP
    narrow = export(tmp_path, text, base_dn="ou=people,dc=t")
    assert held(narrow, "va1") == {"1 groups of the file outside of `base_dn`"}
    assert held(export(tmp_path, text, base_dn="ou=people,dc=t", group_base_dn="dc=t"), "va1") == {"billing"}


def test_groups_that_show_no_member_are_not_taken_for_empty(tmp_path):
    hidden = GROUP.replace("member: uid=va1,ou=people,dc=t\n", "")
    assert held(export(tmp_path, TOP + person("va1") + hidden), "va1") == {
        "members of groups: not one of 1 groups shows any"
    }


# Groups of every kind


@pytest.mark.parametrize(
    ("kind", "listed"),
    [
        ("groupOfEntries", "member: uid=va1,ou=people,dc=t"),
        ("organizationalRole", "roleOccupant: uid=va1,ou=people,dc=t"),
        ("accessGroup", "member: uid=va1,ou=people,dc=t"),
        ("dynamicGroup", "member: uid=va1,ou=people,dc=t"),
        ("groupOfURLs", "member: uid=va1,ou=people,dc=t"),
        ("ibm-nestedGroup", "member: uid=va1,ou=people,dc=t"),
        ("univentionGroup", "uniqueMember: uid=va1,ou=people,dc=t"),
        ("posixGroupInternal", "memberUid: va1"),
        ("groupOfNames", "MEMBER: uid=va1,ou=people,dc=t"),
        ("groupOfUniqueNames", "uniquemember;x-test: uid=va1,ou=people,dc=t"),
        ("groupOfNames", "member;lang-de: uid=va1,ou=people,dc=t"),
        ("group", "member;range=0-*: uid=va1,ou=people,dc=t"),
        ("group", "member;x-a;range=0-*: uid=va1,ou=people,dc=t"),
        ("aKindOfOurOwn", "member: uid=va1,ou=people,dc=t"),
        ("nisNetgroup", "nisNetgroupTriple: (,va1,)"),
        ("sudoRole", "sudoUser: va1"),
        ("sudoRole", "sudoUser: ALL"),
        ("mailGroup", "mgrpRFC822MailMember: va1@practice.test"),
        ("zimbraDistributionList", "zimbraMailForwardingAddress: VA1@practice.test"),
    ],
)
def test_a_group_of_any_class_is_held_by_who_is_in_it(kind, listed, tmp_path):
    group = f"dn: cn=desk,dc=t\nobjectClass: {kind}\ncn: desk\n{listed}\n\n"
    collection = export(tmp_path, TOP + person("va1", "mail: va1@practice.test\n") + group)
    assert held(collection, "va1") == {"desk"}


def test_netgroups_and_rules_of_sudo_reach_through_names(tmp_path):
    groups = (
        "dn: cn=wheel,dc=t\nobjectClass: posixGroup\ncn: wheel\ngidNumber: 1\nmemberUid: va1\n\n"
        "dn: cn=inner,dc=t\nobjectClass: nisNetgroup\ncn: inner\nnisNetgroupTriple: (-,va2,-)\n\n"
        "dn: cn=outer,dc=t\nobjectClass: nisNetgroup\ncn: outer\nmemberNisNetgroup: inner\n\n"
        "dn: cn=root,dc=t\nobjectClass: sudoRole\ncn: root\nsudoUser: %wheel\nsudoUser: +outer\nsudoUser: !va3\n\n"
    )
    collection = export(tmp_path, TOP + person("va1") + person("va2") + person("va3") + groups)
    assert held(collection, "va1") == {"wheel", "root"}
    assert held(collection, "va2") == {"inner", "outer", "root"}
    assert held(collection, "va3") == set()


def test_a_rule_that_names_somebody_in_an_unclear_way_may_mean_anybody(tmp_path):
    rule = "dn: cn=root,dc=t\nobjectClass: sudoRole\ncn: root\nsudoUser: #1000\n\n"
    assert held(export(tmp_path, TOP + person("va1") + rule), "va1") == {
        "members that a search decides, which was not run, of 1 groups: `root`"
    }


def test_the_delivered_administrator_of_debian_is_an_account_and_no_group(tmp_path):
    admin = (
        "dn: cn=admin,dc=t\nobjectClass: simpleSecurityObject\nobjectClass: organizationalRole\ncn: admin\n"
        "userPassword:: e1NTSEF9eA==\n\n"
    )
    collection = export(tmp_path, TOP + admin)
    assert [(a.login, a.status) for a in collection.accounts] == [("admin", Status.UNKNOWN)]
    assert not collection.entitlements


# Vendors


def test_slapcat_writes_operational_attributes_and_no_end(tmp_path):
    kept = "structuralObjectClass: inetOrgPerson\nentryUUID: {0}\ncreateTimestamp: 20240101000000Z\n"
    text = TOP + person("va1", kept.format("u-1") + "pwdChangedTime: 20240101000000Z\n")
    text += person("va2", kept.format("u-2")) + person(
        "va3", kept.format("u-3") + "pwdAccountLockedTime: 000001010000Z\n"
    )
    found = accounts(export(tmp_path, text))
    assert {n: a.status for n, a in found.items()} == {
        "va1": Status.ACTIVE,
        "va2": Status.UNKNOWN,
        "va3": Status.DISABLED,
    }
    assert found["va1"].id == "u-1"


DB2LDIF = """\
version: 1

# entry-id: 1
dn: dc=t
objectClass: top
objectClass: domain
dc: t
nsUniqueId: 11111111-1111

# entry-id: 5
dn: uid=va1,ou=people,dc=t
objectClass: inetOrgPerson
uid: va1
cn: VA One
nsUniqueId: 22222222-2222
nsRoleDN: cn=Front Desk,dc=t
acctPolicySubentry: cn=idle,dc=t
lastLoginTime: 20200101000000Z

# entry-id: 6
dn: uid=va2,ou=people,dc=t
objectClass: inetOrgPerson
uid: va2
nsUniqueId: 33333333-3333
nsAccountLock: true

# entry-id: 7
dn: uid=va3,ou=people,dc=t
objectClass: inetOrgPerson
uid: va3
nsUniqueId: 44444444-4444
createTimestamp: 20200101000000Z
acctPolicySubentry: cn=idle,dc=t

# entry-id: 8
dn: uid=va4,ou=people,dc=t
objectClass: inetOrgPerson
uid: va4
nsUniqueId: 55555555-5555
acctPolicySubentry: cn=elsewhere,o=other

# entry-id: 9
dn: cn=idle,dc=t
objectClass: top
objectClass: ldapsubentry
objectClass: extensibleObject
objectClass: accountpolicy
accountInactivityLimit: 2592000
cn: idle

"""
ROLE = """\
# entry-id: 10
dn: cn=computed,dc=t
objectClass: LDAPsubentry
objectClass: nsRoleDefinition
objectClass: nsComplexRoleDefinition
objectClass: nsFilteredRoleDefinition
cn: computed
nsRoleFilter: (l=Austin)

"""


def test_db2ldif_tells_who_is_locked_and_whom_a_policy_of_inactivity_has_ended(tmp_path):
    collection = export(tmp_path, DB2LDIF)
    found = {n: a.status for n, a in accounts(collection).items()}
    assert found == {
        "va1": Status.EXPIRED,
        "va2": Status.DISABLED,
        "va3": Status.UNKNOWN,  # never signed in: the plug-in may count from when it was made
        "va4": Status.UNKNOWN,  # its policy is not in the file
    }
    ended = accounts(collection)["va1"].expires
    assert ended is not None
    assert (ended.year, ended.month, ended.day) == (2020, 1, 31)
    assert held(collection, "va1") == {"front desk"}


def test_a_role_that_locks_by_a_class_of_service_leaves_the_state_unknown_in_an_export(tmp_path):
    locked = DB2LDIF.replace("nsRoleDN: cn=Front Desk,dc=t", "nsRoleDN: cn=nsManagedDisabledRole,dc=t")
    locked = locked.replace("acctPolicySubentry: cn=idle,dc=t\nlastLoginTime: 20200101000000Z\n", "")
    assert accounts(export(tmp_path, locked))["va1"].status is Status.UNKNOWN


def test_roles_that_only_the_server_computes_are_told(tmp_path):
    told = "roles that the server computes, and that are not in the file"
    collection = export(tmp_path, DB2LDIF + ROLE)
    assert held(collection, "va1") == {"front desk", told}
    assert held(collection, "va2") == {told}


EDIRECTORY = """\
#This LDIF file was generated by Novell's ICE and the LDIF destination handler.
version: 1

dn: o=clinic
changetype: add
objectClass: Organization
objectClass: Top
o: clinic

dn: cn=jdoe,ou=staff,o=clinic
changetype: add
loginDisabled: FALSE
groupMembership: cn=Billing,ou=groups,o=clinic
securityEquals: cn=Billing,ou=groups,o=clinic
securityEquals: cn=admin,o=clinic
loginTime: 20261101080000Z
objectClass: inetOrgPerson
objectClass: Person
objectClass: ndsLoginProperties
objectClass: Top
cn: jdoe
workforceID: E-7

dn: cn=gone,ou=staff,o=clinic
changetype: add
loginDisabled: TRUE
objectClass: inetOrgPerson
cn: gone

dn: cn=silent,ou=staff,o=clinic
changetype: add
createTimestamp: 20240101000000Z
objectClass: inetOrgPerson
cn: silent

dn: cn=Billing,ou=groups,o=clinic
changetype: add
objectClass: groupOfNames
objectClass: dynamicGroup
cn: Billing
member: cn=jdoe,ou=staff,o=clinic
memberQueryURL: ldap:///o=clinic??sub?(ou=Billing)?x-chain

"""


def test_ice_of_edirectory_tells_it_in_its_own_attributes(tmp_path):
    collection = export(tmp_path, EDIRECTORY)
    found = accounts(collection)
    assert {n: a.status for n, a in found.items()} == {
        "jdoe": Status.ACTIVE,
        "gone": Status.DISABLED,
        "silent": Status.UNKNOWN,
    }
    assert found["jdoe"].employee_id == "E-7"
    assert found["jdoe"].last_login is not None
    computed = "members that a search decides, which was not run, of 1 groups: `Billing`"
    assert held(collection, "jdoe") == {"Billing", "admin, not read", computed}
    assert held(collection, "silent") == {computed}


OPENDJ = """\
dn: dc=example,dc=com
objectClass: domain
dc: example
entryUUID: 0

dn: uid=user.0,ou=People,dc=example,dc=com
objectClass: inetOrgPerson
uid: user.0
ds-pwp-account-disabled: true
isMemberOf: cn=Directory Administrators,ou=Groups,dc=example,dc=com
entryUUID: 1

dn: uid=user.1,ou=People,dc=example,dc=com
objectClass: inetOrgPerson
uid: user.1
pwdChangedTime: 20260101120000.000Z
ds-pwp-last-login-time: 20261101120000Z
entryUUID: 2

dn: uid=user.2,ou=People,dc=example,dc=com
objectClass: inetOrgPerson
uid: user.2
ds-pwp-account-expiration-time: 20240101000000.000Z
ds-pwp-last-login-time: Monday at noon
entryUUID: 3

dn: uid=user.3,ou=People,dc=example,dc=com
objectClass: inetOrgPerson
uid: user.3
pwdAccountLockedTime: 00000101000000.000Z
entryUUID: 4

"""


def test_export_ldif_of_opendj_tells_it_in_its_own_attributes(tmp_path):
    collection = export(tmp_path, OPENDJ)
    found = accounts(collection)
    assert {n: a.status for n, a in found.items()} == {
        "user.0": Status.DISABLED,
        "user.1": Status.ACTIVE,
        "user.2": Status.EXPIRED,
        "user.3": Status.DISABLED,
    }
    assert found["user.1"].last_login is not None
    assert found["user.2"].last_login is None, "written in a form of the site's own"
    assert held(collection, "user.0") == {"directory administrators, not read"}


AD = """\
dn: DC=clinic,DC=test
changetype: add
objectClass: top
objectClass: domainDNS
dc: clinic

dn: CN=jo,OU=Staff,DC=clinic,DC=test
changetype: add
objectClass: top
objectClass: person
objectClass: user
cn: jo
sAMAccountName: jo
userAccountControl: 512

dn: CN=dm,OU=Staff,DC=clinic,DC=test
changetype: add
objectClass: user
objectClass: computer
objectClass: msDS-DelegatedManagedServiceAccount
cn: dm
sAMAccountName: dm$
userAccountControl: 4096
msDS-ManagedAccountPrecededByLink: CN=jo,OU=Staff,DC=clinic,DC=test

dn: CN=PC1,OU=Staff,DC=clinic,DC=test
changetype: add
objectClass: user
objectClass: computer
cn: PC1
sAMAccountName: pc1$
userAccountControl: 4096

dn: CN=Billing,OU=Groups,DC=clinic,DC=test
changetype: add
objectClass: group
cn: Billing
member: CN=jo,OU=Staff,DC=clinic,DC=test
member: CN=PC1,OU=Staff,DC=clinic,DC=test
member: CN=Denise Calloway,OU=Staff,DC=clinic,DC=test

"""


def test_ldifde_of_a_whole_domain_shows_who_is_hidden_and_the_services_of_windows_2025(tmp_path):
    collection = export(tmp_path, AD)
    found = accounts(collection)
    assert set(found) == {"jo", "dm$", "cn=denise calloway,ou=staff,dc=clinic,dc=test"}
    assert (found["dm$"].service, found["dm$"].status) == (True, Status.ACTIVE)
    assert held(collection, "dm$") == {"Billing"}, "it took the place of jo, and has what jo has"
    hidden = found["cn=denise calloway,ou=staff,dc=clinic,dc=test"]
    assert (hidden.status, hidden.live) == (Status.UNKNOWN, True)
    assert hidden.name == "denise calloway, named by a group and not in the file"
    assert evidence(collection)["hidden-members"].startswith("1 ")
    assert "1 `computer`" in evidence(collection)["other-entries"]


def test_a_part_of_a_domain_calls_nobody_hidden(tmp_path):
    collection = export(tmp_path, AD.partition("dn: CN=jo")[1] + AD.partition("dn: CN=jo")[2])
    assert set(accounts(collection)) == {"jo", "dm$"}
    assert evidence(collection)["unknown-members"].startswith("1 ")


OUTSIDE = """\
dn: CN=agency.test,CN=System,DC=clinic,DC=test
changetype: add
objectClass: leaf
objectClass: trustedDomain
trustPartner: agency.test
trustDirection: 2
trustAttributes: 4

dn: CN=Partners,OU=Groups,DC=clinic,DC=test
changetype: add
objectClass: group
cn: Partners
member: CN=S-1-5-21-7-8-9-1104,CN=ForeignSecurityPrincipals,DC=clinic,DC=test

"""


def test_trusts_and_members_of_other_domains_are_doors(tmp_path):
    doors = {d.id: d for d in export(tmp_path, AD + OUTSIDE).doors}
    trust = doors["trust:agency.test"]
    assert (trust.kind, trust.who, trust.to) == (DoorKind.TRUST, "agency.test", "the domain dc=clinic,dc=test")
    member = doors["member:S-1-5-21-7-8-9-1104:cn=partners,ou=groups,dc=clinic,dc=test"]
    assert (member.kind, member.to, member.account) == (
        DoorKind.EXTERNAL_MEMBER,
        "the group Partners",
        "S-1-5-21-7-8-9-1104",
    )
    inbound = OUTSIDE.replace("trustDirection: 2", "trustDirection: 1")
    assert {d.kind for d in export(tmp_path, AD + inbound).doors} == {DoorKind.EXTERNAL_MEMBER}
    silent = OUTSIDE.replace("trustDirection: 2\n", "")
    unclear = next(d for d in export(tmp_path, AD + silent).doors if d.kind is DoorKind.TRUST)
    assert "in which direction is not shown" in unclear.detail


LDBSEARCH = """\
# record 1
dn: DC=t,DC=test
objectClass: domainDNS
objectGUID: 82289368-5467-467c-b727-9790d2f8ee00
objectSid: S-1-5-21-2945950348-1899570217-3367825489

# record 2
dn: CN=jo,CN=Users,DC=t,DC=test
objectClass: person
objectClass: user
cn: jo
objectGUID: 82289368-5467-467c-b727-9790d2f8ee18
objectSid: S-1-5-21-2945950348-1899570217-3367825489-1103
primaryGroupID: 513
userAccountControl: 514
sAMAccountName: jo

# Referral
ref: ldap:///CN=Configuration,DC=t,DC=test

# returned 3 records
# 2 entries
# 1 referrals
"""


def test_ldbsearch_of_samba_writes_identifiers_as_text_and_counts_at_its_end(tmp_path):
    collection = export(tmp_path, LDBSEARCH)
    (jo,) = collection.accounts
    assert (jo.id, jo.status) == ("82289368-5467-467c-b727-9790d2f8ee18", Status.DISABLED)
    assert held(collection, "jo") == {"S-1-5-21-2945950348-1899570217-3367825489-513, not read"}
    file = tmp_path / "cut.ldif"
    file.write_text(LDBSEARCH.replace("# 2 entries", "# 3 entries"))
    cut = collect(ldif.connect(SYSTEM, ldif.Settings(file=file), tmp_path))
    assert isinstance(cut.completeness, Partial)


def test_names_of_a_search_that_came_from_the_file_cannot_flood_a_report(tmp_path):
    collection = export(tmp_path, header(search_filter=f"(uid={'x' * 9000})") + person("va1") + end(1))
    assert max(len(name) for name in held(collection, "va1")) < 200


def test_freeipa_read_from_its_root_would_count_everybody_twice(tmp_path):
    twice = (
        "dn: uid=va1,cn=users,cn=accounts,dc=t\nobjectClass: posixAccount\nuid: va1\nnsUniqueId: u-1\n\n"
        "dn: uid=va1,cn=users,cn=compat,dc=t\nobjectClass: posixAccount\nuid: va1\n\n"
    )
    file = tmp_path / "ipa.ldif"
    file.write_text(TOP + twice)
    read = collect(ldif.connect(SYSTEM, ldif.Settings(file=file, expect_entries=3), tmp_path))
    assert isinstance(read.completeness, Partial)
    assert "stand a second time below `cn=compat,…`" in read.completeness.reason
    once = export(tmp_path, TOP + twice, base_dn="cn=accounts,dc=t")
    assert [(a.id, a.status) for a in once.accounts] == [("u-1", Status.ACTIVE)]

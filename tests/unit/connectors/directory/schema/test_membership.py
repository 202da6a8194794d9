"""Members that are no entries: everybody, somebody of another domain, and users' own groups."""

import base64
from pathlib import Path

import pytest

from connectors.collect import collect
from connectors.directory.ldif.connector import connect
from connectors.directory.ldif.settings import Settings
from connectors.directory.schema.foreign_principals import everybody, foreign_principal, identity_of
from connectors.facts import Collection, Complete, Status, System, SystemKind

SYSTEM = System("directory", SystemKind.DIRECTORY, "active-directory", "Directory", holds_phi=False)
PRINCIPALS = "CN=ForeignSecurityPrincipals,DC=t"
EXPORT = f"""\
dn: CN=VA One,DC=t
objectClass: user
sAMAccountName: va1
userAccountControl: 512

dn: CN=Everyone May,DC=t
objectClass: group
cn: Everyone May
member: CN=S-1-5-11,{PRINCIPALS}

dn: CN=Admins,DC=t
objectClass: group
cn: Admins
member: CN=Everyone May,DC=t
member: CN=S-1-5-21-7-8-9-500,{PRINCIPALS}
member: CN=S-1-5-9,{PRINCIPALS}

"""


def read(text: str, folder: Path) -> Collection:
    file = folder / "export.ldif"
    file.write_text(text)
    collection = collect(connect(SYSTEM, Settings(file=file, expect_entries=text.count("dn: ")), folder))
    assert isinstance(collection.completeness, Complete), collection.completeness
    return collection


def test_a_group_that_holds_everybody_is_held_by_everybody_with_the_path(tmp_path):
    collection = read(EXPORT, tmp_path)
    names = {e.id: e.name for e in collection.entitlements.values()}
    held = {
        names[g.entitlement]: tuple(names[p] for p in g.path)
        for g in collection.grants
        if g.account == "cn=va one,dc=t"
    }
    assert held == {
        "Authenticated Users": (),
        "Everyone May": ("Authenticated Users",),
        "Admins": ("Authenticated Users", "Everyone May"),
    }
    shared = next(e for e in collection.entitlements.values() if e.name == "Authenticated Users")
    assert shared.aliases == ("S-1-5-11",), "so that the catalog knows it whatever the language"


def test_somebody_of_another_domain_is_an_account_that_may_be_live(tmp_path):
    collection = read(EXPORT, tmp_path)
    foreign = next(a for a in collection.accounts if a.id == "S-1-5-21-7-8-9-500")
    assert (foreign.status, foreign.live) == (Status.UNKNOWN, True)
    assert {(g.account, g.entitlement) for g in collection.grants if g.account == foreign.id} == {
        ("S-1-5-21-7-8-9-500", "cn=admins,dc=t")
    }
    assert len(collection.accounts) == 2, "Windows' own identities are nobody"


def test_a_group_of_another_domain_of_the_forest_is_shown_too():
    home = ("dc=t",)
    found = foreign_principal("cn=va nine,ou=staff,dc=child,dc=forest", home)
    assert found
    assert (found.id, found.name) == ("cn=va nine,ou=staff,dc=child,dc=forest", "va nine")
    assert foreign_principal("cn=contact,dc=t", home) is None, "an entry of this domain that is no account"
    assert foreign_principal("cn=contact,dc=t", ()) is None, "without knowing the domain nobody is called foreign"
    assert foreign_principal("?CN=broken,dc=x", home) is None
    assert foreign_principal("uid:va1,dc=x", home) is None


@pytest.mark.parametrize(
    ("key", "sid"),
    [
        ("cn=s-1-5-21-1-2-3-500,cn=foreignsecurityprincipals,dc=t", "S-1-5-21-1-2-3-500"),
        ("sid:S-1-5-21-1-2-3-500", "S-1-5-21-1-2-3-500"),
        ("cn=s-1-5-11,ou=staff,dc=t", ""),  # somebody who may make a user must not make everybody of him
        ("sid:DOM\\admin", ""),
        ("cn=s-1-5-11\\,cn=foreignsecurityprincipals,dc=t", ""),
    ],
)
def test_only_the_place_for_foreign_members_makes_one(key, sid):
    assert identity_of(key) == sid


def test_only_identities_that_all_accounts_have_count_for_everybody():
    assert everybody("d", f"cn=s-1-1-0,{PRINCIPALS}".lower())
    assert everybody("d", f"cn=s-1-5-9,{PRINCIPALS}".lower()) is None, "domain controllers"


def test_a_primary_group_that_was_not_read_is_held_by_its_sid_and_known_to_the_catalog(tmp_path):
    sid = base64.b64encode(bytes.fromhex("0105000000000005150000000100000002000000030000005e040000")).decode()
    text = f"""\
dn: CN=Quiet,OU=Staff,DC=t
objectClass: user
sAMAccountName: quiet
userAccountControl: 512
objectSid:: {sid}
primaryGroupID: 512
memberOf: CN=Backup,DC=t

"""
    collection = read(text, tmp_path)
    held = {"sid:S-1-5-21-1-2-3-512", "cn=backup,dc=t", "ldap:groups-not-read"}
    assert {g.entitlement for g in collection.grants} == held
    admins = collection.entitlements["sid:S-1-5-21-1-2-3-512"]
    assert admins.aliases == ("S-1-5-21-1-2-3-512",), "so that Domain Admins is seen for what it is"


def test_a_users_own_group_is_left_out_unless_somebody_is_in_it(tmp_path):
    own = """\
dn: uid={0},cn=users,cn=accounts,dc=t
objectClass: posixAccount
uid: {0}
gidNumber: {1}
ipaUniqueID: {0}

dn: cn={0},cn=groups,cn=accounts,dc=t
objectClass: posixGroup
objectClass: mepManagedEntry
cn: {0}
gidNumber: {1}
"""
    text = own.format("va1", 1) + "\n" + own.format("va2", 2) + "memberUid: va1\n\n"
    collection = read(text, tmp_path)
    assert [e.name for e in collection.entitlements.values()] == ["va2"]
    assert {g.account for g in collection.grants} == {"va1", "va2"}
    evidence = {e.name: e.detail for e in collection.completeness.evidence}
    assert "unknown-groups" not in evidence

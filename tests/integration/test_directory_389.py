"""The LDAP connector against a real 389 Directory Server."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.collect import collect
from connectors.directory.ldap import connector as ldap
from connectors.facts import Collection, EntitlementKind, Status, System, SystemKind
from policies.catalogs.catalog import Unclassified
from policies.policy import load_policy
from tests.completeness import reason
from tests.integration.slapd import DirectoryServer, make_certificate
from tests.servers.directory import OUS, SECRET_ENV, bind, by_login, group, held, person, settings_for, whole
from tests.servers.ds389 import add, ds389

SYSTEM = System("directory", SystemKind.DIRECTORY, "ds389", "Directory", holds_phi=False)
ROLE = """\
dn: cn=Front Desk,dc=t
objectClass: top
objectClass: LDAPsubentry
objectClass: nsRoleDefinition
objectClass: nsSimpleRoleDefinition
objectClass: nsManagedRoleDefinition
cn: Front Desk

dn: cn=Everybody At Work,dc=t
objectClass: top
objectClass: LDAPsubentry
objectClass: nsRoleDefinition
objectClass: nsComplexRoleDefinition
objectClass: nsNestedRoleDefinition
cn: Everybody At Work
nsRoleDN: cn=Front Desk,dc=t

"""
ADMINISTRATORS = """\
dn: cn=Directory Administrators,dc=t
objectClass: groupOfUniqueNames
cn: Directory Administrators
uniqueMember: uid=va04,ou=people,dc=t

"""
PRACTICE = (
    OUS
    + ROLE
    + ADMINISTRATORS
    + "".join(person(f"va{n:02}") for n in range(8))
    + person("disabled", "nsAccountLock: true\n")
    + person("lockme")
    + person("desk", "nsRoleDN: cn=Front Desk,dc=t\n")
    + group("outer", "cn=middle,ou=groups,dc=t")
    + group("middle", "CN=Inner, OU=Groups, DC=T")
    + group("inner", "uid=va01,ou=people,dc=t", "cn=outer,ou=groups,dc=t")
    + group("mfa", "cn=inner,ou=groups,dc=t", "uid=va02,ou=people,dc=t", "uid=gone,ou=people,dc=t")
    + group("empty")
)
NEW_PASSWORD = "dn: uid=va05,ou=people,dc=t\nchangetype: modify\nreplace: userPassword\nuserPassword: another\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DirectoryServer]:
    with ds389(tmp_path_factory.mktemp("ds389"), PRACTICE) as running:
        for _ in range(3):
            assert not bind(running, "uid=lockme,ou=people,dc=t", "wrong")
        assert bind(running, "uid=va03,ou=people,dc=t", "va03")
        add(running, NEW_PASSWORD)
        yield running


@pytest.fixture
def read(server: DirectoryServer, monkeypatch: pytest.MonkeyPatch):
    def run(**changes: object) -> Collection:
        monkeypatch.setenv(SECRET_ENV, server.password)
        return collect(ldap.connect(SYSTEM, settings_for(server, **changes), Path()))

    return run


def test_every_account_and_group_is_read_whatever_the_page_size(read):
    once = whole(read())
    assert len(once.accounts) == 12
    for size in (1, 4):
        again = whole(read(page_size=size))
        assert (set(by_login(again)), again.grants) == (set(by_login(once)), once.grants)


def test_ldaps_and_starttls_give_the_same(read, server):
    assert whole(read(url=server.url)).grants == whole(read()).grants


def test_the_server_says_that_it_is_389(read):
    evidence = {e.name: e.detail for e in whole(read()).completeness.evidence}
    assert evidence["directory"] == "389 Directory Server"
    assert evidence["unknown-members"] == "1 member values name no entry that was read"


def test_disabled_and_locked_accounts_are_told_apart(read):
    accounts = by_login(whole(read()))
    assert accounts["disabled"].status is Status.DISABLED
    assert accounts["lockme"].status is Status.LOCKED, "until an administrator ends it"
    assert accounts["va01"].status is Status.ACTIVE


def test_sign_ins_are_known_where_the_server_records_them(read):
    accounts = by_login(whole(read()))
    now = datetime.now(UTC)
    assert now - accounts["va03"].last_login < timedelta(minutes=10)
    assert accounts["va04"].last_login is None, "389 does not say never"


def test_groups_in_groups_are_followed_through_a_cycle(read):
    groups = held(whole(read()), "va01")
    assert groups == {"inner": (), "middle": ("inner",), "mfa": ("inner",), "outer": ("inner", "middle")}


def test_roles_count_as_the_server_computes_them(read):
    collection = whole(read())
    assert held(collection, "desk") == {"front desk": (), "everybody at work": ()}
    kinds = {e.kind for e in collection.entitlements.values() if e.name in {"front desk", "everybody at work"}}
    assert kinds == {EntitlementKind.ROLE}


def test_the_group_of_the_directorys_administrators_is_known_by_its_place(read):
    collection = whole(read())
    entitlement = collection.entitlements["cn=directory administrators,dc=t"]
    reading = load_policy().catalogs.read(SYSTEM, [entitlement])[entitlement.id]
    assert not isinstance(reading, Unclassified)
    assert reading.mask & load_policy().vocabulary.mask(["system.admin"])


def test_members_of_the_mfa_group_must_use_mfa_even_through_a_group(read):
    accounts = by_login(whole(read(mfa_group="mfa")))
    assert (accounts["va01"].mfa, accounts["va02"].mfa, accounts["va03"].mfa) == (True, True, False)


def test_a_refused_sign_in_is_told(read):
    refused = read(bind_dn="uid=disabled,ou=people,dc=t")
    assert "result 53 (unwillingToPerform) while signing in" in reason(refused)


def test_the_certificate_is_checked(read, tmp_path):
    stranger, _, _ = make_certificate(tmp_path)
    assert "is not trusted" in reason(read(ca_file=stranger))


@pytest.mark.parametrize(
    ("limit", "page_size", "told"),
    [
        ("nsPagedSizeLimit: 5", 500, "result 4 (sizeLimitExceeded)"),  # 389 counts the entries of each page alone
        ("nsPagedLookThroughLimit: 5\nnsLookThroughLimit: 5", 3, "result 11 (adminLimitExceeded)"),
    ],
)
def test_a_limit_of_the_auditors_account_makes_the_collection_partial(server, monkeypatch, limit, page_size, told):
    add(server, person("limited", f"{limit}\n"))
    try:
        monkeypatch.setenv(SECRET_ENV, "limited")
        settings = settings_for(server, bind_dn="uid=limited,ou=people,dc=t", page_size=page_size)
        assert told in reason(collect(ldap.connect(SYSTEM, settings, Path())))
    finally:
        add(server, "dn: uid=limited,ou=people,dc=t\nchangetype: delete\n")


def test_a_limit_on_pages_alone_is_no_limit_on_one_search_that_ends_well(server, monkeypatch):
    add(server, person("limited", "nsPagedLookThroughLimit: 5\n"))
    try:
        monkeypatch.setenv(SECRET_ENV, "limited")
        settings = settings_for(server, bind_dn="uid=limited,ou=people,dc=t", page_size=3)
        assert len(whole(collect(ldap.connect(SYSTEM, settings, Path()))).accounts) == 13
    finally:
        add(server, "dn: uid=limited,ou=people,dc=t\nchangetype: delete\n")


def test_an_account_that_nobody_uses_is_ended_by_its_policy_as_the_server_ends_it(read, server):
    policy = (
        "dn: cn=idle,dc=t\nobjectClass: top\nobjectClass: ldapsubentry\nobjectClass: extensibleObject\n"
        "objectClass: accountpolicy\naccountInactivityLimit: {0}\ncn: idle\n\n"
    )
    bound = "acctPolicySubentry: cn=idle,dc=t\n"
    people = (("idle", bound + "lastLoginTime: 20200101000000Z\n"), ("fresh", bound), ("never", bound))
    add(server, policy.format(86_400) + "".join(person(uid, extra) for uid, extra in people))
    try:
        assert bind(server, "uid=fresh,ou=people,dc=t", "fresh")
        assert not bind(server, "uid=idle,ou=people,dc=t", "idle"), "the server itself refuses the sign-in"
        accounts = by_login(whole(read()))
    finally:
        names = [f"uid={uid},ou=people,dc=t" for uid, _ in people] + ["cn=idle,dc=t"]
        add(server, "".join(f"dn: {dn}\nchangetype: delete\n\n" for dn in names))
    assert (accounts["idle"].status, accounts["idle"].live) == (Status.EXPIRED, False)
    assert accounts["idle"].expires == datetime(2020, 1, 2, tzinfo=UTC)
    assert accounts["fresh"].status is Status.ACTIVE
    assert accounts["never"].status is Status.ACTIVE, "made a moment ago"


def test_every_check_before_the_first_page_passes_and_says_what_is_not_used(server, monkeypatch):
    monkeypatch.setenv(SECRET_ENV, server.password)
    with ldap.connect(SYSTEM, settings_for(server), Path()) as connector:
        told = {step.name: step.run() for step in connector.steps()}
    assert told["server"] == "this is 389 Directory Server; the catalog `ds389` knows its groups"
    assert "12 accounts and 6 groups" in told["rights"]
    assert "displayName" in told["rights"], "nobody has one, and that may also mean: not allowed"


def test_rights_that_are_too_narrow_are_named_before_anything_is_read(tmp_path, monkeypatch):
    narrow = '(targetattr="objectClass || uid || cn || member")(version 3.0; acl "n"; allow (read, search) userdn="ldap:///all";)'
    with ds389(tmp_path, PRACTICE, aci=narrow) as own:
        monkeypatch.setenv(SECRET_ENV, own.password)
        with ldap.connect(SYSTEM, settings_for(own), Path()) as connector:
            *_, rights = connector.steps()
            with pytest.raises(Exception, match="shows no `nsUniqueId` on any of 12 accounts"):
                rights.run()

"""
The LDAP connector against an Active Directory domain (Samba); `tests/servers/samba_seed.py` says who is in it.

Everything that asks Samba is in this one file: the tests of a file run in one process, and a domain takes 9 s of
processor time to make.
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest

from connectors.collect import collect
from connectors.directory.ldap import connector as ldap
from connectors.directory.ldap.read import whole_group
from connectors.directory.ldap.sign_in import Simple
from connectors.directory.ldap.target import LdapSearch, LdapTarget
from connectors.directory.ldap.wire import LdapConnection
from connectors.errors import SourceDenied
from connectors.facts import NEVER, Collection, DoorKind, Status, System, SystemKind
from policies.catalogs.catalog import Unclassified
from policies.policy import load_policy
from tests.completeness import reason
from tests.integration.slapd import make_certificate, missing
from tests.servers.directory import SECRET_ENV, by_login, held, settings_for, whole
from tests.servers.samba import HOST, PASSWORD, Samba, samba

SYSTEM = System("directory", SystemKind.DIRECTORY, "active-directory", "Directory", holds_phi=False)
DEBIAN_PACKAGES = Path("/usr/lib/python3/dist-packages")
FOREIGN = "S-1-5-21-111-222-333-1105"
UNSEEN = "cn=name of unseen,ou=staff,dc=t,dc=test"
EVERYONE = {"Domänen-Benutzer", "Users", "Authenticated Users", "Interactive", "Shared"} | {
    "Pre-Windows 2000 Compatible Access"
}


@pytest.fixture(scope="module")
def samba_domain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Samba]:
    """Run a Samba domain, with one account locked by failures and one that has signed in."""
    with samba(tmp_path_factory.mktemp("samba")) as running:
        for _ in range(3):
            assert not running.sign_in("locked", "wrong")
        assert running.sign_in("signedin")
        yield running


@pytest.fixture(scope="module")
def read(samba_domain: Samba) -> Callable[..., Collection]:
    """Read with these settings; what was read with them before is given again, for a read costs half a second."""

    @cache
    def run(**changes: object) -> Collection:
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv(SECRET_ENV, PASSWORD)
            return collect(ldap.connect(SYSTEM, settings_for(samba_domain.server, **changes), Path()))

    return run


def test_every_account_is_read_and_nothing_that_is_none(read):
    logins = set(by_login(whole(read())))
    ours = {"auditor", "va01", "va02", "boss", "clerk", "disabled", "expired", "forever", "locked", "unlocked"}
    ours |= {"signedin", "lagging", "never", "oldpass", "mustchange", "card", "gmsa$"}
    assert logins == ours | {"Administrator", "Guest", "krbtgt", "dns-dc1", FOREIGN, UNSEEN}, (
        "neither the computers PC1 and DC1, nor 1,600 contacts, nor the user who was deleted"
    )


def test_pages_of_any_size_give_the_same(read):
    once = read()
    again = read(page_size=3)
    assert (again.grants, again.entitlements) == (once.grants, once.entitlements)
    assert set(by_login(again)) == set(by_login(once))


def test_ldaps_and_starttls_give_the_same(read, samba_domain):
    assert whole(read(url=samba_domain.server.url)).grants == whole(read()).grants


def test_the_server_says_that_it_is_samba(read):
    evidence = {e.name: e.detail for e in whole(read(canary="auditor")).completeness.evidence}
    assert evidence["directory"] == "Samba AD"
    assert evidence["scope"] == "dc=t,dc=test"
    assert evidence["canary"] == "auditor seen"
    assert "AD's own partitions" in evidence["references"], "referrals to them are real here"


def test_disabled_expired_and_locked_accounts_are_told_apart(read):
    status = {login: a.status for login, a in by_login(whole(read())).items()}
    assert status["disabled"] is Status.DISABLED
    assert status["expired"] is Status.EXPIRED
    assert status["locked"] is Status.LOCKED, "which userAccountControl does not say"
    assert status["unlocked"] is Status.ACTIVE, "lockoutTime is still there, the lock is over"
    assert status["forever"] is Status.ACTIVE
    assert status["mustchange"] is Status.ACTIVE
    assert status[FOREIGN] is Status.UNKNOWN


def test_the_last_sign_in_comes_with_its_doubt(read):
    accounts = by_login(whole(read()))
    now = datetime.now(UTC)
    assert now - accounts["signedin"].last_login < timedelta(minutes=10)
    lagging = accounts["lagging"]
    assert timedelta(days=9) < now - lagging.last_login < timedelta(days=11)
    assert lagging.last_login_lag_days == 14, "another server may know a later one that is not replicated"
    assert accounts["never"].last_login is NEVER


def test_a_person_is_found_by_name_mail_and_number(read):
    account = by_login(whole(read()))["va01"]
    assert (account.name, account.email, account.employee_id) == ("Jürgen Müller", "va01@practice.test", "E-1")
    assert len(account.id) == 36, "the objectGUID, which survives a rename"


def test_a_managed_service_account_is_an_account_of_no_person(read):
    accounts = by_login(whole(read()))
    assert accounts["gmsa$"].service
    assert not accounts["va01"].service


def test_groups_in_groups_are_followed_through_a_cycle_with_their_paths(read):
    groups = held(whole(read()), "va01")
    assert {name: path for name, path in groups.items() if name not in EVERYONE} == {
        "Inner": (),
        "Middle": ("Inner",),
        "mfa": ("Inner",),
        "Outer": ("Inner", "Middle"),
    }


def test_our_nesting_is_what_the_server_itself_computes(read, samba_domain):
    wire = LdapConnection(_target(samba_domain), Simple("auditor@t.test", PASSWORD))
    base = samba_domain.server.base_dn
    chain = f"(member:1.2.840.113556.1.4.1941:=CN=Name of va01,OU=Staff,{base})"
    try:
        computed = {e.text("cn") for e in wire.read_all(base, chain, ("cn",))}
    finally:
        wire.close()
    assert computed == set(held(whole(read()), "va01")) - EVERYONE, "primary group and everybody are not in the chain"


def test_the_primary_group_counts_though_it_lists_no_member(read):
    collection = whole(read())
    assert held(collection, "clerk")["Clerks"] == ()
    assert held(collection, "va02")["Domänen-Benutzer"] == ()


def test_what_authenticated_users_may_do_everybody_may(read):
    collection = whole(read())
    assert held(collection, "never")["Shared"] == ("Authenticated Users",)
    assert held(collection, "never")["Pre-Windows 2000 Compatible Access"] == ("Authenticated Users",)
    assert set(held(collection, "never")) == EVERYONE


def test_a_member_from_another_domain_is_shown_with_what_it_holds(read):
    collection = whole(read())
    assert held(collection, FOREIGN) == {"Partners": ()}
    (door,) = collection.doors
    assert (door.kind, door.to, door.account) == (DoorKind.EXTERNAL_MEMBER, "the group Partners", FOREIGN)
    evidence = {e.name: e.detail for e in collection.completeness.evidence}
    assert evidence["foreign-members"] == "1 accounts or groups of other domains are members"


def test_members_of_the_mfa_group_must_use_mfa_even_through_a_group(read):
    accounts = by_login(whole(read(mfa_group="mfa")))
    assert (accounts["va01"].mfa, accounts["va02"].mfa, accounts["boss"].mfa) == (True, True, False)


def test_whoever_needs_a_smart_card_has_a_second_factor_whatever_the_group_says(read):
    alone, beside = by_login(whole(read())), by_login(whole(read(mfa_group="mfa")))
    assert (alone["card"].mfa, beside["card"].mfa) == (True, True)
    assert alone["va01"].mfa is None, "a password that suffices does not say that nothing else is asked for"


def test_a_group_that_the_auditor_may_not_see_is_held_all_the_same(read):
    collection = whole(read())
    assert held(collection, "forever")["hidden, not read"] == ()
    assert not any(e.name == "Hidden" for e in collection.entitlements.values())
    hidden = next(e for e in collection.entitlements.values() if e.name == "hidden, not read")
    assert isinstance(load_policy().catalogs.read(SYSTEM, [hidden])[hidden.id], Unclassified), "and never harmless"
    evidence = {e.name: e.detail for e in collection.completeness.evidence}
    assert evidence["groups-elsewhere"] == "1 are held and were not read: hidden, or outside of it"
    assert "hidden groups are, where one who is seen is in them" in evidence["limits"]


@pytest.mark.parametrize("first", [9, 1499])
def test_members_that_come_in_ranges_are_fetched_to_the_last(samba_domain, first):
    # Samba sends all 1,600 at once; asked for a range, it answers as Windows does unasked.
    wire = LdapConnection(_target(samba_domain), Simple("auditor@t.test", PASSWORD))
    search = LdapSearch("groups", samba_domain.server.base_dn, "(cn=Big)", ("cn", f"member;range=0-{first}"), 10)
    try:
        (entry,), _, _ = wire.page(search, b"")
        assert "member" not in entry.attributes, "the first page must not be whole, or nothing is tested"
        assert len(set(whole_group("directory", wire, entry).attributes["member"])) == 1600
    finally:
        wire.close()


def test_built_in_groups_are_known_by_their_sid_whatever_the_language(read):
    collection = whole(read())
    catalogs = load_policy().catalogs
    by_name = {e.name: e for e in collection.entitlements.values()}
    vocabulary = load_policy().vocabulary
    for name in ("Domänen-Admins", "Administradores"):
        reading = catalogs.read(SYSTEM, [by_name[name]])[by_name[name].id]
        assert not isinstance(reading, Unclassified)
        assert reading.mask & vocabulary.mask(["identity.admin"])
    assert held(collection, "boss")["Administradores"] == ("IT-Helpers", "Domänen-Admins")


def test_every_group_of_a_fresh_domain_is_classified(read):
    collection = whole(read())
    ours = {"Inner", "Middle", "Outer", "mfa", "Partners", "Shared", "IT-Helpers", "Clerks", "Big"}
    readings = load_policy().catalogs.read(SYSTEM, list(collection.entitlements.values()))
    unknown = {collection.entitlements[id_].name for id_, r in readings.items() if isinstance(r, Unclassified)}
    assert unknown == ours | {"hidden, not read"}


def test_a_part_of_the_tree_names_what_it_is_part_of_and_keeps_foreign_members(read):
    collection = whole(read(base_dn="OU=Staff,DC=t,DC=test"))
    evidence = {e.name: e.detail for e in collection.completeness.evidence}
    assert evidence["scope"] == "ou=staff,dc=t,dc=test, part of dc=t,dc=test"
    outside = "groups outside of `OU=Staff,DC=t,DC=test`, where none were looked for"
    assert held(collection, FOREIGN) == {"Partners": (), outside: ()}
    assert outside in held(collection, "va01"), "what Domain Users is in, for one, is not known"


def test_groups_from_the_root_make_a_part_of_the_accounts_whole(read):
    collection = whole(read(base_dn="OU=Staff,DC=t,DC=test", group_base_dn="DC=t,DC=test"))
    assert not any(id_.startswith("ldap:") for id_ in collection.entitlements)
    assert held(collection, "boss")["Administradores"] == ("IT-Helpers", "Domänen-Admins")
    evidence = {e.name: e.detail for e in collection.completeness.evidence}
    assert evidence["members-elsewhere"].endswith("members stand outside of the base")


def test_whoever_is_looked_up_is_told_for_what_he_is(read):
    evidence = {e.name: e.detail for e in whole(read()).completeness.evidence}
    assert evidence["other-members"].startswith("16"), "the contacts of the large group"
    assert evidence["hidden-members"] == "1 members of groups were not shown: each may be an account"


def test_an_account_that_the_auditor_may_not_see_may_be_live_and_holds_the_groups_that_name_it(read):
    collection = whole(read())
    unseen = by_login(collection)[UNSEEN]
    assert (unseen.status, unseen.live) == (Status.UNKNOWN, True)
    assert unseen.name == "name of unseen, hidden from the auditor's account"
    assert held(collection, UNSEEN) == {"Partners": ()}


def test_a_group_outside_of_the_part_that_is_read_is_held_all_the_same(read):
    collection = whole(read(base_dn="OU=Staff,DC=t,DC=test"))
    assert held(collection, "boss")["domänen-admins, not read"] == ("IT-Helpers",)
    evidence = {e.name: e.detail for e in collection.completeness.evidence}
    elsewhere = {e.name for e in collection.entitlements.values() if e.name.endswith(", not read")}
    assert {name.rpartition("-")[2] for name in elsewhere} == {
        "hidden, not read",
        "513, not read",
        "515, not read",
        "admins, not read",
        "benutzer, not read",
    }
    assert evidence["groups-elsewhere"] == f"{len(elsewhere)} are held and were not read: hidden, or outside of it"
    primary = next(e for e in collection.entitlements.values() if e.aliases and e.aliases[0].endswith("-513"))
    assert held(collection, "boss")[primary.name] == ()
    reading = load_policy().catalogs.read(SYSTEM, [primary])[primary.id]
    assert not isinstance(reading, Unclassified), "by its SID the catalog knows it"


def test_the_certificate_is_checked(read, tmp_path):
    stranger, _, _ = make_certificate(tmp_path)
    assert "is not trusted" in reason(read(ca_file=stranger))
    assert "is not trusted" in reason(read(server_name="dc2.t.test"))
    assert whole(read(server_name="dc1.t.test"))


def test_a_refused_sign_in_says_why(read, monkeypatch, samba_domain):
    assert "the account is disabled" in reason(read(bind_dn="disabled@t.test"))
    assert "the account is locked" in reason(read(bind_dn="locked@t.test"))
    monkeypatch.setenv(SECRET_ENV, "wrong")
    refused = collect(ldap.connect(SYSTEM, settings_for(samba_domain.server), Path()))
    assert "the password is wrong" in reason(refused)


def test_a_base_of_another_domain_is_not_an_empty_directory(read):
    assert "result" in reason(read(base_dn="DC=other"))


def test_a_plain_user_of_the_domain_passes_every_check(samba_domain, monkeypatch):
    monkeypatch.setenv(SECRET_ENV, PASSWORD)
    with ldap.connect(SYSTEM, settings_for(samba_domain.server), Path()) as connector:
        told = {step.name: step.run() for step in connector.steps()}
    assert list(told) == ["sign-in", "server", "base", "rights"]
    assert told["server"] == "this is Samba AD; the catalog `active-directory` knows its groups"
    assert told["rights"].startswith("21 accounts and 45 groups on the first pages")


def _target(domain: Samba) -> LdapTarget:
    server = domain.server
    return LdapTarget("directory", server.host, 636, True, False, server.ca_file, server.host, 10)


def test_the_catalog_of_another_directory_is_refused_before_its_administrators_are_unclassified(
    samba_domain, monkeypatch
):
    monkeypatch.setenv(SECRET_ENV, PASSWORD)
    system = replace(SYSTEM, product="ldap")
    with ldap.connect(system, settings_for(samba_domain.server), Path()) as connector:
        server = next(step for step in connector.steps() if step.name == "server")
        with pytest.raises(SourceDenied, match="is Samba AD, but its `product` is `ldap`") as told:
            server.run()
    assert "--product active-directory" in told.value.hint
    with ldap.connect(replace(SYSTEM, product="our-groups"), settings_for(samba_domain.server), Path()) as connector:
        assert "and not `our-groups`" in connector.steps()[1].run(), "a catalog of the practice's own is its choice"


@pytest.fixture
def by_ticket(samba_domain: Samba, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Sign in to Samba with the package `gssapi` of Debian, unless the environment has its own."""
    if not (DEBIAN_PACKAGES / "gssapi").is_dir():
        missing("the Python package `gssapi`", "python3-gssapi")
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    for name in ("gssapi", "decorator.py"):
        (shelf / name).symlink_to(DEBIAN_PACKAGES / name)
    monkeypatch.syspath_prepend(str(shelf))
    monkeypatch.setenv("KRB5_CONFIG", str(samba_domain.krb5_config))
    monkeypatch.setenv("KRB5CCNAME", f"FILE:{tmp_path / 'tickets'}")
    monkeypatch.setenv("KRB5_CLIENT_KTNAME", str(samba_domain.keytab))
    monkeypatch.delenv(SECRET_ENV, raising=False)

    def run(**changes: object) -> Collection:
        given = {"bind": "kerberos", "bind_dn": None, "password_env": None, "server_name": HOST, **changes}
        return collect(ldap.connect(SYSTEM, settings_for(samba_domain.server, **given), Path()))

    return run


def test_a_kerberos_ticket_signs_in_without_any_password(by_ticket, read, samba_domain):
    by_keytab = whole(by_ticket())
    assert whole(by_ticket(url=samba_domain.server.url)).grants == by_keytab.grants, "by StartTLS as well"
    assert whole(read()).grants == by_keytab.grants


def test_without_a_ticket_it_says_how_to_get_one(by_ticket, monkeypatch, tmp_path):
    monkeypatch.setenv("KRB5_CLIENT_KTNAME", str(tmp_path / "nothing"))
    text = reason(by_ticket())
    assert f"no Kerberos ticket for `ldap/{HOST}`" in text


def test_a_server_that_the_domain_does_not_know_by_that_name_is_said_to_be(by_ticket, samba_domain):
    text = reason(by_ticket(server_name=samba_domain.server.host))
    assert f"no Kerberos ticket for `ldap/{samba_domain.server.host}`" in text
    assert "not found" in text


def test_without_the_package_kerberos_says_what_to_install(samba_domain, monkeypatch):
    monkeypatch.setitem(sys.modules, "gssapi", None)  # what Python does for a package that is not there
    settings = settings_for(samba_domain.server, bind="kerberos", bind_dn=None, password_env=None, server_name=HOST)
    collection = collect(ldap.connect(SYSTEM, settings, Path()))
    assert "`bind: kerberos` needs the Python package `gssapi`" in reason(collection)
    assert "pip install gssapi" in collection.completeness.hint

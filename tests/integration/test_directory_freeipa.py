"""FreeIPA's shapes on the server that it is built on, read over LDAP; `tests/servers/freeipa.py` says who is in it."""

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
from tests.integration.slapd import DirectoryServer
from tests.servers.directory import SECRET_ENV, by_login, held, settings_for, whole
from tests.servers.ds389 import add
from tests.servers.freeipa import EXTERNAL, WAYS, freeipa

SYSTEM = System("directory", SystemKind.DIRECTORY, "freeipa", "Directory", holds_phi=False)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DirectoryServer]:
    with freeipa(tmp_path_factory.mktemp("freeipa")) as running:
        yield running


@pytest.fixture
def read(server: DirectoryServer, monkeypatch: pytest.MonkeyPatch):
    def run(who: str = "reader", **changes: object) -> Collection:
        monkeypatch.setenv(SECRET_ENV, who)
        given = {"base_dn": "cn=accounts,dc=t", "bind_dn": f"uid={who},dc=t", **changes}
        return collect(ldap.connect(SYSTEM, settings_for(server, **given), Path()))

    return run


def test_people_are_accounts_and_machines_services_and_overrides_are_not(read):
    logins = set(by_login(whole(read())))
    assert logins == {"admin", "va01", "disabled", "expired", "locked", "unlocked", "helper", *WAYS, EXTERNAL}


def test_the_server_says_that_it_is_freeipa(read):
    evidence = {e.name: e.detail for e in whole(read()).completeness.evidence}
    assert evidence["directory"] == "FreeIPA"
    assert evidence["private-groups"] == "13 that stand for one user each are left out"


def test_reading_from_the_root_is_refused_because_users_stand_there_twice(read):
    collection = read(base_dn="dc=t")
    assert "users stand a second time below `cn=compat,dc=t`" in reason(collection)
    assert collection.completeness.hint == "set `base_dn: cn=accounts,dc=t`"


def test_disabled_expired_and_locked_accounts_are_told_apart(read):
    status = {login: a.status for login, a in by_login(whole(read())).items()}
    assert status["disabled"] is Status.DISABLED
    assert status["expired"] is Status.EXPIRED
    assert status["locked"] is Status.LOCKED
    assert status["unlocked"] is Status.ACTIVE, "the policy locks for ten minutes"
    assert status["va01"] is Status.ACTIVE


def test_without_the_role_a_lock_is_not_seen_and_the_account_counts_as_live_all_the_same(read):
    locked = by_login(whole(read("plain")))["locked"]
    assert (locked.status, locked.live) == (Status.ACTIVE, True)


@pytest.mark.parametrize(
    ("login", "with_role", "without"),
    [
        ("otp", True, None),
        ("tokenless", False, None),  # FreeIPA takes the password alone until there is a token
        ("switchedoff", False, None),
        ("either", False, False),
        ("radius", None, None),
        ("key", True, True),
        ("va01", False, False),  # nothing is said for this user, nor for all: a password
    ],
)
def test_a_second_factor_is_told_by_the_ways_to_sign_in_and_by_tokens(read, login, with_role, without):
    assert by_login(whole(read()))[login].mfa is with_role
    assert by_login(whole(read("plain")))[login].mfa is without


def test_the_mfa_group_of_the_configuration_outranks_it(read):
    accounts = by_login(whole(read(mfa_group="staff")))
    assert (accounts["va01"].mfa, accounts["otp"].mfa) == (True, False)


def test_the_last_sign_in_is_known_only_where_one_server_records_all(read, server):
    at = by_login(whole(read()))["va01"].last_login
    assert timedelta(hours=23) < datetime.now(UTC) - at < timedelta(hours=25)
    assert by_login(whole(read()))["admin"].last_login is None, "FreeIPA does not say never"
    assert by_login(whole(read("plain")))["va01"].last_login is None, "that takes the role"
    second = "dn: cn=ipaservers,cn=hostgroups,cn=accounts,dc=t\nchangetype: modify\n{}: member\nmember: fqdn=ipa2\n"
    add(server, second.format("add"))
    try:
        assert by_login(whole(read()))["va01"].last_login is None, "the other server may know a later one"
    finally:
        add(server, second.format("delete"))


def test_what_the_whole_installation_says_is_heeded(tmp_path, monkeypatch):
    config = "ipaConfigString: KDC:Disable Last Success\nipaUserAuthType: passkey\nipaUserAuthType: disabled"
    monkeypatch.setenv(SECRET_ENV, "reader")
    with freeipa(tmp_path, config) as own:
        settings = settings_for(own, base_dn="cn=accounts,dc=t")
        accounts = by_login(whole(collect(ldap.connect(SYSTEM, settings, Path()))))
    assert accounts["va01"].last_login is None, "sign-ins are no longer recorded, so the one that is there is stale"
    assert accounts["va01"].mfa is True
    assert accounts["either"].mfa is True, "what users may choose themselves does not count"


def test_groups_in_groups_and_in_roles_are_followed(read):
    collection = whole(read())
    assert held(collection, "va01") == {"ipausers": (), "nurses": (), "staff": ("nurses",)}
    assert held(collection, "helper") == {"service-desk": (), "helpdesk": ("service-desk",)}
    kinds = {e.name: e.kind for e in collection.entitlements.values()}
    assert (kinds["helpdesk"], kinds["service-desk"]) == (EntitlementKind.ROLE, EntitlementKind.GROUP)


def test_a_member_from_an_ad_domain_is_shown_with_what_it_holds(read):
    assert held(whole(read()), EXTERNAL) == {"partners": (), "contractors": ("partners",)}


def test_groups_that_freeipa_brings_are_known_by_their_place_and_others_are_not(read):
    collection = whole(read())
    readings = load_policy().catalogs.read(SYSTEM, list(collection.entitlements.values()))
    unknown = {collection.entitlements[i].name for i, r in readings.items() if isinstance(r, Unclassified)}
    assert unknown == {"nurses", "staff", "service-desk", "partners", "contractors"}
    vocabulary = load_policy().vocabulary
    assert readings["cn=admins,cn=groups,cn=accounts,dc=t"].mask & vocabulary.mask(["system.admin"])
    assert readings["cn=helpdesk,cn=roles,cn=accounts,dc=t"].mask & vocabulary.mask(["user.admin"])


def test_every_check_before_the_first_page_passes(server, monkeypatch):
    monkeypatch.setenv(SECRET_ENV, "reader")
    with ldap.connect(SYSTEM, settings_for(server, base_dn="cn=accounts,dc=t"), Path()) as connector:
        told = {step.name: step.run() for step in connector.steps()}
    assert told["server"] == "this is FreeIPA; the catalog `freeipa` knows its groups"
    assert told["base"] == "cn=accounts,dc=t is there"
    assert "krbLastSuccessfulAuth" not in told["rights"], "it is seen, because the role allows it"

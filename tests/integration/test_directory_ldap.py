"""The LDAP connector against a real OpenLDAP."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.collect import collect
from connectors.connector import Page
from connectors.directory.ldap import connector as ldap
from connectors.directory.ldif import connector as ldif
from connectors.directory.schema import membership
from connectors.errors import SourceError, SourceUnreachable
from connectors.facts import Collection, Status
from tests.completeness import reason
from tests.integration.slapd import DirectoryServer, make_certificate, slapd
from tests.servers.directory import (
    OUS,
    PRACTICE,
    SECRET_ENV,
    SYSTEM,
    bind,
    by_login,
    group,
    held,
    lasting,
    ldapsearch,
    person,
    settings_for,
    whole,
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DirectoryServer]:
    with slapd(tmp_path_factory.mktemp("slapd"), PRACTICE) as running:
        for _ in range(3):
            bind(running, "uid=lockme,ou=people,dc=t", "wrong")
        assert bind(running, "uid=va05,ou=people,dc=t", "va05")
        yield running


@pytest.fixture
def read(server: DirectoryServer, monkeypatch: pytest.MonkeyPatch):
    def run(password: str = server.password, **changes: object) -> Collection:
        monkeypatch.setenv(SECRET_ENV, password)
        return collect(ldap.connect(SYSTEM, settings_for(server, **changes), Path()))

    return run


def test_every_account_and_group_is_read_whatever_the_page_size(read):
    once = whole(read())
    assert len(once.accounts) == 27
    assert len(once.entitlements) == 12
    for size in (1, 4, 27):
        assert lasting(whole(read(page_size=size))) == lasting(once)


def test_the_proof_names_the_result_the_directory_and_what_was_not_found(read):
    evidence = {e.name: e.detail for e in whole(read(canary="reader")).completeness.evidence}
    assert evidence["end"].startswith("result code 0 on every page")
    assert evidence["directory"] == "OpenLDAP"
    assert evidence["scope"] == "dc=t"
    assert evidence["canary"] == "reader seen"
    assert evidence["unknown-members"] == "1 member values name no entry that was read"


def test_ldaps_and_starttls_give_the_same(read, server):
    assert lasting(whole(read())) == lasting(whole(read(url=server.url)))


def test_an_account_carries_what_correlation_needs(read):
    account = by_login(whole(read()))["va04"]
    assert (account.name, account.email, account.employee_id) == ("Name of va04", "va04@practice.test", "E-va04")
    assert account.created is not None
    assert account.mfa is None, "unknown without an MFA group"
    assert len(account.id) == 36, "the entryUUID, which survives a rename"


def test_disabled_expired_and_locked_accounts_are_told_apart(read):
    accounts = by_login(whole(read()))
    assert accounts["disabled"].status is Status.DISABLED
    assert accounts["expired"].status is Status.EXPIRED
    assert accounts["lockme"].status is Status.LOCKED
    assert accounts["lockme"].live
    assert accounts["va04"].status is Status.ACTIVE
    assert accounts["unix"].status is Status.UNKNOWN, "nothing on it tells"


def test_the_last_login_is_known_where_the_server_saw_one_and_else_unknown(read):
    accounts = by_login(whole(read()))
    assert accounts["va05"].last_login is not None
    assert accounts["va06"].last_login is None, "OpenLDAP does not say never"


def test_groups_in_groups_are_followed_through_a_cycle(read):
    groups = held(whole(read()), "va01")
    assert groups == {"inner": (), "g1": (), "middle": ("inner",), "mfa": ("inner",), "outer": ("inner", "middle")}


def test_how_much_is_remembered_of_groups_in_groups_changes_nothing(read, monkeypatch):
    usual = lasting(whole(read(mfa_group="mfa")))
    monkeypatch.setattr(membership, "MAX_KEPT", 1)
    assert lasting(whole(read(mfa_group="mfa"))) == usual


def test_unix_groups_count_by_name_and_by_primary_group(read):
    collection = whole(read())
    assert "staff" in held(collection, "va03")
    assert held(collection, "unix") == {"staff": ()}


@pytest.mark.parametrize("name", ["mfa", "MFA", "CN=mfa, OU=groups, DC=t"])
def test_members_of_the_mfa_group_must_use_mfa_even_through_a_group(read, name):
    accounts = by_login(whole(read(mfa_group=name)))
    assert (accounts["va01"].mfa, accounts["va02"].mfa, accounts["va03"].mfa) == (True, True, False)


def test_an_mfa_group_that_is_not_there_leaves_the_directory_unevaluated(read):
    assert "0 groups are called `mfa2`" in reason(read(mfa_group="mfa2"))


def test_a_size_limit_on_a_later_page_makes_the_collection_partial(read):
    text = reason(read("small", bind_dn="uid=small,dc=t", page_size=3))
    assert "result 4 (sizeLimitExceeded)" in text


def test_a_size_limit_on_a_later_page_of_users_makes_the_collection_partial(read):
    staff = "cn=staff,ou=groups,dc=t"
    text = reason(read("small", bind_dn="uid=small,dc=t", page_size=3, group_base_dn=staff))
    assert "result 4 (sizeLimitExceeded) while reading users" in text


def test_the_size_limit_strikes_after_pages_that_were_answered_well(server, monkeypatch):
    # Otherwise the test above could pass for a refusal of the first page.
    monkeypatch.setenv(SECRET_ENV, "small")
    settings = settings_for(server, bind_dn="uid=small,dc=t", page_size=3)
    with ldap.connect(SYSTEM, settings, Path()) as connector:
        first = connector.read_page(None)
        assert first.next_token
        assert len(first.entitlements) == 3


def test_a_page_beyond_the_allowed_size_makes_the_collection_partial(read):
    assert "result 11 (adminLimitExceeded)" in reason(read("small", bind_dn="uid=small,dc=t"))


def test_groups_whose_members_are_hidden_are_not_taken_for_empty_groups(read):
    text = reason(read("blind", bind_dn="uid=blind,dc=t"))
    assert "without the members it must have" in text


def test_a_wrong_password_is_a_refusal_and_is_never_repeated(read):
    collection = read("not-the-password")
    assert "result 49 (invalidCredentials) while signing in" in reason(collection)
    assert "not-the-password" not in repr(collection)


def test_without_a_password_nothing_is_read_anonymously(read):
    assert f"`{SECRET_ENV}` holds no secret" in reason(read(""))


def test_a_base_that_does_not_exist_is_not_an_empty_directory(read):
    assert "result 32" in reason(read(base_dn="ou=nowhere,dc=t"))


def test_a_filter_that_finds_nobody_is_not_an_empty_directory(read):
    assert "no account at all" in reason(read(user_filter="(uid=nobody)"))


def test_a_broken_filter_is_said_to_be_one(read):
    assert "not an LDAP filter" in reason(read(user_filter="(uid=nobody"))


def test_a_part_of_the_tree_names_what_it_is_part_of(read):
    collection = whole(read(base_dn="ou=people,dc=t"))
    assert {e.detail for e in collection.completeness.evidence if e.name == "scope"} == {"ou=people,dc=t, part of dc=t"}


def test_an_untrusted_certificate_is_refused(read, tmp_path):
    stranger, _, _ = make_certificate(tmp_path / "stranger")
    assert "certificate of" in reason(read(ca_file=stranger))


def test_a_certificate_for_another_name_is_refused_unless_the_name_is_stated(read):
    assert "is not trusted" in reason(read(server_name="directory.practice.test"))
    assert whole(read(server_name="localhost"))


@pytest.mark.parametrize("pages", [2, 5])  # among the groups; among the users, which are asked for ahead
def test_a_server_that_goes_away_between_pages_leaves_the_collection_partial(pages, tmp_path, monkeypatch):
    class Interrupted:
        """Reads some pages, then the server dies."""

        def __init__(self, connector: ldap.LdapDirectory, server: DirectoryServer) -> None:
            self.system, self.source = connector.system, connector.source
            self.connector, self.server, self.pages = connector, server, 0

        def read_page(self, token: str | None) -> Page:
            if self.pages == pages:
                assert self.server.process
                self.server.process.kill()
                self.server.process.wait()
            self.pages += 1
            return self.connector.read_page(token)

        def close(self) -> None:
            self.connector.close()

    monkeypatch.setenv(SECRET_ENV, "reader")
    with slapd(tmp_path, PRACTICE) as own:
        connector = ldap.connect(SYSTEM, settings_for(own, page_size=5), Path())
        assert "the connection to" in reason(collect(Interrupted(connector, own)))


def test_the_export_of_a_directory_gives_what_the_live_read_gives(read, server, tmp_path):
    live = whole(read(mfa_group="mfa"))
    file = tmp_path / "export.ldif"
    exported = ldapsearch(server, "-E", "pr=7/noprompt")
    file.write_bytes(exported)
    export = whole(collect(ldif.connect(SYSTEM, ldif.Settings(file=file, mfa_group="mfa", canary="va01"), Path())))
    assert lasting(export) == lasting(live)


def test_an_export_that_hit_a_limit_is_partial(server, tmp_path):
    file = tmp_path / "export.ldif"
    file.write_bytes(ldapsearch(server, bind_dn="uid=small,dc=t", password="small"))
    collection = collect(ldif.connect(SYSTEM, ldif.Settings(file=file), Path()))
    assert "the search ended in result `4 Size limit exceeded`" in reason(collection)


@pytest.mark.parametrize("short", ["-L", "-LLL"])
def test_an_export_that_leaves_its_result_out_is_partial_because_a_limit_would_look_the_same(server, tmp_path, short):
    file = tmp_path / "export.ldif"
    file.write_bytes(ldapsearch(server, short, bind_dn="uid=small,dc=t", password="small"))
    assert b"dn: uid=reader,dc=t" in file.read_bytes(), "entries, although a limit struck"
    collection = collect(ldif.connect(SYSTEM, ldif.Settings(file=file), Path()))
    assert "nothing shows that it is whole" in reason(collection)


def test_pages_cannot_be_read_out_of_order(server, monkeypatch):
    monkeypatch.setenv(SECRET_ENV, "reader")
    with ldap.connect(SYSTEM, settings_for(server, page_size=2), Path()) as connector:
        first = connector.read_page(None)
        connector.read_page(first.next_token)
        with pytest.raises(Exception, match="must be read in order"):
            connector.read_page(first.next_token)


def test_a_page_that_was_asked_for_ahead_is_never_taken_for_another(server, monkeypatch):
    monkeypatch.setenv(SECRET_ENV, "reader")
    with ldap.connect(SYSTEM, settings_for(server, page_size=2), Path()) as connector:
        wire, scope = connector.opened()
        _, _, following = wire.page(scope.search("users"), b"", ahead=True)
        assert following
        with pytest.raises(SourceError):
            wire.page(scope.search("groups"), b"")


def test_a_certificate_file_that_is_none_is_named(read, tmp_path):
    junk = tmp_path / "junk.pem"
    junk.write_text("no certificate")
    assert "`ca_file`: this is not a certificate file" in reason(read(ca_file=junk))


def test_a_server_that_is_not_there_is_unreachable_not_empty(server, monkeypatch):
    monkeypatch.setenv(SECRET_ENV, "reader")
    settings = settings_for(server, url="ldaps://127.0.0.1:1")
    with ldap.connect(SYSTEM, settings, Path()) as connector, pytest.raises(SourceUnreachable):
        connector.read_page(None)


@pytest.mark.slow
def test_twenty_thousand_accounts_are_read_in_seconds(tmp_path, monkeypatch):
    monkeypatch.setenv(SECRET_ENV, "reader")
    people = "".join(person(f"u{n}") for n in range(20_000))
    groups = "".join(
        group(f"b{g}", *(f"uid=u{(g * 80 + m) % 20_000},ou=people,dc=t" for m in range(80))) for g in range(500)
    )
    with slapd(tmp_path, OUS + people + groups) as own:
        collection = whole(
            collect(ldap.connect(SYSTEM, settings_for(own), Path()), time_limit_s=20),
        )
    assert (len(collection.accounts), len(collection.entitlements)) == (20_003, 500)
    assert len(collection.grants) == 40_000

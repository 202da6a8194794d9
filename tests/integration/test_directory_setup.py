"""The set-up that the product prints is carried out on real servers, and is enough, and no more."""

from pathlib import Path

import pytest

from connectors.audit_log import LogKind, LogQuestion
from connectors.collect import collect
from connectors.directory.changes.setup import START
from connectors.directory.ldap import connector as ldap
from connectors.directory.ldap.sign_in import Simple
from connectors.directory.ldap.target import LdapTarget
from connectors.directory.ldap.wire import LdapConnection
from connectors.facts import Status, System, SystemKind
from tests.integration.slapd import DirectoryServer, slapd
from tests.servers.directory import (
    KEPT,
    PRACTICE,
    SECRET_ENV,
    bind,
    by_login,
    change,
    lock,
    person,
    settings_for,
    whole,
)
from tests.servers.ds389 import add, ds389

AUDITOR = "uid=auditor,ou=people,dc=t"


def system(product: str) -> System:
    return System("directory", SystemKind.DIRECTORY, product, "Directory", holds_phi=False)


def settings(server: DirectoryServer) -> ldap.Settings:
    return settings_for(server, bind_dn=AUDITOR, canary="auditor")


def printed(product: str) -> str:
    return whole_text(product).partition(START)[0]


def whole_text(product: str) -> str:
    given = {"url": "ldaps://x", "base_dn": "dc=t", "bind_dn": AUDITOR, "password_env": "X"}
    return ldap.setup(system(product), ldap.Settings.model_validate(given))


def visible(server: DirectoryServer, *attributes: str) -> set[str]:
    """Return which of these attributes the auditor can see on anybody."""
    target = LdapTarget("directory", server.host, server.ldaps_port, True, False, server.ca_file, server.host, 10)
    wire = LdapConnection(target, Simple(AUDITOR, "auditor"))
    try:
        return {n for e in wire.read_all("dc=t", "(uid=*)", attributes) for n in e.attributes}
    finally:
        wire.close()


def test_on_openldap_it_is_enough_and_shows_nothing_else(tmp_path, monkeypatch):
    monkeypatch.setenv(SECRET_ENV, "auditor")
    people = PRACTICE + person("auditor") + person("phone", "telephoneNumber: 5551234\n")
    # 20 entries at most for everybody else: the line about limits must lift it.
    access = "sizelimit 20\naccess to attrs=userPassword by anonymous auth by * none\naccess to * by users read"
    with slapd(tmp_path, people, access=access, changes=printed("ldap")) as own:
        assert not bind(own, "uid=lockme,ou=people,dc=t", "wrong")
        collection = whole(collect(ldap.connect(system("ldap"), settings(own), Path())))
        assert visible(own, "uid", "telephoneNumber", "userPassword", "homeDirectory") == {"uid"}
        with ldap.connect(system("ldap"), settings(own), Path()) as connector:
            told = {step.name: step.run() for step in connector.steps()}
    accounts = by_login(collection)
    assert len(accounts) == 29
    assert accounts["disabled"].status is Status.DISABLED
    assert accounts["expired"].status is Status.EXPIRED
    assert len(collection.entitlements) == 12
    assert "password hashes" not in told["rights"]


def test_on_389_it_is_enough_and_shows_nothing_else(tmp_path, monkeypatch):
    monkeypatch.setenv(SECRET_ENV, "auditor")
    people = (
        PRACTICE.replace(KEPT, "")
        .replace("pwdAccountLockedTime: 000001010000Z", "nsAccountLock: true")
        .replace("pwdEndTime: 20200101000000Z\n", "")
    )
    people += person("auditor") + person("phone", "telephoneNumber: 5551234\n")
    with ds389(tmp_path, people, aci="") as own:
        add(own, "dn: cn=config\nchangetype: modify\nreplace: nsslapd-pagedsizelimit\nnsslapd-pagedsizelimit: 20\n")
        add(own, printed("ds389"))
        collection = whole(collect(ldap.connect(system("ds389"), settings(own), Path())))
        assert visible(own, "uid", "telephoneNumber", "userPassword", "homeDirectory") == {"uid"}
    assert len(collection.accounts) == 27
    assert by_login(collection)["disabled"].status is Status.DISABLED
    assert len(collection.entitlements) == 12


def test_on_openldap_it_is_enough_for_the_record_of_changes(tmp_path, monkeypatch):
    monkeypatch.setenv(SECRET_ENV, "auditor")
    (tmp_path / "log").mkdir()
    access = "access to attrs=userPassword by anonymous auth by * none\naccess to * by users read"
    kept = START + whole_text("ldap").partition(START)[2].replace("/var/lib/ldap/accesslog", str(tmp_path / "log"))
    administered = "dn: olcDatabase={0}config,cn=config\nchangetype: modify\nreplace: olcRootPW\nolcRootPW: config\n"
    changes = f"{printed('ldap')}\n{administered}"
    boss = person("boss")
    access = 'access to attrs=pwdAccountLockedTime by dn.exact="uid=boss,ou=people,dc=t" write by users read\n' + access
    with slapd(tmp_path / "slapd", PRACTICE + person("auditor") + boss, access=access, changes=changes) as own:
        change(own, kept, "cn=config", "config")
        with ldap.connect(system("ldap"), settings(own), Path()) as connector:
            account = by_login(whole(collect(connector)))["va01"]
        lock(own, "uid=boss,ou=people,dc=t", "boss", "uid=va01,ou=people,dc=t")
        with ldap.connect(system("ldap"), settings(own), Path()) as connector:
            answer = connector.read_log(LogQuestion((account,)))
    assert [e.kind for e in answer.events] == [LogKind.DISABLED]
    assert answer.clock is not None
    assert answer.covers_from is not None
    assert answer.gaps == ()


def test_a_right_to_password_hashes_is_pointed_out(tmp_path, monkeypatch):
    monkeypatch.setenv(SECRET_ENV, "reader")
    everything = "access to attrs=userPassword by anonymous auth by users read\naccess to * by users read"
    with (
        slapd(tmp_path, PRACTICE, access=everything) as own,
        ldap.connect(system("ldap"), settings_for(own), Path()) as connector,
    ):
        *_, rights = connector.steps()
        assert "it may search password hashes" in rights.run()


@pytest.mark.parametrize("product", ["active-directory", "freeipa", "ldap", "ds389"])
def test_the_set_up_names_the_account_and_grants_nothing_but_reading(product):
    assert "auditor" in whole_text(product)
    text = printed(product)
    for word in ("write", "delete", "Domain Admins", "allow (all)", "manage"):
        assert word not in text.replace("never writes", "").replace("directory manager", "").replace("Manager", "")

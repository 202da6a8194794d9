"""Other ways to sign in than a password: a client certificate (on OpenLDAP) and a Kerberos ticket (on Samba)."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from connectors.collect import collect
from connectors.directory.ldap import connector as ldap
from connectors.facts import Collection
from tests.integration.slapd import DirectoryServer, make_certificate, missing, private_pem, slapd
from tests.servers.directory import PRACTICE, SECRET_ENV, SYSTEM, reason, settings_for, whole
from tests.servers.samba import HOST, PASSWORD, Samba

DEBIAN_PACKAGES = Path("/usr/lib/python3/dist-packages")
MAPPED = 'TLSVerifyClient try\nauthz-regexp "^cn=auditor$" "uid=reader,dc=t"'


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DirectoryServer]:
    with slapd(tmp_path_factory.mktemp("external"), PRACTICE, options=MAPPED) as running:
        yield running


def by_certificate(server: DirectoryServer, folder: Path | None = None, **changes: object) -> Collection:
    files = folder or server.ca_file.parent
    given = {
        "bind": "external",
        "bind_dn": None,
        "password_env": None,
        "client_cert": files / "client.pem",
        "client_key": files / "client-key.pem",
        **changes,
    }
    return collect(ldap.connect(SYSTEM, settings_for(server, **given), Path()))


def test_a_client_certificate_signs_in_without_any_password(server, monkeypatch):
    monkeypatch.delenv(SECRET_ENV, raising=False)
    collection = whole(by_certificate(server))
    assert len(collection.accounts) == 27, "which nobody may read who did not sign in"
    assert whole(by_certificate(server, url=server.url)).grants == collection.grants, "by StartTLS as well"


def test_a_certificate_of_another_authority_is_refused(server, tmp_path):
    make_certificate(tmp_path)
    assert "it may not accept the client certificate" in reason(by_certificate(server, tmp_path))


def test_a_server_that_asks_for_no_certificate_does_not_read_anonymously(tmp_path):
    with slapd(tmp_path, PRACTICE) as own:
        assert "while signing in" in reason(by_certificate(own))


def test_a_key_that_needs_a_password_is_named_and_nobody_is_asked(server, tmp_path):
    files = server.ca_file.parent
    key = load_pem_private_key((files / "client-key.pem").read_bytes(), None)
    locked = tmp_path / "locked.pem"
    locked.write_bytes(private_pem(key, b"hunter2"))
    assert "`client_key`: the key is encrypted" in reason(by_certificate(server, client_key=locked))


def test_a_certificate_without_its_own_key_is_named(server, tmp_path):
    make_certificate(tmp_path)
    text = reason(by_certificate(server, client_key=tmp_path / "client-key.pem"))
    assert "`client_cert`: this certificate and its key cannot be used" in text


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


def test_a_kerberos_ticket_signs_in_without_any_password(by_ticket, samba_domain, monkeypatch):
    by_keytab = whole(by_ticket())
    assert whole(by_ticket(url=samba_domain.server.url)).grants == by_keytab.grants, "by StartTLS as well"
    monkeypatch.setenv(SECRET_ENV, PASSWORD)
    by_password = collect(ldap.connect(SYSTEM, settings_for(samba_domain.server), Path()))
    assert whole(by_password).grants == by_keytab.grants


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

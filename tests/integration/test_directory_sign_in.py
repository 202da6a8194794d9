"""Signing in with a client certificate instead of a password, on OpenLDAP; Kerberos is tried on Samba's domain."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from connectors.collect import collect
from connectors.directory.ldap import connector as ldap
from connectors.facts import Collection
from tests.completeness import reason
from tests.integration.slapd import DirectoryServer, make_certificate, private_pem, slapd
from tests.servers.directory import PRACTICE, SECRET_ENV, SYSTEM, settings_for, whole

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

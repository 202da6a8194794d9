"""Why a certificate is not trusted: each reason has words of its own, over LDAP as over HTTPS."""

import ssl
from pathlib import Path
from time import monotonic
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives import serialization

from connectors.collect import collect
from connectors.connector import Endpoint, Transport
from connectors.directory.ldap import connector as ldap
from connectors.directory.ldap.errors import refusal
from connectors.errors import SourceUnreachable
from connectors.facts import Partial, System, SystemKind
from connectors.http.call import Caller, HttpRequest
from connectors.http.distrust import distrust, refused_in
from connectors.testing.certificates import ServerCertificate, _Authority, make_certificates
from connectors.testing.faults import Fault
from tests.integration.slapd import slapd
from tests.servers.web import scripted
from tests.unit.connectors.http.test_client import FINE

REASONS = {
    Fault.EXPIRED_CERTIFICATE: "it ended",
    Fault.WRONG_NAME: "it is not for `localhost`, but for another name",
    Fault.UNKNOWN_AUTHORITY: "it is not signed by an authority in the `ca_file`",
    "self-signed": "it is signed by itself, so nobody vouches for it",
}
ADVICE = {
    Fault.EXPIRED_CERTIFICATE: "must renew it",
    Fault.WRONG_NAME: "use the name that is on it",
    Fault.UNKNOWN_AUTHORITY: "the whole chain",
    "self-signed": "set `ca_file` to it",
}


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> dict[Fault | str | None, ServerCertificate]:
    folder = tmp_path_factory.mktemp("tls")
    made: dict[Fault | str | None, ServerCertificate] = {**make_certificates(folder)}
    made["self-signed"] = own(folder, made[None].ca_file)
    return made


def own(folder: Path, trusted: Path) -> ServerCertificate:
    """Make one that only vouches for itself."""
    authority = _Authority(folder / "localhost.pem")
    key = folder / "localhost.key"
    key.write_bytes(
        authority.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return ServerCertificate(trusted, folder / "localhost.pem", key)


@pytest.mark.parametrize("kind", list(REASONS), ids=str)
def test_over_https_each_reason_has_its_own_words(kind, certificates):
    made = certificates[kind]
    with scripted(FINE, certificate=(made.certificate, made.key)) as server:
        endpoint = Endpoint("localhost", urlsplit(server.url).port or 0, Transport.TLS, made.ca_file)
        caller = Caller("ehr", endpoint, {}, 5)
        with pytest.raises(SourceUnreachable) as told:
            caller.call(HttpRequest("GET", f"https://localhost:{endpoint.port}/Users", "/Users", {}), monotonic() + 10)
        caller.close()
    assert told.value.message == f"the certificate of `ehr` is not to be trusted: {REASONS[kind]}"
    assert ADVICE[kind] in told.value.hint
    assert server.requests == []


@pytest.mark.parametrize("kind", list(REASONS), ids=str)
@pytest.mark.parametrize("scheme", ["ldaps", "ldap"])
def test_over_ldap_each_reason_has_the_same_words_and_no_password_was_sent(
    kind, scheme, certificates, tmp_path, monkeypatch
):
    made = certificates[kind]
    with slapd(tmp_path, "", certificate=(made.certificate, made.key)) as server:
        monkeypatch.setenv("AUDITOR_TEST_LDAP_PASSWORD", "reader")
        port = server.ldaps_port if scheme == "ldaps" else server.port
        settings = ldap.Settings.model_validate(
            {
                "url": f"{scheme}://127.0.0.1:{port}",
                "base_dn": "dc=t",
                "bind_dn": "uid=reader,dc=t",
                "password_env": "AUDITOR_TEST_LDAP_PASSWORD",
                "ca_file": made.ca_file,
                "server_name": "localhost",
                "timeout_s": 5,
            }
        )
        system = System("directory", SystemKind.DIRECTORY, "ldap", "Directory", holds_phi=False)
        found = collect(ldap.connect(system, settings, Path())).completeness
    assert isinstance(found, Partial)
    assert f"is not trusted: {REASONS[kind]}; the password was not sent" in found.reason
    assert ADVICE[kind] in found.hint


def test_channel_binding_has_words_of_its_own():
    said = "80090346: LdapErr: DSID-0C090597, comment: AcceptSecurityContext error, data 80090346, v4563"
    error = refusal("directory", "signing in", 49, said)
    assert "it asks for channel binding" in error.message
    assert "no proxy" in error.hint
    assert "channel binding" not in refusal("directory", "signing in", 49, said.replace("80090346,", "52e,")).message


def test_the_refusal_behind_the_error_of_a_library_is_found():
    refused = ssl.SSLCertVerificationError(1, "x")
    outer = RuntimeError("wrapped")
    outer.__context__ = ValueError("between")
    outer.__context__.__cause__ = refused
    assert refused_in(outer) is refused
    assert refused_in(ValueError("x")) is None
    looped = ValueError("x")
    looped.__context__ = looped
    assert refused_in(looped) is None


def test_a_certificate_of_tomorrow_is_told_with_the_clock_of_this_machine():
    refused = ssl.SSLCertVerificationError(1, "x")
    refused.verify_code = 9
    why, advice = distrust(refused, "x", own_authority=True)
    assert why.startswith("is only valid later, and here it is ")
    assert advice == "check the clock of this machine"

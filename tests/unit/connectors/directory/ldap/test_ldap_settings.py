"""What the configuration of a live directory may and may not say."""

import pytest
from pydantic import ValidationError

from connectors.directory.ldap.connector import Settings
from connectors.directory.ldif.settings import Settings as LdifSettings

GOOD = {"url": "ldaps://dc1.practice.test", "base_dn": "dc=t", "bind_dn": "cn=auditor,dc=t", "password_env": "LDAP_PW"}


def refusal(**changes: object) -> str:
    with pytest.raises(ValidationError) as caught:
        Settings.model_validate({**GOOD, **changes})
    return str(caught.value)


def test_a_password_in_the_configuration_is_refused_and_not_repeated():
    text = refusal(password="hunter2")
    assert "password" in text
    assert "hunter2" not in text


def test_ldap_is_secured_by_starttls_unless_told_otherwise():
    assert Settings.model_validate({**GOOD, "url": "ldap://dc1.practice.test"}).start_tls
    assert not Settings.model_validate(GOOD).start_tls


def test_plain_text_is_refused_beyond_this_machine():
    assert "only to a loopback address" in refusal(url="ldap://dc1.practice.test", plain=True)
    assert "only to a loopback address" in refusal(url="ldap://128.0.0.1", plain=True)
    assert not Settings.model_validate({**GOOD, "url": "ldap://127.0.0.1:3899", "plain": True}).start_tls
    assert Settings.model_validate({**GOOD, "url": "ldap://[::1]:3899", "plain": True}).plain


def test_starttls_cannot_be_switched_off():
    assert "would show the password" in refusal(url="ldap://dc1.practice.test", start_tls=False)
    assert "left out" in refusal(start_tls=True)


@pytest.mark.parametrize("port", [3268, 3269])
def test_the_global_catalog_is_refused_because_it_lacks_members(port):
    assert "global catalog" in refusal(url=f"ldaps://dc1.practice.test:{port}")


@pytest.mark.parametrize(
    "url",
    [
        "dc1.practice.test",
        "http://dc1",
        "ldaps://",
        "ldaps://u:p@dc1",
        "ldaps://dc1/dc=t",
        "ldap://dc1?x",
        "ldapi:///x",
    ],
)
def test_what_is_no_directory_url_is_refused(url):
    assert "url" in refusal(url=url)


@pytest.mark.parametrize("change", [{"base_dn": "everything"}, {"password_env": "two words"}, {"page_size": 0}])
def test_what_cannot_work_is_refused_before_anything_is_sent(change):
    assert next(iter(change)) in refusal(**change)


def test_an_export_needs_no_connection():
    with pytest.raises(ValidationError):
        LdifSettings.model_validate({"file": "a.ldif", "url": "ldaps://dc1"})
    assert LdifSettings.model_validate({"file": "a.ldif", "expect_accounts": 3}).expect_accounts == 3


CERTIFICATE = {"client_cert": "auditor.pem", "client_key": "auditor-key.pem"}
NO_PASSWORD = {"bind_dn": None, "password_env": None}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"bind_dn": None}, "a value: `bind: simple` needs it"),
        ({"password_env": None}, "a value: `bind: simple` needs it"),
        (CERTIFICATE, "left out: `bind: simple` does not use it"),
        ({"bind": "external", **NO_PASSWORD, "client_cert": "a.pem"}, "a value: `bind: external` needs it"),
        ({"bind": "external", **CERTIFICATE}, "left out: `bind: external` does not use it"),
        ({"bind": "kerberos"}, "left out: `bind: kerberos` does not use it"),
        ({"bind": "kerberos", **NO_PASSWORD, **CERTIFICATE}, "left out: `bind: kerberos` does not use it"),
        ({"bind": "kerberos", **NO_PASSWORD, "url": "ldaps://192.0.2.1"}, "Kerberos knows no addresses"),
        ({"bind": "external", **NO_PASSWORD, **CERTIFICATE, "url": "ldap://127.0.0.1", "plain": True}, "in TLS"),
        ({"bind": "anonymous"}, "'simple', 'external' or 'kerberos'"),
    ],
)
def test_ways_to_sign_in_cannot_be_mixed(changes, told):
    assert told in refusal(**changes)


def test_each_way_to_sign_in_is_possible_with_what_it_needs():
    bare = {k: v for k, v in GOOD.items() if k not in NO_PASSWORD}
    assert Settings.model_validate(GOOD).bind == "simple"
    assert Settings.model_validate({**bare, "bind": "external", **CERTIFICATE}).client_cert
    assert Settings.model_validate({**bare, "bind": "kerberos"}).server_name is None


def test_every_setting_says_what_it_is_for():
    for settings in (Settings, LdifSettings):
        for name, field in settings.model_fields.items():
            assert field.description, name

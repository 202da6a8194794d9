"""What the configuration of a live directory may and may not say."""

import pytest
from pydantic import ValidationError

from connectors.directory.ldap import Settings
from connectors.directory.ldif import Settings as LdifSettings

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
    assert "only to a loopback address" in refusal(url="ldap://localhost", plain=True), "a name can lead anywhere"
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

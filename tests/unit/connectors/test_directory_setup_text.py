"""The page on directories shows the set-up that the product prints."""

from pathlib import Path

import pytest

from connectors.directory._setup import text_for

PAGE = (Path(__file__).parents[3] / "docs" / "connect-ldap.md").read_text()
ROOT = "dc=practice,dc=test"


@pytest.mark.parametrize(
    ("product", "base", "who"),
    [
        ("active-directory", ROOT, "auditor@practice.test"),
        ("freeipa", f"cn=accounts,{ROOT}", f"uid=auditor,cn=users,cn=accounts,{ROOT}"),
        ("ds389", ROOT, f"uid=auditor,{ROOT}"),
        ("ldap", ROOT, f"uid=auditor,{ROOT}"),
    ],
)
def test_the_page_shows_what_is_printed(product, base, who):
    assert text_for(product, base, who).rstrip() in PAGE


@pytest.mark.parametrize(
    "who", ["auditor@practice.test", "PRACTICE\\auditor", "CN=auditor,OU=Service,DC=practice,DC=test"]
)
def test_every_way_to_write_the_account_gives_its_short_name(who):
    text = text_for("active-directory", "DC=practice,DC=test", who)
    assert "-SamAccountName auditor " in text
    assert "auditor@practice.test" in text


def test_without_an_account_in_the_configuration_one_is_proposed():
    assert f'dn.exact="uid=auditor,{ROOT}"' in text_for("ldap", ROOT, None)

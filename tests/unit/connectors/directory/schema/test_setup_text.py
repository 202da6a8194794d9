"""The page on directories shows the set-up that the product prints."""

import shlex
from pathlib import Path

import pytest

from connectors.directory.changes.setup import record_text
from connectors.directory.ldif import connector as ldif
from connectors.directory.schema.setup import names_for, text_for
from connectors.facts import System, SystemKind

PAGE = (Path(__file__).parents[5] / "docs" / "connect-ldap.md").read_text()
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
    assert record_text(product, names_for(base, who)).rstrip() in PAGE


@pytest.mark.parametrize(
    "who", ["auditor@practice.test", "PRACTICE\\auditor", "CN=auditor,OU=Service,DC=practice,DC=test"]
)
def test_every_way_to_write_the_account_gives_its_short_name(who):
    text = text_for("active-directory", "DC=practice,DC=test", who)
    assert "-SamAccountName auditor " in text
    assert "auditor@practice.test" in text


def test_without_an_account_in_the_configuration_one_is_proposed():
    assert f'dn.exact="uid=auditor,{ROOT}"' in text_for("ldap", ROOT, None)


@pytest.mark.parametrize(
    ("product", "who"), [("active-directory", "auditor@practice.test"), ("ldap", f"uid=auditor,{ROOT}")]
)
def test_an_export_takes_the_same_account_and_a_command_that_keeps_its_own_proof(product, who):
    system = System("directory", SystemKind.DIRECTORY, product, "Directory", holds_phi=False)
    told = ldif.setup(system, ldif.Settings(file=Path("exports/my directory.ldif"), base_dn=ROOT))
    assert told.startswith(text_for(product, ROOT, who))
    command = told.replace("\\\n", " ").splitlines()[-1]
    assert shlex.split(command)[:7] == ["ldapsearch", "-H", "ldaps://SERVER", "-D", who, "-W", "-b"]
    assert shlex.split(command)[-1] == "my directory.ldif"
    assert "-L" not in command

"""What to do about a finding, in the words of each product."""

import re
import shlex
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

import policies
import policies.rules
from policies.remedies import Remedies
from tests.builders import HOSTILE, SYSTEMS
from tests.each import each

REMEDIES = Remedies.load()
AD, AWS, OPENEMR = SYSTEMS["directory"], SYSTEMS["cloud"], SYSTEMS["ehr"]


def actions() -> set[str]:
    """Every action that a rule asks for."""
    folder = Path(policies.rules.__file__).parent
    code = [
        path.read_text()
        for package in ("engine", "questions", "rules")
        for path in (folder.parent / package).glob("*.py")
    ]
    in_code = {action for text in code for action in re.findall(r'remedies\.text\(\s*"([a-z-]+)"', text)}
    return in_code | {a for path in folder.glob("*.yaml") for a in re.findall(r"\{do:([a-z-]+)\}", path.read_text())}


@each(product(sorted(actions()), SYSTEMS.values()))
def test_every_action_of_every_rule_can_be_told_in_every_product(action, system):
    text = REMEDIES.text(action, system, login="asantos", name="Clinicians")
    assert text
    assert not re.search(r"\{(login|name|system)", text)


def test_the_rules_ask_for_actions_at_all():
    assert {"disable-account", "remove-entitlement", "enforce-mfa"} <= actions()


def test_a_product_with_words_of_its_own_is_told_in_them():
    assert REMEDIES.text("disable-account", OPENEMR, login="asantos").startswith("in OpenEMR: Admin > Users > asantos")
    assert REMEDIES.text("disable-account", AD, login="asantos").startswith("Disable-ADAccount -Identity asantos;")
    assert REMEDIES.text("disable-account", AWS, login="asantos").startswith(
        "aws iam delete-login-profile --user-name asantos;"
    )


def test_a_name_that_holds_a_placeholder_is_not_filled_in_again():
    text = REMEDIES.text("remove-entitlement", OPENEMR, login="asantos", name="{login}")
    assert text == "in OpenEMR: Admin > ACL > User Memberships > asantos > remove {login}"
    assert REMEDIES.text("remove-entitlement", OPENEMR, login="{name}", name="x").endswith("{name} > remove x")


def test_a_hostile_name_stays_what_it_is():
    assert HOSTILE in REMEDIES.text("claim-account", OPENEMR, login=HOSTILE)


@pytest.mark.parametrize("name", ["Scanner Admins", "x'; Remove-ADUser admin; '", "$(calc)", "a\u2019; b", "-All"])
def test_a_name_in_a_powershell_command_stays_one_word_of_it(name):
    command = REMEDIES.text("remove-entitlement", AD, login="asantos", name=name)
    quoted = re.fullmatch(r"Remove-ADGroupMember -Identity '(.*)' -Members asantos", command)
    assert quoted
    # PowerShell takes these for a quote; each must be doubled, or the rest of the name would be run.
    assert re.sub("(['\u2018-\u201b])\\1", r"\1", quoted[1]) == name
    assert not re.search("['\u2018-\u201b]", re.sub("(['\u2018-\u201b])\\1", "", quoted[1]))


@pytest.mark.parametrize("login", ["a b", "x; rm -rf ~", "$(id)", "`id`", "it's", "-h"])
def test_a_name_in_a_shell_command_stays_one_word_of_it(login):
    command = REMEDIES.text("disable-account", AWS, login=login).partition("; then set")[0]
    assert shlex.split(command)[:5] == ["aws", "iam", "delete-login-profile", "--user-name", login]


def test_a_name_cannot_end_the_line_of_a_command():
    command = REMEDIES.text("remove-entitlement", AD, login="asantos\r\nRestart-Computer", name="x\x1b[2J\u2028y")
    assert command == "Remove-ADGroupMember -Identity 'x[2Jy' -Members 'asantosRestart-Computer'"


WITH_STEPS = (
    *("openemr", "gnuhealth", "openmrs", "drchrono", "elation", "smart-scopes"),
    *("active-directory", "freeipa", "ds389", "ldap", "scim", "aws"),
)


@each(product(["disable-account", "remove-entitlement", "grant-entitlement"], WITH_STEPS))
def test_a_product_that_is_read_live_has_steps_of_its_own(action, product):
    other, own = (replace(OPENEMR, product=name) for name in ("another", product))
    told = [REMEDIES.text(action, system, login="asantos", name="Front Desk") for system in (other, own)]
    assert told[0] != told[1]
    assert "asantos" in told[1]


@pytest.mark.parametrize("action", ["disable-account", "remove-entitlement", "grant-entitlement", "enforce-mfa"])
def test_a_command_of_freeipa_is_quoted_for_its_shell(action):
    freeipa = replace(AD, product="freeipa")
    command = REMEDIES.text(action, freeipa, login="x;reboot", name="$(reboot)")
    assert "'x;reboot'" in command
    assert "x;reboot" not in command.replace("'x;reboot'", "")
    assert "$(reboot)" not in command.replace("'$(reboot)'", "")


ORDERED = ("disable-account", "remove-entitlement", "grant-entitlement", "make-account")


def shipped_products() -> list[str]:
    return sorted(path.stem for path in (Path(policies.__file__).parent / "catalogs").glob("*.yaml"))


@each(product(ORDERED, shipped_products()))
def test_an_order_says_it_in_plain_words_first_and_then_in_those_of_every_shipped_product(action, name):
    system = replace(OPENEMR, product=name, title="The System")
    plain, exact = REMEDIES.steps(action, system, login="asantos", name="Clinicians")
    assert "asantos" in plain
    assert "The System" in plain
    assert exact != plain
    assert not re.search(r"\{(login|name|system)", plain + exact)


def test_a_product_without_words_of_its_own_has_the_plain_ones_once():
    assert len(REMEDIES.steps("disable-account", replace(OPENEMR, product="small-ehr"), login="x")) == 1

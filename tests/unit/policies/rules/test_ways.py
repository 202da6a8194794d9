"""The ways in which a rule can be broken stand in its data, and each is one that its code can take."""

import ast
from pathlib import Path

import pytest

import policies.questions
from policies.engine.rule import all_rules
from policies.families import families
from tests.builders import Clinic, ask, in_step

QUESTIONS = Path(policies.questions.__file__).parent
SHIPPED = [each for each in families() if each.family.offer is None]


def code_of(file: Path) -> list[Path]:
    """The module of a family, and those of `policies/questions` that it asks."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    asked = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module]
    return [
        file,
        *(QUESTIONS / f"{name.rpartition('.')[2]}.py" for name in asked if name.startswith("policies.questions.")),
    ]


def texts(path: Path) -> set[str]:
    """Every text in a module's code."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}


@pytest.mark.parametrize("family", SHIPPED, ids=lambda each: each.family.file.stem)
def test_each_way_in_the_data_is_named_in_the_code(family):
    named = {text for path in code_of(family.family.file) for text in texts(path)}
    for rule, data in family.data.rules.items():
        assert set(data.ways) <= named, rule


def test_rules_whose_findings_have_several_severities_say_which_is_whose():
    """Or the code does: these three ask a list, a risk or a door."""
    by_code = {"excess", "outside-door", "separation-of-duties"}
    words = {"critical", "high", "medium", "low"}
    for family in SHIPPED:
        for rule, data in family.data.rules.items():
            plain = data.severity in words or data.severity.partition(" where there is PHI, else ")[2] in words
            assert plain or rule in by_code or all(way.severity for way in data.ways.values()), rule
    assert by_code < {rule.id for rule in all_rules()}


def test_rights_that_were_not_read_are_told_as_such():
    clinic = in_step().entitlement("ehr", "openemr:groups-not-read", name="the groups of asantos")
    found = ask("unclassified-entitlement", clinic.grant("ehr", "asantos", "openemr:groups-not-read")).finding
    assert found.title == "not read in OpenEMR: the groups of asantos"
    assert found.expected == "an entry in a catalog"
    assert "the groups of asantos" in found.remedy
    assert found.severity == "medium"


def test_an_action_that_its_provider_does_not_know_is_a_low_finding():
    document = '{"Statement": [{"Effect": "Allow", "Action": ["s3:GetObjekt"], "Resource": "*"}]}'
    clinic = Clinic(systems=("cloud",)).vma("ana").account("cloud", "ana", "ana")
    found = ask("unclassified-entitlement", clinic.policy_document("ana", "Reader", document)).finding
    assert (found.severity, found.what) == ("low", "unknown-action")
    assert found.title == "Reader in AWS names an action that does not exist"
    assert found.observed.endswith("; what else it allows is judged")
    assert found.remedy == (
        "correct the name in Reader, or take it out; a name newer than the data of the auditor is known after an update"
    )


def test_an_account_that_was_a_leavers_tells_of_both():
    clinic = in_step().vma("bea", "Bea Lim", end=None)
    clinic.reissued["ehr", "asantos"] = ("bea",)
    found = ask("shared-account", clinic).finding
    assert (found.what, found.severity) == ("reissued", "high")
    assert found.title == "asantos in OpenEMR was Bea Lim's and is Ana Santos's now"
    assert found.observed == (
        "audits knew it as the account of Bea Lim, who has left; what it did is told under one name"
    )
    assert found.expected == "an account of their own for each person, also after somebody has left"

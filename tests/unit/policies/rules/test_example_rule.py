"""docs/add-a-rule.md shows the rule, its data and the test that run here, as a package offers them."""

import re
from pathlib import Path

import pytest

from auditor.testing import Clinic, Said, ago, ahead, ask, identity, noon
from policies.engine.rule import all_rules
from policies.policy import load_policy
from tests.packages import install, installed
from tests.unit.policies.rules.example_rule import RULES

PAGE = (Path(__file__).parents[4] / "docs" / "add-a-rule.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module", autouse=True)
def package(tmp_path_factory):
    """Offer the example as a package does; what is built then has its data."""
    folder = tmp_path_factory.mktemp("packages")
    install(folder, "example", {"auditor.rules": {"no-expiry": "tests.unit.policies.rules.example_rule"}}, {})
    with pytest.MonkeyPatch.context() as patch, installed(folder):
        policy = load_policy()
        patch.setattr("auditor.testing.clinic.policy", lambda: policy)
        yield


def asked(expires=None, product="active-directory", **vma) -> Said:
    clinic = Clinic(systems=("directory",)).system("directory", product=product).vma("ana", **vma)
    return ask("no-expiry", clinic.account("directory", "ana", "ana", expires=expires))


def test_an_account_ends_with_the_engagement():
    assert asked(noon(ahead(31)), end=ahead(30)).counts == (0, 1, 0)  # the day after the last one: still in time
    assert asked(noon(ahead(32)), end=ahead(30)).counts == (1, 0, 0)
    assert asked(None, end=ahead(30)).counts == (1, 0, 0)


def test_whoever_has_no_end_is_not_asked():
    assert asked(None).population == 0


def test_a_directory_that_does_not_tell_is_neither_passed_nor_failed():
    assert asked(None, "scim", end=ahead(30)).counts == (0, 0, 1)


def test_a_new_name_is_the_same_finding():
    before, after = asked(end=ahead(30)), asked(name="Ana New", end=ahead(30), start=ago(9))
    assert identity(before.finding) == identity(after.finding)


def test_the_finding_has_the_words_and_the_provision_of_the_data_beside_the_rule():
    late, never = asked(noon(ahead(32)), end=ahead(30)).finding, asked(end=ahead(30)).finding
    assert late.title == "ana does not end with the engagement of Ana"
    assert (late.observed, never.observed) == (f"expires on {ahead(32)}", "never expires")
    assert (late.expected, late.severity) == (f"expires by {ahead(31)}", "low")
    assert [c.id for c in late.citations] == ["164.308(a)(4)(ii)(C)"]
    assert [step.kind for step in late.path] == ["vma", "account"]


def test_every_piece_of_code_on_the_page_is_code_that_runs():
    here = Path(__file__).parent
    names = ("example_rule.py", "example_rule.yaml", Path(__file__).name)
    code = "".join((here / name).read_text(encoding="utf-8") for name in names)
    blocks = re.findall(r"```(?:python|yaml)\n(.*?)```", PAGE, re.DOTALL)
    assert len(blocks) == 4
    for block in blocks:
        assert block in code, block


def test_the_example_is_offered_and_not_shipped():
    assert RULES[0].id in {rule.id for rule in all_rules()}
    assert load_policy().installed_rules == {RULES[0].id: "example 1.0"}

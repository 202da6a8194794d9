"""docs/add-a-rule.md shows the rule, its data and the test that run here, as a package offers them."""

import re
from pathlib import Path

import pytest

from policies.engine.evaluate import judge
from policies.engine.rule import all_rules
from policies.policy import load_policy
from tests import builders
from tests.builders import Clinic, ago, ahead, identity, noon
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
        patch.setattr(builders, "policy", lambda: policy)
        yield


def clinic(expires=None, **vma) -> Clinic:
    return Clinic(systems=("directory",)).vma("ana", **vma).account("directory", "ana", "ana", expires=expires)


def counts(clinic: Clinic) -> tuple[int, int, int]:
    said = judge(clinic.case(), RULES)
    return len(said.findings), len(said.satisfied), len(said.not_evaluated)


def test_an_account_ends_with_the_engagement():
    assert counts(clinic(noon(ahead(31)), end=ahead(30))) == (0, 1, 0)  # the day after the last one: still in time
    assert counts(clinic(noon(ahead(32)), end=ahead(30))) == (1, 0, 0)
    assert counts(clinic(None, end=ahead(30))) == (1, 0, 0)


def test_whoever_has_no_end_is_not_asked():
    assert counts(clinic(None)) == (0, 0, 0)


def test_a_directory_that_does_not_tell_is_neither_passed_nor_failed():
    assert counts(clinic(None, end=ahead(30)).system("directory", product="scim")) == (0, 0, 1)


def test_a_new_name_is_the_same_finding():
    (before,) = judge(clinic(None, end=ahead(30)).case(), RULES).findings
    (after,) = judge(clinic(None, name="Ana New", end=ahead(30), start=ago(9)).case(), RULES).findings
    assert identity(before) == identity(after)


def test_the_finding_has_the_words_and_the_provision_of_the_data_beside_the_rule():
    (found,) = judge(clinic(noon(ahead(32)), end=ahead(30)).case(), RULES).findings
    assert found.title == "ana does not end with the engagement of Ana"
    assert (found.expected, found.severity) == (f"expires by {ahead(31)}", "low")
    assert [c.id for c in found.citations] == ["164.308(a)(4)(ii)(C)"]
    assert [step.kind for step in found.path] == ["vma", "account"]


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

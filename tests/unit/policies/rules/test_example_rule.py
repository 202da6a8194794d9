"""docs/add-a-rule.md shows the rule and the test that run here."""

import re
from pathlib import Path

from policies.engine.evaluate import judge
from policies.engine.rule import all_rules
from tests.builders import Clinic, ago, ahead, identity, noon
from tests.unit.policies.rules.example_rule import RULES

PAGE = (Path(__file__).parents[4] / "docs" / "add-a-rule.md").read_text(encoding="utf-8")


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


def test_every_piece_of_code_on_the_page_is_code_that_runs():
    code = "".join(
        (Path(__file__).parent / name).read_text(encoding="utf-8") for name in ("example_rule.py", Path(__file__).name)
    )
    blocks = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert len(blocks) == 3
    for block in blocks:
        assert block in code, block


def test_the_example_is_no_shipped_rule():
    assert RULES[0].id not in {rule.id for rule in all_rules()}

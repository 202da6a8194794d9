"""A rule is its question, in ten lines or so; what takes more is a module of `policies/questions`, by its subject."""

import ast
from inspect import getsource
from statistics import median
from textwrap import dedent

import pytest

from policies.engine.rule import Rule, all_rules
from policies.families import families

IDS = {id_ for each in families() if each.family.offer is None for id_ in each.data.rules}
SHIPPED = [rule for rule in all_rules() if rule.id in IDS]


def lines_of_code(rule: Rule) -> int:
    """Lines of a rule's class without docstrings, comments and blank lines."""
    source = dedent(getsource(type(rule)))
    told: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node):
            told.update(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
    texts = enumerate((line.strip() for line in source.splitlines()), 1)
    return sum(1 for number, text in texts if text and number not in told and not text.startswith("#"))


@pytest.mark.parametrize("rule", SHIPPED, ids=lambda rule: rule.id)
def test_no_rule_is_longer_than_one_screen_of_code(rule):
    assert lines_of_code(rule) <= 40


def test_most_rules_are_about_ten_lines():
    assert median(map(lines_of_code, SHIPPED)) <= 13

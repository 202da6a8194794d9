"""Data flows from left to right, so imports point only to the left; and what judges does no I/O."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("connectors", "policies", "reports", "auditor")
"""From left to right: no package imports one to its right."""

PURE = (
    "policies/agreements/days.py",
    "policies/agreements/coverage.py",
    "policies/engine/case.py",
    "policies/engine/similarity.py",
    "policies/work/assignments.py",
    "policies/engine/work_scope.py",
    "policies/work/model.py",
    "auditor/work_report.py",
    "auditor/capacity/advise.py",
    "auditor/capacity/hires.py",
    "auditor/capacity/measure.py",
    "auditor/capacity/trend.py",
    "policies/engine/holdings.py",
    "policies/engine/outcomes.py",
    "policies/engine/evaluate.py",
    "policies/engine/evidence.py",
    *(str(path.relative_to(ROOT)) for path in sorted((ROOT / "policies" / "rules").glob("*.py"))),
    "connectors/facts.py",
    "auditor/correlation.py",
    "auditor/drift/compare.py",
    "auditor/audit/drop_guard.py",
    "auditor/headcount/events.py",
    "auditor/audit/result.py",
    "auditor/snapshot.py",
)
"""What decides: facts in, verdicts out."""

IO = frozenset(
    {
        "asyncio",
        "boto3",
        "ftplib",
        "glob",
        "http",
        "io",
        "ldap3",
        "locale",
        "logging",
        "os",
        "pathlib",
        "random",
        "requests",
        "secrets",
        "select",
        "shutil",
        "signal",
        "socket",
        "sqlite3",
        "sqlmodel",
        "sqlalchemy",
        "ssl",
        "subprocess",
        "sys",
        "tempfile",
        "threading",
        "time",
        "urllib",
        "uuid",
        "yaml",
    }
)
CLOCKS = frozenset({"now", "today", "utcnow", "utc_now", "fromtimestamp", "monotonic", "perf_counter"})
WORLD = frozenset({"open", "print", "input", "exec", "eval", "__import__"})

FILES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(path: Path) -> Iterator[tuple[str, int]]:
    """Every module that a file imports, wherever in the file, by its absolute name."""
    here = path.relative_to(ROOT).with_suffix("").parts
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = ".".join(here[: len(here) - node.level]) if node.level else ""
            base = ".".join(part for part in (above, node.module or "") if part)
            yield base, node.lineno
            yield from ((f"{base}.{alias.name}", node.lineno) for alias in node.names)
        elif isinstance(node, ast.Call) and _name(node.func) in {"import_module", "__import__"} and node.args:
            text = node.args[0]
            parts = text.values if isinstance(text, ast.JoinedStr) else [text]
            if isinstance(parts[0], ast.Constant):
                yield str(parts[0].value), node.lineno


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def wrong_way(path: Path) -> list[str]:
    mine = PACKAGES.index(path.relative_to(ROOT).parts[0])
    right = set(PACKAGES[mine + 1 :])
    return sorted({f"line {line} imports {module}" for module, line in imported(path) if module.split(".")[0] in right})


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_package_imports_one_to_its_right(path):
    assert not wrong_way(path)


def test_all_four_packages_were_looked_at():
    assert {path.relative_to(ROOT).parts[0] for path in FILES} == set(PACKAGES)
    assert len(FILES) > 80


def test_no_package_imports_the_tests_or_the_examples():
    for path in FILES:
        assert not {module.split(".")[0] for module, _ in imported(path)} & {"tests", "examples", "benchmarks"}


@pytest.mark.parametrize(
    ("package", "line"),
    [
        ("connectors", "from policies.engine.case import Case"),
        ("connectors", "import policies.engine.case as facts"),
        ("policies", "from reports import model"),
        ("reports", "from auditor.audit.result import Judged"),
        ("connectors", "def late():\n    from auditor import config"),
        ("connectors", "from importlib import import_module\nimport_module('policies.engine.evaluate')"),
        ("connectors", "from importlib import import_module\nimport_module(f'policies.rules.{1}')"),
        ("connectors", "from ..policies import engine"),
    ],
)
def test_an_import_to_the_right_is_seen_in_whichever_way_it_is_written(package, line, tmp_path, monkeypatch):
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    path = tmp_path / package / "module.py"
    path.parent.mkdir()
    path.write_text(line, encoding="utf-8")
    assert wrong_way(path)


@pytest.mark.parametrize("name", PURE)
def test_what_decides_reads_no_file_no_network_and_no_clock(name):
    path = ROOT / name
    outside = {module for module, _ in imported(path) if module.split(".")[0] in IO}
    assert not outside
    calls = [node.func for node in ast.walk(tree(path)) if isinstance(node, ast.Call)]
    assert not [c for c in calls if isinstance(c, ast.Name) and c.id in WORLD]
    assert not [c for c in calls if _name(c) in CLOCKS]


def test_rules_are_found_by_their_files_and_nothing_central_names_them():
    for path in FILES:
        if path.parent.name == "rules":
            continue
        named = [module for module, _ in imported(path) if module.startswith("policies.rules.") and module[-1] != "."]
        assert not named, path


def test_connectors_do_not_know_each_other():
    kinds = {"roster", "ehr", "directory", "cloud", "any"}
    lent = {"roster": {"directory", "any"}}  # a roster in a directory is read with the code that reads directories
    for path in (p for p in FILES if p.relative_to(ROOT).parts[0] == "connectors"):
        mine = path.relative_to(ROOT).parts[1]
        if mine in kinds:
            others = {f"connectors.{kind}" for kind in kinds - {mine} - lent.get(mine, set())}
            assert not [module for module, _ in imported(path) if module.startswith(tuple(others))], path

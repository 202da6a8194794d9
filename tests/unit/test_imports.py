"""Data flows from left to right, so imports point only to the left; and what judges does no I/O."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("connectors", "policies", "reports", "auditor")
"""From left to right: no package imports one to its right."""

PURE = (
    "connectors/facts/",
    "connectors/group_closure.py",
    "policies/engine/",
    "policies/questions/",
    "policies/rules/",
    "policies/work/assignments.py",
    "policies/work/model.py",
    "policies/agreements/days.py",
    "policies/agreements/chain.py",
    "policies/agreements/coverage.py",
    "auditor/audit/drop_guard.py",
    "auditor/audit/result.py",
    "auditor/capacity/advise.py",
    "auditor/capacity/hires.py",
    "auditor/capacity/measure.py",
    "auditor/capacity/trend.py",
    "auditor/correlation.py",
    "auditor/drift/change.py",
    "auditor/drift/compare.py",
    "auditor/drift/explain.py",
    "auditor/headcount/events.py",
    "auditor/lag/lag.py",
    "auditor/lag/spans.py",
    "auditor/planning/outlook.py",
    "auditor/snapshot.py",
    "auditor/work_report.py",
)
"""What decides: facts in, verdicts out. A folder stands for all in it but what finds the rules."""

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


def late_and_wrong_way(path: Path) -> list[str]:
    """Modules to the right that a file imports by their name, which `lint-imports` does not see."""
    mine = PACKAGES.index(path.relative_to(ROOT).parts[0])
    right = set(PACKAGES[mine + 1 :])
    return sorted({f"line {line} imports {module}" for module, line in imported(path) if module.split(".")[0] in right})


def test_no_package_imports_one_to_its_right_even_late_and_by_name():
    assert {path.relative_to(ROOT).parts[0] for path in FILES} == set(PACKAGES)
    assert len(FILES) > 80
    assert {str(path): wrong for path in FILES if (wrong := late_and_wrong_way(path))} == {}


def test_the_contracts_of_the_packages_are_kept():
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-logo"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_no_package_imports_the_tests_or_the_examples():
    for path in FILES:
        assert not {module.split(".")[0] for module, _ in imported(path)} & {"tests", "examples", "benchmarks"}


@pytest.mark.parametrize(
    ("package", "line"),
    [
        ("connectors", "from policies.engine.case import Case"),
        ("policies", "from reports import model"),
        ("connectors", "def late():\n    from auditor import config"),
        ("connectors", "from importlib import import_module\nimport_module('policies.engine')"),
        ("connectors", "from importlib import import_module\nimport_module(f'policies.rules.{1}')"),
        ("connectors", "from ..policies import engine"),
    ],
)
def test_an_import_to_the_right_is_seen_in_whichever_way_it_is_written(package, line, tmp_path, monkeypatch):
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    path = tmp_path / package / "module.py"
    path.parent.mkdir()
    path.write_text(line, encoding="utf-8")
    assert late_and_wrong_way(path)


def pure() -> list[Path]:
    found = [path for path in FILES if str(path.relative_to(ROOT)).startswith(PURE)]
    return [path for path in found if path.relative_to(ROOT) != Path("policies/engine/rule.py")]


def test_what_decides_reads_no_file_no_network_and_no_clock():
    assert len(pure()) > len(PURE)
    for path in pure():
        outside = {module for module, _ in imported(path) if module.split(".")[0] in IO}
        assert not outside, path
        calls = [node.func for node in ast.walk(tree(path)) if isinstance(node, ast.Call)]
        assert not [c for c in calls if isinstance(c, ast.Name) and c.id in WORLD], path
        assert not [c for c in calls if _name(c) in CLOCKS], path


SQLITE = re.compile(r"\bsqlite3\b|\bsqlite_|\bPRAGMA\b|\browid\b|BEGIN IMMEDIATE|lastrowid|INSERT OR ")
WORKLIST = Path("auditor/watch/state.py")
"""What the watch must not forget, no evidence: its statements order by `rowid` in files that there are already."""


def test_one_package_alone_knows_sqlite():
    found = {p.relative_to(ROOT) for p in FILES if SQLITE.search(p.read_text(encoding="utf-8"))}
    knowing = {path for path in found if path.parts[:2] != ("auditor", "sqlite")}
    assert len(found) > len(knowing)
    assert knowing == {WORKLIST}


def test_rules_are_found_by_their_files_and_nothing_central_names_them():
    for path in FILES:
        if path.parent.name == "rules":
            continue
        named = [module for module, _ in imported(path) if module.startswith("policies.rules.") and module[-1] != "."]
        assert not named, path

"""What the documentation says is what the program does."""

import re
import runpy
from pathlib import Path

import pytest

from auditor.cli import run
from connectors.connector import names
from connectors.facts import SystemKind
from policies.engine.rule import all_rules
from tests.command_line import commands
from tests.each import each

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
PAGES = {path: path.read_text() for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"))}


@pytest.mark.parametrize("command", commands())
def test_every_command_is_in_the_table_and_has_an_example_in_its_help(command, capsys, monkeypatch):
    assert f"`auditor {command} " in PAGES[ROOT / "docs" / "commands.md"]
    monkeypatch.setenv("COLUMNS", "200")
    assert run([*command.split(), "--help"]) == 0
    told = capsys.readouterr().out
    assert "Example: `auditor " in told
    assert f"auditor {command}" in told.partition("Example:")[2]


def test_the_tables_of_rules_and_connectors_are_those_of_the_program():
    """`make shown` writes them."""
    tables = runpy.run_path(str(ROOT / "examples" / "tables.py"))
    found = {name: text for text in PAGES.values() for _, name, _ in tables["BLOCK"].findall(text)}
    assert found.keys() == {"connectors", "rules"}
    for page, text in PAGES.items():
        assert tables["anew"](text) == text, page.name
    for rule in all_rules():
        assert f"| `{rule.id}` | {rule.question}" in found["rules"]
    for kind in SystemKind:
        for name in names(kind):
            assert f"| `{name}` | {kind} |" in found["connectors"] or f"| `{name}` | any |" in found["connectors"]


@each(["0", "1", "2", "3", "64"])
def test_every_exit_code_is_on_the_page_of_commands(code):
    assert f"\n| {code} | " in (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")


@each(PAGES)
def test_no_link_leads_nowhere(page):
    for target in re.findall(r"\]\(([^)#]+)\)", PAGES[page]):
        assert (page.parent / target).exists(), target


def test_every_page_is_in_the_index():
    index = PAGES[ROOT / "docs" / "README.md"]
    for page in (ROOT / "docs").glob("*.md"):
        assert page.name == "README.md" or f"]({page.name})" in index, page.name


def test_every_package_is_in_the_table_of_the_design():
    design = PAGES[ROOT / "docs" / "design.md"]
    for top in ("connectors", "policies", "auditor"):
        for package in sorted((ROOT / top).glob("*/__init__.py")):
            name = package.parent.name
            assert re.search(rf"[`/]{name}/`", design), f"{top}/{name}"


def test_no_page_names_a_file_of_ours_that_there_is_not():
    named = re.compile(r"`((?:auditor|connectors|policies|reports|tests|docs|benchmarks)/[\w/-]+\.(?:py|md|yaml))`")
    for page, text in PAGES.items():
        if page.name != "CHANGELOG.md":
            for path in named.findall(text):
                assert "NAME" in path or (ROOT / path).exists(), f"{page.name}: {path}"


def test_nothing_claims_a_certification_that_does_not_exist():
    for path, text in PAGES.items():
        for line in text.splitlines():
            if "HIPAA certified" in line:
                assert "nobody can be" in line or "never" in line, f"{path.name}: {line}"

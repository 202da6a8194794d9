"""
The JSON of every command is public: no key changes its name, its place or what it holds, and none goes away.

Whatever the application offers is walked: a command that is added has a run here, says of which schema its JSON is,
and takes `--store` when it reads one.
"""

import json
import sys
from typing import Any

import pytest

from tests.command_line import commands, options
from tests.command_runs import GOLDEN, RUNS, frozen, results

OPENED: list[str] = []
"""The databases that were opened since it was emptied."""


def note(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "sqlite3.connect":
        OPENED.append(str(arguments[0]))


sys.addaudithook(note)  # it cannot be taken out again, and costs nothing


@pytest.fixture(scope="module")
def ran() -> dict[str, tuple[str, bool]]:
    """What each run printed, and whether it opened a store."""
    found = {}
    OPENED.clear()
    for name, _code, text in results():
        found[name] = text, any("lakeside.db" in path for path in OPENED)
        OPENED.clear()
    return found


def command_of(name: str) -> str:
    """The command of a run: its first words, as far as there is one."""
    return next(command for command in commands() if RUNS[name][: len(command.split())] == command.split())


@pytest.mark.parametrize("name", RUNS)
def test_what_a_command_prints_for_machines_stays_as_it_is(ran, name):
    assert frozen(name, ran[name][0]) == (GOLDEN / f"{name}.json").read_text(encoding="utf-8")


def test_nothing_is_frozen_that_no_command_prints():
    assert {path.stem for path in GOLDEN.iterdir()} == RUNS.keys()


@pytest.mark.parametrize("command", [name for name, made in commands().items() if "--format" in options(made)])
def test_every_command_says_of_which_schema_its_json_is(ran, command):
    printed = [ran[name][0] for name in RUNS if command_of(name) in (command, {"init": "connect"}.get(command))]
    assert printed, f"`auditor {command}` has no run in tests/command_runs.py"
    for text in printed:
        parts = [json.loads(text)] if text.startswith(("{\n", "[\n")) else [json.loads(x) for x in text.splitlines()]
        for part in parts:
            assert [one["schema_version"] for one in (part if isinstance(part, list) else [part])]
            assert next(iter(part[0] if isinstance(part, list) else part)) == "schema_version"


@pytest.mark.parametrize("command", commands())
def test_whatever_reads_the_store_takes_it_from_the_command_line(ran, command):
    reads = any(ran[name][1] for name in RUNS if command_of(name) == command)
    assert "--store" in options(commands()[command]) or not reads


def test_most_commands_read_the_store():
    """Or the test above would notice nothing."""
    assert len([name for name, command in commands().items() if "--store" in options(command)]) >= 20

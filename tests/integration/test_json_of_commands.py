"""The JSON of every command is public: no key changes its name, its place or what it holds, and none goes away."""

import pytest

from tests.command_runs import GOLDEN, RUNS, frozen, results


@pytest.fixture(scope="module")
def printed() -> dict[str, str]:
    return {name: text for name, _code, text in results()}


@pytest.mark.parametrize("name", RUNS)
def test_what_a_command_prints_for_machines_stays_as_it_is(printed, name):
    assert frozen(name, printed[name]) == (GOLDEN / f"{name}.json").read_text(encoding="utf-8")


def test_nothing_is_frozen_that_no_command_prints():
    assert {path.stem for path in GOLDEN.iterdir()} == RUNS.keys()

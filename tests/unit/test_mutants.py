"""The mutation run: what is changed and that nothing else is, which mutants are tried, and how long a finding holds."""

import ast

import pytest

from tests.mutation.harness import Touched
from tests.mutation.kept import Kept, Verdict
from tests.mutation.mutants import mutants_of, mutated
from tests.mutation.preload import unjudged
from tests.mutation.run import sampled

SOURCE = """
FLOOR = 3

def judged(a, b):
    if not a and b < 3:
        return True
    kept = [c for c in a if c not in b]
    return min(kept) + timedelta(days=1)
"""


@pytest.mark.parametrize(
    "change",
    [
        "module: FLOOR = 3 → FLOOR = 4",
        "judged: if not a and b < 3: → no guard",
        "judged: not a and b < 3 → not a or b < 3",
        "judged: not a → a",
        "judged: b < 3 → b <= 3",
        "judged: b < 3 → b < 4",
        "judged: return True → return False",
        "judged: for c … if c not in b → no filter",
        "judged: c not in b → c in b",
        "judged: min(kept) → max(kept)",
        "judged: min(kept) + timedelta(days=1) → min(kept) - timedelta(days=1)",
        "judged: days=1 → days=2",
    ],
)
def test_each_kind_of_judgment_is_changed(change):
    assert f"rules.py::{change}" in {mutant.key for mutant in mutants_of("rules.py", SOURCE)}


def test_a_mutant_has_one_change_that_its_name_says_and_keeps_its_name_where_other_code_moves(tmp_path):
    (tmp_path / "rules.py").write_text(SOURCE)
    found = mutants_of("rules.py", SOURCE)
    texts = {ast.unparse(mutated(mutant, tmp_path)) for mutant in found}
    assert len(texts) == len({mutant.key for mutant in found}) == len(found)
    assert ast.unparse(ast.parse(SOURCE)) not in texts
    moved = mutants_of("rules.py", f"import datetime\n\n{SOURCE}")
    assert [mutant.rank("seed") for mutant in moved] == [mutant.rank("seed") for mutant in found]


def test_a_sample_leaves_no_module_out_and_hardly_moves_when_another_module_grows():
    rules = mutants_of("rules.py", SOURCE)
    large = mutants_of("large.py", "\n".join(f"def f{n}(a):\n    return a < {n}" for n in range(100)))
    chosen = sampled([*rules, *large], "seed", 40)
    assert len(chosen) == 40
    assert len([one for one in chosen if one.path == "rules.py"]) >= 3
    assert chosen == sampled([*large, *rules], "seed", 40)
    grown = sampled([*rules, *large, *mutants_of("new.py", "def f(a):\n    return a < 3")], "seed", 40)
    assert len(set(chosen) - set(grown)) == 2


@pytest.fixture
def tree(tmp_path):
    (tmp_path / "policies").mkdir()
    (tmp_path / "tests").mkdir()
    (tmp_path / "policies/rules.py").write_text(SOURCE)
    (tmp_path / "tests/test_one.py").write_text("one")
    (tmp_path / "tests/test_two.py").write_text("two")
    return tmp_path


def kept(tree):
    return Kept(tree / "kept", ["tests/test_one.py", "tests/test_two.py"], tree)


@pytest.mark.parametrize(
    ("changed", "known", "asked_first"),
    [
        ("policies/unread.py", [], {"seen": "tests/test_one.py::test"}),
        ("tests/sample.py", [], {"seen": "tests/test_one.py::test"}),
        ("tests/test_one.py", [], {"seen": "tests/test_one.py::test"}),
        ("tests/test_two.py", ["seen"], {"seen": "tests/test_one.py::test"}),
        ("tests/mutation/survivors.yaml", ["seen", "unseen"], {"seen": "tests/test_one.py::test"}),
    ],
)
def test_a_finding_holds_as_long_as_the_project_and_the_tests_it_rests_on_are_the_same(
    tree, changed, known, asked_first
):
    for verdict in (Verdict("seen", "tests/test_one.py::test", 1.0), Verdict("unseen", "", 2.0)):
        kept(tree).keep(verdict)
    assert list(kept(tree).verdicts) == ["seen", "unseen"]
    (tree / changed).parent.mkdir(exist_ok=True)
    (tree / changed).write_text("changed")
    assert list(kept(tree).verdicts) == known
    assert kept(tree).hints == asked_first


def test_only_a_test_file_that_changed_is_measured_again(tree):
    before = kept(tree)
    one, two = before.files
    touched = Touched(
        seconds={f"{name}::test": 0.1 for name in before.files},
        by_line={("policies/rules.py", 4): {f"{name}::test" for name in before.files}},
        files=before.digests,
    )
    before.keep_touched(touched, ["policies/rules.py"])
    (tree / two).write_text("changed")
    again = kept(tree).touched(["policies/rules.py"])
    assert list(again.files) == [one]
    assert again.by_line["policies/rules.py", 4] == {f"{one}::test"}
    assert not kept(tree).touched(["policies/rules.py", "policies/more.py"]).files


def test_what_is_read_before_the_mutants_reaches_none_of_them():
    read = unjudged(["policies/agreements/coverage.py", "policies/candidates/fold.py"])
    assert {
        "policies",
        "policies.policy",
        "policies.agreements.days",
        "connectors.facts",
        "connectors.inputs.yaml",
    } <= read
    assert not read & {
        "policies.agreements.coverage",
        "policies.engine.covered",
        "policies.candidates.fold",
        "policies.candidates.matching",
        "auditor.correlation",
        "auditor.pipeline",
        "auditor.cli.commands.audit",
    }

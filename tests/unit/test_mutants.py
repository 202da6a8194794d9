"""The mutants of the mutation run: what is changed, and that nothing else is."""

import ast

import pytest

from tests.mutation.mutants import mutants_of, mutated

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

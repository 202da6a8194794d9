"""Every format is told apart in one place: one that is added must not print text by accident."""

import re
from pathlib import Path

from auditor.cli.options import Format

CLI = Path(__file__).parents[3] / "auditor" / "cli"


def test_formats_are_told_apart_in_one_place_where_the_types_see_a_new_one():
    assert {f.value: f.is_json for f in Format} == {"text": False, "json": True}
    alone = [p.name for p in CLI.glob("*.py") if re.search(r"Format\.(JSON|TEXT)\b(?! *=)", _without_defaults(p))]
    assert alone == ["options.py"]


def _without_defaults(path: Path) -> str:
    return re.sub(r"= Format\.TEXT\b", "", path.read_text(encoding="utf-8"))

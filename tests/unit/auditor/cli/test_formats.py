"""Every format is told apart where the types see a new one: one that is added must not print text by accident."""

import re
from pathlib import Path

from auditor.cli.formats import Format, TableFormat

CLI = Path(__file__).parents[4] / "auditor" / "cli"


def test_whatever_tells_formats_apart_does_so_to_the_end():
    assert {f.value: f.is_json for f in Format} == {"text": False, "json": True}
    assert {f.value for f in TableFormat} == {"text", "json", "csv"}
    telling = [p for p in CLI.rglob("*.py") if "Format.JSON" in p.read_text(encoding="utf-8")]
    assert telling
    for path in telling:
        text = path.read_text(encoding="utf-8")
        cases = len(re.findall(r"case (?:Table)?Format\.JSON:", text))
        assert text.count("Format.JSON") == cases, path.name
        assert text.count("assert_never(") == cases, path.name

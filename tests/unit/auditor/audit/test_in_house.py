"""The practice itself in the column of agencies: by the word, and by its own name."""

import shutil

from auditor.audit.inputs import read_inputs
from auditor.config import load_config
from tests.audited_example import EXAMPLE


def agencies(tmp_path, written):
    shutil.copytree(EXAMPLE, tmp_path / "lakeside")
    config = tmp_path / "lakeside" / "2026-11" / "auditor.yaml"
    roster = config.with_name("roster.csv")
    text = roster.read_text(encoding="utf-8")
    roster.write_text(text.replace("Harbor Assist LLC", written), encoding="utf-8")
    engagements = read_inputs(load_config(config)).roster.engagements
    return {e.agency for e in engagements if e.vma in ("VMA-01", "VMA-02", "VMA-03")}


def test_the_own_name_of_the_practice_as_an_agency_is_the_practice_itself(tmp_path):
    name = load_config(EXAMPLE / "2026-11" / "auditor.yaml").practice.name
    assert agencies(tmp_path / "word", "practice") == {None}
    assert agencies(tmp_path / "name", name) == {None}
    assert agencies(tmp_path / "chain", f"{name} > Harbor Assist LLC") == {"Harbor Assist LLC"}
    assert agencies(tmp_path / "other", f"{name} Staffing LLC") == {f"{name} Staffing LLC"}

"""Who is who: one person at two practices, an id in other letters, another person under an old id; and odd input."""

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from auditor.cli import run
from auditor.exit_codes import USAGE

EXAMPLE = Path(__file__).parents[2] / "examples" / "lakeside"
FIRST, THEN, NOW = "2026-11-20T17:00:00-06:00", "2026-11-21T17:00:00-06:00", "2026-11-22T17:00:00-06:00"


@pytest.fixture
def practice(tmp_path: Path) -> Path:
    shutil.copytree(EXAMPLE, tmp_path / "lakeside")
    path = tmp_path / "lakeside" / "2026-11" / "auditor.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("../../../out/", "../"), encoding="utf-8")
    return path


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def audit(path: Path, at: str) -> int:
    return run(["audit", str(path), "--at", at, "--report", str(path.with_name("r.html"))])


def drift(path: Path, capsys: pytest.CaptureFixture[str]) -> dict:
    capsys.readouterr()
    run(["drift", str(path), "--format", "json"])
    found: dict = json.loads(capsys.readouterr().out)
    return found


def test_one_person_at_two_practices_is_two_engagements_and_leaving_one_is_no_event_of_the_other(practice, capsys):
    other = practice.parent.with_name("other")
    shutil.copytree(practice.parent, other)
    second = other / "auditor.yaml"
    edit(second, "id: lakeside-family, name: Lakeside Family Medicine", "id: hill-clinic, name: Hill Clinic")
    assert {audit(path, FIRST) for path in (practice, second)} == {2}
    edit(second.with_name("roster.csv"), "billing,2025-01-13,,Lakeside", "billing,2025-01-13,2026-11-20,Lakeside")
    assert {audit(path, THEN) for path in (practice, second)} == {2}
    assert drift(practice, capsys)["events"] == []
    assert [(e["vma"], e["kind"]) for e in drift(second, capsys)["events"]] == [("VMA-01", "left")]


def test_an_id_in_other_letters_is_refused_and_does_not_make_two_people_of_one(practice, capsys):
    audit(practice, FIRST)
    edit(practice.with_name("roster.csv"), "VMA-01,", "vma-01,")
    assert audit(practice, THEN) == USAGE
    told = capsys.readouterr().err
    assert "upper and lower case only" in told
    assert "VMA-01, as the audits before have it" in told


def test_an_id_that_was_given_to_somebody_else_is_told(practice, capsys):
    audit(practice, FIRST)
    edit(practice.with_name("roster.csv"), "VMA-01,Maricel Dizon Aquino,maricel.aquino@", "VMA-01,Ben Cole,ben.cole@")
    audit(practice, THEN)
    assert {"vma": "VMA-01", "kind": "id-reused", "detail": "Maricel Dizon Aquino → Ben Cole"} in drift(
        practice, capsys
    )["events"]


def test_a_login_that_moves_from_the_roster_to_the_list_of_staff_is_told_as_a_change(practice, capsys):
    audit(practice, FIRST)
    edit(practice.with_name("roster.csv"), "ehr:tquiroga", "")
    edit(practice.parent.with_name("staff.csv"), "staff,ehr:atran;", "staff,ehr:atran;ehr:tquiroga;")
    audit(practice, THEN)
    told = [t for t in drift(practice, capsys)["told"] if t["kind"] == "account has other owners"]
    # The account carries the VMA's address: whose it is now is asked, and not taken from the file.
    assert [(t["login"], t["people"], t["cause"]) for t in told] == [("tquiroga", [], "unexplained")]


def test_an_audit_of_the_future_is_refused_and_keeps_nothing_out(practice, capsys):
    later = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    assert audit(practice, later) == USAGE
    assert "is in the future" in capsys.readouterr().err
    assert audit(practice, FIRST) == 2


@pytest.mark.parametrize("name", ["x" * 400, "a\\0b", "a\\tb"])
def test_a_path_that_no_file_can_have_is_refused_with_its_line(practice, capsys, name):
    edit(practice, "agreements: agreements.yaml", f'agreements: "{name}"')
    assert audit(practice, FIRST) == USAGE
    told = capsys.readouterr().err
    assert "agreements" in told
    assert "a path" in told


def test_a_path_of_a_connector_that_no_file_can_have_is_a_system_that_was_not_read(practice, capsys):
    edit(practice, "file: directory.ldif", 'file: "a\\0b"')
    assert audit(practice, FIRST) in (2, USAGE)
    assert "unexpected" not in capsys.readouterr().err


def test_overlapping_engagements_are_refused_with_both_rows(practice, capsys):
    roster = practice.with_name("roster.csv")
    line = next(li for li in roster.read_text(encoding="utf-8").splitlines() if li.startswith("VMA-06"))
    roster.write_text(roster.read_text(encoding="utf-8") + line.replace("2025-11-03", "2026-01-05") + "\n", "utf-8")
    assert audit(practice, FIRST) == USAGE
    told = capsys.readouterr().err
    assert "line 12" in told
    assert "found `2026-01-05`; expected an `end` before the next `start`" in told

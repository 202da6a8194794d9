"""The example practice, looked at ahead: nothing is read from a system, and nothing is stored."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest
from icalendar import Calendar

from auditor.cli import run
from auditor.exit_codes import FINDINGS, USAGE

EXAMPLE = Path(__file__).parents[2] / "examples" / "lakeside"


@pytest.fixture
def practice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    shutil.copytree(EXAMPLE, tmp_path / "lakeside")
    path = tmp_path / "lakeside" / "2026-11" / "auditor.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("../../../out/", ""), encoding="utf-8")
    run(["audit", str(path), "--at", "2026-11-20T17:00:00Z"])
    capsys.readouterr()
    return path


def test_the_forecast_names_the_start_and_the_agreement_and_the_calendar_agrees(practice, tmp_path, capsys):
    due = tmp_path / "due.ics"
    shutil.rmtree(practice.with_name("ehr"))  # no system is read
    assert run(["forecast", str(practice), "--as-of", "1", "--ics", str(due), "--format", "json"]) == FINDINGS
    items = json.loads(capsys.readouterr().out)["items"]
    assert [(i["day"], i["kind"]) for i in items if i["day"] < "2027-01-02"] == [
        ("2025-04-13", "review due"),  # nobody has ever recorded one
        ("2026-12-01", "start without cover"),
        ("2027-01-01", "agreement ends"),
    ]
    assert items[2]["whom"] == ["VMA-01", "VMA-02", "VMA-03", "VMA-05", "VMA-09"]
    events = Calendar.from_ical(due.read_bytes()).walk("VEVENT")
    today = "2026-11-20"  # what is overdue is to be done, and does not stand in the past
    assert [e.decoded("DTSTART").isoformat() for e in events] == [max(i["day"], today) for i in items]
    assert "Out of step since 2025-04-13." in str(events[0]["DESCRIPTION"])
    assert "Salonga" not in due.read_text(encoding="utf-8")


def test_a_plan_is_answered_and_nothing_is_stored(practice, tmp_path, capsys):
    plan, store = tmp_path / "plan.yaml", practice.with_name("lakeside.db")
    plan.write_text(
        "changes:\n  - {hire: 2, roles: [scheduler], agency: Harbor Assist LLC, employment: employee, "
        "locations: [Hillcrest], start: 2090-03-01}\n"
    )
    before = hashlib.sha256(store.read_bytes()).hexdigest()
    assert run(["plan", str(plan), str(practice), "--format", "json"]) == FINDINGS
    told = json.loads(capsys.readouterr().out)
    assert {n["vma"] for n in told["days"][0]["new"] if n["rule"] == "no-agreement"} == {"NEW-1", "NEW-2"}
    assert told["to_do"][0]["what"].startswith("sign a BAA between the practice and Harbor Assist LLC")
    assert run(["plan", str(practice), "--hire", "1:scheduler:2090-03-01"]) == FINDINGS
    assert "to do, in this order" in capsys.readouterr().out
    assert hashlib.sha256(store.read_bytes()).hexdigest() == before


@pytest.mark.parametrize(
    "command",
    [
        ["forecast", "--days", "0"],
        ["forecast", "--as-of", "yesterday"],
        ["forecast", "--as-of", "9999-12-31"],
        ["plan"],
        ["plan", "missing.yaml"],
    ],
)
def test_what_cannot_be_meant_is_refused(practice, command):
    where = [str(practice)] if command != ["plan"] else []
    assert (
        run([command[0], *command[1:], *where] if command[0] == "plan" else [command[0], *where, *command[1:]]) == USAGE
    )


def test_a_forecast_counts_the_practices_days_and_not_those_of_utc(practice, capsys):
    roster = practice.with_name("roster.csv")
    roster.write_text(roster.read_text(encoding="utf-8").replace("2026-12-01", "2026-11-28"), encoding="utf-8")
    # In UTC it is the 28th already, on which Grace starts.
    run(["audit", str(practice), "--at", "2026-11-27T23:30:00-06:00"])
    capsys.readouterr()
    assert run(["forecast", str(practice), "--as-of", "2", "--days", "1", "--format", "json"]) == FINDINGS
    found = json.loads(capsys.readouterr().out)
    assert (found["from"], found["today"], found["to"]) == ("2026-11-27", "2026-11-27", "2026-11-28")
    assert ("2026-11-28", "start without cover") in [(i["day"], i["kind"]) for i in found["items"]]
    assert run(["forecast", str(practice), "--as-of", "2026-11-27", "--days", "1", "--format", "json"]) == FINDINGS
    assert json.loads(capsys.readouterr().out) == found

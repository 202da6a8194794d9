"""`auditor onboard`, `transfer` and `offboard` on the example practice, now and as of a past day."""

import json
import shutil
from pathlib import Path

import pytest

from auditor.cli import run
from auditor.exit_codes import FINDINGS, USAGE
from tests.audited_example import audited_twice

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return audited_twice(tmp_path_factory.mktemp("gates"))


def asked(practice: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> dict:
    capsys.readouterr()
    command, vma, *more = arguments
    run([command, vma, str(practice), "--format", "json", *more])
    found: dict = json.loads(capsys.readouterr().out)
    return found


def test_a_leaver_is_told_with_hours_between_two_audits_against_the_clock(practice, capsys):
    found = asked(practice, capsys, "offboard", "VMA-06", "--as-of", "2")
    assert (found["outcome"], found["due_hours"]) == ("NOT GONE", 24)
    hours = {h["system"]: (h["live"], h["timely"], round(h["at_least"], 1)) for h in found["hours_to_disabled"]}
    assert hours == {"directory": (False, "in time", 0.0), "ehr": (True, "late", 827.5)}
    then = asked(practice, capsys, "offboard", "VMA-06", "--as-of", "2026-10-10")
    assert then["outcome"] == "NOT GONE"
    assert then["end"] is None  # on that day nobody knew it yet


def test_the_clock_is_the_practices_own_where_it_keeps_one(practice, capsys, tmp_path):
    folder = tmp_path / "lakeside"
    shutil.copytree(practice.parent.parent, folder)
    config = folder / "2026-11" / "auditor.yaml"
    shipped = (ROOT / "policies" / "controls.yaml").read_text(encoding="utf-8")
    own = shipped.replace("after: end\n    due_hours: 24", "after: end\n    due_hours: 830")
    (config.parent / "controls.yaml").write_text(own, encoding="utf-8")
    config.write_text(config.read_text(encoding="utf-8") + "controls: controls.yaml\n", encoding="utf-8")
    found = asked(config, capsys, "offboard", "VMA-06", "--as-of", "2")
    assert found["due_hours"] == 830
    assert {h["system"]: h["timely"] for h in found["hours_to_disabled"]} == {
        "directory": "in time",  # as of its export, which is older than the audit
        "ehr": "still within the clock",  # 827.5 hours so far
    }
    (config.parent / "controls.yaml").write_text(own.replace("due_hours: 830", "due_hours: soon"), encoding="utf-8")
    assert run(["offboard", "VMA-06", str(config), "--as-of", "2"]) == USAGE
    assert "controls.yaml, line" in capsys.readouterr().err


def test_a_change_of_role_is_told_from_what_audits_saw_and_before_it_happens(practice, capsys):
    found = asked(practice, capsys, "transfer", "VMA-03", "--as-of", "2")
    assert (found["from_roles"], found["to_roles"], found["outcome"]) == (["scheduler"], ["billing"], "NOT DONE")
    assert [h["entitlement"] for h in found["must_go"]] == ["VMA Scheduling"]
    assert found["must_come"] == {}
    assert len(found["accumulated"]) == 1
    assert found["changed"] == {"earliest": "2026-09-30T22:00:00+00:00", "latest": "2026-11-20T23:00:00+00:00"}
    (kept,) = found["hours_to_removed"]  # the export is of before the audit that saw the change: from 0 hours on
    assert (kept["entitlement"], kept["at_least"], kept["hours"]) == ("VMA Scheduling", 0, 1218.5)
    before = asked(practice, capsys, "transfer", "VMA-03", "--to", "billing", "--as-of", "2026-10-10")
    assert before["must_come"] == {"ehr": ["VMA Billing"]}
    assert run(["transfer", "VMA-01", str(practice), "--as-of", "2"]) == USAGE


def test_a_newcomer_is_asked_for_the_first_day_and_as_of_a_day_nobody_knew_of_is_nobody(practice, capsys):
    found = asked(practice, capsys, "onboard", "VMA-10", "--as-of", "2")
    assert found["day"] == "2026-12-01"
    assert found["grant"] == {"ehr": [{"id": found["grant"]["ehr"][0]["id"], "name": "VMA Scheduling"}]}
    assert run(["onboard", "VMA-10", str(practice), "--as-of", "1"]) == USAGE
    assert "no VMA `VMA-10`" in capsys.readouterr().err
    assert run(["onboard", "VMA-10", str(practice), "--as-of", "yesterday"]) == USAGE


def test_the_same_answers_come_from_the_systems_and_from_the_store(practice, capsys):
    now, stored = (
        asked(practice, capsys, "transfer", "VMA-05", "--to", "front_desk", *more) for more in ((), ("--as-of", "2"))
    )
    assert now == stored


def test_a_plan_can_be_made_as_of_an_earlier_audit(practice, capsys):
    capsys.readouterr()
    assert (
        run(["plan", str(practice), "--hire", "1:scheduler:2026-12-01", "--as-of", "1", "--format", "json"]) == FINDINGS
    )
    found = json.loads(capsys.readouterr().out)
    assert found["audit"]["id"] == 1

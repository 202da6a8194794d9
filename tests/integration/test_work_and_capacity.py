"""`auditor work` and `auditor capacity`, on the example practice."""

import json
import shutil
from pathlib import Path

import pytest

from auditor.cli import run

EXAMPLE = Path(__file__).parents[2] / "examples" / "lakeside"
AT = "2026-11-20T17:00:00-06:00"


@pytest.fixture
def practice(tmp_path):
    """A copy of the example that a test may spoil, with a store of its own."""
    shutil.copytree(EXAMPLE, tmp_path / "lakeside")
    for folder in ("2026-q3", "2026-11"):
        path = tmp_path / "lakeside" / folder / "auditor.yaml"
        path.write_text(path.read_text().replace("../../../out/lakeside.db", str(tmp_path / "lakeside.db")))
    return tmp_path / "lakeside" / "2026-11"


def asked(capsys, *arguments):
    code = run([*map(str, arguments), "--format", "json"])
    return code, json.loads(capsys.readouterr().out)


def test_the_example_shows_something_in_every_section(practice, capsys):
    code, report = asked(capsys, "work", practice / "auditor.yaml", "--at", AT)
    assert code == 2, "one group that nobody has classified"
    assert [s["id"] for s in report["sections"] if not s["points"]] == []
    assert report["headline"] == "17 pieces of work, 8 VMAs at work: 14 owned, 2 unowned, 1 with two owners"
    (clone,) = [p for s in report["sections"] if s["id"] == "cloned-access" for p in s["points"]]
    assert "looks like a copy of vma3, with 1 extra" in clone["text"]


def test_what_the_rules_of_the_work_map_find_has_the_id_that_the_audit_gives_it(practice, capsys, tmp_path):
    _, report = asked(capsys, "work", practice / "auditor.yaml", "--at", AT)
    told = {p["finding"] for s in report["sections"] for p in s["points"] if p["finding"]}
    _, audit = asked(capsys, "audit", practice / "auditor.yaml", "--at", AT, "--report", tmp_path / "r.html")
    assert told <= {finding["id"] for finding in audit["findings"]}
    assert len(told) > 8


def test_the_work_map_is_answered_as_of_a_past_audit_without_reading_a_system(practice, capsys, tmp_path):
    audited = practice.parent / "2026-q3" / "auditor.yaml"
    asked(capsys, "audit", audited, "--at", "2026-09-30T17:00:00-05:00", "--report", tmp_path / "r.html")
    asked(capsys, "audit", practice / "auditor.yaml", "--at", AT, "--report", tmp_path / "s.html")
    shutil.rmtree(practice / "ehr")
    _, then = asked(capsys, "work", practice / "auditor.yaml", "--as-of", "2026-10-15")
    assert then["day"] == "2026-09-30"
    unowned = {p["text"] for s in then["sections"] if s["id"] == "unowned-work" for p in s["points"]}
    assert "Answer calls and book at Hillcrest has no owner" in unowned
    _, now = asked(capsys, "work", practice / "auditor.yaml", "--as-of", "2")
    assert now["headline"].startswith("17 pieces of work, 8 VMAs at work: 14 owned")


def test_a_practice_without_a_work_map_is_told_how_to_write_one(practice, capsys):
    path = practice / "auditor.yaml"
    path.write_text(path.read_text().replace("work: work.yaml\n", ""))
    assert run(["work", str(path)]) == 64
    assert "docs/work-map.md" in capsys.readouterr().err


def test_a_work_map_that_names_nobody_stops_the_audit_before_anything_is_stored(practice, capsys, tmp_path):
    (practice / "work.yaml").write_text(
        "model: centralized\nclusters:\n  a: {title: A, tasks: {b: {title: B, needs: [schedule.read]}}}\n"
    )
    assert run(["audit", str(practice / "auditor.yaml"), "--at", AT]) == 64
    assert "work.yaml, line 2, `clusters`: the work map names nobody" in capsys.readouterr().err
    assert not (tmp_path / "lakeside.db").exists() or run(["statements", str(practice / "auditor.yaml")]) == 0
    assert run(["doctor", str(practice / "auditor.yaml")]) != 0


def test_the_example_is_at_a_ceiling_and_the_plan_of_the_hire_can_be_run(practice, capsys, tmp_path):
    config = practice / "auditor.yaml"
    code, capacity = asked(capsys, "capacity", practice / "figures.csv", config)
    assert (code, capacity["ceilings"]) == (1, ["front_desk"])
    assert {h["vma"]: h["verdict"] for h in capacity["hires"]} == {"VMA-09": "too early to tell", "VMA-07": "better"}
    advice = capacity["advice"]
    assert (advice["lever"], advice["role"], advice["count"]) == ("VMAs", "front_desk", 1)
    assert capacity["plan"] is None
    assert run(["capacity", str(practice / "figures.csv"), str(config)]) == 1
    assert "there is no store" in capsys.readouterr().out
    asked(capsys, "audit", config, "--at", AT, "--report", tmp_path / "r.html")
    code, plan = asked(capsys, *advice["plan"].split()[1:])
    assert code in (1, 2)
    assert "NEW-1" in json.dumps(plan)
    # Capacity and controls in one answer.
    assert asked(capsys, "capacity", practice / "figures.csv", config)[1]["plan"] == plan
    assert run(["capacity", str(practice / "figures.csv"), str(config)]) == 1
    assert "→ 10 active VMAs" in capsys.readouterr().out


def test_text_and_data_of_capacity_say_the_same(practice, capsys):
    assert run(["capacity", str(practice / "figures.csv"), str(practice / "auditor.yaml")]) == 1
    text = capsys.readouterr().out
    _, capacity = asked(capsys, "capacity", practice / "figures.csv", practice / "auditor.yaml")
    assert "A ceiling of front_desk" in text
    assert capacity["advice"]["plan"] in text
    for cost in capacity["costs"]:
        assert f"{cost['role']}: {cost['hours_a_week']:.1f} = " in text


def test_capacity_as_of_a_day_goes_by_the_weeks_that_were_over_then(practice, capsys, tmp_path):
    config, whole, part = practice / "auditor.yaml", practice / "figures.csv", tmp_path / "figures.csv"
    # The week of 7 September is over on Sunday the 13th, and not a day earlier.
    part.write_text(
        "".join(line for line in whole.read_text().splitlines(keepends=True) if line < "2026-09-08" or line[0] == "w")
    )
    expected = asked(capsys, "capacity", part, config, "--as-of", "2026-09-13")
    assert asked(capsys, "capacity", whole, config, "--as-of", "2026-09-13") == expected
    assert expected[1]["weeks"][-1] == "2026-09-07"
    assert asked(capsys, "capacity", whole, config, "--as-of", "2026-09-12")[1]["weeks"][-1] == "2026-08-31"
    assert run(["capacity", str(whole), "--as-of", "2026-06-06"]) == 64
    assert "no week of `figures.csv` was over by 2026-06-06" in capsys.readouterr().err


@pytest.mark.parametrize("cost", ["abandoned", "abandoned=", "abandoned=-1", "abandoned=nan", "abandond=1"])
def test_a_cost_that_is_none_is_refused(practice, capsys, cost):
    assert run(["capacity", str(practice / "figures.csv"), "--cost", cost]) == 64
    assert "is no cost" in capsys.readouterr().err


def test_figures_of_a_role_that_no_template_describes_are_refused(practice, capsys):
    path = practice / "figures.csv"
    path.write_text(path.read_text().replace("front_desk", "frontdesk"))
    assert run(["capacity", str(path), str(practice / "auditor.yaml")]) == 64
    assert "there is no template for this role: found `frontdesk`" in capsys.readouterr().err


def test_too_few_weeks_end_with_2_and_not_with_an_all_clear(practice, capsys, tmp_path):
    path = tmp_path / "short.csv"
    path.write_text("".join((practice / "figures.csv").read_text().splitlines(keepends=True)[:9]))
    assert run(["capacity", str(path)]) == 2
    assert "Too few figures to tell" in capsys.readouterr().out


def test_a_hostile_name_in_the_figures_drives_no_terminal(practice, capsys):
    path = practice / "figures.csv"
    path.write_text(path.read_text().replace("front_desk", "front\x1b[2Jdesk"))
    assert run(["capacity", str(path)]) == 64
    printed = capsys.readouterr()
    assert "this is not a role" in printed.err
    assert "\x1b" not in printed.out + printed.err

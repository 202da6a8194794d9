"""`auditor lag` on the example practice: what a practice manager sees."""

import json
import re
import shutil
import sqlite3
from html import unescape
from pathlib import Path

import pytest

from auditor.cli import run
from auditor.config import load_config
from auditor.exit_codes import FINDINGS, USAGE
from auditor.lag.controls import SHIPPED
from tests.audited_example import audited_twice


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return audited_twice(tmp_path_factory.mktemp("audited"))


@pytest.fixture
def practice(audited: Path, tmp_path: Path) -> Path:
    """A copy of the practice that was audited twice, which a test may spoil."""
    folder = audited.parents[1]
    shutil.copytree(folder, tmp_path / folder.name)
    return tmp_path / folder.name / audited.relative_to(folder)


def lag(practice: Path, capsys: pytest.CaptureFixture[str], *more: str) -> dict:
    capsys.readouterr()
    run(["lag", str(practice), "--format", "json", *more])
    return json.loads(capsys.readouterr().out)


def test_the_text_shows_lockstep_the_step_lines_and_what_is_owed(practice, capsys):
    capsys.readouterr()
    assert run(["lag", str(practice), "--as-of", "2"]) == FINDINGS
    told = capsys.readouterr().out
    assert told.startswith("lockstep 0.0 %, 2026-09-30 to 2026-11-20")
    assert "░" in told
    assert "Denise Calloway (VMA-06): disabled after the end" in told
    assert "mwhitfield in directory, since 2026-10-26, and there is none yet" in told
    assert "not counted: included in a review" in told


def test_json_holds_the_whole_of_it_and_the_area_is_the_exposure(practice, capsys):
    data = lag(practice, capsys, "--as-of", "2", "--since", "2026-10-01")
    assert data["lockstep"] == 0
    assert (data["own_controls"], data["controls_other_than_the_reports"]) == ("", [])
    assert data["exposure_vma_days"] == data["vma_days"] > 300
    assert data["lockstep_by_control"]["agreement"] == pytest.approx(75.36, abs=0.01)
    assert {g["by"] for g in data["groups"]} == {"all", "agency", "role", "system"}
    begin, still = "2026-10-01T05:00:00Z", ("open", "never in place")  # the one engagement that ended did so later
    weighed = [x for x in data["lags"] if x["state"] in still or x["due"] >= begin or (x["in_place"] or "") > begin]
    count = {(g["by"], g["name"]): g["count"] for g in data["groups"] if g["control"] == "all controls"}
    assert count["all", ""] == len([x for x in weighed if x["state"] != "not due yet"])
    assert (count["system", "directory"], count["system", "ehr"]) == (7, 6)  # not what was over by then
    (whole,) = (g for g in data["groups"] if (g["by"], g["control"]) == ("all", "all controls"))
    assert whole["open"] == len([x for x in weighed if x["state"] in still])
    first = {(g["by"], g["name"]): g["control"] for g in reversed(data["groups"])}
    assert {*first.values()} == {"all controls"}  # before each of them
    (whitfield,) = [x for x in data["lags"] if (x["vma"], x["control"]) == ("VMA-08", "agreement")]
    assert (whitfield["state"], whitfield["due"]) == ("open", "2026-10-26T05:00:00Z")


def test_access_before_its_agreement_is_told_while_it_lasted_into_the_time_that_is_asked_for(practice, capsys):
    def told(since: str) -> bool:
        found = lag(practice, capsys, "--since", since)["out_of_order"]
        return ("VMA-08", "directory") in {(one["vma"], one["system"]) for one in found}

    assert told("2026-11-01")  # without an agreement since 26 October, and to this day
    with (practice.parent / "agreements.yaml").open("a", encoding="utf-8") as register:
        register.write("""
  - id: BAA-BLUEHERON-2026
    kind: baa
    between: [practice, BlueHeron Virtual Staffing Inc]
    signed_by_both: true
    from: 2026-11-01
    systems: all
    phi: all
    people: [VMA-08]
  - id: ATT-BLUEHERON-WHITFIELD
    kind: workforce-attestation
    between: [BlueHeron Virtual Staffing Inc, VMA-08]
    signed_by_both: true
    from: 2026-07-27
    systems: all
    phi: all
""")
    assert told("2026-10-31")
    assert not told("2026-11-01")  # it was over in that very second


def test_a_question_about_the_past_is_not_changed_by_what_came_later(practice, capsys):
    before = lag(practice, capsys, "--as-of", "1")
    config = ["--config", str(practice)]
    assert run(["attest", "VMA-01", "training", "--by", "Dana Ortiz", "--on", "2025-01-13", *config]) == 0
    assert lag(practice, capsys, "--as-of", "1") == before
    now = lag(practice, capsys)
    (trained,) = [x for x in now["lags"] if (x["vma"], x["control"]) == ("VMA-01", "training")] or [None]
    assert trained is None or trained["state"] == "in place"


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        (["--as-of", "9"], "there is no audit 9"),
        (["--as-of", "2026-01-01"], "there is no audit up to"),
        (["--as-of", "2050-01-01"], "is still to come"),
        (["--as-of", "1", "--since", "2026-10-05"], "is after"),
        (["--since", "soon"], "is no day"),
        (["--controls", "nowhere.yaml"], "nowhere.yaml"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_what_to_do(practice, capsys, more, problem):
    capsys.readouterr()
    assert run(["lag", str(practice), *more]) == USAGE
    told = capsys.readouterr().err
    assert problem in told


def everywhere(practice, capsys, *more: str) -> tuple[str, str, dict]:
    """Return the text and the page without the breaks of lines, and JSON."""
    capsys.readouterr()
    file = practice.parent / "lag.html"
    run(["lag", str(practice), "--html", str(file), *more])
    text = " ".join(capsys.readouterr().out.split())
    page = " ".join(unescape(re.sub("<[^>]*>", "", file.read_text(encoding="utf-8"))).split())
    return text, page, lag(practice, capsys, *more)


def test_a_stored_sentence_that_counts_otherwise_is_told_with_both_numbers(practice, capsys):
    text, page, data = everywhere(practice, capsys)
    assert data["stored_sentences_that_count_otherwise"] == []
    assert "count those under a BAA otherwise" not in text + page
    # As the version before wrote it: by the chain of agreements alone, whatever the VMA reached.
    with sqlite3.connect(load_config(practice).store) as store:
        store.execute("UPDATE audit SET headline = replace(headline, '5 under a BAA', '6 under a BAA') WHERE id = 2")
    text, page, data = everywhere(practice, capsys)
    (found,) = data["stored_sentences_that_count_otherwise"]
    assert (found["audit"], found["said_under_a_baa"], found["covered"]) == (2, 6, 5)
    for told in (text, page):
        assert "audit 2 of 2026-11-20 said 6, and 5 were" in told


@pytest.mark.parametrize(
    ("change", "differ", "told"),
    [
        (("", ""), [], "the report counts by the shipped controls, whatever these say"),
        (("due_hours: 24", "due_hours: 8"), [], "the report counts by the shipped controls, whatever these say"),
        (("shared-account", "no-mfa"), ["unique account"], "which differ in: unique account."),
    ],
)
def test_the_practices_own_controls_are_named_where_only_lag_goes_by_them(practice, capsys, change, differ, told):
    text, page, data = everywhere(practice, capsys)
    assert (data["own_controls"], data["controls_other_than_the_reports"]) == ("", [])
    assert "own controls" not in text + page
    own = practice.parent / "ours.yaml"
    own.write_text(SHIPPED.read_text(encoding="utf-8").replace(*change), encoding="utf-8")
    text, page, data = everywhere(practice, capsys, "--controls", str(own))
    assert (data["own_controls"], data["controls_other_than_the_reports"]) == ("ours.yaml", differ)
    for shown in (text, page):
        assert "These are the practice's own controls, of ours.yaml" in shown
        assert told in shown

"""`auditor lag` on the example practice: what a practice manager sees."""

import json
from pathlib import Path

import pytest

from auditor.cli import run
from auditor.exit_codes import FINDINGS, USAGE
from tests.audited_example import audited_twice


@pytest.fixture
def practice(tmp_path: Path) -> Path:
    return audited_twice(tmp_path)


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
    assert data["exposure_vma_days"] == data["vma_days"] > 300
    assert data["lockstep_by_control"]["agreement"] == pytest.approx(75.36, abs=0.01)
    assert {g["by"] for g in data["groups"]} == {"all", "agency", "role", "system"}
    (whitfield,) = [x for x in data["lags"] if (x["vma"], x["control"]) == ("VMA-08", "agreement")]
    assert (whitfield["state"], whitfield["due"]) == ("open", "2026-10-26T05:00:00Z")


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

"""Reading one system by itself, and replaying what was recorded."""

import json
import shutil
import stat
from pathlib import Path

import pytest

from auditor.cli import run
from auditor.exit_codes import IN_STEP, NOT_EVALUABLE, USAGE

EXAMPLE = Path(__file__).parents[2] / "examples" / "lakeside" / "2026-q3"


@pytest.fixture
def practice(tmp_path: Path) -> Path:
    shutil.copytree(EXAMPLE.parent, tmp_path / "lakeside")
    return tmp_path / "lakeside" / "2026-q3" / "auditor.yaml"


def test_a_recording_replays_to_the_same_bytes(practice: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = practice.parent / "directory.jsonl", practice.parent / "again.jsonl"
    assert run(["collect", "directory", str(practice), "--record", str(first), "--format", "json"]) == IN_STEP
    told = json.loads(capsys.readouterr().out)
    assert told["complete"] is True
    assert told["evidence"]
    assert stat.S_IMODE(first.stat().st_mode) == 0o600
    text = practice.read_text(encoding="utf-8").replace("connector: ldif", "connector: replay")
    text = text.replace(
        "settings: {file: directory.ldif, mfa_group: MFA-Enforced}", "settings: {file: directory.jsonl}"
    )
    practice.write_text(text, encoding="utf-8")
    assert run(["collect", "directory", str(practice), "--record", str(second)]) == IN_STEP
    assert "read whole" in capsys.readouterr().out
    assert second.read_bytes() == first.read_bytes()


def test_half_a_system_leaves_no_recording(practice: Path, capsys: pytest.CaptureFixture[str]) -> None:
    export = practice.parent / "directory.ldif"
    export.write_bytes(export.read_bytes()[:-40])
    recording = practice.parent / "directory.jsonl"
    assert run(["collect", "directory", str(practice), "--record", str(recording)]) == NOT_EVALUABLE
    assert "not read whole" in capsys.readouterr().out
    assert not recording.exists()


def test_a_system_that_is_not_configured_is_named(practice: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["collect", "fax", str(practice)]) == USAGE
    assert "one of: ehr, directory, cloud" in capsys.readouterr().err

"""Odd places, terminals and options: said in one sentence, with the right exit code, and nothing is lost."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from auditor.cli import run
from connectors.errors import InputError
from connectors.inputs.files import read_bytes

ROOT = Path(__file__).parents[2]
AT = "2026-11-20T17:00:00-06:00"
NOT_EVALUATED, USAGE = 2, 64


@pytest.fixture
def practice(tmp_path):
    shutil.copytree(ROOT / "examples" / "lakeside", tmp_path / "lakeside")
    return tmp_path / "lakeside" / "2026-11"


def arguments(practice: Path, report: Path, at: str = AT) -> list[str]:
    store = practice / "auditor.db"
    return ["audit", str(practice / "auditor.yaml"), "--at", at, "--store", str(store), "--report", str(report)]


@pytest.mark.parametrize("place", [".", "ehr", "roster.csv", "ehr/users.csv", "auditor.db", "auditor.key"])
def test_a_report_that_has_no_place_of_its_own_is_refused_before_anything_is_stored(practice, capsys, place):
    before = {path: path.read_bytes() for path in practice.rglob("*") if path.is_file()}
    assert run(arguments(practice, practice / place)) == USAGE
    assert "--report" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in practice.rglob("*") if path.is_file()} == before


def test_two_practices_of_one_folder_do_not_replace_each_others_report(practice, capsys):
    ours, theirs, report = practice / "auditor.yaml", practice / "cedar.yaml", practice / "report.html"
    text = ours.read_text(encoding="utf-8").replace("../../../out/", "")
    ours.write_text(text, encoding="utf-8")
    theirs.write_text(text.replace("id: lakeside-family", "id: cedar-clinic").replace("lakeside.db", "cedar.db"))
    assert run(["audit", str(ours), "--at", AT]) == NOT_EVALUATED
    before = report.read_bytes()
    assert run(["audit", str(theirs), "--at", AT]) == USAGE
    told = capsys.readouterr().err
    assert "is the report of another practice, `lakeside-family`" in told
    assert "report: report-cedar-clinic.html" in told
    assert (report.read_bytes(), (practice / "cedar.db").exists()) == (before, False)
    run(["doctor", str(theirs)])
    assert "is the report of another practice" in " ".join(capsys.readouterr().out.split())
    theirs.write_text(f"{theirs.read_text()}report: report-cedar-clinic.html\n")
    assert run(["audit", str(theirs), "--at", AT]) == NOT_EVALUATED
    assert b'data-practice="cedar-clinic"' in (practice / "report-cedar-clinic.html").read_bytes()
    assert run(["audit", str(ours), "--at", "2026-11-20T18:00:00-06:00"]) == NOT_EVALUATED  # its own is replaced
    assert report.read_bytes() != before


def test_a_report_below_a_file_is_refused_before_anything_is_stored(practice, capsys):
    assert run(arguments(practice, practice / "roster.csv" / "report.html")) == USAGE
    assert "cannot be written" in capsys.readouterr().err
    assert not (practice / "auditor.db").exists()


def test_a_store_is_never_its_own_key(practice, capsys):
    command = [*arguments(practice, practice / "report.html"), "--store", str(practice / "auditor.key")]
    assert run(command) == USAGE
    assert "its own key" in capsys.readouterr().err
    assert not (practice / "auditor.key").exists()


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_an_instant_at_the_end_of_the_calendar_is_refused(practice, capsys, at):
    assert run(arguments(practice, practice / "report.html", at)) == USAGE
    assert "is not an instant" in capsys.readouterr().err


def test_a_terminal_without_the_letters_of_a_name_changes_no_exit_code(practice):
    environment = {"PATH": os.environ["PATH"], "PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-c", "from auditor.cli import main; main()"]
    audited = subprocess.run(
        [*command, *arguments(practice, practice / "report.html")],
        cwd=ROOT, env=environment, capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    assert audited.returncode == NOT_EVALUATED, audited.stderr
    assert b"Quiroga" in audited.stdout


def test_a_reader_that_goes_away_changes_no_exit_code(practice):
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-c", "from auditor.cli import main; main()"]
    try:
        audited = subprocess.run(
            [*command, *arguments(practice, practice / "report.html")],
            cwd=ROOT, stdout=writer, stderr=subprocess.PIPE, check=False, timeout=60,
        )  # fmt: skip
    finally:
        os.close(writer)
    assert audited.returncode == NOT_EVALUATED, audited.stderr
    assert b"Traceback" not in audited.stderr
    assert b"Exception ignored" not in audited.stderr


def test_a_private_key_given_by_mistake_is_never_shown(practice, capsys):
    run(arguments(practice, practice / "report.html"))
    secret = (practice / "auditor.key").read_text()
    capsys.readouterr()
    assert run(["verify", str(practice / "auditor.db"), "--key", secret]) == USAGE
    said = capsys.readouterr().err
    assert "private key" in said
    assert secret.splitlines()[1][:20] not in said


def test_an_empty_head_is_not_taken_for_no_head(practice, capsys):
    run(arguments(practice, practice / "report.html"))
    key = (practice / "auditor.key.pub").read_text()
    assert run(["verify", str(practice / "auditor.db"), "--key", key, "--head", ""]) == USAGE
    assert "not the head" in capsys.readouterr().err


def test_an_id_that_is_no_text_is_neither_a_finding_nor_a_rule(practice, capsys):
    assert run(["explain", "\udcff", "--store", str(practice / "auditor.db")]) == USAGE
    assert "neither a finding nor a rule" in capsys.readouterr().err


def test_a_device_without_end_is_refused():
    with pytest.raises(InputError, match="this is a device"):
        read_bytes(Path("/dev/zero"), max_bytes=1000)


def test_a_fault_in_the_program_is_told_without_a_traceback_and_never_looks_like_findings(monkeypatch, capsys):
    def broken() -> None:
        raise KeyError("a name that must not be shown")

    monkeypatch.setattr("auditor.cli.app.build", broken)
    assert run(["audit"]) == 70
    told = capsys.readouterr().err
    assert "a fault in the program: KeyError" in told
    assert "must not be shown" not in told

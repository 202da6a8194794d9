"""`auditor certificate` on the example practice, and `auditor verify --certificate` on what it made."""

import json
import re
from pathlib import Path

import pytest

from auditor.cli import run
from auditor.exit_codes import FINDINGS, NOT_VERIFIED, USAGE
from tests.audited_example import audited_twice


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return audited_twice(tmp_path_factory.mktemp("certificate"))


@pytest.mark.parametrize(
    ("about", "vma", "outcome"),
    [("offboard", "VMA-06", "NOT GONE"), ("onboard", "VMA-10", "NOT READY"), ("transfer", "VMA-03", "NOT DONE")],
)
def test_a_certificate_says_what_the_gate_says_and_verifies_offline(practice, tmp_path, capsys, about, vma, outcome):
    capsys.readouterr()
    command = [
        "certificate",
        about,
        vma,
        str(practice),
        "--into",
        str(tmp_path),
        "--language",
        "es",
        "--format",
        "json",
    ]
    assert run(command) == FINDINGS
    made = json.loads(capsys.readouterr().out)
    assert made["outcome"] == outcome
    assert [Path(p).suffix for p in made["pages"]] == [".html", ".pdf"]
    key = (practice.parent.parent / "lakeside.key.pub").read_text(encoding="utf-8").strip()
    for page in made["pages"]:
        assert run(["verify", "--certificate", page, "--key", key, "--format", "json"]) == 0
        told = json.loads(capsys.readouterr().out)
        assert (told["ok"], told["page_compared"], told["certificate"]["outcome"]) == (True, True, outcome)
        assert told["certificate"]["entry"] == 2
    store = practice.parent.parent / "lakeside.db"
    assert run(["verify", "--store", str(store), "--certificate", page, "--key", key]) == 0
    assert "genuine" in capsys.readouterr().out


def test_a_page_that_was_changed_is_not_genuine(practice, tmp_path, capsys):
    run(["certificate", "offboard", "VMA-06", str(practice), "--into", str(tmp_path)])
    page = tmp_path / "offboard-VMA-06.html"
    page.write_text(page.read_text(encoding="utf-8").replace("NOT GONE", "GONE"), encoding="utf-8")
    key = (practice.parent.parent / "lakeside.key.pub").read_text(encoding="utf-8").strip()
    capsys.readouterr()
    assert run(["verify", "--certificate", str(page), "--key", key]) == NOT_VERIFIED
    told = capsys.readouterr().out
    assert "NOT GENUINE" in told
    assert "Denise Calloway (VMA-06): NOT GONE" in told  # from what was signed, not from the page


def test_a_page_of_an_earlier_audit_says_what_the_last_one_gives_and_so_does_the_store(practice, tmp_path, capsys):
    run(["certificate", "offboard", "VMA-06", str(practice), "--audit", "1", "--into", str(tmp_path)])
    assert "! it rests on an earlier audit: by audit 2 of " in capsys.readouterr().out
    page = tmp_path / "offboard-VMA-06.html"
    assert re.search(r"earlier audit: by audit 2 of [-0-9 :]+ UTC it is NOT GONE", page.read_text("utf-8"))
    key = (practice.parent.parent / "lakeside.key.pub").read_text(encoding="utf-8").strip()
    store = practice.parent.parent / "lakeside.db"
    assert run(["verify", "--store", str(store), "--certificate", str(page), "--key", key]) == 0
    assert "! 1 audit since, the last 2 of " in capsys.readouterr().out


@pytest.mark.parametrize("content", [b"<html>nothing</html>", b"auditor-certificate/v1;AAAA;" + b"A" * 86 + b"==;"])
@pytest.mark.parametrize("kind", ["text", "json"])
def test_a_file_without_a_certificate_that_can_be_read_does_not_verify(practice, tmp_path, capsys, content, kind):
    (tmp_path / "page.html").write_bytes(content)
    key = (practice.parent.parent / "lakeside.key.pub").read_text(encoding="utf-8").strip()
    where = ["--certificate", str(tmp_path / "page.html"), "--key", key, "--format", kind]
    assert run(["verify", *where]) == NOT_VERIFIED
    told = capsys.readouterr().out
    assert ('"ok": false' if kind == "json" else "NOT GENUINE") in told


def test_an_audit_that_is_not_there_is_told(practice, capsys):
    assert run(["certificate", "offboard", "VMA-06", str(practice), "--audit", "9"]) == USAGE
    assert "the audits are: 1, 2" in capsys.readouterr().err

"""What the README shows of the gates and of drift is what a user sees on the example practice."""

import re
import shutil
from pathlib import Path

import pytest

from auditor.cli import run

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("readme")
    shutil.copytree(ROOT / "examples" / "lakeside", folder / "lakeside")
    for name, at in (("2026-q3", "2026-09-30T17:00:00-05:00"), ("2026-11", "2026-11-20T17:00:00-06:00")):
        path = folder / "lakeside" / name / "auditor.yaml"
        path.write_text(path.read_text(encoding="utf-8").replace("../../../out/", "../"), encoding="utf-8")
        run(["audit", str(path), "--at", at, "--report", str(folder / "report.html")])
    return path


@pytest.mark.parametrize("command", ["onboard", "transfer", "offboard", "drift"])
def test_the_readme_shows_what_the_command_prints(practice, capsys, monkeypatch, command):
    shown = re.search(rf"<!-- {command} -->\n```\n\$ auditor (.*?)\n(.*?)\n```", README, re.DOTALL)
    assert shown
    monkeypatch.setenv("COLUMNS", "100")
    capsys.readouterr()
    run([str(practice) if word == "auditor.yaml" else word for word in shown[1].split()])
    printed = capsys.readouterr().out
    at = 0
    for part in filter(None, (part.strip("\n") for part in re.split(r"^…$", shown[2], flags=re.MULTILINE))):
        assert part in printed[at:]
        at = printed.index(part, at) + len(part)

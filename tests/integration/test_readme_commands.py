"""What the README shows of the gates and of drift is what a user sees on the example practice."""

import re
from pathlib import Path

import pytest

from auditor.cli import run

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("command", ["onboard", "transfer", "offboard", "drift"])
def test_the_readme_shows_what_the_command_prints(shown_practice, capsys, monkeypatch, command):
    shown = re.search(rf"<!-- {command} -->\n```\n\$ auditor (.*?)\n(.*?)\n```", README, re.DOTALL)
    assert shown
    monkeypatch.setenv("COLUMNS", "100")
    capsys.readouterr()
    run([str(shown_practice) if word == "auditor.yaml" else word for word in shown[1].split()])
    printed = capsys.readouterr().out
    at = 0
    for part in filter(None, (part.strip("\n") for part in re.split(r"^…$", shown[2], flags=re.MULTILINE))):
        assert part in printed[at:]
        at = printed.index(part, at) + len(part)

"""`make demo`, as the README shows it."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_demo_ends_with_the_report_and_the_readme_shows_what_it_prints(tmp_path):
    done = subprocess.run(
        [sys.executable, ROOT / "examples" / "demo.py", tmp_path], capture_output=True, text=True, check=True
    )
    assert done.stdout.rstrip().splitlines()[-1] == f"The HTML report: {tmp_path / 'lakeside-2026-11.html'}"
    assert (tmp_path / "lakeside-2026-11.html").stat().st_size > 50_000
    assert len(re.findall(r"^  F-\w{10} critical: ", done.stdout, re.MULTILINE)) == 3
    shown = re.search(r"<!-- demo -->\n```\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert shown
    assert shown[1] in done.stdout


def test_the_committed_exports_are_what_the_story_says():
    subprocess.run([sys.executable, ROOT / "examples" / "generate.py", "--check"], check=True)

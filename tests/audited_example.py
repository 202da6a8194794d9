"""The example practice, audited before and after its headcount changed, in a folder that a test may spoil."""

import shutil
from pathlib import Path

from auditor.cli import run

EXAMPLE = Path(__file__).parents[1] / "examples" / "lakeside"
AUDITS = (("2026-q3", "2026-09-30T17:00:00-05:00"), ("2026-11", "2026-11-20T17:00:00-06:00"))


def audited_twice(folder: Path) -> Path:
    """Copy it, make both audits, and return the configuration of the second."""
    shutil.copytree(EXAMPLE, folder / "lakeside")
    for name, at in AUDITS:
        path = folder / "lakeside" / name / "auditor.yaml"
        path.write_text(path.read_text(encoding="utf-8").replace("../../../out/", "../"), encoding="utf-8")
        run(["audit", str(path), "--at", at, "--report", str(folder / "report.html")])
    return path

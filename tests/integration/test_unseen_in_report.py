"""What came and went between two audits stands in the report, and in no figure of what differs between them."""

import json
from pathlib import Path

from auditor.cli import run
from tests.audited_example import audited_twice


def test_what_no_audit_saw_is_told_and_is_no_unexplained_change(tmp_path: Path, capsys):
    config = audited_twice(tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    capsys.readouterr()
    run(["drift", str(config), "--format", "json"])
    told = json.loads(capsys.readouterr().out)
    assert len(told["unseen"]) == 1
    unexplained = told["changes"]["unexplained"]
    assert f"<strong>{unexplained}</strong> unexplained" in page
    assert "Came and went again between the two audits" in page
    assert "had VMA-Billing in Active Directory from 2026-10-21 13:05:14 CDT to 2026-10-21 16:47:51 CDT" in page

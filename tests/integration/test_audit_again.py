"""Audits that follow each other in one process, as those of a watch do: only what moved is judged again."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import policies.engine.incremental
from auditor.audit.result import AuditResult
from auditor.config import load_config
from auditor.pipeline import Audited, Options, audit

EXAMPLE = Path(__file__).parents[2] / "examples" / "lakeside"
FIRST = datetime(2026, 11, 20, 23, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _however_many_moved(monkeypatch):
    monkeypatch.setattr(policies.engine.incremental, "MANY", 100)


def audited(folder: Path, at: datetime, last: AuditResult | None) -> Audited:
    path = folder / "lakeside" / "2026-11" / "auditor.yaml"
    config = load_config(path, store=folder / "auditor.db", report=folder / "report.html")
    return audit(config, Options(at=at), last=last)


@pytest.mark.parametrize("later", [timedelta(hours=1), timedelta(days=1), timedelta(days=40)], ids=str)
def test_an_audit_after_another_says_what_an_audit_by_itself_says(tmp_path, later):
    folders = tmp_path / "one process", tmp_path / "two processes"
    first: list[Audited] = []
    for folder in folders:
        shutil.copytree(EXAMPLE, folder / "lakeside")
        first.append(audited(folder, FIRST, None))
        roster = folder / "lakeside" / "2026-11" / "roster.csv"
        lines = roster.read_text(encoding="utf-8").splitlines(keepends=True)
        roster.write_text("".join([lines[0], lines[1].replace("billing", "scheduler"), *lines[2:-1]]), encoding="utf-8")
    again = audited(folders[0], FIRST + later, first[0].judged)
    alone = audited(folders[1], FIRST + later, None)
    assert replace(again.report, verification=None) == replace(alone.report, verification=None)
    assert again.judged.judgment == alone.judged.judgment != first[0].judged.judgment

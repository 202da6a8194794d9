"""From a customer's own export to an audit: mapped, audited, classified, audited again."""

import re
import shutil
from pathlib import Path

import pytest

from auditor.cli import run

ROOT = Path(__file__).parents[2]
AT = "2026-11-20T17:00:00-06:00"

REPORT = """\
Lakeside Family Medicine - user access,,,,
Login Name,Full Name,Account Status,Last Login,Security Class
frontdesk2,"Villanueva, Jenny Rose",Active,11/19/2026 4:05 PM,FRONT DESK
frontdesk2,"Villanueva, Jenny Rose",Active,11/19/2026 4:05 PM,EVERYTHING
maquino,"Aquino, Maricel Dizon",Active,11/20/2026 8:00 AM,BILLER
old,"Gone, Somebody",Disabled,Never,BILLER
Total users: 3,,,,
"""


@pytest.fixture
def practice(tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")  # lines are folded where the terminal ends, and a worker may have one of 80
    shutil.copytree(ROOT / "examples" / "lakeside", tmp_path / "lakeside")
    folder = tmp_path / "lakeside" / "2026-11"
    (folder / "users.csv").write_text(REPORT)
    return folder


def configure(practice: Path) -> Path:
    text = (practice / "auditor.yaml").read_text()
    head, _, rest = text.partition("  ehr:\n")
    rest = rest[rest.index("  directory:\n") :]
    ehr = """\
  ehr:
    kind: ehr
    product: some-ehr
    title: Some EHR
    connector: table
    holds_phi: true
    vendor: Cedar Hosting Inc
    exported: 2026-11-20T16:30:00Z
    settings: {file: users.csv, mapping: users.mapping.yaml, timezone: America/Chicago, expect_accounts: 3}
"""
    head = head.replace("directory-groups.yaml]", "directory-groups.yaml, users.catalog.yaml]")
    path = practice / "own.yaml"
    path.write_text(head + ehr + rest)
    return path


def audit(config: Path, practice: Path) -> int:
    store, report = practice / "auditor.db", practice / "report.html"
    return run(["audit", str(config), "--at", AT, "--store", str(store), "--report", str(report), "--format", "json"])


def test_an_export_is_mapped_audited_classified_and_audited_again(practice, capsys):
    assert run(["connect", "--map", str(practice / "users.csv"), "--product", "some-ehr"]) == 0
    assert "4 rows" in capsys.readouterr().out
    catalog = practice / "users.catalog.yaml"
    assert audit(configure(practice), practice) == 2
    assert "nobody has said what EVERYTHING in Some EHR lets people do" in capsys.readouterr().out, (
        "not filled in is not harmless"
    )

    filled = re.sub(r"(EVERYTHING:\n\s+gives: )\[\]\n(\s+why: )''", r"\1[user.admin]\n\2looked up", catalog.read_text())
    catalog.write_text(filled)
    audit(configure(practice), practice)
    told = capsys.readouterr().out
    assert "EVERYTHING lets Jenny Rose Villanueva do what no VMA may in Some EHR" in told
    assert run(["catalog", "check", str(configure(practice)), "--system", "ehr"]) == 1
    told = capsys.readouterr().out
    assert "FRONT DESK" in told
    assert "EVERYTHING" not in told


def test_a_mapping_that_is_gone_or_wrong_is_refused_before_anything_is_stored(practice, capsys):
    (practice / "users.catalog.yaml").write_text("x")
    assert audit(configure(practice), practice) == 64
    assert "users.mapping.yaml: there is no such file" in capsys.readouterr().err
    (practice / "users.mapping.yaml").write_text("columns: {login: Login Name}\nentitlements: []\n")
    assert audit(configure(practice), practice) == 64
    assert "users.mapping.yaml, line 1" in capsys.readouterr().err
    assert not (practice / "auditor.db").exists()


def test_an_export_that_lost_a_column_leaves_the_ehr_unevaluated(practice, capsys):
    run(["connect", "--map", str(practice / "users.csv"), "--product", "some-ehr"])
    (practice / "users.csv").write_text(REPORT.replace("Security Class", "Sec Class"))
    capsys.readouterr()
    assert audit(configure(practice), practice) == 2
    assert "`Security Class`: a column is missing" in capsys.readouterr().out

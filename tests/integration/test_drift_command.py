"""`auditor drift` on the example practice, in the three formats: they say the same."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from auditor.cli import run
from auditor.exit_codes import FINDINGS, IN_STEP, USAGE
from tests.audited_example import audited_twice

EXAMPLE = Path(__file__).parents[2] / "examples" / "lakeside"


@pytest.fixture
def practice(tmp_path: Path) -> Path:
    return audited_twice(tmp_path)


def told(practice: Path, capsys: pytest.CaptureFixture[str], *more: str) -> str:
    capsys.readouterr()
    assert run(["drift", str(practice), *more]) == FINDINGS
    return capsys.readouterr().out


def test_text_html_and_json_say_the_same(practice, capsys, tmp_path):
    page = tmp_path / "drift.html"
    text = told(practice, capsys, "--html", str(page))
    data = json.loads(told(practice, capsys, "--format", "json"))
    html = page.read_text(encoding="utf-8")
    changes = data["changes"]
    assert changes["total"] == changes["explained by an event"] + changes["unexplained"] == len(data["told"])
    assert sum(sum(line["by_cause"].values()) for line in data["by_vma_and_system"]) == changes["total"]
    for said in (
        f"{changes['total']} changes of access: {changes['unexplained']} unexplained",
        "tquiroga (Tomás Quiroga Salas) got Hillcrest-Share in Active Directory",
        "VMA-05 scope-changed: Lakeside → Lakeside, Hillcrest",
        "still holds VMA Scheduling of the earlier role",
    ):
        assert said in text
        assert said in html
    assert data["control_events"] == [
        {"about": "BAA-CEDAR-2023", "kind": "agreement-ended", "detail": "last day 2026-10-31"}
    ]
    assert "BAA-CEDAR-2023 agreement-ended" in text
    outside = text.partition("removed or changed outside a normal offboarding, and why\n")[2].partition("\n\n")[0]
    assert len(outside.splitlines()) == len(data["outside_offboarding"]) == 2


def test_the_audits_are_named_by_number_by_day_and_as_the_last_quarter(practice, capsys):
    by_number = told(practice, capsys, "--from", "1", "--to", "2")
    assert told(practice, capsys, "--from", "2026-10-15", "--to", "2026-11-20") == by_number
    assert run(["drift", str(practice), "--from", "2026-09-29"]) == USAGE
    assert "there is no audit up to 2026-09-29" in capsys.readouterr().err


QUARTERS = (
    "2026-06-30T23:59:30-05:00",  # the last minute of a quarter: in UTC it is July already
    "2026-07-01T00:00:30-05:00",
    "2026-09-30T23:59:30-05:00",
    "2026-10-01T00:00:30-05:00",
)


@pytest.mark.parametrize(
    ("now", "audits"),
    [
        ("2026-12-31T23:30:00-06:00", ("1 (2026-06-30)", "3 (2026-09-30)")),  # in UTC the next quarter has begun
        ("2027-01-01T00:30:00-06:00", ("3 (2026-09-30)", "4 (2026-10-01)")),
        ("2027-04-01T00:30:00-05:00", None),  # nobody audited in the winter
    ],
)
def test_the_last_quarter_begins_and_ends_on_the_practices_calendar(tmp_path, capsys, monkeypatch, now, audits):
    shutil.copytree(EXAMPLE, tmp_path / "lakeside")
    path = tmp_path / "lakeside" / "2026-q3" / "auditor.yaml"
    written = path.read_text(encoding="utf-8").replace("../../../out/", "../")
    for at in QUARTERS:
        path.write_text(written.replace("2026-09-30T16:30:00Z", at), encoding="utf-8")
        run(["audit", str(path), "--at", at, "--report", str(tmp_path / "report.html")])
    monkeypatch.setattr("auditor.cli.drift.utc_now", lambda: datetime.fromisoformat(now).astimezone(UTC))
    capsys.readouterr()
    code = run(["drift", str(path), "--last-quarter"])
    told = capsys.readouterr()
    if audits is None:
        assert code == USAGE
        assert "there is no audit in the last quarter, 2027-01-01 to 2027-03-31" in told.err
    else:
        assert code == IN_STEP
        assert told.out.splitlines()[0] == f"audit {audits[0]} to audit {audits[1]}"


def test_a_file_that_is_no_page_is_never_overwritten(practice, capsys, tmp_path):
    precious = tmp_path / "roster.csv"
    precious.write_text("vma_id,name\n", encoding="utf-8")
    assert run(["drift", str(practice), "--html", str(precious)]) == USAGE
    assert "nothing was overwritten" in capsys.readouterr().err
    assert precious.read_text(encoding="utf-8") == "vma_id,name\n"


def test_an_amended_agreement_is_told_field_by_field_and_changes_no_access(practice, capsys):
    agreements = practice.with_name("agreements.yaml")
    agreements.write_text(
        agreements.read_text(encoding="utf-8").replace("headcount: 4 ", "headcount: 6 "), encoding="utf-8"
    )
    run(["audit", str(practice), "--at", "2026-11-21T17:00:00-06:00"])
    capsys.readouterr()
    run(["drift", str(practice), "--format", "json"])
    data = json.loads(capsys.readouterr().out)
    assert data["control_events"] == [
        {"about": "BAA-HARBOR-2025", "kind": "agreement-amended", "detail": "headcount 4 → 6"}
    ]
    assert data["told"] == []

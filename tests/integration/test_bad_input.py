"""Bad input is refused with file, line, field, what was found and what to do; nothing is stored, nothing is lost."""

import json
import os
import shutil
from pathlib import Path

import pytest

from auditor.cli import run

EXAMPLE = Path(__file__).parents[2] / "examples" / "lakeside"
AT = "2026-11-20T17:00:00-06:00"


@pytest.fixture
def practice(tmp_path):
    """A copy of the example that a test may spoil."""
    shutil.copytree(EXAMPLE, tmp_path / "lakeside")
    return tmp_path / "lakeside" / "2026-11"


def audit(practice: Path, *more: str) -> int:
    store, report = practice / "auditor.db", practice / "report.html"
    config = practice / "auditor.yaml"
    return run(["audit", str(config), "--at", AT, "--store", str(store), "--report", str(report), *more])


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n"

REFUSED = {
    "empty roster": (lambda p: (p / "roster.csv").write_text(""), ["roster.csv", "empty"]),
    "roster without anybody": (
        lambda p: (p / "roster.csv").write_text("vma_id,name,agency,employment,roles,start\n"),
        ["roster.csv"],
    ),
    "missing column": (
        lambda p: edit(p / "roster.csv", "vma_id,name,", "vma_id,nme,"),
        ["roster.csv", "line 1", "`name`"],
    ),
    "two VMAs with one id": (
        lambda p: edit(p / "roster.csv", "\nVMA-02,", "\nVMA-01,"),
        ["roster.csv", "line 3", "VMA-01", "lines 2 and 3"],
    ),
    "end before start": (
        lambda p: edit(p / "roster.csv", "2025-11-03,2026-10-16", "2025-11-03,2025-10-16"),
        ["roster.csv", "line 7", "end", "2025-10-16"],
    ),
    "unknown role": (
        lambda p: edit(p / "roster.csv", "employee,front_desk", "employee,front_dsk"),
        ["roster.csv", "line 3", "roles", "front_dsk", "front_desk"],
    ),
    "a log-in of a system that is not there": (
        lambda p: edit(p / "roster.csv", "ehr:maquino", "her:maquino"),
        ["roster.csv", "line 2", "logins", "her:maquino", "cloud, directory, ehr"],
    ),
    "a log-in of staff in a system that is not there": (
        lambda p: edit(p.parent / "staff.csv", "directory:mosei", "directry:mosei"),
        ["staff.csv", "line 3", "logins", "directry:mosei", "cloud, directory, ehr"],
    ),
    "roster not UTF-8": (
        lambda p: (p / "roster.csv").write_bytes((p / "roster.csv").read_bytes().replace("í".encode(), b"\xed")),
        ["roster.csv", "line 4", "UTF-8"],
    ),
    "a field of 50 MB": (
        lambda p: edit(p / "roster.csv", "Maricel Dizon Aquino", "M" * 50_000_000),
        ["roster.csv", "line 2"],
    ),
    "YAML bomb": (
        lambda p: (p / "agreements.yaml").write_text(BOMB),
        ["agreements.yaml", "line 1", "anchors"],
    ),
    "unknown key": (
        lambda p: edit(p / "auditor.yaml", "holds_phi: false", "holds_phy: false"),
        ["auditor.yaml", "line ", "systems.directory.holds_phy", "holds_phi"],
    ),
    "wrong type": (
        lambda p: edit(p / "auditor.yaml", "holds_phi: false", "holds_phi: [maybe]"),
        ["auditor.yaml", "systems.directory.holds_phi", "boolean"],
    ),
    "pipe for a file": (
        lambda p: ((p / "agreements.yaml").unlink(), os.mkfifo(p / "agreements.yaml")),
        ["agreements.yaml", "this is a pipe"],
    ),
    "missing file": (
        lambda p: edit(p / "auditor.yaml", "agreements: agreements.yaml", "agreements: agreemints.yaml"),
        ["auditor.yaml", "agreements", "agreemints.yaml", "no such file"],
    ),
    "unknown setting of a connector": (
        lambda p: edit(p / "auditor.yaml", "{folder: ehr,", "{foldr: ehr,"),
        ["auditor.yaml", "systems.ehr.settings", "folder"],
    ),
    "unknown system in an agreement": (
        lambda p: edit(p / "agreements.yaml", "systems: [ehr, directory]", "systems: [ehr, directry]"),
        ["agreements.yaml", "line ", "directry", "directory"],
    ),
    "agreement that ends before it starts": (
        lambda p: edit(p / "agreements.yaml", "to: 2026-12-31", "to: 2024-12-31"),
        ["agreements.yaml", "line "],
    ),
    "a password in the configuration": (
        lambda p: edit(p / "auditor.yaml", "mfa_group: MFA-Enforced,", "mfa_group: MFA-Enforced, password: s3cr3t-x,"),
        ["auditor.yaml", "settings.password"],
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_people_write_wrongly_is_refused_with_place_and_remedy(practice, capsys, case):
    spoil, words = REFUSED[case]
    spoil(practice)
    assert audit(practice) == 64
    told = capsys.readouterr()
    assert not told.out
    for word in words:
        assert word in told.err, told.err
    assert "Traceback" not in told.err
    assert len(told.err) < 2000
    assert "s3cr3t" not in told.err
    assert not (practice / "auditor.db").exists()
    assert not (practice / "report.html").exists()


NOT_EVALUATED = {
    "duplicate account": (
        "ehr",
        lambda p: edit(p / "ehr" / "users.csv", "dcalloway", "maquino"),
        ["users.csv", "line ", "maquino"],
    ),
    "LDIF with a broken line": (
        "directory",
        lambda p: edit(p / "directory.ldif", "\nsAMAccountName: ", "\nsAMAccountName "),
        ["directory.ldif", "line "],
    ),
    "JSON that is cut off": (
        "cloud",
        lambda p: (p / "aws" / "iam.GetAccountAuthorizationDetails.json").write_text(
            (p / "aws" / "iam.GetAccountAuthorizationDetails.json").read_text()[:3000]
        ),
        ["iam.GetAccountAuthorizationDetails.json", "line "],
    ),
    "empty export": (
        "cloud",
        lambda p: (p / "aws" / "iam.GetAccountAuthorizationDetails.json").write_text(""),
        ["iam.GetAccountAuthorizationDetails.json", "empty"],
    ),
    "export not UTF-8": (
        "ehr",
        lambda p: (p / "ehr" / "users.csv").write_bytes(b"\xff\xfe\xfd" + (p / "ehr" / "users.csv").read_bytes()),
        ["users.csv"],
    ),
    "export of the day after": (
        "ehr",
        lambda p: edit(p / "auditor.yaml", "exported: 2026-11-20T16:30:00Z", "exported: 2126-11-21T16:30:00Z"),
        ["2126-11-21", "yet to come"],
    ),
    "export of two months ago": (
        "ehr",
        lambda p: edit(p / "auditor.yaml", "exported: 2026-11-20T16:30:00Z", "exported: 2026-09-20T16:30:00Z"),
        ["2026-09-20", "61 days before 2026-11-20", "at most 31"],
    ),
    "missing column": (
        "ehr",
        lambda p: edit(p / "ehr" / "gacl_acl.csv", "return_value", "returns"),
        ["gacl_acl.csv", "return_value"],
    ),
}


@pytest.mark.parametrize("case", NOT_EVALUATED)
def test_a_bad_export_leaves_its_own_system_not_evaluated_and_the_others_judged(practice, capsys, case):
    system, spoil, words = NOT_EVALUATED[case]
    spoil(practice)
    assert audit(practice, "--format", "json") == 2
    result = json.loads(capsys.readouterr().out)
    lines = {s["id"]: s for s in result["systems"]}
    assert not lines[system]["complete"]
    for word in words:
        assert word in lines[system]["reason"]
    assert all(line["complete"] for id_, line in lines.items() if id_ != system)
    assert any(f["rule"] == "no-agreement" for f in result["findings"])
    # What the agreements and the work map say of a system does not come from reading it.
    stated = ("vendor-agreement", "owner-gone")
    assert not [f for f in result["findings"] if f["system"] == system and f["rule"] not in stated]


def test_a_policy_document_that_is_not_one_is_told_and_its_holder_is_not_clean(practice, capsys):
    path = practice / "aws" / "iam.GetAccountAuthorizationDetails.json"
    details = json.loads(path.read_text())
    holder = next(u for u in details["UserDetailList"] if u["UserName"] == "maricel.aquino")
    holder["UserPolicyList"] = [{"PolicyName": "strange", "PolicyDocument": [1, 2, 3]}]
    path.write_text(json.dumps(details))
    assert audit(practice, "--format", "json") == 2
    result = json.loads(capsys.readouterr().out)
    assert any(f["rule"] == "unclassified-entitlement" and "strange" in f["title"] for f in result["findings"])
    unclear = [n for n in result["not_evaluated"] if n["system"] == "cloud" and n["rule"] == "excess"]
    assert any("Maricel Dizon Aquino" in line["subjects"] for line in unclear)


def test_hostile_names_reach_the_report_as_text_only(practice, capsys):
    name = "<script>alert(1)</script>{{7*7}}"
    edit(practice / "roster.csv", "Marcus Whitfield", f'"{name}"')
    assert audit(practice) == 2
    page = (practice / "report.html").read_text()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{7*7}}" in page
    assert "\x1b" not in capsys.readouterr().out

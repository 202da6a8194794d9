"""`auditor catalog check` lists what nobody has classified, most held first, and makes a catalog to fill."""

import json
import shutil
from pathlib import Path

import pytest

from auditor.cli import run
from auditor.config import load_config

ROOT = Path(__file__).parents[2]
UNREAD, USAGE = 2, 64

CSV = """\
User,Name,Roles
ana,Ana,Nurse;Front Desk
ben,Ben,Front Desk
cleo,Cleo,Front Desk;Known
dora,Dora,Nurse;Gone only
"""
CONFIG = """\
practice: {id: p, name: P, timezone: America/Chicago}
roster: {file: roster.csv}
agreements: agreements.yaml
policies: {catalogs: [known.yaml]}
systems:
  ehr:
    kind: ehr
    product: own-ehr
    title: Our EHR
    connector: table
    holds_phi: true
    vendor: self
    settings:
      file: ehr.csv
      canary: dora
      columns: {login: User, name: Name}
      entitlements: [{column: Roles, kind: role, separator: ";"}]
"""
KNOWN = """\
product: own-ehr
title: Ours
version: 1
source: test
entitlements:
  Known: {gives: [], why: test}
"""
ROSTER = "vma_id,name,agency,employment,roles,start,logins\nV-1,Ana,,employee,front_desk,2026-01-05,ehr:ana\n"


@pytest.fixture
def folder(tmp_path) -> Path:
    files = {"auditor.yaml": CONFIG, "ehr.csv": CSV, "known.yaml": KNOWN, "roster.csv": ROSTER}
    for name, text in {**files, "agreements.yaml": "agreements: []\n"}.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def check(folder: Path, *more: str) -> int:
    return run(["catalog", "check", str(folder / "auditor.yaml"), *more])


def listed(folder: Path, capsys, *more: str) -> list[tuple[str, int]]:
    check(folder, "--format", "json", *more)
    return [(u["name"], u["live_holders"]) for u in json.loads(capsys.readouterr().out)["unclassified"]]


def test_what_is_held_most_stands_first_with_an_example_of_how(folder, capsys):
    assert check(folder, "--format", "json") == 1
    told = json.loads(capsys.readouterr().out)
    assert [(u["name"], u["holders"]) for u in told["unclassified"]] == [
        ("Front Desk", 3), ("Nurse", 2), ("Gone only", 1),
    ]  # fmt: skip
    assert told["unclassified"][0] | {"reason": ""} == {
        "system": "ehr", "product": "own-ehr", "entitlement": "Front Desk", "name": "Front Desk", "kind": "role",
        "holders": 3, "live_holders": 3, "reason": "", "path": ["ana", "Front Desk"],
    }  # fmt: skip
    assert check(folder) == 1
    out = capsys.readouterr().out
    assert out.index("Front Desk") < out.index("Nurse") < out.index("Gone only")
    assert "Known" not in out


def test_a_catalog_to_fill_is_written_and_once_filled_nothing_is_left(folder, capsys):
    assert check(folder, "--write", str(folder / "own.yaml")) == 1
    text = (folder / "own.yaml").read_text()
    assert [text.index(name) for name in ("Front Desk", "Nurse", "Gone only")] == sorted(
        text.index(name) for name in ("Front Desk", "Nurse", "Gone only")
    )
    (folder / "auditor.yaml").write_text(CONFIG.replace("[known.yaml]", "[known.yaml, own.yaml]"))
    assert check(folder) == 1, "what is not filled in stays unclassified"
    (folder / "own.yaml").write_text(text.replace("why: ''", "why: looked at"))
    assert check(folder) == 0
    assert "every entitlement" in capsys.readouterr().out


def test_a_product_that_no_catalog_knows_at_all_is_where_one_begins(folder, capsys):
    (folder / "auditor.yaml").write_text(CONFIG.replace("policies: {catalogs: [known.yaml]}\n", ""))
    assert run(["audit", str(folder / "auditor.yaml")]) == USAGE
    assert check(folder, "--write", str(folder / "own.yaml")) == 1
    assert (folder / "own.yaml").read_text().count("gives: []\n") == 4


def test_nothing_that_somebody_has_filled_in_is_overwritten(folder, capsys):
    assert check(folder, "--write", str(folder / "known.yaml")) == USAGE
    assert (folder / "known.yaml").read_text() == KNOWN
    assert "there already" in capsys.readouterr().err


def test_several_systems_get_a_file_each(tmp_path, capsys):
    shutil.copytree(ROOT / "examples" / "lakeside", tmp_path / "lakeside")
    folder = tmp_path / "lakeside" / "2026-11"
    config = folder / "auditor.yaml"
    config.write_text(config.read_text().replace("product: openemr", "product: our-own"))
    assert check(folder, "--write", str(tmp_path / "own.yaml")) == 1
    assert (tmp_path / "own-ehr.yaml").exists()
    assert (tmp_path / "own-directory.yaml").exists()
    assert check(folder, "--write", str(tmp_path / "own.yaml")) == USAGE, "the files are there"


def test_a_system_that_cannot_be_read_outranks_what_is_unclassified(folder, capsys):
    (folder / "ehr.csv").unlink()
    assert check(folder) == UNREAD
    assert "✗ ehr could not be read" in capsys.readouterr().out
    assert check(folder, "--format", "json") == UNREAD
    assert json.loads(capsys.readouterr().out)["systems"][0]["read"] is False


def test_the_last_audit_can_be_asked_instead_of_the_systems(folder, capsys):
    store = str(folder / "auditor.db")
    assert check(folder, "--store", store) == USAGE
    assert run(["audit", str(folder / "auditor.yaml")]) in (1, 2)
    (folder / "ehr.csv").unlink()
    capsys.readouterr()
    assert listed(folder, capsys, "--store", store) == [("Front Desk", 3), ("Nurse", 2), ("Gone only", 1)]


def test_a_system_that_no_audit_has_read_is_not_taken_for_classified(folder, capsys):
    (folder / "ehr.csv").rename(folder / "away.csv")
    assert run(["audit", str(folder / "auditor.yaml")]) == 2
    capsys.readouterr()
    assert check(folder, "--store", str(load_config(folder / "auditor.yaml").store)) == UNREAD
    assert "no audit in the store has read it" in capsys.readouterr().out


def test_one_system_can_be_asked_after_and_another_is_refused(folder, capsys):
    assert len(listed(folder, capsys, "--system", "ehr")) == 3
    assert check(folder, "--system", "fax") == USAGE

"""Two practices whose figures once were better than what was known: read from what the commands print."""

import json
import shutil
from datetime import date
from pathlib import Path

import pytest

from auditor.cli import run
from tests.shown import BAA, of_html, of_json, of_text

CASES = Path(__file__).parent / "cases"
AT = "2026-11-29T20:00:00Z"
DAY = date(2026, 11, 29)


@pytest.fixture
def case(tmp_path, monkeypatch):
    def of(name):
        folder = tmp_path / name
        shutil.copytree(CASES / name, folder)
        monkeypatch.chdir(folder)
        return folder

    return of


def told(capsys, *command):
    capsys.readouterr()
    code = run(list(command))
    return code, capsys.readouterr().out


def test_an_agreement_that_does_not_reach_the_phi_covers_nobody_wherever_that_is_shown(case, capsys):
    folder = case("baa-scope-headline")
    _, text = told(capsys, "audit", "auditor.yaml", "--at", AT)
    page = of_html((folder / "report.html").read_text(encoding="utf-8"), DAY)
    assert of_text(text).heads.covered == page.heads.covered == 0
    assert page.tiles[0] == ("0 of 1", "bad")
    assert dict(page.controls)[BAA].missing == ("Maria Reyes",)
    assert page.cover == (("VMA-1", "missing"),)


def test_least_privilege_is_unproven_where_no_catalog_knows_anything_that_is_held(case, capsys):
    case("lag-nothing-judged")
    _, printed = told(capsys, "audit", "auditor.yaml", "--at", AT, "--format", "json")
    least = dict(of_json(printed, DAY).controls)["Least privilege"]
    assert (least.in_place, least.missing, least.unknown) == (0, (), ("Maria Santos",))
    rules = {rule["id"]: rule for rule in json.loads(printed)["rules"]}
    for rule in ("excess", "forbidden", "separation-of-duties", "cloned-access", "missing"):
        assert (rules[rule]["satisfied"], rules[rule]["not_evaluated"]) == (0, 1), rule

    code, printed = told(capsys, "lag", "auditor.yaml", "--as-of", "1", "--format", "json")
    lag = json.loads(printed)
    (mine,) = [x for x in lag["lags"] if (x["vma"], x["control"]) == ("V1", "least-privilege")]
    assert (mine["state"], mine["finding_stands"], mine["in_place"]) == ("open", False, None)
    assert mine["owed_since"] is not None
    assert code != 0


def test_nobody_is_ready_with_an_account_of_which_nobody_knows_what_it_may_do(case, capsys):
    case("lag-nothing-judged")
    told(capsys, "audit", "auditor.yaml", "--at", AT)
    _, printed = told(capsys, "onboard", "V1", "auditor.yaml", "--as-of", "1", "--format", "json")
    items = {item["id"]: item for item in json.loads(printed)["items"]}
    assert items["accounts"]["answer"] == "cannot tell"
    assert "no catalog says" in " ".join(items["accounts"]["evidence"])
    assert items["approval"]["answer"] == "needs a person's word"

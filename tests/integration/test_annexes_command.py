"""`auditor review annexes` on the example practice: each figure is that of its own command, or of the report."""

import csv
import io
import json
import shutil
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from auditor.cli import run
from auditor.exit_codes import NOT_EVALUABLE, USAGE
from tests.audited_example import AUDITS, audited_twice

COLUMNS = {
    "A": "state system login people roles not_there_on first_seen created recorded still_there works why",
    "B": "state what person agency last_day system login entitlement hours_until_ended hours_at_least hours_allowed"
    " timely ended_at known_by note",
    "C": "state system login kind people can through last_used second_factor findings",
    "D": "state system login name kinds works people answers_for_it last_used second_factor findings",
    "E": "state system login people last_used dormant_since observed expected finding accepted",
    "F": "state exception finding about accepted_by asked_for_by reason protects_meanwhile accepted_on expires standing"
    " finding_open provisions",
    "G": "state agreement kind between standing signed_by_both signed_on begins ends systems phi seats note",
    "H": "state what cause explained_by change people system since seen recorded",
    "I": "state what name audit at sha256",
    "outside-offboarding": "state change people system why",
    "administrators": "state system administrators count others why",
    "second-factor": "state system live_accounts with_second_factor without not_said signs_in_through vmas_in_place"
    " vmas_without vmas_not_known why",
    "population": "state system product holds_phi source asked as_of hours_old dated complete why_not counted_by_source"
    " accounts live not_live of_vmas of_others of_nobody grants left_out proof also_told sha256"
    " audits_that_read_it_whole",
    "tie-out": "state what system login person why to_do",
    "review-progress": "state review scope period_from period_to opened_at opened_by due people items questions decided"
    " closed_by_proof by_nobody keep remove change exception removals_decided removals_asked_for removals_removed"
    " removals_came_back decided_late signed_by closed_at sealed_by ledger_entry seal opened_over",
    "review-late": "state review what person question advice reviewer due decided_on",
    "review-removals": "state review person system login what decided_by decided_at reason standing since order proof",
    "review-reviewers": "state review reviewer questions still_open overdue signed decisions seconds_for_a_decision"
    " longest_run_kept_against_advice remarks",
}
"""Public keys: they stay, and new ones come last."""


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return audited_twice(tmp_path_factory.mktemp("annexes"))


@pytest.fixture(scope="module")
def report(audited: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The second audit's own report as JSON, of the same practice audited again into another store."""
    folder = tmp_path_factory.mktemp("report")
    into = ["--store", str(folder / "again.db"), "--report", str(folder / "report.html")]
    for name, at in AUDITS:
        printed = io.StringIO()
        with redirect_stdout(printed):
            run(["audit", str(audited.parents[1] / name / "auditor.yaml"), "--at", at, *into, "--format", "json"])
    return json.loads(printed.getvalue())


def told(capsys: pytest.CaptureFixture[str], *command: str) -> Any:
    capsys.readouterr()
    run([*command, "--format", "json"])
    return json.loads(capsys.readouterr().out)


@pytest.fixture
def annexes(audited: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, Any]]:
    return {one["id"]: one for one in told(capsys, "review", "annexes", str(audited))["annexes"]}


def test_every_annex_is_there_with_its_columns_and_what_it_looked_at(annexes):
    assert {id_: " ".join(one["columns"]) for id_, one in annexes.items()} == COLUMNS
    for one in annexes.values():
        assert one["sentence"].endswith(".")
        assert one["question"].endswith("?")
        assert one["looked_at"] or one["not_evaluated"]
        assert (one["outcome"] == "rows") is bool(one["rows"])
        assert all(list(row) == one["columns"] for row in one["rows"])


def test_the_annexes_of_a_stored_audit_are_those_of_its_report(annexes, report):
    in_report = {one["id"]: one for one in report["annexes"]["annexes"]}
    for id_, one in annexes.items():
        # The report cannot hold the entry that binds it, nor the number of its own audit.
        if id_ not in ("I", "population"):
            reported = in_report[id_]
            rows, others = ([r for r in x["rows"] if not of_cloud(id_, r)] for x in (one, reported))
            assert rows == others, id_
            # Of a cloud the store does not know all that the report did, and says so.
            sentences = [x["sentence"].partition(" Not evaluated:")[0] for x in (one, reported)]
            assert sentences[0] == sentences[1], id_
            assert (one["outcome"], one["looked_at"]) == (reported["outcome"], reported["looked_at"]), id_


def of_cloud(annex: str, row: dict[str, Any]) -> bool:
    return annex == "administrators" and row["system"].startswith("AWS")


def test_the_population_is_that_of_the_report(annexes, report):
    rows = {row["system"]: row for row in annexes["population"]["rows"]}
    for system in report["systems"]:
        row = rows[system["title"]]
        for key in ("accounts", "live", "of_vmas", "of_others", "of_nobody", "grants", "complete", "source"):
            assert row[key] == system[key], key
        assert row["accounts"] == row["of_vmas"] + row["of_others"] + row["of_nobody"] == row["live"] + row["not_live"]
        hashes = [detail for name, detail in system["evidence"] if name == "sha256"]
        assert row["sha256"] == hashes
    looked = {one["what"]: one["count"] for one in annexes["tie-out"]["looked_at"]}
    assert looked["of them, of nobody known"] == sum(s["of_nobody"] for s in report["systems"])
    assert looked["accounts in the systems that were read whole"] == sum(s["accounts"] for s in report["systems"])


def test_findings_in_annexes_are_those_of_the_report(annexes, report):
    found = {line["id"]: line for line in report["findings"]}
    by_rule = {rule: {id_ for id_, line in found.items() if line["rule"] == rule} for rule in ("dormant-account",)}
    assert {row["finding"] for row in annexes["E"]["rows"]} == by_rule["dormant-account"]
    agreements = {id_ for id_, line in found.items() if "agreement" in line["rule"]}
    assert {row["agreement"] for row in annexes["G"]["rows"] if row["standing"] == "missing"} == agreements
    factor = {id_ for id_, line in found.items() if line["rule"] == "no-mfa"}
    told_of = " ".join(text for row in annexes["second-factor"]["rows"] for text in row["vmas_without"])
    assert factor
    assert all(id_ in told_of for id_ in factor)
    for id_ in ("C", "D"):
        assert all(finding in found for row in annexes[id_]["rows"] for finding in row["findings"])
    cover = next(line for line in report["controls"] if line["control"].startswith("BAA in force"))
    assert f"{cover['in_place']} of {cover['headcount']} VMAs who need one" in annexes["G"]["sentence"]
    assert f"{report['counts']['accepted']} exceptions in force" in annexes["F"]["sentence"]


def test_changes_are_those_of_drift_and_of_the_report(annexes, report, audited, capsys):
    drift = told(capsys, "drift", str(audited))
    access = [row for row in annexes["H"]["rows"] if row["what"] == "access"]
    assert len(access) == drift["changes"]["total"]
    unexplained = sum(row["cause"] == "unexplained" for row in access)
    assert unexplained == drift["changes"]["unexplained"] == len(report["drift"]["unexplained"])
    unseen = [row for row in annexes["H"]["rows"] if row["what"].startswith("access, seen by the system's own record")]
    assert len(unseen) == len(drift["unseen"]) == 1
    events = [row for row in annexes["H"]["rows"] if row["what"] == "headcount"]
    assert len(events) == len(drift["events"])
    assert len(annexes["outside-offboarding"]["rows"]) == len(drift["outside_offboarding"])
    came = [one for one in drift["told"] if one["kind"] == "account came"]
    assert {(row["login"]) for row in annexes["A"]["rows"]} == {one["login"] for one in came}
    assert len(annexes["A"]["rows"]) == len(came)


def test_hours_until_access_ended_are_those_of_offboard_and_of_transfer(annexes, audited, capsys):
    gone = told(capsys, "offboard", "VMA-06", str(audited), "--as-of", "2")
    hours = {(one["login"], one["timely"]): (one["hours"], one["at_least"]) for one in gone["hours_to_disabled"]}
    left = [row for row in annexes["B"]["rows"] if row["what"] == "left" and row["login"]]
    assert {(r["login"], r["timely"]): (r["hours_until_ended"], r["hours_at_least"]) for r in left} == hours
    assert sorted(row["ended_at"] for row in left) == ["2026-10-16T22:42:09.318843Z", "still works"]
    moved = told(capsys, "transfer", "VMA-03", str(audited), "--as-of", "2")
    kept = [row for row in annexes["B"]["rows"] if row["what"] == "changed role" and row["entitlement"]]
    assert [(r["entitlement"], r["hours_until_ended"]) for r in kept] == [
        (one["entitlement"], one["hours"]) for one in moved["hours_to_removed"]
    ]
    used = [row["note"] for row in annexes["B"]["rows"] if row["note"].startswith("used after the end")]
    assert used == ["used after the end: dcalloway signed in to OpenEMR on 2026-10-29 01:22 UTC"]


def test_a_system_with_one_administrator_is_named_and_one_with_unknown_rights_is_not_judged(annexes):
    rows = {row["system"]: row for row in annexes["administrators"]["rows"]}
    assert (rows["OpenEMR"]["state"], rows["OpenEMR"]["administrators"]) == (
        "needs action",
        ["Laura Pettersen (STF-04)"],
    )
    cloud = rows["AWS (fax and scan store)"]
    assert (cloud["state"], cloud["administrators"]) == ("not evaluated", ["Laura Pettersen (STF-04)"])
    assert "Identity Center" in cloud["why"]  # whoever may administer through it was not read
    directory = rows["Active Directory"]
    assert (directory["state"], directory["count"]) == ("not evaluated", None)
    assert "jvillanueva (vma)" in directory["others"]  # whom the never-list forbids it is no administrator to count


def test_the_evidence_names_the_ledger_entry_and_every_file_with_its_hash(annexes, audited):
    rows = annexes["I"]["rows"]
    entries = [row for row in rows if row["what"] == "ledger entry"]
    assert [(row["name"], row["audit"], len(row["sha256"])) for row in entries] == [("entry 2", 2, 64)]
    files = {row["name"]: row["sha256"] for row in rows if row["what"] == "file that was read"}
    assert "OpenEMR: users.csv" in files
    assert "Active Directory: directory.ldif" in files


def test_a_quarter_tells_since_the_last_audit_before_it(audited, capsys):
    fourth = told(capsys, "review", "annexes", str(audited), "--quarter", "2026Q4")
    assert fourth["audits"] == [1, 2]
    assert fourth["period"] == "2026Q4: audit 2 of 2026-11-20, and what changed since audit 1 of 2026-09-30"
    third = told(capsys, "review", "annexes", str(audited), "--quarter", "2026q3")
    assert third["audits"] == [1]
    first = {one["id"]: one for one in third["annexes"]}
    for id_ in ("A", "H", "outside-offboarding"):
        assert first[id_]["outcome"] == "not evaluated", id_
        assert first[id_]["rows"] == [], id_


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--quarter", "2026Q5"], "is no quarter"),
        (["--quarter", "２０２６Q4"], "is no quarter"),
        (["--quarter", "2027Q1"], "there is no audit in 2027Q1"),
        (["--quarter", "2026Q4", "--from", "1"], "say two things"),
        (["--annex", "Z"], "there is no annex"),
        (["--from", "2", "--to", "1"], "name two audits"),
    ],
)
def test_a_period_or_an_annex_that_there_is_not_is_refused_with_what_there_is(audited, capsys, words, says):
    capsys.readouterr()
    assert run(["review", "annexes", str(audited), *words]) == USAGE
    assert says in capsys.readouterr().err


def test_one_annex_can_be_asked_for_and_a_spreadsheet_runs_none_of_it(audited, tmp_path, capsys):
    folder = tmp_path / "practice"
    shutil.copytree(audited.parents[1], folder)
    capsys.readouterr()
    code = run(
        [
            "review",
            "annexes",
            str(folder / "2026-11" / "auditor.yaml"),
            "--annex",
            "c",
            "--annex",
            "F",
            "--format",
            "csv",
        ]
    )
    lines = list(csv.reader(io.StringIO(capsys.readouterr().out)))
    assert code == NOT_EVALUABLE
    blocks = [n for n, line in enumerate(lines) if line[:1] == ["Annex"]]
    assert len(blocks) == 2
    assert lines[blocks[1] - 1] == []
    assert lines[0][3:6] == ["State", "System", "Login"]
    assert {len(line) for line in lines[: blocks[1] - 1]} == {len(lines[0])}
    nothing = lines[blocks[1] + 1]
    assert nothing[1] == "nothing"
    assert "exceptions ever recorded: 0" in nothing[4]


def test_the_text_says_first_what_an_annex_comes_to(audited, capsys):
    capsys.readouterr()
    assert run(["review", "annexes", str(audited)]) == NOT_EVALUABLE
    out = capsys.readouterr().out
    assert out.startswith(
        "Lakeside Family Medicine: audit 2 of 2026-11-20, and what changed since audit 1 of 2026-09-30"
    )
    assert "Annex B: terminations and transfers\n  1 person left and 1 changed role since 2026-09-30" in out
    assert "Annex F: exceptions\n  0 exceptions in force.\n  nothing; looked at" in out

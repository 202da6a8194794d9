"""Whose an account is, said by a person: the whole way, from the audit that asks to the one that knows."""

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from auditor.cli import run
from auditor.exit_codes import FINDINGS, IN_STEP, NOT_EVALUABLE, USAGE
from auditor.ledger.verify import verify

USERS = """\
Username,Name,Role,Status,Last Login
dcalloway,{name},Biller,{status},11/24/2026
hbrandt,"Brandt, Helen",Biller,Active,11/24/2026
"""
FILES = {
    "agreements.yaml": "agreements: []\n",
    "roster.csv": (
        "vma_id,name,email,agency,employment,roles,start,end\n"
        "V5,Denise Calloway,denise@agency.example,,employee,billing,2025-01-05,2026-05-30\n"
    ),
    "staff.csv": "id,name,email,kind,logins,owner\nS1,Diana Calloway,,staff,,\nS2,Helen Brandt,,staff,ehr:hbrandt,\n",
    "m.yaml": (
        "columns: {login: Username, name: Name, status: Status, last_login: Last Login}\n"
        "status_values: {Active: active, Inactive: disabled}\ndate_format: MM/DD/YYYY\n"
        "entitlements: [{column: Role, kind: role}]\n"
    ),
    "m.catalog.yaml": (
        "product: my-ehr\ntitle: EHR\nversion: 1\nsource: of the practice\n"
        "entitlements: {Biller: {gives: [], why: of the test}}\n"
    ),
    "auditor.yaml": (
        "practice: {id: t, name: t, timezone: America/Chicago}\nroster: {file: roster.csv}\nstaff: {file: staff.csv}\n"
        "agreements: agreements.yaml\npolicies: {catalogs: [m.catalog.yaml]}\n"
        "systems:\n  ehr: {kind: ehr, product: my-ehr, title: EHR, connector: table, holds_phi: true, vendor: self, "
        "settings: {file: u.csv, mapping: m.yaml, timezone: America/Chicago, canary: hbrandt}}\n"
        "store: auditor.db\nreport: report.html\n"
    ),
}


@pytest.fixture
def practice(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    users(tmp_path)
    return tmp_path / "auditor.yaml"


def users(folder: Path, name: str = '"Calloway, D M"', status: str = "Active") -> None:
    path = folder / "u.csv"
    # Each list is a second newer than the one before: an export's date counts whole seconds, and no test waits for one.
    made = path.stat().st_mtime + 1 if path.exists() else time.time() - 60
    path.write_text(USERS.format(name=name, status=status), encoding="utf-8")
    os.utime(path, (made, made))


def answer(practice: Path, capsys: pytest.CaptureFixture[str]) -> tuple[str, dict[str, Any]]:
    capsys.readouterr()
    run(["offboard", "V5", str(practice), "--format", "json"])
    data = json.loads(capsys.readouterr().out)
    return data["outcome"], {item["id"]: item for item in data["items"]}


def confirm(practice: Path, who: str, how: str) -> int:
    return run(["confirm", who, "ehr:dcalloway", how, "--by", "Dana Ortiz", "--config", str(practice)])


def recorded(practice: Path, capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    capsys.readouterr()
    run(["statements", str(practice), "--format", "json"])
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    return found


def test_an_account_that_could_be_the_leavers_is_named_and_settled_by_one_word_that_lasts(practice, capsys):
    assert run(["audit", str(practice)]) == NOT_EVALUABLE
    outcome, items = answer(practice, capsys)
    assert (outcome, items["disabled"]["answer"]) == ("UNPROVEN", "cannot tell")
    assert "`dcalloway` in EHR may be Denise Calloway's" in items["disabled"]["evidence"][0]
    assert "auditor confirm V5 ehr:dcalloway --is-theirs" in items["disabled"]["to_do"][0]
    assert confirm(practice, "V5", "--is-theirs") == IN_STEP
    assert run(["audit", str(practice)]) == FINDINGS
    outcome, items = answer(practice, capsys)
    assert (outcome, items["disabled"]["evidence"]) == ("NOT GONE", ["dcalloway in EHR is active"])
    users(practice.parent, status="Inactive")
    run(["audit", str(practice)])
    assert answer(practice, capsys)[1]["disabled"]["answer"] == "passed"
    store = practice.with_name("auditor.db")
    assert verify(store, store.with_suffix(".key.pub").read_text(encoding="utf-8")).ok


def test_that_it_is_not_theirs_is_kept_until_it_is_withdrawn_or_the_account_looks_otherwise(practice, capsys):
    assert confirm(practice, "V5", "--is-not-theirs") == IN_STEP  # no audit has been yet: the system is asked
    assert answer(practice, capsys)[1]["disabled"]["answer"] == "passed"
    run(["audit", str(practice)])
    assert answer(practice, capsys)[1]["disabled"]["answer"] == "passed"
    users(practice.parent, name='"Calloway, Denise"')
    assert answer(practice, capsys)[1]["disabled"]["answer"] == "failed"  # the very name: another account
    users(practice.parent)
    (said,) = recorded(practice, capsys)
    assert (said["kind"], said["about"], said["topic"], said["account"], said["login"]) == (
        *("confirmation", "V5", "not theirs", "ehr:dcalloway", "dcalloway"),
    )
    assert run(["withdraw", said["id"], "--by", "Dr. Kim", "--config", str(practice)]) == IN_STEP
    assert answer(practice, capsys)[1]["disabled"]["answer"] == "cannot tell"


def test_doctor_asks_whose_the_accounts_of_the_last_audit_are(practice, capsys):
    def asked() -> list[dict[str, str]]:
        capsys.readouterr()
        run(["doctor", str(practice), "--format", "json"])
        checks = json.loads(capsys.readouterr().out)["checks"]
        return [check for check in checks if check["step"] == "accounts"]

    assert asked() == []
    run(["audit", str(practice)])
    (check,) = asked()
    assert "`dcalloway` in EHR may be Denise Calloway's" in str(check)
    assert "auditor confirm V5 ehr:dcalloway --is-theirs" in str(check)
    confirm(practice, "V5", "--is-not-theirs")
    confirm(practice, "S1", "--is-theirs")
    assert asked() == []


def test_an_account_can_be_said_to_be_a_member_of_staffs(practice, capsys):
    run(["audit", str(practice)])
    assert answer(practice, capsys)[0] == "UNPROVEN"
    assert confirm(practice, "S1", "--is-theirs") == IN_STEP
    assert answer(practice, capsys)[1]["disabled"]["answer"] == "passed"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["V9", "ehr:dcalloway"], "there is nobody with the id `V9`"),
        (["V5", "ehr:dcallowa"], "did you mean: dcalloway?"),
        (["V5", "dcalloway"], "names no account"),
        (["V5", "crm:dcalloway"], "names no account"),
        (["V5", "ehr:"], "names no account"),
        (["S2", "ehr:hbrandt"], "the roster or the staff file says that `ehr:hbrandt` is S2's"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_nothing_is_recorded(practice, capsys, arguments, told):
    assert run(["confirm", *arguments, "--is-not-theirs", "--by", "D", "--config", str(practice)]) == USAGE
    assert told in capsys.readouterr().err
    assert not practice.with_name("auditor.db").exists()


def said(practice: Path, who: str, how: str, by: str, *more: str) -> int:
    return run(["confirm", who, "ehr:dcalloway", how, "--by", by, *more, "--config", str(practice)])


TWO = ("--reason", "Diana has used it at the desk since May", "--requested-by", "Helen Brandt")


def test_the_answer_names_the_word_on_which_it_rests_that_an_account_of_her_name_is_not_hers(practice, capsys):
    users(practice.parent, name='"Calloway, Denise"')
    assert said(practice, "S1", "--is-theirs", "Dana Ortiz", "--reason", "seen at the desk") == IN_STEP
    evidence = answer(practice, capsys)[1]["disabled"]["evidence"]
    (word,) = [line for line in evidence if "Dana Ortiz" in line]
    assert word.startswith(
        "`dcalloway` in EHR could be theirs, because the name is theirs, written another way; by Dana "
    )
    assert "it is Diana Calloway's (S1) (S-" in word
    assert word.endswith("): seen at the desk")


def test_against_her_address_it_takes_a_reason_and_two_people_of_whom_she_is_none(practice, capsys):
    text = USERS.replace("Username,", "Username,Email,").replace("dcalloway,", "dcalloway,denise@agency.example,")
    text = text.replace("hbrandt,", "hbrandt,,").format(name='"Calloway, D M"', status="Active")
    (practice.parent / "u.csv").write_text(text, encoding="utf-8")
    mapping = (practice.parent / "m.yaml").read_text(encoding="utf-8").replace("{login:", "{email: Email, login:")
    (practice.parent / "m.yaml").write_text(mapping, encoding="utf-8")
    for who, how in (("S1", "--is-theirs"), ("V5", "--is-not-theirs")):
        capsys.readouterr()
        assert said(practice, who, how, "Dana Ortiz", *TWO[:2]) == USAGE
        told = capsys.readouterr().err
        assert "`ehr:dcalloway` says otherwise: it carries the e-mail address" in told
        assert "by two people" in told
        assert said(practice, who, how, "Dana Ortiz", *TWO[:3], "D. Ortiz") == USAGE
        assert "may be one person" in capsys.readouterr().err
        assert said(practice, who, how, "Dana Ortiz", *TWO[:3], "D. Calloway") == USAGE
        assert "about themselves" in capsys.readouterr().err
    assert answer(practice, capsys)[0] == "NOT GONE"
    assert said(practice, "S1", "--is-theirs", "Dana Ortiz", *TWO) == IN_STEP
    outcome, items = answer(practice, capsys)
    assert (outcome, items["disabled"]["answer"]) == ("UNPROVEN", "passed")  # the other items want words
    assert "asked for by Helen Brandt" in items["disabled"]["evidence"][-1]


@pytest.mark.parametrize(
    "by", ["Denise Calloway", "D. Calloway", "denise@agency.example", "V5", "C\u0430lloway, Denise"]
)
def test_whom_it_concerns_neither_says_nor_withdraws_whose_it_is(practice, capsys, by):
    assert said(practice, "S1", "--is-theirs", by) == USAGE
    assert "about themselves" in capsys.readouterr().err
    assert confirm(practice, "V5", "--is-theirs") == IN_STEP
    (statement,) = recorded(practice, capsys)
    assert run(["withdraw", statement["id"], "--by", by, "--config", str(practice)]) == USAGE
    assert "about themselves" in capsys.readouterr().err
    assert run(["withdraw", statement["id"], "--by", "Helen Brandt", "--config", str(practice)]) == IN_STEP
    evidence = answer(practice, capsys)[1]["disabled"]["evidence"]
    assert [line for line in evidence if "was withdrawn on" in line and "by Helen Brandt" in line]


def test_a_store_whose_statement_was_changed_from_hers_to_not_hers_does_not_verify(practice):
    import sqlite3  # noqa: PLC0415 - only this test forges a store

    run(["audit", str(practice)])
    confirm(practice, "V5", "--is-theirs")
    store = practice.with_name("auditor.db")
    with sqlite3.connect(store) as connection:
        connection.execute("UPDATE statement SET body = replace(body, '\"theirs\"', '\"not theirs\"')")
    assert not verify(store, store.with_suffix(".key.pub").read_text(encoding="utf-8")).ok

"""A mapping that says the opposite of its words, by the real commands: asked everywhere, gone nowhere."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from auditor.cli import run
from auditor.exit_codes import NOT_EVALUABLE, USAGE
from tests.small_practice import MAPPING, Small, account, answer, row

NOW = datetime.now(UTC)
AT, STARTED, LEFT = NOW.isoformat(), *(f"{NOW - timedelta(days=d):%Y-%m-%d}" for d in (200, 3))
CLAIM = "Status: Active means disabled"


@pytest.fixture
def practice(tmp_path: Path) -> Small:
    return Small(tmp_path / "p")


def wrong(practice: Small, mapping: str, status: str = "Active") -> None:
    rows = [row("ana", STARTED), row("ben", STARTED, LEFT)]
    practice.write(AT, rows, [account("ana", Last=LEFT), account("ben", Status=status, Last=STARTED)])
    (practice.folder / "mapping.yaml").write_text(mapping, encoding="utf-8")


def judged(practice: Small, capsys: Any) -> tuple[int, list[dict[str, Any]]]:
    capsys.readouterr()
    code = run(["audit", str(practice.config), "--at", AT, "--format", "json"])
    return code, json.loads(capsys.readouterr().out)["not_evaluated"]


TURNED = MAPPING.replace("Active: active", "Active: disabled")


def test_a_leaver_is_not_gone_by_a_mapping_that_calls_active_accounts_disabled(practice, capsys):
    wrong(practice, TURNED)
    code, open_ = judged(practice, capsys)
    assert code == NOT_EVALUABLE
    assert any(line["rule"] == "active-after-end" and CLAIM in line["reason"] for line in open_)
    said = answer(capsys, "offboard", "ben", str(practice.config))
    assert said["outcome"] == "UNPROVEN"
    assert CLAIM in json.dumps(next(item for item in said["items"] if item["id"] == "disabled"))


def test_once_it_is_confirmed_the_mapping_is_believed(practice, capsys):
    wrong(practice, f'{TURNED}confirmed: ["{CLAIM}"]\n')
    assert not [line for line in judged(practice, capsys)[1] if "means disabled" in line["reason"]]
    items = answer(capsys, "offboard", "ben", str(practice.config))["items"]
    assert next(item["answer"] for item in items if item["id"] == "disabled") == "passed"


def test_a_disabled_leaver_is_not_said_to_work_still_by_a_mapping_that_calls_it_active(practice, capsys):
    wrong(practice, MAPPING.replace("Disabled: disabled", "Disabled: active"), status="Disabled")
    capsys.readouterr()
    assert run(["audit", str(practice.config), "--at", AT, "--format", "json"]) == NOT_EVALUABLE
    assert "active-after-end" not in [f["rule"] for f in json.loads(capsys.readouterr().out)["findings"]]


def test_a_new_word_of_the_status_is_told_and_ends_nobody(practice, capsys):
    wrong(practice, MAPPING, status="Frozen")
    code, open_ = judged(practice, capsys)
    assert code == NOT_EVALUABLE
    assert any("`Status` says `Frozen` in 1 row" in line["reason"] for line in open_)
    assert answer(capsys, "offboard", "ben", str(practice.config))["outcome"] == "UNPROVEN"


def test_nobody_has_a_second_factor_by_a_word_that_says_no(practice, capsys):
    wrong(
        practice, MAPPING.replace('mfa_true: ["yes"]', 'mfa_true: ["no"]').replace('mfa_false: ["no"]', "mfa_false: []")
    )
    code, open_ = judged(practice, capsys)
    assert code == NOT_EVALUABLE
    assert any(line["rule"] == "no-mfa" and "MFA: no means a second factor" in line["reason"] for line in open_)


def test_doctor_and_connect_map_ask_the_same_and_print_the_line_that_confirms_it(practice, capsys):
    wrong(practice, TURNED)
    run(["doctor", str(practice.config), "--format", "json"])
    assert CLAIM in capsys.readouterr().out
    mapping = practice.folder / "mapping.yaml"
    assert run(["connect", "--map", str(practice.folder / "users.csv"), "--out", str(mapping)]) == USAGE
    assert f'confirmed: ["{CLAIM}"]' in capsys.readouterr().err
    assert mapping.read_text(encoding="utf-8") == TURNED

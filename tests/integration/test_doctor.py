"""`auditor doctor` says before the audit what would keep it from being whole, and changes nothing."""

import json
import os
import re
import shutil
import sqlite3
import subprocess
from collections import namedtuple
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from auditor.cli import run
from auditor.config import load_config
from auditor.connecting.clock import compare_clocks
from auditor.pipeline import audit as run_pipeline
from connectors.connector import Endpoint, Transport

ROOT = Path(__file__).parents[2]
FAILED, USAGE = 2, 64
EXPORTED = "exported: 2026-11-20T16:30:00Z"


@pytest.fixture
def practice(tmp_path) -> Path:
    shutil.copytree(ROOT / "examples" / "lakeside", tmp_path / "a" / "b" / "lakeside")
    folder = tmp_path / "a" / "b" / "lakeside" / "2026-11"
    config = folder / "auditor.yaml"
    text = config.read_text().replace("../../../out/lakeside.db", "auditor.db")
    config.write_text(text.replace(EXPORTED, f"exported: {datetime.now(UTC) - timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"))
    return folder


def doctor(folder: Path, capsys, *more: str) -> tuple[int, dict[tuple[str, str], dict[str, str]]]:
    code = run(["doctor", str(folder / "auditor.yaml"), "--format", "json", *more])
    told = json.loads(capsys.readouterr().out)
    assert told["ok"] is (code == 0)
    return code, {(check["of"], check["step"]): check for check in told["checks"]}


def audit(folder: Path, at: str = "2026-11-20T17:00:00Z") -> None:
    assert run(["audit", str(folder / "auditor.yaml"), "--at", at]) == 2


def files(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def change(folder: Path, old: str, new: str) -> None:
    config = folder / "auditor.yaml"
    assert old in config.read_text()
    config.write_text(config.read_text().replace(old, new))


def test_a_practice_that_is_ready_passes_and_nothing_is_written(practice, capsys):
    before = files(practice)
    code, told = doctor(practice, capsys)
    assert code == 0
    assert {of for of, _ in told} == {"practice", "ehr", "directory", "cloud"}
    assert told["practice", "ledger"]["state"] == "not-tried"
    assert told["ehr", "canary"]["found"] == "`auditor-ro` was seen"
    assert told["directory", "canary"]["state"] == "warning"
    assert files(practice) == before


def test_after_an_audit_the_ledger_its_key_and_the_clock_are_checked(practice, capsys):
    audit(practice)
    capsys.readouterr()
    before = files(practice)
    code, told = doctor(practice, capsys)
    assert (code, told["practice", "ledger"]["found"]) == (0, "1 of 1 entries are valid")
    assert told["practice", "key"]["state"] == told["practice", "clock"]["state"] == "ok"
    assert files(practice) == before


def test_a_system_that_cannot_be_read_is_named_with_what_to_do(practice, capsys):
    shutil.rmtree(practice / "ehr")
    code, told = doctor(practice, capsys)
    assert code == FAILED
    assert told["ehr", "first page"]["state"] == "failed"
    assert told["ehr", "canary"]["state"] == "not-tried"
    assert told["directory", "all pages"]["state"] == "ok", "the others are checked all the same"


def test_one_system_can_be_asked_after(practice, capsys):
    _, told = doctor(practice, capsys, "--system", "cloud")
    assert {of for of, _ in told} == {"practice", "cloud"}
    assert run(["doctor", str(practice / "auditor.yaml"), "--system", "fax"]) == USAGE
    assert "one of: ehr, directory, cloud" in capsys.readouterr().err


@pytest.mark.parametrize(("days", "told"), [(-32, "at most 31 are accepted"), (2, "which is yet to come")])
def test_an_export_that_is_too_old_or_of_tomorrow_is_told_before_an_audit_refuses_it(practice, capsys, days, told):
    config = practice / "auditor.yaml"
    made = f"exported: {datetime.now(UTC) + timedelta(days):%Y-%m-%dT%H:%M:%SZ}"
    config.write_text(re.sub(r"exported: .*", made, config.read_text(), count=1))
    code, checks = doctor(practice, capsys)
    assert code == FAILED
    assert (checks["ehr", "age"]["state"], checks["directory", "age"]["state"]) == ("failed", "ok")
    assert told in checks["ehr", "age"]["found"]


def test_a_login_of_a_system_that_is_not_there_is_told_with_its_line(practice, capsys):
    roster = practice / "roster.csv"
    roster.write_text(roster.read_text().replace("ehr:maquino", "her:maquino"))
    code, told = doctor(practice, capsys)
    assert code == FAILED
    assert "line 2, `logins`: no system has this id: found `her:maquino`" in told["practice", "roster"]["found"]


def test_a_configuration_that_cannot_be_loaded_is_said_as_the_only_check(practice, capsys):
    change(practice, "kind: cloud", "kind: clowd")
    code, told = doctor(practice, capsys)
    assert code == USAGE
    assert list(told) == [("practice", "configuration")]
    assert "clowd" in told["practice", "configuration"]["found"]


@pytest.mark.parametrize(
    ("name", "text", "step"),
    [
        ("roster.csv", "vma_id,name\n", "roster"),
        ("../staff.csv", "id,name,kind\nS,S,nobody\n", "staff"),
        ("agreements.yaml", "agreements: 7\n", "agreements"),
        ("../policies/directory-groups.yaml", "product: ldap\n", "policies"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_and_the_rest_is_still_checked(practice, capsys, name, text, step):
    (practice / name).write_text(text)
    code, told = doctor(practice, capsys)
    assert code == FAILED
    assert Path(name).name in told["practice", step]["found"]
    assert told["practice", "clock"]["state"] == "ok"


def test_a_variable_that_the_roster_needs_is_named_and_never_its_value(practice, capsys, monkeypatch):
    columns = ", ".join(f"{name}: {name}" for name in ("vma_id", "name", "agency", "employment", "roles", "start"))
    settings = f"{{url: 'http://127.0.0.1:1', token_env: AUDITOR_TEST_HR, call_limit_s: 1, columns: {{{columns}}}}}"
    change(practice, "roster: {file: roster.csv}", f"roster: {{connector: http-json, settings: {settings}}}")
    monkeypatch.delenv("AUDITOR_TEST_HR", raising=False)
    code, told = doctor(practice, capsys)
    assert (code, told["practice", "variables"]["state"]) == (FAILED, "failed")
    assert "`AUDITOR_TEST_HR` (roster.settings.token_env)" in told["practice", "variables"]["found"]
    assert told["practice", "roster"]["state"] == "failed"
    monkeypatch.setenv("AUDITOR_TEST_HR", "t0ps3cret")
    _, told = doctor(practice, capsys)
    assert told["practice", "variables"]["state"] == "ok"
    assert "t0ps3cret" not in str(told)


def test_a_product_without_catalog_is_told_before_the_audit_refuses_it(practice, capsys):
    change(practice, "product: openemr", "product: our-own")
    code, told = doctor(practice, capsys)
    assert code == FAILED
    assert "no catalog explains `our-own`" in told["practice", "catalogs"]["found"]


def test_a_changed_history_a_missing_key_and_open_rights_are_found(practice, capsys):
    audit(practice)
    capsys.readouterr()
    with sqlite3.connect(practice / "auditor.db") as db:
        db.execute("update finding set severity = 'low'")
    db.close()
    (practice / "auditor.key").chmod(0o644)
    code, told = doctor(practice, capsys)
    assert code == FAILED
    assert told["practice", "ledger"]["state"] == told["practice", "key"]["state"] == "failed"
    assert "chmod 600" in told["practice", "key"]["advice"]
    (practice / "auditor.key").unlink()
    (practice / "auditor.key.pub").unlink()
    _, told = doctor(practice, capsys)
    assert told["practice", "key"]["state"] == "failed"
    assert told["practice", "ledger"]["state"] == "warning"


def test_a_clock_that_went_back_is_found(practice, capsys):
    later = datetime.now(UTC) + timedelta(days=2)  # as a clock that is wrong says without being asked
    run_pipeline(load_config(practice / "auditor.yaml"), clock=lambda: later)
    code, told = doctor(practice, capsys)
    assert (code, told["practice", "clock"]["state"]) == (FAILED, "failed")
    assert "the last audit is of" in told["practice", "clock"]["found"]


def test_a_full_disk_is_told_before_an_audit_is_lost(practice, capsys, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(2**40, 2**40 - 2**20, 2**20))
    code, told = doctor(practice, capsys)
    assert (code, told["practice", "disk"]["state"]) == (FAILED, "failed")


def test_a_store_that_is_a_folder_is_the_persons_mistake(practice, capsys):
    (practice / "auditor.db").mkdir()
    code, told = doctor(practice, capsys)
    assert (code, told["practice", "store"]["state"]) == (FAILED, "failed")


def test_the_table_tells_what_failed_and_what_to_do_without_colours_in_a_file(practice):
    (practice / "ehr" / "users.csv").unlink()
    environment = {"PATH": os.environ["PATH"], "COLUMNS": "100"}
    command = [str(ROOT / ".venv" / "bin" / "auditor"), "doctor"]
    if not Path(command[0]).exists():
        command = ["auditor", "doctor"]
    told = subprocess.run(
        command, cwd=practice, env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert told.returncode == FAILED
    assert "✗" in told.stdout
    assert "users.csv" in told.stdout
    assert "1 of " in told.stdout
    assert "\x1b" not in told.stdout
    assert not told.stderr
    assert max(map(len, told.stdout.splitlines())) <= 100


@pytest.mark.parametrize(("off", "state"), [(0, "ok"), (3600, "warning"), (-3600, "warning")])
def test_a_server_whose_clock_is_off_is_told(off, state):
    class Late(BaseHTTPRequestHandler):
        def do_HEAD(self):
            self.send_response_only(200)
            self.send_header("Date", self.date_time_string((datetime.now(UTC) + timedelta(seconds=off)).timestamp()))
            self.end_headers()

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Late) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            check = compare_clocks(Endpoint("127.0.0.1", server.server_address[1], Transport.PLAIN))
        finally:
            server.shutdown()
            thread.join()
    assert check is not None
    assert check.state == state


ENTRA_CSV = "userPrincipalName,displayName,id,userType,accountEnabled\na@b.example,A,1,Member,True\n"
GAM_CSV = (
    "primaryEmail,name.fullName,id,suspended,archived,isAdmin,isDelegatedAdmin,lastLoginTime,creationTime,isEnrolledIn2Sv\n"
    "a@b.example,A,1,False,False,False,False,Never,2025-01-01T00:00:00.000Z,False\n"
)


@pytest.mark.parametrize(
    ("connector", "files"),
    [
        ("entra-export", {"users.csv": ENTRA_CSV}),
        ("google-export", {"users.csv": GAM_CSV}),
        ("entra-export", {}),
        ("google-export", {}),
    ],
)
def test_the_age_of_a_saved_folder_is_told_by_its_files_or_what_is_missing(practice, capsys, connector, files):
    (practice / "saved").mkdir()
    for name, text in files.items():
        (practice / "saved" / name).write_text(text)
    config = practice / "auditor.yaml"
    system = (
        f"  saved: {{kind: directory, product: entra, title: S, connector: {connector}, holds_phi: false,"
        " settings: {folder: saved, expect_accounts: 1}}\n"
    )
    config.write_text(config.read_text().replace("\nsystems:\n", f"\nsystems:\n{system}"))
    code = run(["doctor", str(config), "--system", "saved", "--format", "json"])
    checks = {c["step"]: c for c in json.loads(capsys.readouterr().out)["checks"] if c["of"] == "saved"}
    if files:
        assert (checks["age"]["state"], code) == ("ok", 0)
        assert "0 of at most 31 days ago" in checks["age"]["found"]
    else:
        assert (checks["age"]["state"], code) == ("failed", FAILED)
        assert "no such file" in checks["age"]["found"]

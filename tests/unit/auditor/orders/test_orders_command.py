"""`auditor orders`, on a small practice from audit to audit: listed, printed, exported, closed by an audit alone."""

import csv
import io
import json
import sqlite3
from pathlib import Path

import pytest

from auditor.cli import run
from auditor.ledger.keys import public_path
from auditor.ledger.verify import verify
from reports.order_sheet import COLUMNS
from tests.small_practice import Small, account, answer, noon, row

LEFT = row("ana", "2026-01-01", "2026-11-02")
HERE = row("ben", "2026-01-01")
ANA, BEN = account("ana"), account("ben", "Scheduling")
GONE = account("ana", Status="Disabled")


@pytest.fixture
def small(tmp_path: Path) -> Small:
    made = Small(tmp_path / "small")
    made.audit(noon("2026-11-05"), [LEFT, HERE], [ANA, BEN])
    return made


def orders(capsys, small: Small, *more: str, at: str = "2026-11-05T20:00:00Z"):
    return answer(capsys, "orders", *more, str(small.config), "--at", at)


def test_an_order_says_what_where_who_and_by_which_clock(small, capsys):
    told = orders(capsys, small)
    assert (told["open"], told["overdue"], told["audit"], told["schema_version"]) == (1, 1, 1, 1)
    order = told["orders"][0]
    assert order["id"].startswith("O-")
    assert (order["kind"], order["vma"], order["system"], order["account"]) == ("disable", "ana", "ehr", "ana")
    assert order["steps"][0] == "disable the account ana in EHR; do not delete it, its history is evidence"
    assert order["who"] == "whoever administers EHR"
    assert order["due"] == "2026-11-04T06:00:00+00:00"
    assert order["hours_over"] == 38.0
    assert order["clocks"] == ["by the practice's own clock, 24 h: due by 2026-11-04 00:00 America/Chicago"]
    assert "no HIPAA rule in force names hours" in order["sources"][0]


def test_the_proposed_rule_is_told_only_where_it_is_asked_for_and_makes_nothing_overdue(small, capsys):
    assert "proposed" not in json.dumps(orders(capsys, small))
    with small.config.open("a") as config:
        config.write("clocks: {proposed_rule: true}\n")
    controls = (
        (Path(__file__).parents[4] / "policies/controls.yaml").read_text().replace("due_hours: 24", "due_hours: 96")
    )
    (small.folder / "controls.yaml").write_text(controls)
    with small.config.open("a") as config:
        config.write("controls: controls.yaml\n")
    told = orders(capsys, small)
    assert told["overdue"] == 0
    own, proposed = told["orders"][0]["clocks"]
    assert "practice's own clock, 96 h" in own
    assert "proposed, not in force" in proposed
    assert told["orders"][0]["due"] == "2026-11-07T06:00:00+00:00"


def test_the_configuration_may_name_who_acts(small, capsys):
    text = small.config.read_text().replace("title: EHR,", "title: EHR, administrator: 'Sam Lee, IT',")
    small.config.write_text(text)
    assert orders(capsys, small)["orders"][0]["who"] == "Sam Lee, IT"


def test_attesting_closes_nothing_and_a_newer_whole_read_does(small, capsys):
    id_ = orders(capsys, small)["orders"][0]["id"]
    words = [
        "attest",
        "ana",
        "sessions-ended",
        "--by",
        "Dana Ortiz",
        "--on",
        "2026-11-05",
        "--config",
        str(small.config),
    ]
    assert run(words) == 0
    assert [o["id"] for o in orders(capsys, small)["orders"]] == [id_]
    small.audit(noon("2026-11-06"), [LEFT, HERE], [GONE, BEN])
    later = "2026-11-06T20:00:00Z"
    assert run(["orders", str(small.config), "--at", later]) == 0
    assert orders(capsys, small, at=later)["orders"] == []
    ended = orders(capsys, small, "--closed", at=later)["orders"]
    assert [(o["id"], o["state"]) for o in ended] == [(id_, "done")]
    assert ended[0]["proof"] == "EHR was read whole: the account ana is disabled; found by audit 2"
    assert (ended[0]["earliest"], ended[0]["latest"]) == ("2026-11-05T18:00:00+00:00", "2026-11-06T18:00:00+00:00")


def test_an_order_that_comes_back_is_the_same_and_says_how_often(small, capsys):
    first = orders(capsys, small)["orders"][0]
    small.audit(noon("2026-11-06"), [LEFT, HERE], [GONE, BEN])
    small.audit(noon("2026-11-09"), [LEFT, HERE], [ANA, BEN])
    again = orders(capsys, small, at="2026-11-09T19:00:00Z")["orders"][0]
    assert again["id"] == first["id"]
    assert again["times"] == 2
    assert "by audit 3, for the 2. time" in again["opened"]
    assert again["due"] == "2026-11-10T18:00:00+00:00"  # it works again since the read that saw it
    whole = orders(capsys, small, "--all", at="2026-11-09T19:00:00Z")["orders"]
    assert [(o["state"], o["times"]) for o in whole] == [("open", 2), ("done", 1)]


def test_a_rename_is_no_second_opening(small, capsys):
    first = orders(capsys, small)["orders"][0]
    renamed = {**ANA, "Login": "ana.old"}
    small.audit(noon("2026-11-06"), [LEFT, HERE], [renamed, BEN])
    order = orders(capsys, small, at="2026-11-06T20:00:00Z")["orders"][0]
    assert (order["id"], order["times"], order["account"]) == (first["id"], 1, "ana.old")
    assert order["opened"].startswith("2026-11-05 12:00 by audit 1")


def test_what_was_not_read_is_told_and_outranks_what_is_overdue(small, capsys):
    small.write(noon("2026-11-06"), [LEFT, HERE], [GONE, BEN])
    (small.folder / "users.csv").write_text("Id,Login\n")
    run(["audit", str(small.config), "--at", noon("2026-11-06")])
    capsys.readouterr()
    assert run(["orders", str(small.config), "--at", "2026-11-06T20:00:00Z"]) == 2
    assert "EHR was not read whole" in capsys.readouterr().out


def test_the_roster_of_today_calls_for_orders_before_the_next_audit_records_them(small, capsys):
    small.write(noon("2026-11-05"), [LEFT, row("ben", "2026-01-01", "2026-11-05")], [ANA, BEN])
    told = orders(capsys, small, at="2026-11-06T20:00:00Z")["orders"]
    assert {o["vma"]: o["opened"] for o in told}["ben"] == "by the roster of today; the next audit records it"
    with_ben = orders(capsys, small, "ben", at="2026-11-06T20:00:00Z")["orders"]
    assert [o["vma"] for o in with_ben] == ["ben"]


@pytest.mark.parametrize("wrong", [["nobody"], ["--at", "2026-11-01T00:00:00Z"], ["--at", "tomorrow"]])
def test_wrong_usage_is_refused(small, capsys, wrong):
    assert run(["orders", *wrong, "--config", str(small.config)]) == 64
    assert capsys.readouterr().err


def test_nobody_edits_an_order_unnoticed(small):
    key = public_path(small.folder / "auditor.key").read_text().strip()
    assert verify(small.folder / "auditor.db", key).ok
    with sqlite3.connect(small.folder / "auditor.db") as raw:
        raw.execute("DELETE FROM work_order")
    assert "1 row of `work_order` removed" in "; ".join(verify(small.folder / "auditor.db", key).problems)


def test_the_table_for_a_tracker_says_the_same_and_runs_in_no_spreadsheet(small, tmp_path, capsys):
    hostile = {**ANA, "Login": "=HYPERLINK(1)"}
    small.audit(noon("2026-11-06"), [LEFT, HERE], [hostile, BEN])
    file = tmp_path / "orders.csv"
    told = orders(capsys, small, "--csv", str(file), at="2026-11-06T20:00:00Z")["orders"]
    rows = list(csv.DictReader(io.StringIO(file.read_text())))
    assert [r["id"] for r in rows] == [o["id"] for o in told]
    assert list(rows[0]) == list(COLUMNS)
    assert rows[0]["account"] == "'=HYPERLINK(1)"
    assert not any(cell.startswith(("=", "+", "-", "@")) for r in rows for cell in r.values())


def test_each_person_who_must_act_gets_a_sheet_and_what_is_done_is_on_none(small, tmp_path, capsys):
    small.config.write_text(small.config.read_text().replace("title: EHR,", "title: EHR, administrator: '<b>Sam</b>',"))
    folder = tmp_path / "sheets"
    orders(capsys, small, "--print", str(folder))
    sheet = next(folder.iterdir())
    assert sheet.name == "orders-1-b-sam-b.html"
    text = sheet.read_text()
    assert "&lt;b&gt;Sam&lt;/b&gt;" in text
    assert "Disable the account ana in EHR" in text
    (folder / "orders-2-mine.html").write_text("a file of somebody else")
    small.audit(noon("2026-11-06"), [LEFT, HERE], [GONE, BEN])
    orders(capsys, small, "--print", str(folder), at="2026-11-06T20:00:00Z")
    assert [p.name for p in folder.iterdir()] == ["orders-2-mine.html"]


def test_an_account_that_could_be_a_leavers_is_no_order_and_is_told(small, capsys):
    perhaps = account("xq17", Name="A. Reyes")
    small.audit(noon("2026-11-06"), [LEFT, HERE], [GONE, BEN, perhaps])
    later = "2026-11-06T20:00:00Z"
    assert run(["orders", "ana", str(small.config), "--at", later]) == 2
    told = " ".join(capsys.readouterr().out.split())
    assert "0 orders open" in told
    assert "until it is settled it is no order: `auditor confirm ana ehr:xq17" in told
    data = orders(capsys, small, "ana", at=later)
    assert [(q["vma"], q["login"]) for q in data["not_settled"]] == [("ana", "xq17")]


def test_what_was_done_late_is_told_as_the_gates_tell_it(small, capsys):
    small.audit(noon("2026-11-06"), [LEFT, HERE], [GONE, BEN])
    ended = orders(capsys, small, "--closed", at="2026-11-06T20:00:00Z")["orders"][0]
    assert ended["timely"] == "late"  # it was seen to work after the 24 hours
    assert run(["offboard", "ana", str(small.config), "--as-of", "2"]) in (1, 2)
    assert "late" in capsys.readouterr().out

"""The example practice, by the commands: the same figures on the terminal, on the page, in JSON, lag and drift."""

import json
import shlex
from datetime import date

import pytest

from auditor.audit.inputs import read_inputs
from auditor.cli import run
from auditor.config import load_config
from auditor.store import Store
from auditor.watch.digest import NewsSource, digest_of
from auditor.watch.messages import of_news
from tests.audited_example import audited_twice
from tests.shown import BAA, of_html, of_json, of_text

DAY = date(2026, 11, 20)
IN_LAG = {"agreement": BAA, "least-privilege": "Least privilege", "unique-account": "Accounts of one's own"}


@pytest.fixture(scope="module")
def audited(tmp_path_factory):
    folder = tmp_path_factory.mktemp("example")
    return folder, audited_twice(folder)


def told(capsys, *command):
    capsys.readouterr()
    run([str(part) for part in command])
    return capsys.readouterr().out


def test_every_command_shows_the_same_figures(audited, capsys):
    folder, config = audited
    page = of_html((folder / "report.html").read_text(encoding="utf-8"), DAY)
    again = ("audit", config, "--at", "2026-11-20T17:00:01-06:00", "--report", folder / "again.html")
    printed = told(capsys, *again, "--format", "json")
    data, shown = json.loads(printed), of_json(printed, DAY)
    text = of_text(told(capsys, *again[:3], "2026-11-20T17:00:02-06:00", *again[4:]))
    # Nothing changed between the audits but what is compared with: the changes since the audit before.
    assert (page.heads, page.controls, page.cover, page.live) == (shown.heads, shown.controls, shown.cover, shown.live)
    assert page.counts == shown.counts == text.counts
    assert text.heads == shown.heads
    heads, controls = shown.heads, dict(shown.controls)
    assert (heads.active, heads.covered, heads.unknown, heads.exempt) == (8, 5, 0, 0)
    assert (controls[BAA].in_place, controls[BAA].headcount) == (5, 8)
    _agrees_with_lag(json.loads(told(capsys, "lag", config, "--as-of", "4", "--format", "json")), data, controls)


def _agrees_with_lag(lag, data, controls):
    """What has long been in place, lag leaves out; what is not, never."""
    names = {row["vma"]: row["name"] for row in data["matrix"] if row["status"] in ("active", "on leave")}
    owed = {
        (line["vma"], line["control"])
        for line in lag["lags"]
        if line["finding_stands"] or line["owed_since"] is not None
    }
    for control, title in IN_LAG.items():
        row = controls[title]
        lacking = {name for vma, name in names.items() if (vma, control) in owed}
        assert lacking == {*row.missing, *row.unknown}, control
        assert lacking


def test_drift_counts_the_unexplained_changes_that_the_report_counted(audited, capsys):
    folder, config = audited
    tiles = of_html((folder / "report.html").read_text(encoding="utf-8"), DAY).tiles
    drift = json.loads(told(capsys, "drift", config, "--from", "1", "--to", "2", "--format", "json"))
    assert int(tiles[2][0]) == drift["changes"]["unexplained"] == 8


def test_what_is_owed_is_one_number(audited, capsys):
    folder, config = audited
    lag = json.loads(told(capsys, "lag", config, "--as-of", "2", "--format", "json"))
    drift = json.loads(told(capsys, "drift", config, "--from", "1", "--to", "2", "--format", "json"))
    text = told(capsys, "drift", config, "--from", "1", "--to", "2", "--html", folder / "drift.html")
    owed = [(x["vma"], x["control"]) for x in lag["lags"] if x["owed_since"] is not None]
    assert lag["owed_now"] == drift["owed_now"]
    assert sorted((x["vma"], x["control"]) for x in drift["owed_now"]) == sorted(owed)
    for shown in (f"owed now: {len(owed)}\n", "called for and not done: 3\n"):
        assert shown in text
    assert f"<strong>{len(owed)}</strong> owed now" in (folder / "drift.html").read_text(encoding="utf-8")
    assert f"owed now: {len(owed)}\n" in told(capsys, "lag", config, "--as-of", "2")
    # What was called for is of people and accounts; nobody owes it, and JSON keeps the name that it had first.
    assert {x["vma"] for x in drift["not_done"]} == {"VMA-03", "VMA-06", "VMA-08"}
    assert drift["owed"] == drift["not_done"]


def test_watch_counts_what_the_report_counts(audited):
    folder, config = audited
    loaded = load_config(config)
    page = of_html((folder / "report.html").read_text(encoding="utf-8"), DAY)
    with Store.look(loaded.store) as store:
        audits = store.audits(loaded.practice.id)[:2]
        found = digest_of(NewsSource(loaded, read_inputs(loaded), store, b"key"), audits, 1)
        message = of_news(found, "Lakeside", loaded.practice.timezone, "somebody", audits[1].at).body
    assert found.unread.checks == page.counts[3] == int(page.tiles[3][0])
    assert f"Could not be evaluated: {page.counts[3]} check" in message


def test_the_plan_of_capacity_is_the_plan(audited, capsys):
    """Capacity tells figures of its own, and of the controls only what the plan of the advised hire does to them."""
    _, config = audited
    day = ("--as-of", "2026-11-20", "--format", "json")
    capacity = json.loads(told(capsys, "capacity", config.parent / "figures.csv", config, *day))
    *_, hire = shlex.split(capacity["advice"]["plan"])
    plan = json.loads(told(capsys, "plan", config, "--hire", hire, *day))
    assert capacity["plan"] == plan
    assert plan["days"][0]["active"]["planned"] > plan["days"][0]["active"]["without"]

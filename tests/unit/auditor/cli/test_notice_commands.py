"""The whole exchange as two people do it in two folders, by commands alone; and what each gate shows of it."""

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from auditor.cli import run
from policies.clocks import NOT_IN_FORCE
from tests.small_practice import Small, account, row

AT = "2026-11-25T18:00:00+00:00"
CLOCKS = "clocks: {proposed_rule: true, notice: {hours: 8, source: 'BAA with Harbor Assist, section 7'}}\n"


class Desk:
    """One person at one machine."""

    def __init__(self, folder: Path, capsys: Any) -> None:
        self.folder, self.config, self.capsys = folder, folder / "auditor.yaml", capsys

    def does(self, *words: str | Path, code: int = 0) -> str:
        printed = self.runs(*words, code=code)
        return printed.out + printed.err

    def json(self, *words: str | Path, code: int | None = 0) -> Any:
        return json.loads(self.runs(*words, "--format", "json", code=code).out)

    def runs(self, *words: str | Path, code: int | None) -> Any:
        self.capsys.readouterr()
        ended = run([str(word) for word in words])
        printed = self.capsys.readouterr()
        assert (ended in (0, 1, 2)) if code is None else ended == code, printed.err
        return printed

    def gets(self, path: Path) -> Path:
        """Find a file in the mail."""
        return Path(shutil.copy(path, self.folder / path.name))


@pytest.fixture
def desks(tmp_path, capsys):
    """Agency and practice, who have called each other."""
    practice = Small(tmp_path / "practice")
    rows = [row("ana", "2026-01-05"), row("bea", "2026-01-05")]
    practice.write(AT, rows, [account("ana"), account("bea")])
    practice.config.write_text(practice.config.read_text() + CLOCKS, encoding="utf-8")
    agency = Desk(tmp_path / "agency", capsys)
    agency.folder.mkdir()
    at = Desk(practice.folder, capsys)
    agency.does("notice", "setup", "Harbor Assist LLC", agency.config, "--timezone", "Asia/Manila")
    keys = [one.json("notice", "keys", one.config) for one in (agency, at)]
    for mine, theirs, by in ((agency, keys[1], "Rosa Lim"), (at, keys[0], "Dana Ortiz")):
        print_ = theirs["own"][0]["fingerprint"]
        file = mine.gets(Path(theirs["key_file"]))
        assert print_ not in mine.does("receive", file, "--config", mine.config)
        mine.does("notice", "trust", file, mine.config, "--fingerprint", print_.lower(), "--by", by)
    return agency, at


def leave(agency: Desk, vma: str = "ana", day: str = "2026-11-20", *more: str) -> Any:
    words = ("notice", "leave", vma, agency.config, "--effective", day, "--by", "Rosa Lim", *more)
    return agency.json(*words)


def test_from_notice_to_proof_of_delivery(desks):
    agency, practice = desks
    made = leave(agency, "ana", "2026-11-20", "--name", "Ana Reyes")
    assert made["effective"] == "2026-11-21T06:00:00.000000Z"  # the end of that day in Chicago
    (got,) = practice.json("receive", practice.gets(Path(made["file"])), "--config", practice.config)
    assert (got["outcome"], got["notice"]["claimed_event"], got["notice"]["notice"]) == (
        "received",
        "left",
        made["notice"],
    )
    (proof,) = agency.json("receive", agency.gets(Path(got["receipt_file"])), "--config", agency.config)
    assert (proof["outcome"], proof["notice"]["receipt"]) == ("delivered", True)
    assert proof["notice"]["received_at"] == got["notice"]["received_at"]
    assert agency.json("notice", "list", agency.config)["made"][0]["receipt"] is True
    for desk in desks:
        key = desk.config.with_name("auditor.key.pub").read_text().strip()
        assert "intact" in desk.does("verify", desk.config.with_name("auditor.db"), "--key", key)


def test_what_the_manager_reads_says_whose_word_it_is_what_to_do_and_by_which_clock(desks):
    agency, practice = desks
    file = practice.gets(Path(leave(agency)["file"]))
    told = " ".join(practice.does("receive", file, "--config", practice.config).split())
    for part in (
        "claimed: the roster decides",
        "set `end` of ana on the roster to 2026-11-20",
        "by the practice's own clock, 8 h: told",
        f"by the proposed rule's clock ({NOT_IN_FORCE}), 24 h: told",
        f"by the proposed rule's clock ({NOT_IN_FORCE}), 1 h: every account is to be disabled by",
        "hours to act count from its receipt",
        "send it to Harbor Assist LLC",
    ):
        assert part in told, told
    again = practice.does("receive", file, "--config", practice.config)
    assert "was received already" in again
    (receipt,) = (practice.folder / "outbox").glob("receipt-*")
    before = receipt.read_bytes()
    receipt.unlink()
    practice.does("receive", file, "--config", practice.config)
    assert receipt.read_bytes() == before


def test_a_gate_shows_the_notice_and_rests_nothing_on_it(desks):
    agency, practice = desks
    before = practice.json("offboard", "ana", practice.config, code=1)
    assert before["notices"] == []
    made = leave(agency)
    practice.does("receive", practice.gets(Path(made["file"])), "--config", practice.config)
    after = practice.json("offboard", "ana", practice.config, code=1)
    (claimed,) = after["notices"]
    assert (claimed["notice"], claimed["event"], claimed["claimed"], claimed["confirmed"]) == (
        made["notice"], "left", True, False,
    )  # fmt: skip
    assert claimed["roster"] == "the roster has them at work after 2026-11-20"
    assert (after["end"], after["outcome"]) == (None, "NOT GONE")  # the roster gives no end, whatever the notice says
    notice = next(item for item in after["items"] if item["id"] == "notice")
    assert notice["answer"] == "failed"
    assert any("claimed: the roster decides" in line for line in notice["evidence"])
    assert [item["answer"] for item in after["items"]] == [item["answer"] for item in before["items"]]
    shown = practice.does("offboard", "ana", practice.config, code=1)
    assert "what notices claim" in shown
    assert shown.count(NOT_IN_FORCE) >= 2


@pytest.mark.parametrize(
    ("words", "gate", "event"),
    [
        (("start", "ana", "--role", "scheduler"), ("onboard", "ana"), "joined"),
        (("role-change", "ana", "--role", "billing"), ("transfer", "ana", "--to", "billing"), "role-changed"),
    ],
)
def test_the_other_gates_show_it_too(desks, words, gate, event):
    agency, practice = desks
    command, *rest = words
    made = agency.json(
        "notice", command, rest[0], agency.config, *rest[1:], "--effective", "2026-11-23", "--by", "R. Lim"
    )
    practice.does("receive", practice.gets(Path(made["file"])), "--config", practice.config)
    (claimed,) = practice.json(*gate, practice.config, code=None)["notices"]
    assert (claimed["event"], claimed["confirmed"]) == (event, False)
    assert "what notices claim" in practice.runs(*gate, practice.config, code=None).out


def test_an_audit_asks_what_the_roster_does_not_confirm_and_what_cannot_be_so(desks, monkeypatch):
    agency, practice = desks
    monkeypatch.setattr("auditor.cli.receive.utc_now", lambda: datetime.now(UTC) - timedelta(days=3))
    practice.config.write_text(practice.config.read_text() + "notices: {confirm_days: 0}\n", encoding="utf-8")
    files = [Path(leave(agency, "ana", day)["file"]) for day in ("2026-11-20", "2026-11-21", "2026-11-22")]
    practice.does("receive", *(practice.gets(f) for f in (files[0], files[2])), "--config", practice.config)
    findings = practice.json("audit", practice.config, code=None)["findings"]
    found = sorted(f["rule"] for f in findings if f["rule"].startswith("notice"))
    assert found == ["notice-not-confirmed", "notice-not-confirmed", "notices-contradict", "notices-not-whole"]
    one = next(f for f in findings if f["rule"] == "notice-not-confirmed")
    assert "Harbor Assist LLC" in one["title"]
    assert "does not confirm" in practice.does("explain", one["id"], "--store", practice.folder / "auditor.db")


def test_what_is_wrong_with_a_command_is_told_with_its_remedy(desks, tmp_path):
    agency, practice = desks
    ana = ("notice", "leave", "ana", agency.config, "--by", "R", "--effective")
    for words, said in (
        ((*ana, "tomorrow"), "neither an instant nor a day"),
        ((*ana, "2026-11-20T17:00"), "neither an instant"),
        ((*ana, "2026-11-20", "--name", "a\u202eb"), "printable"),
        ((*ana, "2026-11-20", "--to", "Not An Id"), "no id"),
        ((*ana, "2026-11-20", "--to", "another"), "time zone"),
        (("notice", "leave", "zoe", practice.config, "--effective", "2026-11-20", "--by", "R"), "no VMA `zoe`"),
        (("notice", "take-back", "N-0000000000", agency.config, "--by", "R"), "no notice"),
        (("notice", "show", "N-0000000000", agency.config), "no one notice"),
        (("notice", "list", tmp_path / "none.yaml"), "an agency begins with"),
        (("notice", "setup", "Again LLC", agency.config, "--timezone", "Asia/Manila"), "a configuration already"),
        (("notice", "setup", "X", tmp_path / "x.yaml", "--timezone", "EST"), "time zone"),
        (("receive", tmp_path / "none.json", "--config", agency.config), "no such file"),
        (("receive", tmp_path, "--config", agency.config), "this is a folder"),
    ):
        told = agency.does(*words, code=64)
        assert said in told, told
        assert "what to do" in told or "expected" in told
    assert not (tmp_path / "x.yaml").exists()


def test_a_refused_file_ends_with_3_and_is_listed_with_its_reason(desks):
    agency, practice = desks
    file = practice.gets(Path(leave(agency)["file"]))
    file.write_text(file.read_text().replace("Rosa Lim", "Rosa Kim"), encoding="utf-8")
    other = practice.folder / "patients.csv"
    other.write_text("Maria Diaz,F32.1\n", encoding="utf-8")
    told = practice.json("receive", file, other, "--config", practice.config, code=3)
    assert [one["outcome"] for one in told] == ["tampered", "malformed"]
    listed = practice.json("notice", "list", practice.config)
    assert [(r["outcome"], r["kept"]) for r in listed["refused"]] == [("tampered", True), ("malformed", False)]
    shown = practice.does("notice", "list", practice.config, "--refused")
    assert "tampered" in shown
    assert "Diaz" not in shown


def test_a_lost_file_is_written_anew_and_a_file_of_that_name_is_not_overwritten(desks):
    agency, _ = desks
    made = leave(agency)
    first = Path(made["file"]).read_bytes()
    again = agency.json("notice", "show", made["notice"], agency.config, "--out", agency.folder / "again")
    assert Path(again["file"]).read_bytes() == first
    agency.does("notice", "show", made["notice"], agency.config, "--out", agency.folder / "again")  # there already
    Path(again["file"]).write_text("something else", encoding="utf-8")
    told = agency.does("notice", "show", made["notice"], agency.config, "--out", agency.folder / "again", code=64)
    assert "another file has its name" in told
    assert agency.does("notice", "show", made["notice"], agency.config).encode() == first


def test_a_key_is_rotated_and_revoked_by_commands(desks):
    agency, practice = desks
    rotated = agency.json("notice", "rotate", agency.config, "--by", "Rosa Lim")
    made = leave(agency)
    files = [practice.gets(Path(path)) for path in (*rotated["files"].values(), made["file"])]
    practice.does("receive", *files, "--config", practice.config)
    assert len(practice.json("notice", "keys", practice.config)["known"]) == 2
    fingerprint = rotated["fingerprint"]
    practice.does("notice", "revoke", fingerprint, practice.config, "--by", "Dana Ortiz", "--reason", "stolen")
    file = practice.gets(Path(leave(agency, "bea")["file"]))
    assert "revoked-key" in practice.does("receive", file, "--config", practice.config, code=3)
    revoked = agency.json("notice", "revoke", fingerprint, agency.config, "--by", "Rosa Lim")
    assert Path(revoked["file"]).is_file()
    assert agency.json("notice", "keys", agency.config)["own"][-1]["fingerprint"] != fingerprint


def test_who_revokes_a_key_is_told_of_the_one_that_it_introduced(desks):
    agency, practice = desks
    first = agency.json("notice", "keys", agency.config)["own"][0]["fingerprint"]
    rotated = agency.json("notice", "rotate", agency.config, "--by", "Rosa Lim")
    practice.does("receive", practice.gets(Path(*rotated["files"].values())), "--config", practice.config)
    told = practice.does("notice", "revoke", first, practice.config, "--by", "Dana Ortiz", "--reason", "stolen")
    assert f"! the key {rotated['fingerprint']}, which followed it by its word, still counts" in " ".join(told.split())
    again = practice.does("notice", "revoke", rotated["fingerprint"], practice.config, "--by", "Dana Ortiz")
    assert "still counts" not in again


def test_the_word_of_an_agency_through_which_nobody_has_the_vma_is_asked_about_at_once(desks, tmp_path):
    _, practice = desks
    other = Desk(tmp_path / "other", practice.capsys)
    other.folder.mkdir()
    other.does("notice", "setup", "BlueHeron Virtual Staffing Inc", other.config, "--timezone", "Asia/Manila")
    key = other.json("notice", "keys", other.config)
    trusted = ("--fingerprint", key["own"][0]["fingerprint"], "--by", "Dana Ortiz")
    practice.does("notice", "trust", practice.gets(Path(key["key_file"])), practice.config, *trusted)
    theirs = practice.json("notice", "keys", practice.config)
    trusted = ("--fingerprint", theirs["own"][0]["fingerprint"], "--by", "Bo Cruz")
    other.does("notice", "trust", other.gets(Path(theirs["key_file"])), other.config, *trusted)
    file = practice.gets(Path(leave(other)["file"]))
    told = " ".join(practice.does("receive", file, "--config", practice.config).split())
    asked = (
        "the roster has ana through Harbor Assist LLC, and not through BlueHeron Virtual Staffing Inc: ask both sides"
    )
    assert f"✗ {asked}" in told
    assert asked in " ".join(practice.does("offboard", "ana", practice.config, code=1).split())


@pytest.mark.parametrize(
    ("end", "name", "words"),
    [
        ("2026-12-04", "Ana Reyes", "the roster says the same: nothing is to be entered"),
        (
            "2026-12-11",
            "Ana Reyes",
            "if it is so, set `end` of ana on the roster to 2026-12-04, where it has 2026-12-11",
        ),
        ("", "Ana Reyes", "if it is so, set `end` of ana on the roster to 2026-12-04 (by"),
        ("2026-12-04", "Zoe Cruz", "if it is so, set `end` of ana on the roster to 2026-12-04"),
    ],
)
def test_whoever_receives_is_told_what_to_enter_and_nothing_where_the_roster_says_so_already(desks, end, name, words):
    agency, practice = desks
    Small(practice.folder).write(AT, [row("ana", "2026-01-05", end), row("bea", "2026-01-05")], [account("ana")])
    file = practice.gets(Path(leave(agency, "ana", "2026-12-04", "--name", name)["file"]))
    assert words in " ".join(practice.does("receive", file, "--config", practice.config).split())


def test_a_hostile_name_drives_no_terminal(desks):
    agency, practice = desks
    made = leave(agency, "ana", "2026-11-20", "--name", "<script>alert(1)</script> =1+1")
    told = practice.does("receive", practice.gets(Path(made["file"])), "--config", practice.config)
    assert "\x1b" not in told
    assert "the roster calls" in practice.does("offboard", "ana", practice.config, code=1)


def test_a_role_change_that_is_claimed_is_the_one_to_ask_about(desks):
    agency, practice = desks
    words = (
        "notice",
        "role-change",
        "ana",
        agency.config,
        "--role",
        "billing",
        "--effective",
        "2026-11-23",
        "--by",
        "R",
    )
    made = agency.json(*words)
    practice.does("receive", practice.gets(Path(made["file"])), "--config", practice.config)
    told = practice.does("transfer", "ana", practice.config, code=64)
    assert f"auditor transfer ana --to billing (as notice {made['notice']} claims)" in told


def test_who_is_only_announced_is_said_to_be_so(desks):
    agency, practice = desks
    words = ("notice", "start", "zoe", agency.config, "--effective", "2026-11-23", "--by", "R")
    made = agency.json(*words)
    practice.does("receive", practice.gets(Path(made["file"])), "--config", practice.config)
    for gate in ("onboard", "offboard"):
        told = practice.does(gate, "zoe", practice.config, code=64)
        assert f"only a notice names them ({made['notice']} of Harbor Assist LLC: starts on 2026-11-23)" in told


def test_a_roster_that_cannot_be_read_just_now_keeps_nothing_from_being_received(desks):
    agency, practice = desks
    made = leave(agency)
    (practice.folder / "roster.csv").write_text("no,roster\n", encoding="utf-8")
    told = practice.does("receive", practice.gets(Path(made["file"])), "--config", practice.config)
    assert "whether the roster says so cannot be told now" in told
    assert len(practice.json("notice", "list", practice.config)["received"]) == 1

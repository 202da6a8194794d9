"""The watch on the example practice: what makes it audit, and what it has to tell; delivery is another file's."""

import csv
import json
import os
import shutil
import time
from datetime import timedelta
from pathlib import Path

import pytest

from auditor.cli import run
from auditor.config import load_config
from auditor.exit_codes import NOT_EVALUABLE, USAGE
from auditor.store import Store
from auditor.watch import watcher as module
from auditor.watch.state import WatchState, only_one
from auditor.watch.watcher import PATIENCE, Watcher
from connectors.errors import AuditorError
from tests.watched import NOON, Journal, edit, outbox, payloads, roster, start, watched


@pytest.fixture
def practice(tmp_path, monkeypatch) -> Path:
    monkeypatch.delenv("WATCH_TEST_HOOK", raising=False)  # whatever is told waits in the outbox
    return watched(tmp_path)


@pytest.fixture
def state(practice):
    with WatchState.open(load_config(practice).store) as opened:
        yield opened


def again(practice: Path, state: WatchState, journal: Journal) -> Watcher:
    """A watch of its own, as after a restart, for one turn."""
    watcher = start(practice, state, journal)
    watcher.turn()
    return watcher


def test_the_first_look_audits_and_tells_then_nothing_is_due(practice, state):
    journal = Journal()
    watcher = again(practice, state, journal)
    assert [e["because"] for e in journal.of("auditing")] == ["not read yet"]
    (told,) = payloads(practice)
    assert told["audit"]["first"] is True
    assert told["new_findings"]["by_severity"]["critical"] > 0
    assert told["headcount"] == []
    journal.later(hours=1)
    watcher.turn()
    assert journal.of("auditing") == []


def test_an_edit_of_each_kind_of_file_makes_it_audit(practice, state):
    watcher = again(practice, state, Journal())
    touched = {
        roster(practice): ("VMA-04", "VMA-04 "),
        practice.with_name("agreements.yaml"): ("id:", "id: "),
        practice: ("settle_s: 0", "settle_s:  0"),
        practice.parents[1] / "staff.csv": ("\n", "\r\n"),
        practice.parents[1] / "policies" / "directory-groups.yaml": ("\n", "\n# looked over\n"),
        practice.with_name("directory.ldif"): ("\n", "\r\n"),
    }
    for file, (old, new) in touched.items():
        journal = Journal()
        watcher._clock, watcher._emit = journal.clock, journal.emit
        text = file.read_bytes()
        assert old.encode() in text
        file.write_bytes(text.replace(old.encode(), new.encode(), 1))
        watcher.turn()
        assert [(e["because"], e["files"]) for e in journal.of("auditing")] == [("changed", [file.name])], file


def test_a_headcount_event_is_told_by_id_and_only_once(practice, state):
    watcher = again(practice, state, journal := Journal())
    edit(roster(practice), "VMA-04", "VMA-44")
    watcher.turn()
    told = payloads(practice)[-1]
    assert {(e["kind"], e["vma"]) for e in told["headcount"]} == {("left", "VMA-04"), ("joined", "VMA-44")}
    count = len(outbox(practice))
    for _ in range(3):
        journal.later(days=1)
        again(practice, state, journal)  # each day's audit finds what is known already
        assert len(journal.of("audited")) == 1
    assert not any(p["headcount"] for p in payloads(practice)[count:])
    found = [f["id"] for p in payloads(practice) for f in p["new_findings"]["findings"]]
    assert len(found) == len(set(found)) > 10


def test_an_edit_while_nobody_watched_is_seen_at_the_next_start_whatever_its_date(practice, state):
    again(practice, state, Journal())
    then = roster(practice).stat()
    edit(roster(practice), "VMA-04", "VMA-44")
    os.utime(roster(practice), ns=(then.st_atime_ns, then.st_mtime_ns))
    again(practice, state, journal := Journal().later(minutes=1))
    assert [e["because"] for e in journal.of("auditing")] == ["changed"]
    assert payloads(practice)[-1]["headcount"]


def test_times_that_were_missed_are_made_up_for_once(practice, state):
    again(practice, state, journal := Journal())
    again(practice, state, journal.later(days=9))
    assert [e["because"] for e in journal.of("auditing")] == ["scheduled"]
    watcher = again(practice, state, journal.later(minutes=5))
    assert journal.of("auditing") == []
    journal.later(hours=20)
    watcher.turn()
    assert [e["because"] for e in journal.of("auditing")] == ["scheduled"]


def test_a_clock_that_was_set_back_does_not_stop_the_schedule(practice, state):
    again(practice, state, Journal(NOON + timedelta(days=365)))
    watcher = again(practice, state, journal := Journal(NOON))
    journal.later(days=1)
    watcher.turn()
    assert [e["because"] for e in journal.of("auditing")] == ["scheduled"]


def test_a_clock_that_ran_ahead_is_told_and_the_running_watch_audits_on_its_next_day(practice, state, capsys):
    """As after a virtual machine was resumed: the schedule is noted for 2036, and nobody restarts the watch."""
    journal = Journal()
    watcher = again(practice, state, journal)
    state.put("lakeside-family", "schedule", (NOON + timedelta(days=3650)).isoformat())
    assert run(["watch", str(practice), "--status"]) == NOT_EVALUABLE
    assert "the clock was ahead" in capsys.readouterr().out
    watcher.turn()
    assert "the last scheduled audit was noted for 2036" in journal.of("clock-was-ahead")[0]["mended"]
    journal.later(days=1)
    watcher.turn()
    assert [e["because"] for e in journal.of("auditing")] == ["scheduled"]
    assert journal.of("clock-was-ahead") == []


@pytest.mark.parametrize("fault", [AuditorError("database or disk is full"), OSError(28, "No space left on device")])
def test_a_full_disk_does_not_end_the_watch_and_is_told_once(practice, state, monkeypatch, fault):
    journal, turns = Journal(), []

    class EnoughError(Exception):
        pass

    def turn(self: Watcher) -> None:
        turns.append(1)
        if len(turns) < 4:
            raise fault
        if len(turns) == 6:
            raise EnoughError

    monkeypatch.setattr(Watcher, "turn", turn)
    watcher = Watcher(practice, state, journal.emit, clock=journal.clock, sleep=lambda _: None)
    with pytest.raises(EnoughError):
        watcher.run()
    (told,) = journal.of("hindered")
    assert "full" in told["problem"] or "No space" in told["problem"]


def test_a_roster_that_cannot_be_read_is_told_once_and_the_watch_goes_on(practice, state):
    watcher = again(practice, state, Journal())
    before, whole = len(outbox(practice)), roster(practice).read_text()
    for broken in ("vma_id,name\nVMA-01", "vma_id,name\nVMA-01,Some", "\n"):
        roster(practice).write_text(broken)
        watcher.turn()
    told = outbox(practice)[before:]
    assert 1 <= len(told) <= 2  # a missing column is one matter, an empty file another
    assert "`roster.csv`" in told[0]["body"]
    assert "Some" not in told[0]["body"]
    roster(practice).write_text(whole)
    watcher.turn()
    assert payloads(practice)[-1]["usable_again"] is True
    count = len(outbox(practice))
    watcher.turn()
    assert len(outbox(practice)) == count


def test_the_same_trouble_is_not_told_again_after_a_restart(practice, state):
    again(practice, state, Journal())
    roster(practice).write_text("nonsense\n")
    again(practice, state, Journal().later(minutes=1))
    count = len(outbox(practice))
    again(practice, state, journal := Journal().later(days=2))
    assert journal.of("no-audit")
    assert len(outbox(practice)) == count


def test_a_file_that_is_gone_at_the_start_is_told_and_its_return_is_seen(practice, state):
    again(practice, state, Journal())
    kept = roster(practice).rename(practice.with_name("kept"))
    watcher = again(practice, state, journal := Journal().later(minutes=1))
    assert "auditor.yaml" in journal.of("no-audit")[0]["problem"]
    kept.rename(roster(practice))
    journal.later(minutes=1)
    watcher.turn()
    assert [e["because"] for e in journal.of("auditing")] == ["changed"]
    assert journal.of("audited")


def test_a_configuration_that_is_broken_meanwhile_leaves_the_recipients_as_they_were(practice, state):
    watcher, whole = again(practice, state, journal := Journal()), practice.read_text()
    practice.write_text(whole + "\nnonsense")
    watcher.turn()
    assert outbox(practice)[-1]["recipient"] == "ops"
    assert "`auditor.yaml`" in outbox(practice)[-1]["body"]
    practice.write_text(whole.replace("ops:", "others:"))
    watcher.turn()
    assert journal.of("audited")
    assert outbox(practice)[-1]["recipient"] == "others"


def test_a_system_that_cannot_be_read_is_told_by_its_id_and_so_is_its_return(practice, state):
    watcher = again(practice, state, journal := Journal())
    export = practice.with_name("directory.ldif")
    whole = export.read_bytes()
    export.write_bytes(whole[: len(whole) // 2])
    watcher.turn()
    assert journal.of("audited")[-1]["exit_code"] == 2
    told = payloads(practice)[-1]
    assert (told["audit"]["exit_code"], told["not_evaluated"]["systems"]) == (2, ["directory"])
    assert "not read whole: directory" in outbox(practice)[-1]["subject"]
    count = len(outbox(practice))
    watcher.attempt({"because": "again"})
    watcher.turn()
    assert len(outbox(practice)) == count  # the same systems as before are no news
    export.write_bytes(whole)
    watcher.turn()
    assert "every system read again" in outbox(practice)[-1]["subject"]


def test_an_audit_that_was_made_by_hand_is_told_too(practice, state, capsys):
    watcher = again(practice, state, journal := Journal())
    edit(roster(practice), "VMA-04", "VMA-44")
    run(["audit", str(practice), "--at", (journal.now + timedelta(minutes=1)).isoformat()])
    watcher._audit_if_due = lambda: None
    watcher.turn()
    assert payloads(practice)[-1]["headcount"]


def test_what_was_found_before_anybody_watched_is_no_news(practice, capsys):
    run(["audit", str(practice), "--at", NOON.isoformat()])
    with WatchState.open(load_config(practice).store) as state:
        again(practice, state, Journal().later(hours=1))
    assert all(not p["new_findings"]["findings"] for p in payloads(practice))


def test_what_falls_due_is_told_once_to_each_as_far_ahead_as_it_wants(tmp_path):
    far = {"webhook": {"url_env": "WATCH_TEST_HOOK"}, "tell": {"falls_due_days": 60}}
    near = {"webhook": {"url_env": "WATCH_TEST_HOOK"}, "tell": {"falls_due_days": 7}}
    practice = watched(tmp_path, recipients={"far": far, "near": near})
    with WatchState.open(load_config(practice).store) as state:
        watcher = again(practice, state, journal := Journal())
        told = {row["recipient"]: json.loads(row["payload"])["falls_due"] for row in outbox(practice)}
        assert ("2027-01-01", "agreement ends") in {(d["day"], d["kind"]) for d in told["far"]}
        assert ("2027-01-01", "agreement ends") not in {(d["day"], d["kind"]) for d in told["near"]}
        for passed in (20, 15, 1):
            journal.later(days=passed)
            watcher.turn()
    days = [(r["recipient"], d["day"]) for r in outbox(practice) for d in json.loads(r["payload"])["falls_due"]]
    assert days.count(("far", "2027-01-01")) == 1
    assert days.count(("near", "2027-01-01")) == 1
    # Nobody has ever recorded a review: whoever has waited longest has since April 2025, and that is told once, too.
    assert [days.count((whom, "2025-04-13")) for whom in ("far", "near")] == [1, 1]


def test_who_wants_to_be_told_little_is_told_little(tmp_path):
    quiet = {
        "findings": "none",
        "headcount": True,
        "not_evaluated": False,
        "falls_due_days": 0,
        "orders_overdue_hours": [],
    }
    practice = watched(tmp_path, tell=quiet)
    with WatchState.open(load_config(practice).store) as state:
        watcher = again(practice, state, Journal())
        assert outbox(practice) == []
        edit(roster(practice), "VMA-04", "VMA-44")
        watcher.turn()
    (told,) = payloads(practice)
    assert told["headcount"]
    assert told["new_findings"]["findings"] == told["falls_due"] == []


def test_no_name_no_login_and_no_entitlement_is_in_any_message(practice, state):
    watcher = again(practice, state, Journal())
    edit(roster(practice), "VMA-04", "maria.lopez@agency.example")
    watcher.turn()
    edit(roster(practice), "vma_id", "vma")
    watcher.turn()
    with Store.open(load_config(practice).store) as store:
        facts = store.last("lakeside-family").snapshot
    private = {p.name for p in facts.people.values()} | {a.login for a in facts.accounts.values()}
    private |= {e.name for e in facts.entitlements.values()} | {p.email for p in facts.people.values() if p.email}
    private |= {row["agency"] for row in csv.DictReader(roster(practice).read_text().splitlines()) if row["agency"]}
    private |= {"maria", "lopez"}
    sent = " ".join(row["subject"] + row["body"] + row["payload"] for row in outbox(practice)).casefold()
    assert len(private) > 30
    words = {word for name in private for word in [name] if len(name) > 4}
    assert not {word for word in words if word.casefold() in sent}


def test_an_edit_during_an_audit_is_audited_afterwards(practice, state, monkeypatch):
    watcher, real = start(practice, state, journal := Journal()), module.audit

    def slow(config, *args, **kwargs):
        done = real(config, *args, **kwargs)
        monkeypatch.setattr(module, "audit", real)
        whole = roster(practice).read_text()
        roster(practice).write_text("half")  # there and back again: the content alone would not tell
        time.sleep(0.02)
        roster(practice).write_text(whole)
        return done

    monkeypatch.setattr(module, "audit", slow)
    watcher.turn()
    watcher.turn()
    assert len(journal.of("audited")) == 2
    watcher.turn()
    assert len(journal.of("audited")) == 2


def test_a_half_written_file_is_left_alone_until_it_settles(practice, state):
    edit(practice, "settle_s: 0", "settle_s: 0.3")
    time.sleep(0.35)
    watcher = again(practice, state, journal := Journal())
    assert len(journal.of("audited")) == 1
    whole = roster(practice).read_text()
    for end in (10, 40, 80, len(whole)):
        roster(practice).write_text(whole[:end] + "\n")
        watcher.turn()
        time.sleep(0.05)
    assert len(journal.of("auditing")) == 1
    time.sleep(0.35)
    watcher.turn()
    assert len(journal.of("auditing")) == 2
    assert not journal.of("no-audit")


def test_a_file_that_never_settles_is_read_all_the_same(practice, state):
    edit(practice, "settle_s: 0", "settle_s: 0.1")
    time.sleep(0.15)
    watcher = again(practice, state, journal := Journal())
    until = time.monotonic() + 0.1 * PATIENCE + 3
    number = 0
    while len(journal.of("auditing")) < 2 and time.monotonic() < until:
        number += 1
        with roster(practice).open("a") as file:
            file.write("\n")
        watcher.turn()
        time.sleep(0.02)
    assert len(journal.of("auditing")) == 2


def test_a_failure_that_may_pass_is_tried_again_by_itself(practice, state, monkeypatch):
    watcher, real = start(practice, state, journal := Journal()), module.audit

    def refuse(*args, **kwargs):
        raise RuntimeError("with a secret in it")

    monkeypatch.setattr(module, "audit", refuse)
    watcher.turn()
    assert journal.of("no-audit")[0]["problem"] == "a fault in the program: RuntimeError"
    assert outbox(practice) == []  # it may pass
    journal.later(seconds=40)
    watcher.turn()
    assert not journal.of("auditing")
    again(practice, state, journal.later(seconds=20))  # a restart forgets nothing
    assert [e["because"] for e in journal.of("auditing")] == ["trying again"]
    assert "a fault in the program: RuntimeError" in outbox(practice)[-1]["body"]
    journal.later(seconds=100)
    watcher.turn()
    assert not journal.of("auditing")
    monkeypatch.setattr(module, "audit", real)
    journal.later(seconds=30)
    watcher.turn()
    assert [e["because"] for e in journal.of("auditing")] == ["trying again"]
    assert payloads(practice)[-1]["usable_again"] is True
    assert not any("secret" in row["body"] for row in outbox(practice))


def test_a_store_that_was_put_back_from_a_backup_neither_repeats_nor_loses_news(practice, state):
    watcher = again(practice, state, journal := Journal())
    store = load_config(practice).store
    backup = shutil.copy(store, store.with_name("backup"))
    edit(roster(practice), "VMA-04", "VMA-44")
    watcher.turn()
    count = len(outbox(practice))
    shutil.copy(backup, store)
    again(practice, state, journal)
    assert len(outbox(practice)) == count
    edit(roster(practice), "VMA-44", "VMA-45")
    again(practice, state, journal.later(minutes=1))
    assert ("joined", "VMA-45") in {(e["kind"], e["vma"]) for e in payloads(practice)[-1]["headcount"]}


# ---- the command ----------------------------------------------------------------------------------------------------


def test_once_exits_as_the_audit_does_and_then_has_nothing_to_do(tmp_path, capsys):
    practice = watched(tmp_path, schedule={"at": []})
    assert run(["watch", str(practice), "--once", "--format", "json"]) == NOT_EVALUABLE
    events = [json.loads(line)["event"] for line in capsys.readouterr().out.splitlines()]
    assert events[:3] == ["watching", "auditing", "audited"]
    assert run(["watch", str(practice), "--once", "--format", "json"]) == NOT_EVALUABLE
    assert [json.loads(line)["event"] for line in capsys.readouterr().out.splitlines()] == ["watching"]
    roster(practice).write_text("nonsense\n")
    assert run(["watch", str(practice), "--once"]) == USAGE
    assert run(["watch", str(practice), "--once"]) == USAGE


def test_there_is_one_watch_for_a_store(practice, capsys):
    with only_one(load_config(practice).store):
        assert run(["watch", str(practice), "--once"]) == USAGE
    assert "another `auditor watch` is at work" in capsys.readouterr().err
    with only_one(load_config(practice).store), pytest.raises(AuditorError), only_one(load_config(practice).store):
        pass


def test_without_anybody_to_tell_it_says_what_to_write(tmp_path, capsys):
    practice = watched(tmp_path)
    practice.write_text(practice.read_text().partition("watch:")[0])
    assert run(["watch", str(practice)]) == USAGE
    assert "docs/watch.md" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("url_env: WATCH_TEST_HOOK", "url_env: https://hooks.example/secret-token", "not shown here"),
        ("settle_s: 0", "settle_s: -1", "settle_s"),
        ("settle_s: 0", "settle_seconds: 0", "unknown key"),
        ("06:00", "6 am", "times of the day"),
        ("webhook:", "email: a@b.example\n      webhook:", "exactly one of"),
    ],
)
def test_a_wrong_setting_is_refused_with_its_line_and_a_secret_is_never_shown(tmp_path, capsys, old, new, said):
    practice = watched(tmp_path)
    edit(practice, old, new)
    assert run(["watch", str(practice), "--status"]) == USAGE
    told = capsys.readouterr().err
    assert said in told
    assert "auditor.yaml, line" in told
    assert "secret-token" not in told

"""
The watch killed by SIGKILL at every boundary: no event is missed, and none is sent twice but where it says so.

The quick form kills a forked child at each named place. The long form kills real processes after a random time.
"""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from auditor.cli import run
from auditor.config import load_config
from auditor.exit_codes import USAGE
from auditor.store import Store
from auditor.watch import delivery
from auditor.watch import outbox as telling
from auditor.watch import watcher as module
from auditor.watch.state import WatchState, only_one
from tests.servers.web import Scripted, answer, drip, scripted
from tests.watched import Journal, edit, outbox, roster, start, watched

COLUMNS = "{vma_id: a, name: b, agency: c, employment: d, roles: e, start: f}"
ENDED, KILLED = 0, -signal.SIGKILL


def kill_self() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


Hook = Callable[[], None]


def around(owner: object, name: str, *, before: bool, only: str = "") -> Hook:
    """Return what makes a function kill the process before or after its work, when `only` is among its arguments."""

    def install() -> None:
        real = getattr(owner, name)

        def killing(*args, **kwargs):
            wanted = not only or only in args
            if before and wanted:
                kill_self()
            result = real(*args, **kwargs)
            if not before and wanted:
                kill_self()
            return result

        setattr(owner, name, killing)

    return install


PLACES: dict[str, tuple[Hook, int]] = {
    "before the audit": (around(module, "audit", before=True), 1),
    "after the audit was stored, before anything was noted": (around(module, "audit", before=False), 1),
    "before it is worked out what to tell": (around(telling, "digest_of", before=True), 1),
    "inside the transaction, before the message": (around(WatchState, "queue", before=True), 1),
    "inside the transaction, after the message": (around(WatchState, "queue", before=False), 1),
    "inside the transaction, after what falls due": (around(WatchState, "put_told", before=False), 1),
    "inside the transaction, after the mark": (around(WatchState, "put", before=False, only=telling.TOLD), 1),
    "after the outbox, before it is sent": (around(delivery.Sender, "send", before=True), 1),
    "after it was sent, before that was noted": (around(delivery.Sender, "send", before=False), 2),
    "after it was noted": (around(WatchState, "sent", before=False), 1),
}
"""Each with how often the message is then sent: twice is the honest limit of any transport without two-phase commit."""


def in_child(action: Callable[[], None]) -> int:
    pid = os.fork()
    if not pid:
        code = 99
        try:
            action()
            code = ENDED
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def turn(practice: Path, journal: Journal, hook: Hook = lambda: None) -> None:
    hook()
    with WatchState.open(load_config(practice).store) as state:
        start(practice, state, journal).turn()


@pytest.fixture(scope="module")
def looked_once(tmp_path_factory) -> Path:
    """The example practice after the first look, of which it has told."""
    folder = tmp_path_factory.mktemp("looked")
    with scripted(answer()) as web, pytest.MonkeyPatch.context() as patch:
        patch.setenv("WATCH_TEST_HOOK", web.url)
        turn(watched(folder), Journal())
        assert len(web.requests) == 1
    return folder


@pytest.fixture
def practice(looked_once, tmp_path) -> Path:
    shutil.copytree(looked_once, tmp_path, dirs_exist_ok=True)
    return tmp_path / "lakeside" / "2026-11" / "auditor.yaml"


def sent(web: Scripted) -> list[dict]:
    return [json.loads(request.partition(b"\r\n\r\n")[2]) for request in web.requests]


@pytest.mark.parametrize("place", PLACES)
def test_killed_anywhere_every_event_is_told_and_a_repeat_has_the_same_key(place, practice, monkeypatch):
    hook, times = PLACES[place]
    with scripted(answer()) as web:
        monkeypatch.setenv("WATCH_TEST_HOOK", web.url)
        edit(roster(practice), "VMA-04", "VMA-44")
        later = Journal().later(days=25)  # so that something new falls due, too
        assert in_child(lambda: turn(practice, later, hook)) == KILLED
        turn(practice, Journal().later(days=25, minutes=1))
        turn(practice, Journal().later(days=25, minutes=2))
        told = sent(web)
    events = Counter((e["vma"], e["kind"]) for m in {m["message"]: m for m in told}.values() for e in m["headcount"])
    assert events == {("VMA-04", "left"): 1, ("VMA-44", "joined"): 1, ("VMA-10", "joined"): 1}
    by_message = Counter(m["message"] for m in told)
    headcount = {m["message"] for m in told if m["headcount"]}
    assert {by_message[message] for message in headcount} == {times}
    keys = Counter(
        line for r in web.requests for line in r.split(b"\r\n") if line.lower().startswith(b"idempotency-key")
    )
    assert sorted(keys.values())[-1] == times
    found = [f["id"] for m in {m["message"]: m for m in told}.values() for f in m["new_findings"]["findings"]]
    assert len(found) == len(set(found))
    due = [(d["day"], d["kind"], *d["whom"]) for m in {m["message"]: m for m in told}.values() for d in m["falls_due"]]
    assert len(due) == len(set(due))
    assert {row["state"] for row in outbox(practice)} == {"sent"}


@pytest.mark.parametrize("before", [True, False])
def test_killed_while_it_tells_of_a_broken_file_it_tells_once(before, practice, monkeypatch):
    with scripted(answer()) as web:
        monkeypatch.setenv("WATCH_TEST_HOOK", web.url)
        roster(practice).write_text("nonsense\n")
        hook = around(WatchState, "queue", before=before)
        assert in_child(lambda: turn(practice, Journal().later(minutes=1), hook)) == KILLED
        for minutes in (2, 3):
            turn(practice, Journal().later(minutes=minutes))
    assert sum("trouble" in m for m in sent(web)) == 1


def test_every_place_is_reached_when_nothing_kills(tmp_path, monkeypatch):
    with scripted(answer()) as web:
        monkeypatch.setenv("WATCH_TEST_HOOK", web.url)
        practice = watched(tmp_path)
        assert in_child(lambda: turn(practice, Journal())) == ENDED
        assert len(web.requests) == 1


# ---- real processes -------------------------------------------------------------------------------------------------


@contextmanager
def running(practice: Path, url: str, *options: str) -> Iterator[subprocess.Popen[str]]:
    program = [sys.executable, "-c", "from auditor.cli import main; main()"]
    command = [*program, "watch", str(practice), "--format", "json", *options]
    env = {**os.environ, "WATCH_TEST_HOOK": url, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_for(process: subprocess.Popen[str], event: str) -> dict:
    assert process.stdout is not None
    for line in process.stdout:
        told = json.loads(line)
        if told["event"] == event:
            return told
    raise AssertionError(f"it ended without `{event}`: {process.stderr.read() if process.stderr else ''}")


def stop(process: subprocess.Popen[str]) -> float:
    """Ask it to stop; return how many seconds it took."""
    before = time.monotonic()
    process.send_signal(signal.SIGTERM)
    process.wait(10)
    return time.monotonic() - before


def test_a_stop_while_it_waits_is_quick_and_clean(tmp_path):
    with scripted(answer()) as web:
        practice = watched(tmp_path, schedule={"at": []})
        with running(practice, web.url) as process:
            wait_for(process, "sent")
            assert stop(process) < 2
            assert process.returncode == 0
            assert process.stderr.read() == "" if process.stderr else False
    with only_one(load_config(practice).store):
        pass  # the lock went with it


def test_a_stop_during_an_audit_is_quick_and_leaves_no_half_audit(tmp_path):
    with (
        scripted(drip(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[")) as slow,
        scripted(answer()) as web,
    ):
        practice = watched(tmp_path)
        edit(
            practice,
            "roster:\n  file: roster.csv",
            f"roster:\n  connector: http-json\n  settings: {{url: '{slow.url}', columns: {COLUMNS}}}",
        )
        with running(practice, web.url) as process:
            wait_for(process, "auditing")
            until = time.monotonic() + 10
            while not slow.requests and time.monotonic() < until:
                time.sleep(0.05)
            assert slow.requests
            assert stop(process) < 2
            assert process.returncode == 0
            assert "Traceback" not in (process.stderr.read() if process.stderr else "")
    config = load_config(practice, check_files=False)
    if config.store.exists():
        with Store.open(config.store) as store:
            assert store.audits() == ()
    assert not web.requests


def test_a_stop_while_a_message_is_sent_waits_a_moment_and_no_longer(tmp_path):
    with scripted(drip(b"HTTP/1.1 200 OK\r\n\r\n", every_s=0.2)) as slow:
        practice = watched(tmp_path, schedule={"at": []})
        with running(practice, slow.url) as process:
            wait_for(process, "queued")
            until = time.monotonic() + 10
            while not slow.requests and time.monotonic() < until:
                time.sleep(0.05)
            assert stop(process) < 2
            assert process.returncode == 0
    assert [row["state"] for row in outbox(practice)] == ["waiting"]


def test_a_second_watch_is_refused_and_a_killed_one_leaves_no_lock(tmp_path, capsys):
    with scripted(answer()) as web:
        practice = watched(tmp_path, schedule={"at": []})
        with running(practice, web.url) as process:
            wait_for(process, "sent")
            assert run(["watch", str(practice), "--once"]) == USAGE
            assert "another `auditor watch`" in capsys.readouterr().err
            process.kill()
            process.wait(10)
    with only_one(load_config(practice).store):
        pass


def test_an_edit_under_a_running_watch_is_told(tmp_path):
    with scripted(answer()) as web:
        practice = watched(tmp_path, schedule={"at": []})
        with running(practice, web.url) as process:
            wait_for(process, "sent")
            draft = roster(practice).with_name(".roster.swp")
            draft.write_text(roster(practice).read_text().replace("VMA-04", "VMA-44"))
            draft.replace(roster(practice))
            assert wait_for(process, "auditing")["files"] == ["roster.csv"]
            wait_for(process, "sent")
            stop(process)
    assert {(e["kind"], e["vma"]) for e in sent(web)[-1]["headcount"]} == {("left", "VMA-04"), ("joined", "VMA-44")}


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_killed_at_random_again_and_again_every_event_is_told(tmp_path):
    dice = random.Random(20261129)
    names = [f"VMA-{n}" for n in range(60, 70)]
    with scripted(answer()) as web:
        practice = watched(tmp_path, schedule={"at": []})
        with running(practice, web.url) as process:
            wait_for(process, "sent")
            stop(process)
        last = "VMA-04"
        for name in names:
            edit(roster(practice), last, name)
            last = name
            for _ in range(3):
                with running(practice, web.url) as process:
                    time.sleep(dice.uniform(0.5, 4))
                    process.kill()
            with running(practice, web.url, "--once") as process:
                assert process.wait(60) == 2  # to its end: the example has checks that cannot be evaluated
        told = {m["message"]: m for m in sent(web)}.values()
    assert not [m["trouble"] for m in told if "trouble" in m]
    joined = Counter(e["vma"] for m in told for e in m["headcount"] if e["kind"] == "joined")
    assert {name: joined[name] for name in names} == dict.fromkeys(names, 1)
    found = [f["id"] for m in told for f in m["new_findings"]["findings"]]
    assert len(found) == len(set(found))
    assert {row["state"] for row in outbox(practice)} == {"sent"}

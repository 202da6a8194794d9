"""Reviews in the watch: a headcount event opens a small one, reviewers are reminded at each step, and handed on."""

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from auditor.cli import run
from auditor.config import load_config
from auditor.watch.state import WatchState
from tests.review_practice import ACCOUNTS, REVIEW, ROWS, Reviewed
from tests.small_practice import account, noon, row
from tests.watched import Journal, start

WATCH = """\
watch:
  schedule: {at: []}
  settle_s: 0
  tell: {findings: none, headcount: false, not_evaluated: false, falls_due_days: 0, orders_overdue_hours: []}
  recipients: {ops: {webhook: {url_env: WATCH_TEST_HOOK}}}
  mail_server: {host: localhost, port: 9, security: none, sender: auditor@small.example.test}
"""


@pytest.fixture
def made(tmp_path):
    return Reviewed.made(tmp_path, review=REVIEW + WATCH)


def messages(made):
    with closing(sqlite3.connect(made.small.folder / "auditor.watch.db")) as file:
        rows = file.execute("SELECT recipient, payload FROM outbox ORDER BY created, rowid").fetchall()
    return [(to, json.loads(payload)) for to, payload in rows]


def test_a_reviewer_is_reminded_by_mail_once_for_each_step_without_a_name_of_anybody(made):
    made.open()
    with WatchState.open(load_config(made.small.config).store) as state:
        journal = Journal(now=made.now + timedelta(hours=1))
        watcher = start(made.small.config, state, journal)
        watcher.turn()
        assert not [to for to, _ in messages(made) if to.startswith("reviewer-")]
        journal.later(days=8)
        watcher.turn()
        watcher.turn()
        told = [(to, data) for to, data in messages(made) if to.startswith("reviewer-")]
        assert [to for to, _ in told] == ["reviewer-dana", "reviewer-morgan"]
        assert told[0][1]["review"]["open"] == 4
        assert "Reyes" not in json.dumps(told)
        journal.later(days=12)
        watcher.turn()
        assert {e["reviewer"] for e in journal.of("review-escalated")} == {"morgan"}


def test_a_reminder_says_where_to_decide_and_never_holds_what_signs_in(made):
    config = made.small.config
    site = "  sign_in: {site: 'https://review.small.example.test'}\nwatch:"
    config.write_text(config.read_text().replace("watch:", site, 1))
    made.open()
    assert run(["review", "remind", str(config)]) == 2, "nobody answers at the mail server"
    with closing(sqlite3.connect(made.small.folder / "auditor.watch.db")) as file:
        bodies = [body for (body,) in file.execute("SELECT body FROM outbox")]
    assert len(bodies) == 2
    for body in bodies:
        assert "Decide here: https://review.small.example.test\n" in body
        assert "/l/" not in body


def test_a_headcount_event_that_the_watch_audits_opens_a_small_review(made):
    config = load_config(made.small.config)
    with WatchState.open(config.store) as state:
        journal = Journal(now=datetime(2026, 11, 24, 18, tzinfo=UTC))
        made.small.write(noon("2026-11-24"), [*ROWS, row("flo", "2026-11-23")], [*ACCOUNTS, account("flo", "Charges")])
        text = made.small.config.read_text().replace("agreements:", "staff: {file: staff.csv}\nagreements:", 1)
        made.small.config.write_text(text + REVIEW + WATCH)
        with (made.small.folder / "catalog.yaml").open("a") as catalog:
            catalog.write("  Charges: {gives: [charge.read, ledger.read], why: what nobody in front needs}\n")
        watcher = start(made.small.config, state, journal)
        watcher.turn()
        [opened] = journal.of("review-opened")
        assert opened["questions"] == 2
        watcher.turn()
        assert len(journal.of("review-opened")) == 1


def test_whom_nobody_can_tell_is_named_with_the_text_to_send(tmp_path, capsys):
    made = Reviewed.made(tmp_path)
    made.open()
    capsys.readouterr()
    assert run(["review", "remind", str(made.small.config)]) == 2
    said = " ".join(capsys.readouterr().out.split())
    assert "Dana Ortiz: NOT told, 4 open" in said
    assert "to send by another way: The access review 2026-Q4 waits for you: 4 questions" in said


def test_a_message_that_no_server_took_is_not_told(made, capsys):
    made.open()
    capsys.readouterr()
    assert run(["review", "remind", str(made.small.config), "--format", "json"]) == 2
    told = json.loads(capsys.readouterr().out)
    assert [one["told"] for one in told["reminded"]] == [False, False]
    assert len(told["problems"]) == 2

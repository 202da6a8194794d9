"""docs/watch.md says what the program does."""

import re
import subprocess
import sys
from pathlib import Path

import yaml

from auditor.config import load_config
from auditor.watch.state import WatchState
from auditor.watch_settings import MailServer, Tell, WatchSettings
from tests.watched import Journal, outbox, roster, start, watched

PAGE = (Path(__file__).parents[2] / "docs" / "watch.md").read_text(encoding="utf-8")


def block(name: str) -> str:
    found = re.search(rf"<!-- {name} -->\n```\w*\n(.*?)```", PAGE, re.DOTALL)
    assert found
    return found[1]


def test_the_configuration_on_the_page_is_accepted_and_shows_the_defaults():
    settings = WatchSettings.model_validate(yaml.safe_load(block("configuration"))["watch"])
    assert settings.tell == Tell()
    assert settings.settle_s == WatchSettings.model_fields["settle_s"].default
    assert settings.mail_server is not None
    assert settings.mail_server.security == MailServer.model_fields["security"].default
    assert settings.tell_of("agency").headcount
    assert settings.tell_of("agency").findings == "none"


def test_the_message_on_the_page_is_what_is_sent(tmp_path, monkeypatch):
    monkeypatch.delenv("WATCH_TEST_HOOK", raising=False)
    practice = watched(tmp_path)
    with WatchState.open(load_config(practice).store) as state:
        watcher = start(practice, state, journal := Journal())
        watcher.turn()
        lines = roster(practice).read_text(encoding="utf-8").splitlines(keepends=True)
        roster(practice).write_text("".join(line for line in lines if not line.startswith("VMA-04")), encoding="utf-8")
        journal.later(days=8)
        watcher.turn()
    assert outbox(practice)[-1]["body"].splitlines()[:-1] == block("message").splitlines()[:-1]


def test_help_and_an_audit_load_nothing_that_only_a_message_needs():
    code = "import sys; from auditor.cli import run; run(['watch', '--help']); import auditor.watch.watcher; "
    code += "assert not {'apprise', 'smtplib', 'httpx', 'requests'} & set(sys.modules), set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    code = "import sys; from auditor.cli import run; run(['--help']); assert 'auditor.watch' not in sys.modules; "
    code += "assert 'sqlalchemy' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)

"""`auditor review serve`: where it listens, what it needs, and how it ends."""

import re
import signal
import socket
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest

from auditor.cli import run
from auditor.cli.review_letters import link_sender
from auditor.config import load_config
from auditor.web.people import Person, Role
from tests.review_site import Made, reviewing
from tests.servers.mail import mailbox
from tests.web_visits import ORIGIN, Visitor

WATCH = (
    "watch: {recipients: {o: {email: o@b.example}}, "
    "mail_server: {host: 127.0.0.1, port: PORT, security: none, sender: a@b.example}}\n"
)
PROVIDER_ONLY = "{links: false, oidc: {name: L, issuer: https://id.example, client_id: r}}"


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
    return port


def test_it_serves_until_it_is_ended_and_says_where(opened: Made, tmp_path: Path) -> None:
    config, port = opened.copied(tmp_path).reviewed.small.config, str(free_port())
    program = [sys.executable, "-c", "from auditor.cli import main; main()"]
    command = [*program, "review", "serve", str(config), "--port", port]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as served:
        assert served.stdout is not None
        try:
            where = served.stdout.readline()
            assert f"Small Practice · access review: http://127.0.0.1:{port}" in where
            assert "officer" in served.stdout.readline(), "no provider: only links sign in"
            assert "Sign in" in httpx2.get(f"http://127.0.0.1:{port}/sign-in", timeout=20).text
        finally:
            served.send_signal(signal.SIGTERM)
        assert served.wait(timeout=30) == 0


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--host", "0.0.0.0"], "can be reached from other machines"),
        (["--host", "192.0.2.7"], "can be reached from other machines"),
        (["--certificate", "c.pem"], "a certificate needs its key"),
        (["--proxy", "0.0.0.0/0"], "is everybody"),
        (["--proxy", "10.0.0.5"], "need to know the name"),
        (["--proxy", "10.0.0.5", "--public", "http://review.example"], "is not encrypted"),
        (["--port", "0"], "port"),
    ],
)
def test_it_does_not_listen_where_others_could_read_along(
    opened: Made, options: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["review", "serve", str(opened.reviewed.small.config), *options]) == 64
    assert says in capsys.readouterr().err


def test_a_practice_that_names_nobody_is_told_what_to_write(
    opened: Made, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = opened.copied(tmp_path).reviewed.small.config
    config.write_text(config.read_text().partition("review:")[0])
    capsys.readouterr()
    assert run(["review", "serve", str(config)]) == 64
    assert "review" in capsys.readouterr().err


def test_a_new_link_goes_out_at_once_to_the_address_on_file(opened: Made, tmp_path: Path) -> None:
    made = opened.copied(tmp_path)
    with mailbox() as box:
        config = made.reviewed.small.config
        config.write_text(config.read_text() + WATCH.replace("PORT", str(box.port)))
        send = link_sender(load_config(config), ORIGIN)
        assert send is not None
        send(Person("dana", "Dana Ortiz", "dana@small.example.test", frozenset({Role.REVIEWER})), "review")
        send(Person("kim", "Kim", None, frozenset({Role.REVIEWER})), "review")
    (mail,) = box.mails
    assert mail["To"] == "dana@small.example.test"
    path = re.search(rf"{ORIGIN}(/l/[\w-]{{43}})\s", mail.get_content())
    assert path is not None
    with reviewing(made) as pages:
        pages.made.reviewed.now = datetime.now(UTC)
        browser = Visitor(pages.app)
        done = browser.submit(browser.get(path[1]), path[1])
        assert browser.get(done.headers["location"]).headers["location"] == f"/review/{pages.campaign}"


@pytest.mark.parametrize("sign_in", [PROVIDER_ONLY, "{link_number: true}", None])
def test_nobody_sends_a_link_that_would_not_sign_in(opened: Made, tmp_path: Path, sign_in: str | None) -> None:
    config = opened.copied(tmp_path).reviewed.small.config
    text = config.read_text()
    config.write_text(f"{text}  sign_in: {sign_in}\n{WATCH.replace('PORT', '25')}" if sign_in else text)
    assert link_sender(load_config(config), ORIGIN) is None

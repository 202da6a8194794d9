"""`auditor review serve`: where it listens, what it needs, and how it ends."""

import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from auditor.cli import run
from tests.review_site import Made


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

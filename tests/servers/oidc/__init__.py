"""A certified OpenID provider (npm `oidc-provider`) on loopback, and a person who goes through its pages."""

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
PLACE = ROOT / ".venv" / "oidc-provider"
LOCK = HERE / "package-lock.json"
CLIENT_ID, SECRET = "review", "a secret: 50 %+ of it /odd/&="
CALLBACK = "https://review.example/sign-in/callback"


@dataclass(frozen=True, slots=True)
class RealProvider:
    """Where it listens."""

    issuer: str

    def go_through(self, address: str, login: str) -> str:
        """Do what a person does on the provider's pages, and return the address that they are sent back to."""
        with httpx2.Client(base_url=self.issuer, timeout=30) as browser:
            answer = browser.get(address)
            for _ in range(8):
                location = answer.headers.get("location", "")
                if location.startswith(CALLBACK):
                    return location
                if location:
                    answer = browser.get(location)
                    continue
                (action,) = re.findall(r'action="([^"]+)"', answer.text)
                (prompt,) = re.findall(r'name="prompt" value="(\w+)"', answer.text)
                answer = browser.post(action, data={"prompt": prompt, "login": login, "password": "x"})
        raise AssertionError("the provider's pages lead nowhere")


@contextmanager
def real_provider(callback: str = CALLBACK) -> Iterator[RealProvider]:
    """Start it on a free port; skip the test when it is not installed, or fail where CI must have it."""
    installed = PLACE / "installed"
    node = shutil.which("node")
    if node is None or not installed.is_file() or installed.read_bytes() != LOCK.read_bytes():
        message = "the OpenID provider is missing, or not the locked one: run tests/install-servers"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    command = [node, HERE / "provider.mjs", PLACE, port, CLIENT_ID, SECRET, callback]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n", "the OpenID provider did not start"
        yield RealProvider(f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.communicate(timeout=30)

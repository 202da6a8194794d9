"""
A real GNU Health, started on a free loopback port: the modules `health` and `health_lab` on SQLite.

    with gnuhealth(folder) as server:
        connector = connect(SYSTEM, Settings.model_validate(server.settings()), folder)

`tests/install-servers` puts its programs into an environment of their own. Its database takes 20 seconds to build, so
it is built once and kept in `.venv`, under a name that changes with everything that it is made from. The auditor's
account is made by the very script that `setup()` prints. `gnuhealth_seed.py` makes the others.
"""

import base64
import fcntl
import hashlib
import inspect
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import httpx
import pytest

from connectors.ehr.gnuhealth.connector import Settings, setup
from connectors.facts import System, SystemKind
from tests.integration.slapd import free_port

ROOT = Path(__file__).parents[2]
PROGRAMS = ROOT / ".venv" / "gnuhealth"
LOCK = ROOT / "requirements" / "gnuhealth.txt"
KEPT = ROOT / ".venv" / "gnuhealth-databases"
SEED = Path(__file__).with_name("gnuhealth_seed.py")
MODULES = ("health", "health_lab")
CHEAP_PASSWORDS = "[passlib]\nschemes = scrypt\nscrypt__rounds = 4\n"
"""A sign-in costs a fifth of a second otherwise, and each read of each fault signs in."""

SYSTEM = System("ehr", SystemKind.EHR, "gnuhealth", "GNU Health", holds_phi=True)
DATABASE, USER, PASSWORD_ENV = "clinic", "access-audit", "GNUHEALTH_TEST_PASSWORD"
PASSWORD = "correct horse — ñ"
ADMIN_PASSWORD = "the-word-of-admin"
PATIENT = "Planted-Patient"
"""No collection may hold this name."""
ACTIVE = frozenset(
    {
        *("admin", USER, "demo_frontdesk", "demo_back_office", "vma_desk", "vma_santos", "vma_santos2", "vma_scribe"),
        *("vma_lab", "vma_party", "vma_it", "vma_off", "vma_none", "zlast"),
    }
)
DISABLED = frozenset({"root", "demo_nurses", "demo_doctor", "demo_social_worker", "demo_lab", "vma_left"})
LOGINS = ACTIVE | DISABLED
NAMESAKES = ("vma_santos", "vma_santos2")
NESTED = ("vma_santos", "group Health Front Desk")
"""VMA Scheduling is in VMA Desk, that in VMA Base, and that in Health Front Desk."""
CANARY = "zlast"
PAGE_SIZE = 6


@dataclass(frozen=True, slots=True)
class GnuHealthServer:
    """A running server."""

    url: str
    log: Path = Path("log")

    def calls(self) -> list[str]:
        """Return which methods were called so far, such as `res.user.search_read`, by the server's own log."""
        return re.findall(r"INFO .*?((?:[a-z_0-9]+\.)+[a-z_]+)\(.*\) from ", self.log.read_text())

    def settings(self, **changes: object) -> dict[str, object]:
        """Return settings that read it as the auditor; `None` leaves one out."""
        settings: dict[str, object] = {
            "url": self.url,
            "database": DATABASE,
            "user": USER,
            "password_env": PASSWORD_ENV,
            "page_size": PAGE_SIZE,
            **changes,
        }
        return {name: value for name, value in settings.items() if value is not None}

    def as_user(self, login: str) -> "Client":
        """Sign in as somebody, to ask or change something beside the connector."""
        word = {"admin": ADMIN_PASSWORD, USER: PASSWORD}.get(login, f"the-word-of-{login}")
        return Client(self.url, login, "the-word-of-demo" if login.startswith("demo_") else word)


class Client:
    """A second, independent client of the same protocol."""

    def __init__(self, url: str, login: str, password: str) -> None:
        self._http = httpx.Client(timeout=60, trust_env=False, verify=False)  # no TLS, so no authority to load
        self._url = f"{url}/{DATABASE}/"
        uid, key = self.call("common.db.login", login, {"password": password})
        token = base64.b64encode(f"{login}:{uid}:{key}".encode()).decode()
        self._http.headers["authorization"] = f"Session {token}"

    def call(self, method: str, *params: Any) -> Any:
        """Call a method with exactly these parameters."""
        answer = (
            self._http.post(self._url, json={"id": 1, "method": method, "params": params}).raise_for_status().json()
        )
        assert "error" not in answer, answer["error"]
        return answer["result"]

    def model(self, model: str, method: str, *params: Any) -> Any:
        """Call a method of a model."""
        return self.call(f"model.{model}.{method}", *params, {})

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.call("common.db.logout")
        self._http.close()


@contextmanager
def gnuhealth(folder: Path) -> Iterator[GnuHealthServer]:
    """Run GNU Health over a copy of the database; the environment holds the auditor's password meanwhile."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(_database(folder), folder / f"{DATABASE}.sqlite")
    port = free_port()
    config = _config(folder, port)
    with pytest.MonkeyPatch.context() as environment, (folder / "log").open("wb") as log:
        environment.setenv(PASSWORD_ENV, PASSWORD)
        command = [_program("trytond"), "-c", config, "-d", DATABASE, "-vv"]
        process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_for(url, process, folder / "log")
            yield GnuHealthServer(url, folder / "log")
        finally:
            process.terminate()
            process.wait(30)


def _program(name: str) -> Path:
    """Return a program of GNU Health; skip the test when it is missing, or fail where CI must have it."""
    installed = PROGRAMS / "installed"
    if not installed.is_file() or installed.read_bytes() != LOCK.read_bytes():
        message = "GNU Health is missing, or not the locked one: run tests/install-servers"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return PROGRAMS / "bin" / name


def _config(folder: Path, port: int = 0) -> Path:
    config = folder / "trytond.conf"
    cheap = folder / "passlib.conf"
    cheap.write_text(CHEAP_PASSWORDS)
    config.write_text(
        f"[database]\nuri = sqlite://\npath = {folder}\n"
        f"[web]\nlisten = 127.0.0.1:{port}\n"
        f"[password]\npasslib = {cheap}\n"
    )
    return config


def _database(folder: Path) -> Path:
    """Return the database, built before or now."""
    _program("trytond")
    script = setup(SYSTEM, Settings.model_validate(GnuHealthServer("http://127.0.0.1:1").settings()))
    how = inspect.getsource(_build) + CHEAP_PASSWORDS + repr((MODULES, DATABASE, USER, PASSWORD, ADMIN_PASSWORD))
    made_from = (LOCK.read_bytes(), how.encode(), SEED.read_bytes(), script.encode())
    digest = hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in made_from)).hexdigest()
    kept = KEPT / f"{digest[:20]}.sqlite"
    KEPT.mkdir(exist_ok=True)
    with (KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # whoever of the other test processes needs it waits, and builds none
        if not kept.is_file():
            for old in KEPT.glob("*.sqlite"):
                old.unlink()
            building = folder / "building"
            building.mkdir()
            _build(building, script)
            ready = KEPT / f".{digest[:20]}.{os.getpid()}"
            shutil.copyfile(building / f"{DATABASE}.sqlite", ready)
            ready.replace(kept)
        return kept


def _build(folder: Path, script: str) -> None:
    config = _config(folder)
    (folder / f"{DATABASE}.sqlite").touch()
    (folder / "admin").write_text(ADMIN_PASSWORD)
    (folder / "admin").chmod(0o600)
    environment = {**os.environ, "PYTHONUTF8": "1", "TRYTONPASSFILE": str(folder / "admin"), PASSWORD_ENV: PASSWORD}
    admin = [_program("trytond-admin"), "-c", config, "-d", DATABASE, "-u", *MODULES, "--activate-dependencies"]
    _run([*admin, "--email", "admin@clinic.example", "-l", "en"], "", environment)
    console = [_program("trytond-console"), "-c", config, "-d", DATABASE]
    assert "seeded" in _run(console, SEED.read_text(), environment)
    for _ in range(2):  # it may be run again
        assert f"done: {USER}" in _run(console, script, environment)


def _run(command: list[Any], text: str, environment: dict[str, str]) -> str:
    done = subprocess.run(
        command, input=text, capture_output=True, encoding="utf-8", env=environment, timeout=200, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert "Traceback" not in done.stderr, done.stderr[-3000:]
    return done.stdout


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = monotonic() + 60
    while monotonic() < deadline:
        assert process.poll() is None, log.read_text()[-3000:]
        try:
            answer = httpx.post(
                f"{url}/",
                content=json.dumps({"id": 1, "method": "common.server.version", "params": []}),
                headers={"content-type": "application/json"},
                trust_env=False,
                verify=False,
            )
            assert answer.is_success, answer.text
        except httpx.TransportError:
            sleep(0.05)
        else:
            return
    raise AssertionError(f"GNU Health does not answer: {log.read_text()[-3000:]}")

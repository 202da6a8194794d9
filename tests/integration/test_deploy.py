"""The unit and the container file: checked by systemd itself, and carried out line by line where there is no engine."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from auditor.cli import run

ROOT = Path(__file__).parents[2]
UNIT = ROOT / "deploy" / "auditor-watch@.service"
CONTAINERFILE = ROOT / "deploy" / "Containerfile"
needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None and "CI" not in os.environ, reason="`systemd-analyze` is not installed"
)


def installed(folder: Path) -> Path:
    """The unit as on a machine where the command is there."""
    path = folder / "auditor-watch@lakeside.service"
    command = str(Path(sys.executable).with_name("auditor"))
    path.write_text(
        UNIT.read_text().replace("/opt/auditor/bin/auditor", command).replace("User=auditor", "User=daemon")
    )
    return path


@needs_systemd
def test_systemd_accepts_the_unit(tmp_path):
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(installed(tmp_path))], capture_output=True, text=True, check=False
    )
    assert (done.returncode, [line for line in done.stderr.splitlines() if "auditor-watch" in line]) == (0, [])


@needs_systemd
def test_systemd_rates_the_unit_as_well_contained(tmp_path):
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=20", str(installed(tmp_path))],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout  # exposure at most 2.0 of 10


def test_the_unit_and_the_container_run_a_command_that_there_is():
    (started,) = re.findall(r"^ExecStart=\S+/auditor (.*)$", UNIT.read_text(), re.MULTILINE)
    (command,) = re.findall(r"^CMD (.*)$", CONTAINERFILE.read_text(), re.MULTILINE)
    assert json.loads(command) == shlex.split(started)
    assert run([*shlex.split(started), "--help"]) == 0


def instructions(text: str) -> Iterator[tuple[str, str]]:
    for line in re.sub(r"\\\n", " ", text).splitlines():
        word, _, rest = line.partition(" ")
        if word and not word.startswith("#"):
            yield word, rest


def test_the_container_file_has_only_what_the_check_below_carries_out_and_no_root():
    words = [word for word, _ in instructions(CONTAINERFILE.read_text())]
    known = {"FROM", "WORKDIR", "COPY", "RUN", "USER", "STOPSIGNAL", "ENTRYPOINT", "CMD"}
    assert set(words) <= known
    assert dict(instructions(CONTAINERFILE.read_text()))["USER"] == "10001:10001"


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_what_the_container_file_says_makes_a_command_that_works(tmp_path):
    source, place = tmp_path / "src", tmp_path / "opt"
    source.mkdir()
    for word, rest in instructions(CONTAINERFILE.read_text()):
        if word == "COPY" and not rest.startswith("--from"):
            *names, target = rest.split()
            for name in names:
                to = source / (name if target == "./" else target)
                to.parent.mkdir(parents=True, exist_ok=True)
                copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
                copy(ROOT / name, to)
        elif word == "RUN":
            command = rest.replace("/opt/auditor", str(place))
            subprocess.run(["sh", "-ec", command], cwd=source, check=True, capture_output=True)
    told = subprocess.run(
        [place / "bin" / "auditor", "watch", "--help"], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    assert "auditor watch auditor.yaml --once" in told.stdout
    practice = ROOT / "examples" / "lakeside"
    shutil.copytree(practice, tmp_path / "lakeside")
    config = tmp_path / "lakeside" / "2026-11" / "auditor.yaml"
    config.write_text(config.read_text().replace("../../../out/", ""))
    done = subprocess.run([place / "bin" / "auditor", "audit", config], check=False, capture_output=True, text=True)
    assert done.returncode == 2, done.stderr
    assert config.with_name("report.html").is_file()

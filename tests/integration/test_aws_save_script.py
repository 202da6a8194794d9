"""The script that saves answers without this product: the real AWS command line, against moto."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import NoReturn

import boto3
import pytest

from connectors.cloud import aws, aws_json
from connectors.collect import collect
from connectors.facts import Complete, System, SystemKind
from tests.rigs.aws import ACCOUNT, world
from tests.rigs.aws_clinic import furnish

SCRIPT = Path(__file__).parents[2] / "docs" / "aws-save.sh"
CLOUD = System("cloud", SystemKind.CLOUD, "aws", "Cloud", holds_phi=True)
REPOSITORY = f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/app"
# A command line that is older than 2026-07 does not know `account-access`; the other parts need nothing new.
PARTS = ("access-keys", "login-profiles", "mfa-devices", "service-last-accessed", "organization", "identity-center")
CHOICE = {"collect": PARTS, "phi": {"tags": {"phi": "true"}, "arns": [REPOSITORY]}}


def missing(tool: str, package: str) -> NoReturn:
    message = f"`{tool}` is not installed; on Debian: apt-get install {package}"
    pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)


def command_line() -> str:
    """Return the AWS command line, if it works."""
    found = os.environ.get("TEST_AWS_CLI") or shutil.which("aws")
    if not found or subprocess.run([found, "--version"], check=False, capture_output=True, timeout=60).returncode:
        missing("aws", "awscli")
    if not shutil.which("jq"):
        missing("jq", "jq")
    return found


@pytest.mark.slow
def test_what_the_script_saves_is_the_account_that_is_read_live(tmp_path, monkeypatch):
    real = command_line()
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with world() as running:
        furnish(running)
        wrapper = tmp_path / "bin" / "aws"
        wrapper.parent.mkdir()
        wrapper.write_text(f'#!/bin/sh\nexec "{real}" --endpoint-url "{running.address}" "$@"\n')
        wrapper.chmod(0o700)
        surroundings = {
            **os.environ,
            "PATH": f"{wrapper.parent}:{os.environ['PATH']}",
            "HTTP_PROXY": running.address,  # S3 Control puts the account before the host, which no resolver knows
            "PHI_TAGS": "phi=true",
            "PHI_ARNS": REPOSITORY,
        }
        command = [str(SCRIPT), str(tmp_path / "answers"), *PARTS, "resources"]
        ended = subprocess.run(command, check=False, env=surroundings, capture_output=True, text=True, timeout=280)
        assert ended.returncode == 0, ended.stderr
        monkeypatch.setenv("HTTP_PROXY", running.address)
        boto3.DEFAULT_SESSION = None
        fields = {"endpoint_url": running.address, "max_attempts": 1, **CHOICE}
        live = collect(aws.connect(CLOUD, aws.Settings.model_validate(fields), tmp_path))
    settings = aws_json.Settings.model_validate({"folder": "answers", **CHOICE})
    saved = collect(aws_json.connect(CLOUD, settings, tmp_path))
    assert isinstance(live.completeness, Complete), live.completeness
    assert isinstance(saved.completeness, Complete), saved.completeness
    assert repr(saved.estate) == repr(live.estate)
    assert (saved.accounts, saved.entitlements, saved.grants) == (live.accounts, live.entitlements, live.grants)
    assert (tmp_path / "answers").stat().st_mode & 0o077 == 0

"""The script that saves answers without this product: the real AWS command line, against moto."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import NoReturn

import boto3
import pytest

from connectors.audit_log import LogAnswer, LogQuestion
from connectors.cloud.amazon_connect import connector as amazon_connect
from connectors.cloud.amazon_connect import saved_connector as amazon_connect_json
from connectors.cloud.aws import connector as aws
from connectors.cloud.aws import saved_connector as aws_json
from connectors.cloud.aws.trail import lookup
from connectors.cloud.workspaces import connector as workspaces
from connectors.cloud.workspaces import saved_connector as workspaces_json
from connectors.collect import collect
from connectors.facts import Collection, Complete, System, SystemKind
from connectors.read_log import read_log
from tests.servers.aws import ACCOUNT, serve, world
from tests.servers.aws_clinic import furnish
from tests.servers.aws_services import INSTANCE_ARN, connect_world, workspaces_world
from tests.servers.cloudtrail import CloudTrail

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


@pytest.fixture
def real(tmp_path, monkeypatch) -> str:
    """The command line, with credentials that nobody checks and no configuration of this machine."""
    found = command_line()
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    return found


def save(real: str, address: str, folder: Path, *parts: str, **more: str) -> None:
    """Run the script against a server."""
    wrapper = folder / "bin" / "aws"
    wrapper.parent.mkdir(exist_ok=True)
    wrapper.write_text(f'#!/bin/sh\nexec "{real}" --endpoint-url "{address}" "$@"\n')
    wrapper.chmod(0o700)
    surroundings = {**os.environ, "PATH": f"{wrapper.parent}:{os.environ['PATH']}", **more}
    command = [str(SCRIPT), str(folder / "answers"), *parts]
    ended = subprocess.run(command, check=False, env=surroundings, capture_output=True, text=True, timeout=280)
    assert ended.returncode == 0, ended.stderr


@pytest.mark.slow
def test_what_the_script_saves_is_the_account_that_is_read_live(tmp_path, monkeypatch, real):
    with world() as running:
        furnish(running)
        proxy = running.address  # S3 Control puts the account before the host, which no resolver knows
        save(real, running.address, tmp_path, *PARTS, "resources", HTTP_PROXY=proxy, PHI_TAGS="phi=true",
             PHI_ARNS=REPOSITORY, PHI_REGIONS="us-east-1", IDENTITY_CENTER_REGION="us-east-1")  # fmt: skip
        monkeypatch.setenv("HTTP_PROXY", proxy)
        boto3.DEFAULT_SESSION = None
        fields = {"endpoint_url": running.address, "max_attempts": 1, **CHOICE}
        live = collect(aws.connect(CLOUD, aws.Settings.model_validate(fields), tmp_path))
    settings = aws_json.Settings.model_validate({"folder": "answers", **CHOICE})
    saved = collect(aws_json.connect(CLOUD, settings, tmp_path))
    same(live, saved)
    assert repr(saved.estate) == repr(live.estate)
    assert (tmp_path / "answers").stat().st_mode & 0o077 == 0


@pytest.mark.slow
def test_the_people_of_connect_and_of_workspaces_are_saved_as_they_are_read_live(tmp_path, real):
    live = {"timeout_s": 5, "call_limit_s": 10, "max_attempts": 1}
    with serve(connect_world()) as running:
        # The account itself answers nothing here: only what was asked for is called.
        save(real, running.address, tmp_path, "amazon-connect", CONNECT_INSTANCE=INSTANCE_ARN)
        fields = live | {"endpoint_url": running.address, "instance_arn": INSTANCE_ARN}
        asked = collect(amazon_connect.connect(CLOUD, amazon_connect.Settings.model_validate(fields), tmp_path))
    settings = amazon_connect_json.Settings(folder=Path("answers"), instance_arn=INSTANCE_ARN)
    same(asked, collect(amazon_connect_json.connect(CLOUD, settings, tmp_path)))
    with serve(workspaces_world()) as running:
        save(real, running.address, tmp_path, "workspaces")
        fields = live | {"endpoint_url": running.address}
        asked = collect(workspaces.connect(CLOUD, workspaces.Settings.model_validate(fields), tmp_path))
    same(asked, collect(workspaces_json.connect(CLOUD, workspaces_json.Settings(folder=Path("answers")), tmp_path)))


@pytest.mark.slow
def test_the_history_that_the_script_saves_tells_what_cloudtrail_tells_live(tmp_path, real, monkeypatch):
    monkeypatch.setattr(lookup, "PAUSE_S", 0.0)
    with world() as running:
        CloudTrail(running, page_size=2)
        iam = boto3.client("iam", endpoint_url=running.address, region_name="us-east-1")
        for name in ("ana", "ben", "mia"):
            iam.create_user(UserName=name)
            iam.create_login_profile(UserName=name, Password="first-Password-1!")
            iam.delete_login_profile(UserName=name)
        save(real, running.address, tmp_path, "trail")
        connector = aws.connect(CLOUD, aws.Settings(endpoint_url=running.address, region="us-east-1"), tmp_path)
        asked = LogQuestion(collect(connector).accounts)
        live = read_log(connector, asked)
    saved = read_log(aws_json.connect(CLOUD, aws_json.Settings(folder=Path("answers")), tmp_path), asked)
    assert isinstance(live, LogAnswer)
    assert isinstance(saved, LogAnswer)
    assert len(live.events) == 9
    assert {event.record for event in live.events} == {event.record for event in saved.events}
    assert sorted(map(str, live.events)) == sorted(map(str, saved.events))
    assert saved.covers_from is not None


def same(live: Collection, saved: Collection) -> None:
    """Both are whole, and say the same."""
    assert isinstance(live.completeness, Complete), live.completeness
    assert isinstance(saved.completeness, Complete), saved.completeness
    assert live.accounts
    assert (saved.accounts, saved.entitlements, saved.grants) == (live.accounts, live.entitlements, live.grants)

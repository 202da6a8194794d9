"""A read of an AWS account on a moto server, with the calls that it made; and the rights that the set-up prints."""

import json
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest

from connectors.cloud.aws import connector as aws
from connectors.cloud.aws.scope import EstatePart
from connectors.collect import collect
from connectors.connector import HasEstate
from connectors.facts import Collection, Complete, System, SystemKind
from tests.servers.aws import ACCOUNT, World
from tests.servers.aws_clinic import Clinic

CLOUD = System("cloud", SystemKind.CLOUD, "aws", "Cloud", holds_phi=True)


REPOSITORY = f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/app"
"""Named by ARN: moto's tagging service knows no repositories."""


EVERYTHING = {"collect": [part.value for part in EstatePart], "phi": {"tags": {"phi": "true"}, "arns": [REPOSITORY]}}


SEEN: list[tuple[str, str]] = []
"""Service and operation of each call that boto3 made, as its own events tell them."""


class Watched(boto3.Session):
    """A session of boto3 that tells its calls, and that reaches S3 Control, whose host names the account."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.events.register(
            "before-call", lambda model, **_: SEEN.append((model.service_model.service_name, model.name))
        )
        self.events.register("before-send.s3-control", _plain_host)


def _plain_host(request: Any, **_: Any) -> None:
    url = urlsplit(request.url)
    request.url = url._replace(netloc=f"127.0.0.1:{url.port}").geturl()


@dataclass
class Site:
    world: World
    clinic: Clinic
    defaults: dict[str, Any] = field(default_factory=dict)

    def read(self, folder: Any, **settings: Any) -> Collection:
        fields = {"endpoint_url": self.world.address, "timeout_s": 10, "call_limit_s": 20, "max_attempts": 1}
        connector = aws.connect(CLOUD, aws.Settings.model_validate(fields | settings), folder)
        assert isinstance(connector, HasEstate)
        return collect(connector)


def surround(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Keys that nobody checks, no configuration of this machine, and sessions that tell their calls."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(folder / "no-config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(folder / "no-credentials"))
    monkeypatch.setattr(boto3, "Session", Watched)


def estate(collection: Collection) -> Any:
    assert isinstance(collection.completeness, Complete), collection.completeness
    assert collection.estate is not None
    return collection.estate


def granted(text: str) -> list[dict[str, Any]]:
    """The policies that `setup` prints, as they would be pasted."""
    return [json.loads(found) for found in re.findall(r"^\{\n.*?^\}$", text, re.MULTILINE | re.DOTALL)]


def actions_of(policies: list[dict[str, Any]]) -> set[str]:
    statements = [statement for policy in policies for statement in policy["Statement"]]
    return {action for statement in statements for action in statement["Action"]}

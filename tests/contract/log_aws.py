"""The harness of `aws`: a real moto, and a CloudTrail that hears what is done there."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

import boto3

from connectors.audit_log import LogKind
from connectors.cloud.aws import connector as aws
from connectors.cloud.aws.trail import lookup, reading
from connectors.facts import System, SystemKind
from connectors.testing.audit_log import Act
from tests.contract.environment import environment
from tests.servers.aws import World, world
from tests.servers.cloudtrail import ADMIN, CloudTrail

SYSTEM = System("cloud", SystemKind.CLOUD, "aws", "Cloud", holds_phi=True)
PASSWORD = "first-Password-1!"
STORY = frozenset([Act.GIVE, Act.TAKE, Act.DISABLE, Act.ENABLE, Act.AGAIN])


@dataclass
class Cloud:
    """A user with a password and a key, and an administrator who ends both."""

    world: World
    trail: CloudTrail
    key: str = ""
    subject = "va1"
    bystander = "va2"
    entitlement = "desk"
    tells = dict[Act, LogKind]()
    cannot = {Act.PASSWORD: "a user who has ended has no password that could be changed"}
    secrets = frozenset({PASSWORD, "harness-secret-key"})
    actor = "user/admin"

    def __post_init__(self) -> None:
        self.iam = boto3.client("iam", endpoint_url=self.world.address, region_name="us-east-1",
                                aws_access_key_id=ADMIN, aws_secret_access_key="harness-secret-key")  # fmt: skip
        self.iam.create_group(GroupName=self.entitlement)
        for name in (self.subject, self.bystander):
            self.iam.create_user(UserName=name)
            self.iam.create_login_profile(UserName=name, Password=PASSWORD)
        self.key = self.iam.create_access_key(UserName=self.subject)["AccessKey"]["AccessKeyId"]
        self.next_second()

    def connector(self) -> aws.Aws:
        return aws.connect(SYSTEM, aws.Settings(endpoint_url=self.world.address, region="us-east-1"), Path())

    def act(self, act: Act) -> None:
        if act in STORY:
            self.next_second()
        who = {"UserName": self.subject}
        match act:
            case Act.GIVE:
                self.iam.add_user_to_group(GroupName=self.entitlement, **who)
            case Act.TAKE:
                self.iam.remove_user_from_group(GroupName=self.entitlement, **who)
            case Act.ENABLE:
                self.iam.create_login_profile(Password=PASSWORD, **who)
            case Act.DISABLE:
                self.iam.update_access_key(AccessKeyId=self.key, Status="Inactive", **who)
                self.iam.delete_login_profile(**who)
            case Act.AGAIN:
                self.iam.update_access_key(AccessKeyId=self.key, Status="Inactive", **who)
            case Act.REFUSED:
                self.world.denied["iam", "CreateLoginProfile"] = "AccessDenied"
                try:
                    self.iam.create_login_profile(Password=PASSWORD, **who)
                except self.iam.exceptions.ClientError:
                    del self.world.denied["iam", "CreateLoginProfile"]

    def next_second(self) -> None:
        """CloudTrail's stamps say nothing of the order within a second."""
        now = datetime.now(UTC)
        time.sleep((now.replace(microsecond=0) + timedelta(seconds=1) - now).total_seconds())

    def written(self) -> object:
        return len(self.trail.records)


class CloudTrailLogHarness:
    """moto has no CloudTrail: what it is told is what was done, in the documented shape, and at once."""

    name = "aws"

    @contextmanager
    def start(self, folder: Path) -> Iterator[Cloud]:
        signed = environment(AWS_ACCESS_KEY_ID=ADMIN, AWS_SECRET_ACCESS_KEY="harness-secret-key",
                             AWS_EC2_METADATA_DISABLED="true", AWS_CONFIG_FILE=str(folder / "none"))  # fmt: skip
        now, quick = patch.object(reading, "DELIVERY", timedelta()), patch.object(lookup, "PAUSE_S", 0.0)
        with signed, now, quick, world() as running:
            yield Cloud(running, CloudTrail(running))

"""
Amazon Connect: the people of one contact centre, their security profiles, and what those permit.

Live, one system for each instance; `amazon-connect-json` reads the same from saved answers.
"""

from collections.abc import Sequence
from pathlib import Path

from pydantic import Field

from connectors.cloud.amazon_connect.users import CALLS, INSTANCE_ARN, InstanceReading
from connectors.cloud.aws.access import AwsAccess, Sessions, endpoint
from connectors.cloud.aws.live import LiveResponses
from connectors.cloud.aws.policy import Document, document
from connectors.cloud.aws.setup import steps_text
from connectors.connector import Endpoint, Page, ProbeStep
from connectors.facts import System


class Settings(AwsAccess):
    """Which instance, in which account, and as whom."""

    instance_arn: str = Field(pattern=INSTANCE_ARN)
    """The ARN of the instance: Amazon Connect console, Instance alias, Account overview."""
    canary: str | None = None
    """A login that must be in the answer."""


def connect(system: System, settings: Settings, folder: Path) -> "AmazonConnect":  # noqa: ARG001 - no files
    """Return a connector; nothing is read yet."""
    return AmazonConnect(system, settings)


def setup(system: System, settings: Settings) -> str:
    """Return the exact policy, on that instance alone."""
    roles = [settings.role_arn] if settings.role_arn else []
    return steps_text(
        system.title, [("the auditor's user or role", policy(settings.instance_arn))], roles, settings.external_id
    )


def policy(arn: str) -> Document:
    """Return the rights that one instance needs."""
    actions = sorted(call.action for call in CALLS)
    resources = [arn, f"{arn}/agent/*", f"{arn}/security-profile/*"]
    return document([{"Sid": "AccessGovernanceConnect", "Effect": "Allow", "Action": actions, "Resource": resources}])


class AmazonConnect:
    """Reads one instance, one page of users at a time."""

    def __init__(self, system: System, settings: Settings) -> None:
        self._system = system
        self._settings = settings
        self._region = settings.region or settings.instance_arn.split(":")[3]
        account = settings.account_id or settings.instance_arn.split(":")[4]
        own = settings.model_copy(update={"region": self._region, "account_id": account})
        self._sessions = Sessions(system.id, own)
        answers = LiveResponses(system.id, self._sessions, settings.call_limit_s)
        self._reading = InstanceReading(system.id, answers, settings.instance_arn.rpartition("/")[2])
        self._seen = False

    @property
    def system(self) -> System:
        """The system that it reads."""
        return self._system

    @property
    def source(self) -> str:
        """The instance that it reads."""
        return f"Amazon Connect, {self._settings.instance_arn}"

    @property
    def canary(self) -> str | None:
        """A login that must be in the answer."""
        return self._settings.canary

    @property
    def endpoint(self) -> Endpoint:
        """Where Connect answers in that region."""
        return endpoint(self._settings, f"connect.{self._region}.amazonaws.com")

    def steps(self) -> Sequence[ProbeStep]:
        """Try the sign-in, and the right to see the instance."""
        return (ProbeStep("sign-in", self._sessions.sign_in), ProbeStep("rights", self._reading.see))

    def close(self) -> None:
        """Close the connections."""
        self._sessions.close()

    def read_page(self, token: str | None) -> Page:
        """Read one page of users; before the first, the security profiles. Raises `SourceError`."""
        if not self._seen:
            if self._settings.role_arn:
                self._sessions.identity()  # a role that cannot be taken is told as such
            self._reading.see()
            self._seen = True
        return self._reading.page(token)

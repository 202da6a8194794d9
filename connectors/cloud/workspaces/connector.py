"""
Amazon WorkSpaces: who has a virtual desktop, in one account and region.

Live, one system for each account and region; `workspaces-json` reads the same from saved answers.
"""

from collections.abc import Sequence
from pathlib import Path

from pydantic import Field

from connectors.cloud.aws.access import AwsAccess, Sessions, endpoint
from connectors.cloud.aws.live import LiveResponses
from connectors.cloud.aws.policy import Document, document
from connectors.cloud.aws.setup import steps_text
from connectors.cloud.workspaces.people import CALLS, DESKTOPS, DIRECTORY_ID, asked, read_desktops
from connectors.connector import Endpoint, Page, ProbeStep
from connectors.facts import System


class Settings(AwsAccess):
    """Which account and region, and as whom."""

    directory_id: str | None = Field(None, pattern=DIRECTORY_ID)
    """Only the desktops of this directory; without it, those of all directories."""
    canary: str | None = None
    """A login that must be in the answer."""


def connect(system: System, settings: Settings, folder: Path) -> "Workspaces":  # noqa: ARG001 - no files
    """Return a connector; nothing is read yet."""
    return Workspaces(system, settings)


def setup(system: System, settings: Settings) -> str:
    """Return the exact policy."""
    roles = [settings.role_arn] if settings.role_arn else []
    return steps_text(system.title, [("the auditor's user or role", policy())], roles, settings.external_id)


def policy() -> Document:
    """Return the rights that it needs; neither action can be limited to a resource."""
    actions = sorted(call.action for call in CALLS)
    return document([{"Sid": "AccessGovernanceWorkSpaces", "Effect": "Allow", "Action": actions, "Resource": "*"}])


class Workspaces:
    """Reads all desktops; one page, as one person may have several."""

    def __init__(self, system: System, settings: Settings) -> None:
        self._system = system
        self._settings = settings
        self._sessions = Sessions(system.id, settings)
        self._answers = LiveResponses(system.id, self._sessions, settings.call_limit_s)
        self._account = settings.account_id

    @property
    def system(self) -> System:
        """The system that it reads."""
        return self._system

    @property
    def source(self) -> str:
        """What it reads."""
        named = [f"account {self._account}" if self._account else "", self._settings.directory_id or ""]
        return ", ".join(["Amazon WorkSpaces", *(part for part in named if part)])

    @property
    def canary(self) -> str | None:
        """A login that must be in the answer."""
        return self._settings.canary

    @property
    def endpoint(self) -> Endpoint:
        """Where WorkSpaces answers in that region."""
        return endpoint(self._settings, f"workspaces.{self._settings.region or 'us-east-1'}.amazonaws.com")

    def steps(self) -> Sequence[ProbeStep]:
        """Try the sign-in, and the right to see desktops."""
        return (ProbeStep("sign-in", self._sessions.sign_in), ProbeStep("rights", self._see))

    def close(self) -> None:
        """Close the connections."""
        self._sessions.close()

    def read_page(self, token: str | None) -> Page:  # noqa: ARG002 - one page
        """Read all desktops to the end marker; raises `SourceError`."""
        if self._settings.role_arn or self._settings.account_id:
            self._account, _ = self._sessions.identity()
        return read_desktops(self._system.id, self._answers, self._settings.directory_id)

    def _see(self) -> str:
        self._answers.page(DESKTOPS, asked(self._settings.directory_id), None)
        return f"`{DESKTOPS.action}` is allowed"

"""
Amazon Connect from saved answers: the people of one contact centre, their security profiles, and what those permit.

For practices that hand out no credentials. docs/connect-aws.md says which commands save them.
"""

from datetime import datetime
from pathlib import Path

from pydantic import Field

from connectors.cloud.amazon_connect.connector import policy
from connectors.cloud.amazon_connect.users import INSTANCE, INSTANCE_ARN, InstanceReading
from connectors.cloud.aws.responses import one, record
from connectors.cloud.aws.saved import SavedResponses
from connectors.cloud.aws.setup import steps_text
from connectors.connector import Page
from connectors.errors import InputError, shorten
from connectors.facts import System
from connectors.inputs.strict import Settings as StrictSettings

PRODUCTS = ("amazon-connect",)


class Settings(StrictSettings):
    """Which files to read."""

    folder: Path
    """The folder with the saved answers, `connect.<Operation>.json`."""
    instance_arn: str | None = Field(None, pattern=INSTANCE_ARN)
    """The instance that it must be; files of another one are refused."""
    canary: str | None = None
    """A login that must be in the files."""


def connect(system: System, settings: Settings, folder: Path) -> "AmazonConnectJson":
    """Return a connector; nothing is read yet."""
    return AmazonConnectJson(system, settings, folder / settings.folder)


def setup(system: System, settings: Settings) -> str:
    """Return the policy of whoever saves the answers, and where the commands stand."""
    arn = settings.instance_arn or "arn:aws:connect:<REGION>:<ACCOUNT>:instance/<INSTANCE>"
    text = steps_text(system.title, [("whoever saves the answers", policy(arn))], [], None)
    return f"{text}\n2. Save the answers with the commands in docs/connect-aws.md.\n"


class AmazonConnectJson:
    """Reads the saved answers of one instance."""

    def __init__(self, system: System, settings: Settings, folder: Path) -> None:
        self._system, self._settings, self._folder = system, settings, folder
        self._answers = SavedResponses(folder)
        self._reading = InstanceReading(system.id, self._answers, (settings.instance_arn or "").rpartition("/")[2])

    @property
    def system(self) -> System:
        """The system that it reads."""
        return self._system

    @property
    def source(self) -> str:
        """The folder that it reads."""
        return f"Amazon Connect, from the folder {self._folder.name}"

    @property
    def canary(self) -> str | None:
        """A login that must be in the files."""
        return self._settings.canary

    def as_of(self) -> datetime:
        """Return when the oldest file was saved."""
        return self._answers.as_of()

    def read_page(self, token: str | None) -> Page:
        """Read one page of users as it was saved. Raises `SourceError`, `InputError`."""
        wanted = self._settings.instance_arn
        if token is None and wanted is not None:
            found = record(INSTANCE, one(self._answers, INSTANCE) or {}, "Instance").get("Arn")
            if found != wanted:
                raise InputError(
                    self._folder,
                    "it is of another instance",
                    found=shorten(str(found)),
                    expected=f"the instance `{wanted}`",
                )
        return self._reading.page(token)

"""
Amazon WorkSpaces from saved answers: who has a virtual desktop, in one account and region.

For practices that hand out no credentials. docs/connect-aws.md says which commands save them.
"""

from datetime import datetime
from pathlib import Path

from pydantic import Field

from connectors.cloud.aws.saved import SavedResponses
from connectors.cloud.aws.setup import steps_text
from connectors.cloud.workspaces.connector import policy
from connectors.cloud.workspaces.people import DIRECTORY_ID, read_desktops
from connectors.connector import Page
from connectors.facts import System
from connectors.inputs.strict import Settings as StrictSettings

PRODUCTS = ("workspaces",)


class Settings(StrictSettings):
    """Which files to read."""

    folder: Path
    """The folder with the saved answers, `workspaces.<Operation>.json`."""
    directory_id: str | None = Field(None, pattern=DIRECTORY_ID)
    """Only the desktops of this directory; without it, all that were saved."""
    canary: str | None = None
    """A login that must be in the files."""


def connect(system: System, settings: Settings, folder: Path) -> "WorkspacesJson":
    """Return a connector; nothing is read yet."""
    return WorkspacesJson(system, settings, folder / settings.folder)


def setup(system: System, settings: Settings) -> str:  # noqa: ARG001 - every choice needs the same rights
    """Return the policy of whoever saves the answers, and where the commands stand."""
    text = steps_text(system.title, [("whoever saves the answers", policy())], [], None)
    return f"{text}\n2. Save the answers with the commands in docs/connect-aws.md.\n"


class WorkspacesJson:
    """Reads the saved answers; one page, as one person may have several desktops."""

    def __init__(self, system: System, settings: Settings, folder: Path) -> None:
        self._system, self._settings, self._folder = system, settings, folder
        self._answers = SavedResponses(folder)

    @property
    def system(self) -> System:
        """The system that it reads."""
        return self._system

    @property
    def source(self) -> str:
        """The folder that it reads."""
        return f"Amazon WorkSpaces, from the folder {self._folder.name}"

    @property
    def canary(self) -> str | None:
        """A login that must be in the files."""
        return self._settings.canary

    def as_of(self) -> datetime:
        """Return when the oldest file was saved."""
        return self._answers.as_of()

    def read_page(self, token: str | None) -> Page:  # noqa: ARG002 - one page
        """Read all desktops that were saved. Raises `SourceError`, `InputError`."""
        return read_desktops(self._system.id, self._answers, self._settings.directory_id)

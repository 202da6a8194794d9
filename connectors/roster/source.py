"""
Where rosters come from, by name.

Each is a module of this folder with `Settings`, a pydantic model, and `read(settings, folder)`, which returns the whole
roster or raises: half a roster is people who are gone.
"""

from importlib import import_module
from pathlib import Path
from typing import Any, Literal, Protocol, cast

from pydantic import BaseModel

from connectors.roster.people import RosterRead

RosterName = Literal["http-json", "ldap", "scim"]


class RosterModule(Protocol):
    """The shape of such a module."""

    Settings: type[BaseModel]

    def read(self, settings: Any, folder: Path) -> RosterRead:
        """Read a roster; raises `SourceError` or `InputError`."""


def find_roster(name: RosterName) -> RosterModule:
    """Return the module that reads a roster of this kind."""
    return cast("RosterModule", import_module(f"connectors.roster.{name.replace('-', '_')}"))

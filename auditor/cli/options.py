"""What several commands take: arguments, options, and how an example is written."""

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, assert_never

import typer

from connectors.errors import AuditorError


class Format(StrEnum):
    """How a result is printed."""

    TEXT = "text"
    JSON = "json"

    @property
    def is_json(self) -> bool:
        """Whether a machine reads it; one that is added later does not check as a type until it is told apart here."""
        match self:
            case Format.TEXT:
                return False
            case Format.JSON:
                return True
        assert_never(self)


class FailOn(StrEnum):
    """The least severe finding that changes the exit code."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


ConfigFile = Annotated[Path, typer.Argument(help="The practice's configuration.", show_default=True)]
StoreFile = Annotated[Path | None, typer.Option("--store", help="The store; default: as configured.")]
AsOf = Annotated[
    str | None,
    typer.Option("--as-of", metavar="AUDIT|DAY", help="As an audit stored it; default: read every system now."),
]
OutputFormat = Annotated[Format, typer.Option("--format", help="How the result is printed on stdout.")]


def example(command: str) -> str:
    """Return the last line of a command's help."""
    return f"Example: `{command}`"


def instant(text: str | None, option: str = "--at") -> datetime | None:
    """Read the option (or argument) that names an instant; raises `AuditorError` for anything else."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    # Days and zones are reckoned around it, and the calendar ends at the years 1 and 9999.
    if moment is None or moment.tzinfo is None or not 1970 <= moment.year <= 9000:
        raise AuditorError(
            f"`{option} {text}` is not an instant", hint="give date, time and zone, such as 2026-09-30T17:00:00Z"
        )
    return moment.astimezone(UTC)

"""What several commands take: arguments, options, and how an example is written."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Format(StrEnum):
    """How a result is printed."""

    TEXT = "text"
    JSON = "json"


class FailOn(StrEnum):
    """The least severe finding that changes the exit code."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


ConfigFile = Annotated[Path, typer.Argument(help="The practice's configuration.", show_default=True)]
StoreFile = Annotated[Path | None, typer.Option("--store", help="The store; default: as configured.")]
OutputFormat = Annotated[Format, typer.Option("--format", help="How the result is printed on stdout.")]


def example(command: str) -> str:
    """Return the last line of a command's help."""
    return f"Example: `{command}`"

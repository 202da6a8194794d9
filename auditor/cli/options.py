"""What several commands take: arguments and options, each declared once."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from auditor.cli.formats import Format
from connectors.errors import AuditorError

CONFIG = Path("auditor.yaml")
"""The configuration where none is named."""

ConfigFile = Annotated[Path, typer.Argument(help="The practice's configuration.", show_default=True)]
ConfigAfter = Annotated[
    Path | None, typer.Argument(metavar="[CONFIG]", help="The practice's configuration.", show_default=str(CONFIG))
]
ConfigOption = Annotated[Path | None, typer.Option("--config", help="The same, as an option.")]
StoreFile = Annotated[
    Path | None, typer.Option("--store", metavar="FILE", help="The store, whatever the configuration says.")
]
"""Counts from the current folder; without it, the store is the one that the configuration names."""
Vma = Annotated[str, typer.Argument(help="The VMA's id on the roster.")]
AsOf = Annotated[
    str | None,
    typer.Option("--as-of", metavar="AUDIT|DAY", help="As an audit stored it; default: read every system now."),
]
OutputFormat = Annotated[Format, typer.Option("--format", help="How the result is printed on stdout.")]
By = Annotated[str, typer.Option("--by", help="Who states it: a person, not a department.")]
On = Annotated[str | None, typer.Option("--on", metavar="DAY", help="The day on which it was so; default: today.")]
Expires = Annotated[str | None, typer.Option("--expires", metavar="DAY", help="The last day on which it holds.")]


def chosen(*given: Path | None) -> Path:
    """Return the configuration that was named in one of two ways, or the one of this folder."""
    return next((path for path in given if path is not None), CONFIG)


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

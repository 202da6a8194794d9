"""`auditor collect`: what it takes."""

from pathlib import Path
from typing import Annotated

import typer

from auditor.cli.formats import Format
from auditor.cli.options import CONFIG, ConfigFile, OutputFormat


def command(
    system: Annotated[str, typer.Argument(help="The system's id in the configuration.")],
    config: ConfigFile = CONFIG,
    *,
    record: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Keep what was read, to be replayed offline.")
    ] = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """A recording holds the names and rights of staff, no secret and no patient; `connector: replay` reads it."""
    from auditor.cli.collect import run_collect

    return run_collect(system, config, record, output=output)

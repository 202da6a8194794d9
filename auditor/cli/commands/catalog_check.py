"""`auditor catalog check`: what it takes."""

from pathlib import Path
from typing import Annotated

import typer

from auditor.cli.formats import Format
from auditor.cli.options import CONFIG, ConfigFile, OutputFormat


def command(
    config: ConfigFile = CONFIG,
    *,
    system: Annotated[list[str] | None, typer.Option(metavar="ID", help="Only this system; may be repeated.")] = None,
    store: Annotated[
        Path | None, typer.Option(help="Do not read the systems: use what the last audit in this store saw.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Also what nobody holds.")] = False,
    write: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a catalog that is ready to fill.")] = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """Exit codes: 0 all are classified; 1 some are not; 2 a system could not be read."""
    from auditor.cli.catalog import run_catalog_check

    return run_catalog_check(
        config,
        only=tuple(system or ()),
        store=store,
        everything=everything,
        write=write,
        output=output,
    )

"""`auditor notice list`: what it takes."""

from typing import Annotated

import typer

from auditor.cli.formats import Format
from auditor.cli.options import CONFIG, ConfigFile, OutputFormat, StoreFile


def command(
    config: ConfigFile = CONFIG,
    *,
    refused: Annotated[bool, typer.Option("--refused", help="Also what did not count, and why.")] = False,
    store: StoreFile = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """Each with the time of its receipt, what cannot be so together with it, and what each clock makes of it."""
    from auditor.cli.notice import run_list

    return run_list(config, refused=refused, store=store, output=output)

"""`auditor drift`: what it takes."""

from pathlib import Path
from typing import Annotated

import typer

from auditor.cli.formats import Format
from auditor.cli.options import CONFIG, ConfigFile, OutputFormat, StoreFile


def command(
    config: ConfigFile = CONFIG,
    *,
    since: Annotated[
        str | None, typer.Option("--from", metavar="AUDIT|DAY", help="The earlier audit; default: the one before.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--to", metavar="AUDIT|DAY", help="The later audit; default: the last.")
    ] = None,
    quarter: Annotated[
        bool, typer.Option("--last-quarter", help="The last whole quarter: from the audit before it to its last.")
    ] = False,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Also write it as an HTML page.")] = None,
    store: StoreFile = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """
    What an event called for and nobody did is told beside.
    Works on what is stored, and reads no system.
    """
    from auditor.cli.drift import run_drift

    return run_drift(config, since, until, html, quarter=quarter, store=store, output=output)

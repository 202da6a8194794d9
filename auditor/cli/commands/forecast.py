"""`auditor forecast`: what it takes."""

from pathlib import Path
from typing import Annotated

import typer

from auditor.cli.formats import Format
from auditor.cli.options import CONFIG, ConfigFile, OutputFormat, StoreFile


def command(
    config: ConfigFile = CONFIG,
    *,
    days: Annotated[int, typer.Option(help="How many days to look ahead.")] = 90,
    ics: Annotated[Path | None, typer.Option(metavar="FILE", help="Also write it as a calendar file.")] = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="AUDIT|DAY", help="As it was seen then; default: now.")
    ] = None,
    store: StoreFile = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """
    Works on what the last audit stored, and reads no system. Exit codes: 0 nothing; 1 something; 2 the audit had not
    read a system whole.
    """
    from auditor.cli.forecast import run_forecast

    return run_forecast(config, days, as_of, ics, store=store, output=output)

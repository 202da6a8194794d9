"""`auditor lag`: what it takes."""

from pathlib import Path
from typing import Annotated

import typer

from auditor.cli.formats import Format
from auditor.cli.options import CONFIG, ConfigFile, OutputFormat, StoreFile


def command(
    config: ConfigFile = CONFIG,
    *,
    since: Annotated[
        str | None, typer.Option(metavar="DAY", help="From the beginning of this day; default: the first audit.")
    ] = None,
    as_of: Annotated[
        str | None, typer.Option(metavar="AUDIT|DAY", help="As of an audit, or of the end of a day; default: now.")
    ] = None,
    controls: Annotated[
        Path | None, typer.Option(help="Which controls, due when; default: as configured, or policies/controls.yaml.")
    ] = None,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Also write it as an HTML page.")] = None,
    store: StoreFile = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """
    It works on what is stored and reads no system. Exit codes: 0 nothing is owed now; 1 a control is late, or an
    account came before its agreement; 2 what is late is merely not proven, or a system was not read whole last.
    """
    from auditor.cli.lag import run_lag

    return run_lag(config, since, as_of, controls, html=html, store=store, output=output)

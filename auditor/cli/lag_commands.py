"""The command that tells how far the controls trail behind the headcount: lag."""

from pathlib import Path
from typing import Annotated

import typer

from auditor.cli.options import ConfigFile, Format, OutputFormat, example


def add_lag_commands(app: typer.Typer) -> None:
    """Add it to the application."""
    app.command("lag", epilog=example("auditor lag auditor.yaml --since 2026-09-01"))(_lag)


def _lag(
    config: ConfigFile = Path("auditor.yaml"),
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
    output: OutputFormat = Format.TEXT,
) -> int:
    """
    Tell how long each control took, or is taking, to catch up with each VMA, and the practice's lockstep.

    It works on what is stored and reads no system. Exit codes: 0 nothing is owed now; 1 a control is late, or an
    account came before its agreement; 2 what is late is merely not proven, or a system was not read whole last.
    """
    from auditor.cli.lag import run_lag  # noqa: PLC0415

    return run_lag(config, since, as_of, controls, html=html, as_json=output.is_json)

"""`auditor cloud`: what it takes."""

from pathlib import Path
from typing import Annotated

import typer

from auditor.cli.formats import Format
from auditor.cli.options import OutputFormat


def command(
    saved: Annotated[Path, typer.Argument(help="The saved AWS account: a file or a folder.")],
    *,
    phi: Annotated[
        list[str] | None, typer.Option(metavar="ARN", help="A resource that holds PHI; may be repeated.")
    ] = None,
    paths: Annotated[
        bool, typer.Option("--paths", help="Also every way by which somebody can gain more, step by step.")
    ] = False,
    output: OutputFormat = Format.TEXT,
) -> int:
    """Exit codes: 0 everything was evaluated; 2 something cannot be; 64 a file cannot be used."""
    from auditor.cli.cloud import run_cloud

    return run_cloud(saved, phi or (), paths=paths, output=output)

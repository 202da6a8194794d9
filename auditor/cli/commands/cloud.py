"""`auditor cloud`: what it takes."""

from pathlib import Path
from typing import Annotated

import typer

from auditor.cli.formats import Format
from auditor.cli.options import OutputFormat
from connectors.errors import AuditorError


def command(
    saved: Annotated[Path, typer.Argument(help="The saved AWS account: a file or a folder.")],
    *,
    phi: Annotated[
        list[str] | None, typer.Option(metavar="ARN", help="A resource that holds PHI; may be repeated.")
    ] = None,
    paths: Annotated[
        bool, typer.Option("--paths", help="Also every way by which somebody can gain more, step by step.")
    ] = False,
    config: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The practice, whose own catalogs count as they do in an audit.")
    ] = None,
    system: Annotated[
        str | None, typer.Option(metavar="ID", help="Which of its systems it is, where several are AWS.")
    ] = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """Exit codes: 0 everything was evaluated; 2 something cannot be; 64 a file cannot be used."""
    from auditor.cli.cloud import run_cloud
    from auditor.cli.cloud_catalogs import OwnCatalogs

    if system is not None and config is None:
        raise AuditorError("`--system` is one of a practice", hint="name its configuration as well: `--config FILE`")
    own = None if config is None else OwnCatalogs(config, system)
    return run_cloud(saved, phi or (), own, paths=paths, output=output)

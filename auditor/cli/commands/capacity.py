"""`auditor capacity`: what it takes."""

from pathlib import Path
from typing import Annotated

import typer

from auditor.cli.formats import Format
from auditor.cli.options import OutputFormat, StoreFile


def command(
    figures: Annotated[
        Path, typer.Argument(help="Weekly figures, as CSV or XLSX: docs/capacity.md lists the columns.")
    ],
    config: Annotated[
        Path | None, typer.Argument(help="The practice's configuration: who joined when, and with which hours.")
    ] = None,
    *,
    cost: Annotated[
        list[str] | None,
        typer.Option(metavar="COLUMN=HOURS", help="What one of a figure costs, in hours of work; may be repeated."),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", metavar="DAY", help="By the weeks that were over then; default: all."),
    ] = None,
    store: StoreFile = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """
    Each signal has a trend test of its own over the weeks; two at once are a ceiling. Exit codes: 0 no ceiling; 1 a
    ceiling; 2 too few weeks to tell; 64 the figures cannot be used, with file, line and column.
    """
    from auditor.cli.capacity import run_capacity

    return run_capacity(figures, config, costs=tuple(cost or ()), as_of=as_of, store=store, output=output)

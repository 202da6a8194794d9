"""`auditor orders`: what it takes."""

from pathlib import Path
from typing import Annotated

import typer

from auditor.cli.formats import Format
from auditor.cli.options import ConfigAfter, ConfigOption, OutputFormat, StoreFile, chosen


def command(
    vma: Annotated[
        str | None, typer.Argument(metavar="[VMA]", help="Of one VMA only, by the id on the roster.")
    ] = None,
    config_file: ConfigAfter = None,
    *,
    closed: Annotated[bool, typer.Option("--closed", help="Those that ended, instead of the open ones.")] = False,
    every: Annotated[bool, typer.Option("--all", help="Those that ended too.")] = False,
    print_to: Annotated[
        Path | None, typer.Option("--print", metavar="FOLDER", help="Also write a sheet for each person who must act.")
    ] = None,
    csv: Annotated[Path | None, typer.Option(metavar="FILE", help="Also write a table for a tracker.")] = None,
    at: Annotated[
        str | None, typer.Option(metavar="INSTANT", help="As of an instant after the last audit; default: now.")
    ] = None,
    config: ConfigOption = None,
    store: StoreFile = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """
    Audits open them: for the accounts of who left, for what an earlier role left behind, for what a start still needs.
    Nothing closes one but a whole read that is newer, or the system's own record: no command does, and attesting does
    not. Reads no system. Exit codes: 0 nothing is overdue; 1 something is; 2 something open could not be looked at.
    """
    from auditor.cli.orders import run_orders

    named = Path(vma) if vma is not None and config_file is None and vma.endswith((".yaml", ".yml")) else None
    vma = vma if named is None else None
    path = chosen(config, config_file, named)
    return run_orders(
        vma, path, closed=closed, every=every, print_to=print_to, csv=csv, at=at, store=store, output=output
    )

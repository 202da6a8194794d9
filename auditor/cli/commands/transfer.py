"""`auditor transfer`: what it takes."""

from typing import Annotated

import typer

from auditor.cli.formats import Format
from auditor.cli.options import CONFIG, AsOf, ConfigFile, OutputFormat, StoreFile, Vma


def command(
    vma: Vma,
    config: ConfigFile = CONFIG,
    *,
    to: Annotated[
        list[str] | None,
        typer.Option(metavar="ROLE", help="The role to come, may be repeated; default: as roster and audits tell."),
    ] = None,
    as_of: AsOf = None,
    store: StoreFile = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """
    Without `--to`: the change that the roster dates, or the one that has been. Reads every system and stores nothing.
    Exit codes: 0 DONE; 1 NOT DONE; 2 UNPROVEN.
    """
    from auditor.cli.transfer import run_transfer

    return run_transfer(vma, config, tuple(to or ()), as_of, store=store, output=output)

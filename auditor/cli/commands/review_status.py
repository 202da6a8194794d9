"""`auditor review status`: what it takes."""

from typing import Annotated

import typer

from auditor.cli.formats import Format
from auditor.cli.options import ConfigAfter, ConfigOption, OutputFormat, StoreFile, chosen

Campaign = Annotated[
    str | None,
    typer.Option("--campaign", metavar="NAME|ID", help="Which review; default: the open one, else the last."),
]


def command(
    config_file: ConfigAfter = None,
    *,
    campaign: Campaign = None,
    config: ConfigOption = None,
    store: StoreFile = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """
    Who is behind, what nobody decided, and of each removal whether it is decided, asked for, or removed, and when.
    Reads no system. Exit codes: 0; 1 while a question of an open review is overdue.
    """
    from auditor.cli.review import run_status

    return run_status(chosen(config, config_file), campaign, store=store, output=output)

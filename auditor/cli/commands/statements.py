"""`auditor statements`: what it takes."""

from typing import Annotated

import typer

from auditor.cli.formats import Format
from auditor.cli.options import CONFIG, ConfigFile, OutputFormat, StoreFile


def command(
    config: ConfigFile = CONFIG,
    *,
    as_of: Annotated[str | None, typer.Option(metavar="DAY", help="Which hold on this day; default: today.")] = None,
    store: StoreFile = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """`✓` stands before what holds."""
    from auditor.cli.statements import run_statements

    return run_statements(config, as_of, store=store, output=output)

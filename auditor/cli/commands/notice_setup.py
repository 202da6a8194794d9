"""`auditor notice setup`: what it takes."""

from pathlib import Path
from typing import Annotated

import typer

from auditor.cli.formats import Format
from auditor.cli.options import CONFIG, ConfigAfter, ConfigOption, OutputFormat, StoreFile


def command(
    name: Annotated[str, typer.Argument(help="The agency's legal name, as agreements and rosters have it.")],
    config_file: ConfigAfter = None,
    *,
    timezone: Annotated[str, typer.Option(help="Where the agency keeps its calendar, such as Asia/Manila.")],
    id_: Annotated[
        str | None, typer.Option("--id", help="Small letters, digits and hyphens; default: made of the name.")
    ] = None,
    config: ConfigOption = None,
    store: StoreFile = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """
    An agency audits nothing: it has a key, a store for its notices and their receipts, and the keys of its practices.
    A practice needs no setup: its configuration is enough.
    """
    from auditor.cli.notice_keys import run_setup

    path: Path = config or config_file or CONFIG
    return run_setup(name, timezone, id_, path, store=store, output=output)

"""`auditor review sheets`: what it takes."""

from pathlib import Path
from typing import Annotated

import typer

from auditor.cli.commands.review_status import Campaign
from auditor.cli.formats import Format
from auditor.cli.options import ConfigAfter, ConfigOption, OutputFormat, StoreFile, chosen


def command(
    config_file: ConfigAfter = None,
    *,
    to: Annotated[Path, typer.Option("--to", metavar="FOLDER", help="Where they are written.")] = Path("review-sheets"),
    reviewer: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Only of this reviewer; may be repeated.")
    ] = None,
    campaign: Campaign = None,
    config: ConfigOption = None,
    store: StoreFile = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """
    One XLSX workbook for each reviewer: what the page shows, with a drop-down for each decision. It can be filled in
    without a network, and comes back by `auditor review receive`. Whoever has no question gets none.
    """
    from auditor.cli.review_sheets import run_sheets

    return run_sheets(
        chosen(config, config_file), campaign, to=to, only=tuple(reviewer or ()), store=store, output=output
    )

"""`auditor review close`: what it takes."""

from typing import Annotated

import typer

from auditor.cli.commands.review_status import Campaign
from auditor.cli.formats import Format
from auditor.cli.options import By, ConfigAfter, ConfigOption, OutputFormat, StoreFile, chosen


def command(
    config_file: ConfigAfter = None,
    *,
    by: By,
    campaign: Campaign = None,
    undecided: Annotated[
        str,
        typer.Option("--undecided", metavar="REASON", help="Close though something is undecided or unsigned, and why."),
    ] = "",
    config: ConfigOption = None,
    store: StoreFile = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """
    Seals decisions, reasons and names in the ledger, signed by its key; `auditor verify` tells any later change. What
    nobody decided stays undecided, and is never kept by silence. A later change is an amendment, and seen as one.
    """
    from auditor.cli.review import run_close

    return run_close(chosen(config, config_file), campaign, by=by, undecided=undecided, store=store, output=output)

"""`auditor review receive`: what it takes."""

from pathlib import Path
from typing import Annotated

import typer

from auditor.cli.formats import Format
from auditor.cli.options import ConfigAfter, ConfigOption, OutputFormat, StoreFile, chosen


def command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The workbook that a reviewer sent back.")],
    config_file: ConfigAfter = None,
    *,
    by: Annotated[
        str,
        typer.Option("--by", metavar="NAME", help="Who took it in, and vouches that it came from the reviewer."),
    ],
    config: ConfigOption = None,
    store: StoreFile = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """
    Every row is judged first; when one cannot be, all such rows are named and nothing is recorded. What was edited
    besides the yellow cells, doubled, moved or made a formula is refused. A name at the place for it signs.
    Exit codes: 0 recorded; 1 refused, with every row; 64 it is no workbook of an open review.
    """
    from auditor.cli.review_sheets import run_receive

    return run_receive(file, chosen(config, config_file), by=by, store=store, output=output)

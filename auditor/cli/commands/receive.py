"""`auditor receive`: what it takes."""

from pathlib import Path
from typing import Annotated

import typer

from auditor.cli.formats import Format
from auditor.cli.notice_options import OutFolder
from auditor.cli.options import CONFIG, ConfigOption, OutputFormat, StoreFile


def command(
    files: Annotated[list[Path], typer.Argument(help="Notices, receipts and keys that came; several at once.")],
    *,
    out: OutFolder = None,
    config: ConfigOption = None,
    store: StoreFile = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """
    What counts is the instant of receipt on this machine, never a date in the file. Received again, a notice changes
    nothing, and gets the same receipt. Exit codes: 0 each counts; 3 one does not, and is recorded as refused.
    """
    from auditor.cli.receive import run_receive

    return run_receive(files, config or CONFIG, out, store=store, output=output)

"""`auditor notice show`: what it takes."""

from typing import Annotated

import typer

from auditor.cli.formats import Format
from auditor.cli.notice_options import NoticeId, OutFolder
from auditor.cli.options import ConfigAfter, ConfigOption, OutputFormat, StoreFile, chosen


def command(
    notice: NoticeId,
    config_file: ConfigAfter = None,
    *,
    receipt: Annotated[bool, typer.Option("--receipt", help="The receipt of it.")] = False,
    out: OutFolder = None,
    config: ConfigOption = None,
    store: StoreFile = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """What was lost on the way can be sent again: it is the same file, and whoever has it already loses nothing."""
    from auditor.cli.notice import run_show

    return run_show(chosen(config, config_file), notice, out, receipt=receipt, store=store, output=output)

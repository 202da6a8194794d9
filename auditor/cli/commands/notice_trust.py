"""`auditor notice trust`: what it takes."""

from pathlib import Path
from typing import Annotated

import typer

from auditor.cli.formats import Format
from auditor.cli.options import By, ConfigAfter, ConfigOption, OutputFormat, StoreFile, chosen


def command(
    file: Annotated[Path, typer.Argument(help="The key file that the other side sent.")],
    by: By,
    config_file: ConfigAfter = None,
    *,
    fingerprint: Annotated[str, typer.Option(help="As the other side read it aloud, with or without spaces.")],
    config: ConfigOption = None,
    store: StoreFile = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """
    Once for each party. Call them on a number that you know, and let them read all 32 digits: a fingerprint that came
    with the file proves nothing.
    """
    from auditor.cli.notice_keys import run_trust

    return run_trust(file, fingerprint, by, chosen(config, config_file), store=store, output=output)

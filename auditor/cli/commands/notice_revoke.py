"""`auditor notice revoke`: what it takes."""

from typing import Annotated

import typer

from auditor.cli.formats import Format
from auditor.cli.notice_options import OutFolder
from auditor.cli.options import By, ConfigAfter, ConfigOption, OutputFormat, StoreFile, chosen


def command(
    fingerprint: Annotated[str, typer.Argument(help="Of the key, as `auditor notice keys` shows it.")],
    by: By,
    config_file: ConfigAfter = None,
    *,
    reason: Annotated[str, typer.Option(help="Why.")] = "",
    out: OutFolder = None,
    config: ConfigOption = None,
    store: StoreFile = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """What it signed and was received before stands, with a mark. A key that was revoked never counts again."""
    from auditor.cli.notice_keys import run_revoke

    path = chosen(config, config_file)
    return run_revoke(fingerprint, by, reason, path, out, store=store, output=output)

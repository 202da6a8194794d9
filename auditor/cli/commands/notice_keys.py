"""`auditor notice keys`: what it takes."""

from auditor.cli.formats import Format
from auditor.cli.notice_options import OutFolder
from auditor.cli.options import CONFIG, ConfigFile, OutputFormat, StoreFile


def command(
    config: ConfigFile = CONFIG,
    *,
    out: OutFolder = None,
    store: StoreFile = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """The key is made at first use; its private half lies beside the store, and is never shown."""
    from auditor.cli.notice_keys import run_keys_show

    return run_keys_show(config, out, store=store, output=output)

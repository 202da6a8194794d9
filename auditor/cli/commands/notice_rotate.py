"""`auditor notice rotate`: what it takes."""

from auditor.cli.formats import Format
from auditor.cli.notice_options import OutFolder
from auditor.cli.options import By, ConfigAfter, ConfigOption, OutputFormat, StoreFile, chosen


def command(
    by: By,
    config_file: ConfigAfter = None,
    *,
    out: OutFolder = None,
    config: ConfigOption = None,
    store: StoreFile = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """
    The old key introduces the new one, so that no fingerprint is compared again. Where somebody else may have the old
    one, revoke it instead.
    """
    from auditor.cli.notice_keys import run_rotate

    return run_rotate(by, chosen(config, config_file), out, store=store, output=output)

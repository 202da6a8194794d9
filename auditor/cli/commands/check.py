"""`auditor check`: what it takes."""

from auditor.cli.formats import Format
from auditor.cli.options import CONFIG, ConfigFile, OutputFormat, StoreFile, Vma


def command(
    vma: Vma,
    config: ConfigFile = CONFIG,
    *,
    store: StoreFile = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """
    Asks each system for the accounts of one person that audits know, and for nothing else; stores nothing, and closes
    no order. Whether somebody is gone, only an audit proves: an account under another name is not looked for. Exit
    codes: 0 nothing that was looked at is left to do; 1 something is; 2 something could not be looked at.
    """
    from auditor.cli.check import run_check

    return run_check(vma, config, store=store, output=output)

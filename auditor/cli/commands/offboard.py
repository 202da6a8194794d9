"""`auditor offboard`: what it takes."""

from auditor.cli.formats import Format
from auditor.cli.options import CONFIG, AsOf, ConfigFile, OutputFormat, StoreFile, Vma


def command(
    vma: Vma,
    config: ConfigFile = CONFIG,
    *,
    as_of: AsOf = None,
    store: StoreFile = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """Only a whole read after the end proves it. Reads every system and stores nothing."""
    from auditor.cli.offboard import run_offboard

    return run_offboard(vma, config, as_of, store=store, output=output)

"""`auditor onboard`: what it takes."""

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
    """Reads every system and stores nothing. What no machine can see is an attestation: `auditor attest`."""
    from auditor.cli.onboard import run_onboard

    return run_onboard(vma, config, as_of, store=store, output=output)

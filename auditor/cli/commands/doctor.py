"""`auditor doctor`: what it takes."""

from typing import Annotated

import typer

from auditor.cli.formats import Format
from auditor.cli.options import CONFIG, ConfigFile, OutputFormat, StoreFile


def command(
    config: ConfigFile = CONFIG,
    *,
    system: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Only this system, and what concerns all; may be repeated.")
    ] = None,
    store: StoreFile = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """Exit codes: 0 all works, perhaps with warnings; 2 something does not; 64 the configuration cannot be used."""
    from auditor.cli.doctor import run_doctor

    return run_doctor(config, tuple(system or ()), store=store, output=output)

"""`auditor work`: what it takes."""

from typing import Annotated

import typer

from auditor.cli.formats import Format
from auditor.cli.options import CONFIG, ConfigFile, OutputFormat, StoreFile, instant
from connectors.errors import AuditorError


def command(
    config: ConfigFile = CONFIG,
    *,
    at: Annotated[
        str | None, typer.Option(help="Who is at work at this instant, such as 2026-09-30T17:00:00Z; default: now.")
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", metavar="AUDIT|DAY", help="People and systems as that audit saw them; reads nothing."),
    ] = None,
    store: StoreFile = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """
    It reads the systems anew and stores nothing. Exit codes: 0 all is in order; 1 something is not; 2 something could
    not be evaluated; 64 the work map cannot be used, with file, line and key.
    """
    from auditor.cli.work import run_work

    if at is not None and as_of is not None:
        raise AuditorError(
            "`--at` and `--as-of` exclude each other", hint="`--at` reads the systems, `--as-of` does not"
        )
    return run_work(config, at=instant(at), as_of=as_of, store=store, output=output)

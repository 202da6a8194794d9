"""`auditor plan`: what it takes."""

from pathlib import Path
from typing import Annotated

import typer

from auditor.cli.formats import Format
from auditor.cli.options import OutputFormat, StoreFile


def command(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="[PLAN] [CONFIG]", help="The plan, then the configuration.")
    ] = None,
    *,
    hire: Annotated[
        list[str] | None,
        typer.Option(metavar="COUNT:ROLE:START", help="Instead of a plan: such as 2:scheduler:2027-03-01."),
    ] = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="AUDIT|DAY", help="As it was seen then; default: now.")
    ] = None,
    store: StoreFile = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """
    Works on what the last audit stored; reads no system and stores nothing. With `--hire` only the configuration is
    given. Exit codes: 0 nothing is in the way; 1 something is; 2 the audit had not read a system whole.
    """
    from auditor.cli.plan import run_plan

    return run_plan(tuple(files or ()), tuple(hire or ()), as_of, store=store, output=output)

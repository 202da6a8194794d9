"""`auditor review annexes`: what it takes."""

from typing import Annotated

import typer

from auditor.cli.formats import TableFormat
from auditor.cli.options import CONFIG, ConfigFile, StoreFile


def command(
    config: ConfigFile = CONFIG,
    *,
    quarter: Annotated[
        str | None,
        typer.Option(metavar="YEARQ1..4", help="Of a quarter, such as 2026Q4: since the last audit before it."),
    ] = None,
    since: Annotated[
        str | None, typer.Option("--from", metavar="AUDIT|DAY", help="The earlier audit; default: the one before.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--to", metavar="AUDIT|DAY", help="The later audit; default: the last.")
    ] = None,
    annex: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Only this annex, such as A; may be repeated.")
    ] = None,
    store: StoreFile = None,
    output: Annotated[TableFormat, typer.Option("--format", help="How the result is printed on stdout.")] = (
        TableFormat.TEXT
    ),
) -> int:
    """
    A new users, B terminations and transfers, C privileged, D default, shared and service accounts, E dormant,
    F exceptions, G agreements, H changes, I evidence; then removals without a leaver, administrators, second factor,
    the population with its proof, the roster against the accounts, and how reviews went. Each says rows, nothing, or
    not evaluated.
    Works on what is stored, and reads no system.
    Exit codes: 0 nothing needs action; 1 something does; 2 something could not be evaluated.
    """
    from auditor.cli.annexes import run_annexes

    return run_annexes(
        config, quarter=quarter, since=since, until=until, only=tuple(annex or ()), store=store, output=output
    )

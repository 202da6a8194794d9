"""The commands about work: who owns it, and whether the practice can carry more of it."""

from pathlib import Path
from typing import Annotated

import typer

from auditor.cli.options import ConfigFile, Format, OutputFormat, example, instant
from connectors.errors import AuditorError


def add_work_commands(app: typer.Typer) -> None:
    """Add them to the application."""
    app.command("work", epilog=example("auditor work auditor.yaml"))(_work)
    app.command("capacity", epilog=example("auditor capacity figures.csv auditor.yaml"))(_capacity)


def _work(
    config: ConfigFile = Path("auditor.yaml"),
    *,
    at: Annotated[
        str | None, typer.Option(help="Who is at work at this instant, such as 2026-09-30T17:00:00Z; default: now.")
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", metavar="AUDIT|DAY", help="People and systems as that audit saw them; reads nothing."),
    ] = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """
    Answer every question of the work map: who owns which work, who cannot do it, whose access does not fit it.

    It reads the systems anew and stores nothing. Exit codes: 0 all is in order; 1 something is not; 2 something could
    not be evaluated; 64 the work map cannot be used, with file, line and key.
    """
    from auditor.cli.work import run_work  # noqa: PLC0415

    if at is not None and as_of is not None:
        raise AuditorError(
            "`--at` and `--as-of` exclude each other", hint="`--at` reads the systems, `--as-of` does not"
        )
    return run_work(config, at=instant(at), as_of=as_of, as_json=output.is_json)


def _capacity(
    figures: Annotated[
        Path, typer.Argument(help="Weekly figures, as CSV or XLSX: docs/capacity.md lists the columns.")
    ],
    config: Annotated[
        Path | None, typer.Argument(help="The practice's configuration: who joined when, and with which hours.")
    ] = None,
    *,
    cost: Annotated[
        list[str] | None,
        typer.Option(metavar="COLUMN=HOURS", help="What one of a figure costs, in hours of work; may be repeated."),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", metavar="DAY", help="By the weeks that were over then; default: all."),
    ] = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """
    Say whether the practice is at its ceiling, which lever fits (hours, VMAs, roles), and which role comes first.

    Each signal has a trend test of its own over the weeks; two at once are a ceiling. Exit codes: 0 no ceiling; 1 a
    ceiling; 2 too few weeks to tell; 64 the figures cannot be used, with file, line and column.
    """
    from auditor.cli.capacity import run_capacity  # noqa: PLC0415

    return run_capacity(figures, config, costs=tuple(cost or ()), as_of=as_of, as_json=output.is_json)

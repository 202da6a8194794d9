"""The commands that look ahead: forecast, plan."""

from pathlib import Path
from typing import Annotated

import typer

from auditor.cli.options import ConfigFile, Format, OutputFormat, example


def add_ahead_commands(app: typer.Typer) -> None:
    """Add them to the application."""
    app.command("forecast", epilog=example("auditor forecast auditor.yaml --days 90 --ics due.ics"))(_forecast)
    app.command("plan", epilog=example("auditor plan plan.yaml auditor.yaml"))(_plan)


def _forecast(
    config: ConfigFile = Path("auditor.yaml"),
    *,
    days: Annotated[int, typer.Option(help="How many days to look ahead.")] = 90,
    ics: Annotated[Path | None, typer.Option(metavar="FILE", help="Also write it as a calendar file.")] = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="AUDIT|DAY", help="As it was seen then; default: now.")
    ] = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """
    Say what falls out of step if nobody acts: agreements and contracts that end, starts without cover, and more.

    Works on what the last audit stored, and reads no system. Exit codes: 0 nothing; 1 something; 2 the audit had not
    read a system whole.
    """
    from auditor.cli.forecast import run_forecast  # noqa: PLC0415

    return run_forecast(config, days, as_of, ics, as_json=output.is_json)


def _plan(
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
    output: OutputFormat = Format.TEXT,
) -> int:
    """
    Say what planned changes of headcount would do to every control, and what to do first, in order, with dates.

    Works on what the last audit stored; reads no system and stores nothing. With `--hire` only the configuration is
    given. Exit codes: 0 nothing is in the way; 1 something is; 2 the audit had not read a system whole.
    """
    from auditor.cli.plan import run_plan  # noqa: PLC0415

    return run_plan(tuple(files or ()), tuple(hire or ()), as_of, as_json=output.is_json)

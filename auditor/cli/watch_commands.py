"""The command that stays: watch."""

from pathlib import Path
from typing import Annotated

import typer

from auditor.cli.options import ConfigFile, FailOn, Format, OutputFormat, example


def add_watch_commands(app: typer.Typer) -> None:
    """Add it to the application."""
    app.command("watch", epilog=example("auditor watch auditor.yaml --once"))(_watch)


def _watch(
    config: ConfigFile = Path("auditor.yaml"),
    *,
    once: Annotated[
        bool, typer.Option("--once", help="Do what is due now, and exit as the audit does; for cron.")
    ] = False,
    test_message: Annotated[
        bool, typer.Option("--test-message", "--check", help="Only send a test message to every recipient.")
    ] = False,
    status: Annotated[bool, typer.Option("--status", help="Only say what was told, and what waits.")] = False,
    fail_on: Annotated[FailOn, typer.Option(help="The least severe finding that makes the exit code 1.")] = FailOn.LOW,
    output: OutputFormat = Format.TEXT,
) -> int:
    """
    Audit whenever a file of the configuration changes and at each time of the schedule, and tell whom it should.

    `watch:` in the configuration says when and whom: docs/watch.md. Messages hold VMA ids and counts, no name and no
    secret. Runs until SIGTERM. Exit codes: `--once`: those of the audit; `--status`, `--test-message`: 2 when somebody
    cannot be told.
    """
    from auditor.cli.watch import run_once, run_status, run_test_message, run_watch  # noqa: PLC0415
    from connectors.errors import AuditorError  # noqa: PLC0415

    if sum((once, test_message, status)) > 1:
        raise AuditorError("`--once`, `--test-message` and `--status` exclude each other", hint="give one of them")
    as_json = output.is_json
    if status:
        return run_status(config, as_json=as_json)
    if test_message:
        return run_test_message(config, as_json=as_json)
    return (
        run_once(config, fail_on.value, as_json=as_json) if once else run_watch(config, fail_on.value, as_json=as_json)
    )

"""`auditor watch`: what it takes."""

from typing import Annotated

import typer

from auditor.cli.formats import FailOn, Format
from auditor.cli.options import CONFIG, ConfigFile, OutputFormat, StoreFile
from connectors.errors import AuditorError


def command(
    config: ConfigFile = CONFIG,
    *,
    once: Annotated[
        bool, typer.Option("--once", help="Do what is due now, and exit as the audit does; for cron.")
    ] = False,
    test_message: Annotated[
        bool, typer.Option("--test-message", "--check", help="Only send a test message to every recipient.")
    ] = False,
    status: Annotated[bool, typer.Option("--status", help="Only say what was told, and what waits.")] = False,
    fail_on: Annotated[FailOn, typer.Option(help="The least severe finding that makes the exit code 1.")] = FailOn.LOW,
    store: StoreFile = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """
    `watch:` in the configuration says when and whom: docs/watch.md. Messages hold VMA ids and counts, no name and no
    secret. Runs until SIGTERM. Exit codes: `--once`: those of the audit; `--status`, `--test-message`: 2 when somebody
    cannot be told.
    """
    from auditor.cli.watch import run_once, run_status, run_test_message, run_watch

    if sum((once, test_message, status)) > 1:
        raise AuditorError("`--once`, `--test-message` and `--status` exclude each other", hint="give one of them")
    if status:
        return run_status(config, store=store, output=output)
    if test_message:
        return run_test_message(config, store=store, output=output)
    run = run_once if once else run_watch
    return run(config, fail_on.value, store=store, output=output)

"""`auditor audit`: what it takes."""

from pathlib import Path
from typing import Annotated

import typer

from auditor.cli.formats import FailOn
from auditor.cli.options import CONFIG, ConfigFile, StoreFile, instant
from connectors.errors import AuditorError


def command(
    config: ConfigFile = CONFIG,
    *,
    at: Annotated[
        str | None, typer.Option(help="Judge as of this instant, such as 2026-09-30T17:00:00Z; default: now.")
    ] = None,
    fail_on: Annotated[FailOn, typer.Option(help="The least severe finding that makes the exit code 1.")] = FailOn.LOW,
    accept_drop: Annotated[
        list[str] | None, typer.Option(metavar="SYSTEM", help="Accept that SYSTEM suddenly has far fewer accounts.")
    ] = None,
    reason: Annotated[str | None, typer.Option(help="Why the drop is right; recorded with the audit.")] = None,
    confirm_time: Annotated[
        bool, typer.Option("--confirm-time", help="The clock is right, though the last audit was long ago.")
    ] = False,
    start_anew: Annotated[
        str | None, typer.Option(metavar="REASON", help="Where the store was lost for good: start a new history.")
    ] = None,
    by: Annotated[str | None, typer.Option(help="With `--start-anew`: who decides it.")] = None,
    store: StoreFile = None,
    report: Annotated[Path | None, typer.Option(help="Where the HTML report goes; default: as configured.")] = None,
    output: Annotated[
        str, typer.Option("--format", metavar="text|json|html|…", help="What stdout gets; packages may add formats.")
    ] = "text",
) -> int:
    """The first line that it prints is headcount arithmetic. It reads the audited systems and never changes them."""
    from auditor.cli.audit import run_audit

    if bool(accept_drop) != bool(reason and reason.strip()):
        raise AuditorError(
            "`--accept-drop` and `--reason` go together",
            hint="for example: auditor audit --accept-drop ehr --reason 'twelve leavers removed, ticket 4711'",
        )
    accepted = dict.fromkeys(accept_drop or (), (reason or "").strip())
    if bool((start_anew or "").strip()) != bool((by or "").strip()):
        raise AuditorError(
            "`--start-anew` and `--by` go together",
            hint="for example: auditor audit --start-anew 'the disk died, and there is no backup' --by 'Dana Ortiz'",
        )
    anew = (by, start_anew) if by and start_anew else None
    return run_audit(
        config,
        at=instant(at),
        fail_on=fail_on.value,
        accepted=accepted,
        anew=anew,
        time_confirmed=confirm_time,
        store=store,
        report=report,
        output=output,
    )

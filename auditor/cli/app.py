"""The commands, each with an example in its help; what a command needs is imported when it runs."""

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from connectors.errors import AuditorError


class Format(StrEnum):
    """How a result is printed."""

    TEXT = "text"
    JSON = "json"


class FailOn(StrEnum):
    """The least severe finding that changes the exit code."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


ConfigFile = Annotated[Path, typer.Argument(help="The practice's configuration.", show_default=True)]
StoreFile = Annotated[Path | None, typer.Option("--store", help="The store; default: as configured.")]
OutputFormat = Annotated[Format, typer.Option("--format", help="How the result is printed on stdout.")]


def build() -> typer.Typer:
    """Return the application."""
    app = typer.Typer(
        name="auditor",
        help="Keeps the controls of medical practices in step with their headcount of Virtual Medical Assistants.\n\n"
        "Exit codes: 0 in step · 1 findings · 2 something could not be evaluated · 3 evidence does not verify · "
        "64 wrong usage or configuration.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode="markdown",
    )
    app.command("audit", epilog=_example("auditor audit auditor.yaml"))(_audit)
    app.command("explain", epilog=_example("auditor explain F-ABCDEFGHIJ --store auditor.db"))(_explain)
    app.command("verify", epilog=_example("auditor verify auditor.db --key ed25519:… --head '12 9f… c2…'"))(_verify)
    return app


def _example(command: str) -> str:
    return f"Example: `{command}`"


def _audit(
    config: ConfigFile = Path("auditor.yaml"),
    *,
    at: Annotated[
        str | None, typer.Option(help="Judge as of this instant, such as 2026-09-30T17:00:00Z; default: now.")
    ] = None,
    fail_on: Annotated[FailOn, typer.Option(help="The least severe finding that makes the exit code 1.")] = FailOn.LOW,
    accept_drop: Annotated[
        list[str] | None, typer.Option(metavar="SYSTEM", help="Accept that SYSTEM suddenly has far fewer accounts.")
    ] = None,
    reason: Annotated[str | None, typer.Option(help="Why the drop is right; recorded with the audit.")] = None,
    store: StoreFile = None,
    report: Annotated[Path | None, typer.Option(help="Where the HTML report goes; default: as configured.")] = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """
    Audit one practice: read every system, judge, compare with the last audit, write the report.

    The first line that it prints is headcount arithmetic. It reads the audited systems and never changes them.
    """
    from auditor.cli.audit import run_audit  # noqa: PLC0415

    if bool(accept_drop) != bool(reason and reason.strip()):
        raise AuditorError(
            "`--accept-drop` and `--reason` go together",
            hint="for example: auditor audit --accept-drop ehr --reason 'twelve leavers removed, ticket 4711'",
        )
    accepted = dict.fromkeys(accept_drop or (), (reason or "").strip())
    return run_audit(
        config,
        at=_instant(at),
        fail_on=fail_on.value,
        accepted=accepted,
        store=store,
        report=report,
        as_json=output is Format.JSON,
    )


def _explain(
    what: Annotated[str, typer.Argument(metavar="FINDING", help="A finding's id, or a rule's id.")],
    *,
    store: Annotated[Path, typer.Option("--store", help="The store that holds the finding.")] = Path("auditor.db"),
    output: OutputFormat = Format.TEXT,
) -> int:
    """Explain a finding by its whole path, from the VMA to the citation; or what a rule asks, and why."""
    from auditor.cli.explain import run_explain  # noqa: PLC0415

    return run_explain(what, store, as_json=output is Format.JSON)


def _verify(
    store: Annotated[Path, typer.Argument(help="The store, or a copy of it.")] = Path("auditor.db"),
    *,
    key: Annotated[str, typer.Option(help="The public key, as printed in every report.")],
    head: Annotated[
        str | None, typer.Option(help="The signed head from a report: vouches for everything up to it.")
    ] = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """Prove, offline and with the public key only, that nobody changed, cut or reordered the history."""
    from auditor.cli.verify import run_verify  # noqa: PLC0415

    return run_verify(store, key, head, as_json=output is Format.JSON)


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        instant = None
    # Days and zones are reckoned around it, and the calendar ends at the years 1 and 9999.
    if instant is None or instant.tzinfo is None or not 1970 <= instant.year <= 9000:
        raise AuditorError(
            f"`--at {text}` is not an instant", hint="give date, time and zone, such as 2026-09-30T17:00:00Z"
        )
    return instant.astimezone(UTC)

"""The commands about what people may do in a cloud."""

from pathlib import Path
from typing import Annotated

import typer

from auditor.cli.options import ConfigFile, example


def add_cloud_commands(app: typer.Typer) -> None:
    """Add them to the application."""
    app.command("smallest-policy", epilog=example("auditor smallest-policy prior_authorization --system cloud"))(
        _smallest_policy
    )


def _smallest_policy(
    role: Annotated[str, typer.Argument(help="The role whose template says what is required.")],
    config: ConfigFile = Path("auditor.yaml"),
    *,
    system: Annotated[str, typer.Option(metavar="ID", help="The AWS account.")],
    with_: Annotated[
        list[str] | None,
        typer.Option("--with", metavar="CAPABILITY", help="Also this, which the role allows; may be repeated."),
    ] = None,
) -> int:
    """
    Print the smallest AWS policy that gives a role what it requires on the resources with PHI: JSON, ready to paste.

    The evaluator has proven it: it allows what is required on every such resource, and nothing else, nowhere. What
    stands beside it is told on stderr. Exit codes: 0 done; 1 too long for one managed policy; 2 the account could not
    be read whole; 64 nothing is needed, or the configuration cannot be used.
    """
    from auditor.cli.smallest_policy import run_smallest_policy  # noqa: PLC0415

    return run_smallest_policy(role, system, tuple(with_ or ()), config)

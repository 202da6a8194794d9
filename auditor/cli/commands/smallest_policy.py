"""`auditor smallest-policy`: what it takes."""

from typing import Annotated

import typer

from auditor.cli.options import CONFIG, ConfigFile


def command(
    role: Annotated[str, typer.Argument(help="The role whose template says what is required.")],
    config: ConfigFile = CONFIG,
    *,
    system: Annotated[str, typer.Option(metavar="ID", help="The AWS account.")],
    with_: Annotated[
        list[str] | None,
        typer.Option("--with", metavar="CAPABILITY", help="Also this, which the role allows; may be repeated."),
    ] = None,
) -> int:
    """
    The evaluator has proven it: it allows what is required on every such resource, and nothing else, nowhere. What
    stands beside it is told on stderr. Exit codes: 0 done; 1 too long for one managed policy; 2 the account could not
    be read whole; 64 nothing is needed, or the configuration cannot be used.
    """
    from auditor.cli.smallest_policy import run_smallest_policy

    return run_smallest_policy(role, system, tuple(with_ or ()), config)

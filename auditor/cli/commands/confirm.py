"""`auditor confirm`: what it takes."""

from typing import Annotated

import typer

from auditor.cli.formats import Format
from auditor.cli.options import By, ConfigAfter, ConfigOption, OutputFormat, StoreFile, chosen


def command(
    person: Annotated[str, typer.Argument(help="The id of the VMA, or of a member of staff.")],
    account: Annotated[str, typer.Argument(help="The account, as `system:log-in`.")],
    by: By,
    config_file: ConfigAfter = None,
    *,
    theirs: Annotated[bool, typer.Option("--is-theirs/--is-not-theirs", help="Whether the account is theirs.")],
    reason: Annotated[str, typer.Option(help="How that is known.")] = "",
    requested_by: Annotated[
        str | None,
        typer.Option(help="Who asks for it, somebody else: needed where the account carries an id or address."),
    ] = None,
    config: ConfigOption = None,
    store: StoreFile = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """
    It is signed, counts in every audit from now on, and `auditor withdraw` ends it. That an account is not somebody's
    is asked again when its name, address or log-in changes. Where the account carries an id, an e-mail address or a
    stated log-in that says otherwise, it takes a reason and two people.
    """
    from auditor.cli.confirm import run_confirm

    path = chosen(config, config_file)
    return run_confirm(
        path,
        person,
        account,
        theirs=theirs,
        by=by,
        reason=reason,
        requested_by=requested_by,
        store=store,
        output=output,
    )

"""`auditor explain`: what it takes."""

from pathlib import Path
from typing import Annotated

import typer

from auditor.cli.formats import Format
from auditor.cli.options import ConfigAfter, OutputFormat, StoreFile
from connectors.errors import AuditorError


def command(
    what: Annotated[str | None, typer.Argument(metavar="FINDING", help="A finding's id, or a rule's id.")] = None,
    config: ConfigAfter = None,
    *,
    principal: Annotated[
        str | None,
        typer.Option(metavar="WHO", help="Ask AWS instead: ARN, name or e-mail; or `root`."),
    ] = None,
    action: Annotated[str, typer.Option(help="With `--principal`: such as s3:GetObject.")] = "",
    resource: Annotated[str, typer.Option(help="With `--principal`: an ARN; without it, on which it is allowed.")] = "",
    estate: Annotated[
        Path | None, typer.Option(help="With `--principal`: the saved account, a file or a folder.")
    ] = None,
    context: Annotated[
        list[str] | None, typer.Option(metavar="KEY=VALUE", help="With `--principal`: a condition key that is known.")
    ] = None,
    store: StoreFile = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """
    The finding is looked up in the store of the configuration, or in `auditor.db` where there is neither.

    With `--principal`, `--action` and `--estate`: whether somebody may do something in a saved AWS account, and which
    statements decide. Exit codes: 0 whatever the answer is; 64 the question or a file cannot be used.
    """
    if principal is not None:
        from auditor.cli.explain_access import AskedAccess, run_explain_access

        if not action or estate is None:
            raise AuditorError(
                "`--principal` needs `--action` and `--estate`",
                hint="auditor explain --principal maria --action s3:GetObject --resource arn:… --estate account.json",
            )
        asked = AskedAccess(principal, action, resource, estate, tuple(context or ()))
        return run_explain_access(asked, output=output)
    if what is None:
        raise AuditorError("which finding or rule?", hint="such as `auditor explain F-ABCDEFGHIJ`")
    from auditor.cli.explain import run_explain

    return run_explain(what, config, store=store, output=output)

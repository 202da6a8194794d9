"""`auditor correct-time`: what it takes."""

from typing import Annotated

import typer

from auditor.cli.formats import Format
from auditor.cli.options import By, ConfigAfter, ConfigOption, OutputFormat, StoreFile, chosen, instant


def command(
    audit: Annotated[int, typer.Argument(help="The number of the audit, as `auditor drift` and errors name it.")],
    really: Annotated[str, typer.Argument(metavar="INSTANT", help="When it really was, such as 2026-11-30T08:00:00Z.")],
    by: By,
    config_file: ConfigAfter = None,
    *,
    reason: Annotated[str, typer.Option(help="How the clock was found to be ahead.")],
    config: ConfigOption = None,
    store: StoreFile = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """
    Until then it keeps out every later audit.

    Nothing is rewritten: the correction is signed and stands beside it.
    """
    from auditor.cli.statements import run_statement
    from auditor.ledger.entries import instant as written
    from auditor.ledger.statements import Statement, StatementKind

    moment = instant(really, "INSTANT")
    return run_statement(
        chosen(config, config_file),
        lambda practice, today: Statement(
            practice,
            StatementKind.CORRECTION,
            str(audit),
            written(moment) if moment else "",
            by,
            today,
            reason=reason,
        ),
        store=store,
        output=output,
    )

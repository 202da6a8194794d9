"""`auditor accept`: what it takes."""

from typing import Annotated

import typer

from auditor.cli.formats import Format
from auditor.cli.options import By, ConfigAfter, ConfigOption, OutputFormat, StoreFile, chosen


def command(
    finding: Annotated[str, typer.Argument(help="The finding's id, such as F-ABCDEFGHIJ.")],
    by: By,
    config_file: ConfigAfter = None,
    *,
    reason: Annotated[str, typer.Option(help="Why the risk is accepted; for a critical finding, a sentence.")],
    expires: Annotated[str, typer.Option(metavar="DAY", help="The last day on which it is accepted.")],
    requested_by: Annotated[
        str | None, typer.Option(help="Who asks for it, somebody else: needed where the finding is critical.")
    ] = None,
    config: ConfigOption = None,
    store: StoreFile = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """It counts up to that day; `auditor withdraw` ends it before."""
    from auditor.cli.statements import parse_day, run_statement
    from auditor.ledger.statements import Statement, StatementKind

    return run_statement(
        chosen(config, config_file),
        lambda practice, today: Statement(
            practice,
            StatementKind.EXCEPTION,
            finding,
            "",
            by,
            today,
            expires=parse_day(expires, "--expires"),
            reason=reason,
            requested_by=requested_by,
        ),
        store=store,
        output=output,
    )

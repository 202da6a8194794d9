"""`auditor withdraw`: what it takes."""

from typing import Annotated

import typer

from auditor.cli.formats import Format
from auditor.cli.options import By, ConfigAfter, ConfigOption, OutputFormat, StoreFile, chosen


def command(
    statement: Annotated[str, typer.Argument(help="The statement's id, such as S-0123456789.")],
    by: By,
    config_file: ConfigAfter = None,
    *,
    reason: Annotated[str, typer.Option(help="Why it no longer holds.")] = "",
    config: ConfigOption = None,
    store: StoreFile = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """Who ended it, and why, is signed as the statement itself was."""
    from auditor.cli.statements import run_statement
    from auditor.ledger.statements import Statement, StatementKind

    return run_statement(
        chosen(config, config_file),
        lambda practice, today: Statement(practice, StatementKind.WITHDRAWAL, statement, "", by, today, reason=reason),
        store=store,
        output=output,
    )

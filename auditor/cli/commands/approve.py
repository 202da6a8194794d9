"""`auditor approve`: what it takes."""

from typing import Annotated

import typer

from auditor.cli.formats import Format
from auditor.cli.options import By, ConfigAfter, ConfigOption, Expires, On, OutputFormat, StoreFile, Vma, chosen


def command(
    vma: Vma,
    access: Annotated[str, typer.Argument(help="What is approved, as `system: entitlement`.")],
    by: By,
    config_file: ConfigAfter = None,
    *,
    requested_by: Annotated[str, typer.Option(help="Who asked for it; somebody else than who approves.")],
    on: On = None,
    expires: Expires = None,
    reason: Annotated[str, typer.Option(help="What it is for.")] = "",
    config: ConfigOption = None,
    store: StoreFile = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """The statement is signed, dated and never changed; `auditor withdraw` ends it."""
    from auditor.cli.statements import parse_day, run_statement
    from auditor.ledger.statements import Statement, StatementKind

    return run_statement(
        chosen(config, config_file),
        lambda practice, today: Statement(
            practice,
            StatementKind.REQUEST,
            vma,
            access,
            by,
            parse_day(on, "--on") or today,
            expires=parse_day(expires, "--expires"),
            reason=reason,
            requested_by=requested_by,
        ),
        store=store,
        output=output,
    )

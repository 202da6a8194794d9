"""`auditor attest`: what it takes."""

from pathlib import Path
from typing import Annotated

import typer

from auditor.cli.formats import Format
from auditor.cli.options import By, ConfigAfter, ConfigOption, Expires, On, OutputFormat, StoreFile, Vma, chosen


def command(
    vma: Vma,
    topic: Annotated[str, typer.Argument(help="What is attested, such as `training`, `screening`, `workstation`.")],
    by: By,
    config_file: ConfigAfter = None,
    *,
    on: On = None,
    expires: Expires = None,
    document: Annotated[
        Path | None, typer.Option(help="The document that proves it; only its SHA-256 and its name are kept.")
    ] = None,
    reason: Annotated[str, typer.Option(help="A remark.")] = "",
    config: ConfigOption = None,
    store: StoreFile = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """The statement is signed, dated and never changed; `auditor withdraw` ends it."""
    from auditor.cli.statements import parse_day, run_statement
    from auditor.ledger.statements import Statement, StatementKind, hash_document

    digest = hash_document(document) if document else None
    return run_statement(
        chosen(config, config_file),
        lambda practice, today: Statement(
            practice,
            StatementKind.ATTESTATION,
            vma,
            topic,
            by,
            parse_day(on, "--on") or today,
            expires=parse_day(expires, "--expires"),
            reason=reason,
            document=digest,
            document_name=document.name if document else None,
        ),
        store=store,
        output=output,
    )

"""`auditor verify`: what it takes."""

from pathlib import Path
from typing import Annotated

import typer

from auditor.cli.formats import Format
from auditor.cli.options import OutputFormat, StoreFile


def command(
    copy: Annotated[
        Path, typer.Argument(metavar="[STORE]", help="The store, or a copy of it; `--store` goes before it.")
    ] = Path("auditor.db"),
    *,
    key: Annotated[str, typer.Option(help="The public key, as printed in every report.")],
    head: Annotated[
        str | None, typer.Option(help="The signed head from a report: vouches for everything up to it.")
    ] = None,
    certificate: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Check a page that `auditor certificate` made, HTML or PDF.")
    ] = None,
    store: StoreFile = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """Exit codes: 0 everything holds; 3 something does not, or cannot be read."""
    from auditor.cli.verify import run_verify, run_verify_certificate

    if certificate is not None:
        return run_verify_certificate(certificate, key, store, output=output)
    return run_verify(store or copy, key, head, output=output)

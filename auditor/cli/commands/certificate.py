"""`auditor certificate`: what it takes."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from auditor.cli.formats import Format
from auditor.cli.options import CONFIG, ConfigFile, OutputFormat, StoreFile, Vma


class About(StrEnum):
    """What a certificate is about."""

    OFFBOARD = "offboard"
    ONBOARD = "onboard"
    TRANSFER = "transfer"


class Language(StrEnum):
    """The language of its words."""

    EN = "en"
    ES = "es"
    FIL = "fil"


def command(
    about: Annotated[About, typer.Argument(help="The leaving, the coming, or the change of role.")],
    vma: Vma,
    config: ConfigFile = CONFIG,
    *,
    audit: Annotated[
        int | None, typer.Option(metavar="NUMBER", help="The audit that it rests on; the last one otherwise.")
    ] = None,
    language: Annotated[Language, typer.Option(help="English, Spanish or Filipino.")] = Language.EN,
    into: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Where the page goes; beside the report otherwise.")
    ] = None,
    store: StoreFile = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """
    One page about one person, HTML and PDF, signed by the ledger's key: it says what is proven, minute and record, and
    as loudly what is not. It rests on a stored audit: run `auditor audit` first. A stranger checks it offline with
    `auditor verify --certificate FILE --key KEY`. Exit codes: those of `auditor offboard`, `onboard` and `transfer`.
    """
    from auditor.cli.certificate import run_certificate

    return run_certificate(
        about.value, vma, config, audit, language=language.value, into=into, store=store, output=output
    )

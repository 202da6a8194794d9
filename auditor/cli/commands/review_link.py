"""`auditor review link`: what it takes."""

from typing import Annotated

import typer

from auditor.cli.formats import Format
from auditor.cli.options import ConfigAfter, ConfigOption, OutputFormat, StoreFile, chosen


def command(
    person: Annotated[str, typer.Argument(help="The reviewer's id under `review: reviewers:`.")],
    config_file: ConfigAfter = None,
    *,
    by: Annotated[str, typer.Option("--by", help="Who has it made: a person, not a department.")],
    hours: Annotated[
        int | None, typer.Option(min=1, max=24 * 14, help="How long it waits; default: `link_hours`, 72.")
    ] = None,
    number: Annotated[
        bool | None, typer.Option("--number/--no-number", help="Whether it asks for six digits, told by telephone.")
    ] = None,
    config: ConfigOption = None,
    store: StoreFile = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """
    It signs one reviewer in, once, and ends those that they had and did not use. It is printed now and kept nowhere:
    whoever has it is that reviewer, so send it to the address on file and to nobody else.
    """
    from auditor.cli.review_sign_ins import run_link

    return run_link(chosen(config, config_file), person, by=by, hours=hours, number=number, store=store, output=output)

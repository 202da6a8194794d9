"""`auditor review start`: what it takes."""

from typing import Annotated

import typer

from auditor.cli.formats import Format
from auditor.cli.options import By, ConfigAfter, ConfigOption, OutputFormat, StoreFile, chosen
from connectors.errors import AuditorError


def command(
    config_file: ConfigAfter = None,
    *,
    by: By,
    prepared_by: Annotated[
        str, typer.Option("--prepared-by", help="Who prepared it, and decides nothing in it; default: who opens it.")
    ] = "",
    scope: Annotated[str, typer.Option("--scope", help="`all`, or `privileged` alone.")] = "all",
    name: Annotated[str, typer.Option("--name", help="Such as 2026-Q4; default: by the period.")] = "",
    accept_unread: Annotated[
        list[str] | None,
        typer.Option(
            "--accept-unread", metavar="SYSTEM=REASON", help="Open though this system was not read whole; repeatable."
        ),
    ] = None,
    config: ConfigOption = None,
    store: StoreFile = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """
    Freezes the last audit and asks about it: what the role explains once a person, what is beyond it once each. Every
    question goes to the supervisor, the owner of the system or the practice manager, as `review:` in the configuration
    says; never to oneself. It does not open over a system that was not read whole, unless that is accepted by name.
    """
    from auditor.cli.review import run_start
    from auditor.review.opening import Request
    from auditor.review_records import ReviewScope

    if scope not in (ReviewScope.ALL.value, ReviewScope.PRIVILEGED.value):
        raise AuditorError(f"`--scope {scope}` is none", hint="`all` or `privileged`")
    accepted = dict(_reason(one) for one in accept_unread or ())
    request = Request(by=by, prepared_by=prepared_by, name=name, scope=ReviewScope(scope), accepted=accepted)
    return run_start(chosen(config, config_file), request, store=store, output=output)


def _reason(text: str) -> tuple[str, str]:
    system, equals, reason = text.partition("=")
    if not equals or len(reason.strip()) < 10 or len(reason) > 500 or not reason.isprintable():
        raise AuditorError(
            f"`--accept-unread {text[:100]}` does not say why",
            hint="give SYSTEM=REASON, with a reason of ten characters or more",
        )
    return system.strip(), reason.strip()

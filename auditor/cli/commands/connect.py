"""`auditor connect`: what it takes."""

from pathlib import Path
from typing import Annotated

import typer

from auditor.cli.formats import Format
from auditor.cli.options import CONFIG, OutputFormat
from connectors.errors import AuditorError


def command(
    system: Annotated[
        str | None, typer.Argument(help="The system's id in the configuration, new or there already.")
    ] = None,
    *,
    config: Annotated[Path, typer.Option(help="The practice's configuration; made where there is none.")] = CONFIG,
    kind: Annotated[str | None, typer.Option(help="ehr, directory or cloud.")] = None,
    connector: Annotated[str | None, typer.Option(help="How it is read: see `--list`.")] = None,
    product: Annotated[
        str | None, typer.Option(help="The catalog that explains its rights; with `--map`, the product's name.")
    ] = None,
    title: Annotated[str | None, typer.Option(help="What reports call it.")] = None,
    holds_phi: Annotated[
        bool | None, typer.Option("--holds-phi/--no-holds-phi", help="Whether there is patient data in it.")
    ] = None,
    vendor: Annotated[str | None, typer.Option(help="Who hosts it; `self` for the practice.")] = None,
    account_owner: Annotated[str | None, typer.Option(help="Whose contract with the vendor it is.")] = None,
    sign_in: Annotated[str | None, typer.Option(help="The system through which people sign in there.")] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="A setting; never a secret, only the name of its variable."),
    ] = None,
    practice: Annotated[str | None, typer.Option(help="For a new configuration: the practice's name.")] = None,
    timezone: Annotated[str | None, typer.Option(help="For a new configuration: such as America/Chicago.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing; write when every step works.")] = False,
    even_if_it_fails: Annotated[
        bool, typer.Option("--even-if-it-fails", help="With `--yes`: write although a step failed.")
    ] = False,
    list_: Annotated[bool, typer.Option("--list", help="List all connectors, and what they read.")] = False,
    map_: Annotated[
        Path | None, typer.Option("--map", metavar="FILE", help="Propose a mapping for a product's own report.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="With `--map`: where the mapping goes.")] = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """
    Each step says what worked or what to do: name, port, TLS, sign-in, rights, first page, all pages, canary. Secrets
    are never asked for and never written. Exit codes: 0 every step worked; 2 the system could not be read; 64 a setting
    or a file cannot be used.
    """
    if list_:
        from auditor.cli.connect_list import run_list

        return run_list(output=output)
    if map_ is not None:
        from auditor.cli.connect_map import run_connect_map

        return run_connect_map(map_, out, product, output)
    if system is None:
        raise AuditorError(
            "which system? it needs an id of your own",
            hint="such as `auditor connect ehr`; `--list` shows what there is",
        )
    from auditor.cli.connect import ConnectOptions, run_connect
    from auditor.connecting.draft import SystemDraft

    said = SystemDraft(kind, connector, product, title, holds_phi, vendor, account_owner, sign_in, settings or ())
    return run_connect(ConnectOptions(system, config, said, practice, timezone, yes, even_if_it_fails, output))

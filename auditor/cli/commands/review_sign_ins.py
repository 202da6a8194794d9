"""`auditor review sign-ins`: what it takes."""

from typing import Annotated

import typer

from auditor.cli.formats import Format
from auditor.cli.options import ConfigAfter, ConfigOption, OutputFormat, StoreFile, chosen
from connectors.errors import AuditorError


def command(
    config_file: ConfigAfter = None,
    *,
    release: Annotated[
        str | None, typer.Option(metavar="PERSON", help="Shut PERSON out until they sign in anew; needs `--by`.")
    ] = None,
    by: Annotated[str | None, typer.Option("--by", help="Who shuts them out: a person, not a department.")] = None,
    requests: Annotated[
        int,
        typer.Option(min=0, max=10_000, metavar="N", help="Also the last N requests that were to change something."),
    ] = 0,
    config: ConfigOption = None,
    store: StoreFile = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """
    Everybody whom the configuration names, by which account or link they sign in, and when they did. `--release` ends
    somebody's sessions and unused links and lets go of their account, which the next sign-in binds anew: after a
    telephone was lost, or when the provider gave them another account.
    """
    from auditor.cli.review_sign_ins import run_release, run_sign_ins

    if (release is None) != (by is None):
        raise AuditorError("`--release` and `--by` go together", hint="say whom to shut out, and who does it")
    path = chosen(config, config_file)
    if release is not None and by is not None:
        return run_release(path, release, by=by, store=store, output=output)
    return run_sign_ins(path, requests=requests, store=store, output=output)

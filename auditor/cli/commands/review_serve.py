"""`auditor review serve`: what it takes."""

from pathlib import Path
from typing import Annotated

import typer

from auditor.cli.options import ConfigAfter, ConfigOption, StoreFile, chosen


def command(
    config_file: ConfigAfter = None,
    *,
    host: Annotated[str, typer.Option(metavar="ADDRESS", help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on.")] = 8802,
    certificate: Annotated[
        Path | None, typer.Option(metavar="FILE", help="TLS certificate (PEM); needs `--key`.")
    ] = None,
    key: Annotated[Path | None, typer.Option(metavar="FILE", help="The certificate's key, without a password.")] = None,
    proxy: Annotated[
        list[str] | None,
        typer.Option(metavar="ADDRESS", help="The address from which the proxy in front asks, which encrypts."),
    ] = None,
    public: Annotated[
        str | None,
        typer.Option(metavar="URL", help="How browsers name it; default: `sign_in: site:`, else as it listens."),
    ] = None,
    config: ConfigOption = None,
    store: StoreFile = None,
) -> int:
    """
    Runs until it is interrupted; a request that was there is answered first. It refuses to listen where others could
    read along: elsewhere than on this machine it needs a certificate, or the proxy that encrypts. People sign in by
    the identity provider or by the links that `auditor review remind` sends (docs/review.md).
    """
    from auditor.cli.review_serve import run_serve

    return run_serve(
        chosen(config, config_file),
        store=store,
        host=host,
        port=port,
        files=(certificate, key),
        proxies=tuple(proxy or ()),
        public=public,
    )

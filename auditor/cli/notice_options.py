"""What several commands about notices take, each declared once."""

from pathlib import Path
from typing import Annotated

import typer

Effective = Annotated[
    str,
    typer.Option(
        metavar="INSTANT|DAY",
        help="Since or until when: 2026-12-04T17:00-06:00, or a day of the practice: the last of work, or the first.",
    ),
]
KnownSince = Annotated[
    str | None,
    typer.Option("--known-since", metavar="INSTANT", help="Since when it is known; default: now."),
]
To = Annotated[
    str | None, typer.Option("--to", metavar="ID", help="The practice or agency; default: the only one that is known.")
]
PersonName = Annotated[str | None, typer.Option("--name", help="The name of the VMA: an id alone is easily mistyped.")]
OutFolder = Annotated[
    Path | None, typer.Option("--out", metavar="FOLDER", help="Where the file goes; default: the outbox.")
]
NoticeId = Annotated[str, typer.Argument(metavar="NOTICE", help="Its id, such as N-0123456789.")]

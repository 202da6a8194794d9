"""`auditor notice role-change`: what it takes."""

from typing import Annotated

import typer

from auditor.cli.formats import Format
from auditor.cli.notice_options import Effective, KnownSince, OutFolder, PersonName, To
from auditor.cli.options import By, ConfigAfter, ConfigOption, OutputFormat, StoreFile, Vma, chosen, instant


def command(
    vma: Vma,
    effective: Effective,
    by: By,
    config_file: ConfigAfter = None,
    *,
    role: Annotated[list[str], typer.Option("--role", help="The role from then on; may be repeated.")],
    to: To = None,
    known_since: KnownSince = None,
    name: PersonName = None,
    out: OutFolder = None,
    config: ConfigOption = None,
    store: StoreFile = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """
    It is signed, numbered, and recorded; the file is to be sent to the other side, which answers with a receipt. All
    roles are named that the VMA has from then on.
    """
    from auditor.cli.notice import run_notice
    from auditor.notices.bodies import NoticeKind
    from auditor.notices.send import NoticeDraft

    draft = NoticeDraft(
        kind=NoticeKind("role-change"),
        by=by,
        to=to,
        vma=vma,
        name=name,
        roles=tuple(role),
        effective=effective,
        known_since=instant(known_since, "--known-since"),
    )
    return run_notice(chosen(config, config_file), draft, out, store=store, output=output)

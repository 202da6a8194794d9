"""`auditor catalog check`."""

import os
from collections.abc import Sequence
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from auditor.cli.console import joined, print_lines, styled, width, write_stdout
from auditor.cli.formats import Format
from auditor.cli.output import emit
from auditor.cli.progress import Steps
from auditor.config import Config, load_config
from auditor.connecting.trial import counted
from auditor.exit_codes import FINDINGS, IN_STEP, NOT_EVALUABLE
from auditor.mapping.catalog_draft import catalog_skeleton
from auditor.mapping.check_data import check_data
from auditor.mapping.unclassified import UnclassifiedHolding, UnclassifiedReport, from_store, look, read_systems
from connectors.errors import AuditorError
from connectors.facts import Collection, Entitlement, Partial
from policies.catalogs.catalog import Catalogs
from policies.vocabulary import Vocabulary


def run_catalog_check(
    path: Path, *, only: Sequence[str], store: Path | None, everything: bool, write: Path | None, output: Format
) -> int:
    """
    List what no catalog classifies, and write what is to be filled in.

    Returns 0 when all is classified, 1 when something is not, 2 when a system could not be read. Raises `AuditorError`
    for an unusable configuration or catalog, and for a file that is there already: nothing is overwritten.
    """
    config = load_config(path)
    for id_ in only:
        if id_ not in config.sources:
            raise AuditorError(f"there is no system `{id_}`", hint=f"one of: {', '.join(config.sources)}")
    if write is not None and write.exists():
        raise AuditorError(
            f"`{write}` is there already", hint="give another name: what somebody has filled in is never overwritten"
        )
    catalogs = Catalogs.load(Vocabulary.load(), config.catalogs)
    looked = look(_collections(config, only, store), catalogs, everything=everything)
    written = _write(write, looked, catalogs) if write is not None else ()
    emit(
        output,
        text=lambda: _print(looked, written, everything=everything),
        data=lambda: check_data(looked, written),
    )
    if looked.unread:
        return NOT_EVALUABLE
    return FINDINGS if looked.gaps else IN_STEP


def _collections(config: Config, only: Sequence[str], store: Path | None) -> list[Collection]:
    if store is not None:
        return list(from_store(config, only, store))
    spinner = Steps()
    with spinner.spinning("read … "):
        return list(read_systems(config, only, lambda id_, count: spinner.begin(f"{id_}: {count:,} accounts")))


def _write(write: Path, looked: UnclassifiedReport, catalogs: Catalogs) -> tuple[Path, ...]:
    """Write one catalog a system: to the file itself, or, where there are several, with the system in its name."""
    texts = {c.system.id: catalog_skeleton(c, catalogs) for c in looked.collections}
    texts = {system: text for system, text in texts.items() if text}
    several = len(texts) > 1
    placed = {
        write.with_name(f"{write.stem}-{system}{write.suffix}") if several else write: text
        for system, text in texts.items()
    }
    for path in placed:
        if path.exists():
            raise AuditorError(f"`{path}` is there already", hint="give another name: nothing is overwritten")
    for path, text in placed.items():
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
        except OSError as error:
            raise AuditorError(
                f"`{path}` cannot be written: `{error.strerror}`", hint="choose a folder that you may write to"
            ) from None
    return tuple(placed)


def _print(looked: UnclassifiedReport, written: tuple[Path, ...], *, everything: bool) -> None:
    for collection in looked.unread:
        print_lines(styled(f"✗ {collection.system.id} could not be read: {_why(collection)}", "bold red"))
    if looked.gaps:
        write_stdout(_table(looked.gaps))
    systems = counted(len(looked.collections), "system")
    held = "" if everything else " that somebody holds"
    if looked.gaps:
        print_lines(
            styled(f"{counted(len(looked.gaps), 'entitlement')}{held}, in {systems}: in no catalog", "bold yellow")
        )
    elif looked.collections:
        print_lines(styled(f"✓ every entitlement{held} in {systems} is in a catalog", "green"))
    for path in written:
        name = os.path.relpath(path)
        print_lines(
            f"written: {name}: fill in `gives` and `why`, then add it under `policies.catalogs` in auditor.yaml"
        )
    if looked.gaps and not written:
        print_lines("`--write FILE` writes a catalog that is ready to fill; docs/policies.md says how")


def _table(gaps: Sequence[UnclassifiedHolding]) -> str:
    table = Table(box=SIMPLE_HEAD, width=width(), pad_edge=False, header_style="bold")
    table.add_column("held by", justify="right", no_wrap=True)
    table.add_column("system", no_wrap=True)
    table.add_column("product", no_wrap=True)
    table.add_column("entitlement", ratio=1, overflow="fold")
    table.add_column("for example", ratio=1, overflow="fold")
    for gap in gaps:
        unknown = gap.unknown
        dead = unknown.holders - unknown.live_holders
        held = f"{unknown.live_holders:,}" + (f" (+{dead:,} not live)" if dead else "")
        name: list[str | tuple[str, str]] = [_called(unknown.entitlement)]
        if unknown.entitlement.name != unknown.entitlement.id:
            name.append((f"\n{unknown.entitlement.id}", "dim"))
        table.add_row(
            held, styled(gap.system), styled(gap.product), joined(*name), styled(" → ".join(gap.path) or "nobody")
        )
    console = Console(width=width(), highlight=False)
    with console.capture() as printed:
        console.print(table)
    return printed.get()


def _called(entitlement: Entitlement) -> str:
    """Return its kind and its name; several products have the kind in the name already."""
    kind = entitlement.kind.value
    return entitlement.name if entitlement.name.casefold().startswith(f"{kind} ") else f"{kind} {entitlement.name}"


def _why(collection: Collection) -> str:
    completeness = collection.completeness
    return completeness.reason if isinstance(completeness, Partial) else ""

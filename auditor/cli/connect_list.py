"""`auditor connect --list`."""

from collections.abc import Sequence

from auditor.cli.console import folded, joined, print_lines, styled
from auditor.cli.data.connectors import KEYS, ConnectorsData
from auditor.cli.formats import Format
from auditor.cli.output import emit
from auditor.connecting.shipped import ShippedConnector, list_connectors
from auditor.exit_codes import IN_STEP


def run_list(*, output: Format) -> int:
    """List all connectors with what they read; return 0."""
    connectors = list_connectors()
    emit(
        output,
        text=lambda: _show(connectors),
        data=lambda: ConnectorsData(tuple(connectors)),
        keys=KEYS,
    )
    return IN_STEP


def _show(connectors: Sequence[ShippedConnector]) -> None:
    wide = max(len(c.name) for c in connectors) + 2
    kind = None
    for connector in connectors:
        if connector.kind is not kind:
            kind = connector.kind
            print_lines(styled(f"{kind.value}:", style="bold"))
        reads = connector.reads + (f" (from {connector.package})" if connector.package else "")
        first, *more = folded(reads)
        print_lines(joined("  ", (f"{connector.name:{wide}}", "cyan"), first))
        print_lines(*(" " * (wide + 2) + line for line in more))
    print_lines("", "auditor connect SYSTEM asks for what one of them needs, and tries it")

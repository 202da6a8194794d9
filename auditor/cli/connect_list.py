"""`auditor connect --list`."""

import json

from rich.text import Text

from auditor.cli.out import say
from auditor.cli.show import clean, folded, show
from auditor.connecting.shipped import list_connectors
from auditor.exit_codes import IN_STEP


def run_list(*, as_json: bool) -> int:
    """List all connectors with what they read; return 0."""
    connectors = list_connectors()
    if as_json:
        listed = [
            {"kind": c.kind.value, "connector": c.name, "reads": c.reads, "package": c.package} for c in connectors
        ]
        say(json.dumps({"schema_version": 1, "connectors": listed}, indent=2) + "\n")
        return IN_STEP
    wide = max(len(c.name) for c in connectors) + 2
    kind = None
    for connector in connectors:
        if connector.kind is not kind:
            kind = connector.kind
            show(Text(f"{kind.value}:", style="bold"))
        reads = connector.reads + (f" (from {connector.package})" if connector.package else "")
        first, *more = folded(clean(reads))
        show(Text.assemble("  ", (f"{connector.name:{wide}}", "cyan"), first))
        show(*(" " * (wide + 2) + line for line in more))
    show("", "auditor connect SYSTEM asks for what one of them needs, and tries it")
    return IN_STEP

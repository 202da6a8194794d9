"""
One process of the benchmark `directory.py`: reads settings from standard input, and then the directory.

With `keep` it collects, as an audit does; with `drop` it reads the pages and forgets them. It prints what it found as
JSON, and imports nothing that an audit does not need, because its start is measured too.
"""

import json
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

STARTED = perf_counter()

from connectors.collect import collect  # noqa: E402
from connectors.directory.ldap.connector import Settings, connect  # noqa: E402
from connectors.facts import Complete, System, SystemKind  # noqa: E402

SYSTEM = System("directory", SystemKind.DIRECTORY, "ldap", "Directory", holds_phi=False)


def keep(settings: Settings) -> dict[str, Any]:
    """Collect it whole."""
    loaded = perf_counter()
    collection = collect(connect(SYSTEM, settings, Path()))
    return {
        "whole": isinstance(collection.completeness, Complete),
        "completeness": str(collection.completeness),
        "accounts": len(collection.accounts),
        "entitlements": len(collection.entitlements),
        "grants": len(collection.grants),
        "load_s": loaded - STARTED,
        "collect_s": perf_counter() - loaded,
        "peak_kb": peak_kb(),
    }


def drop(settings: Settings) -> dict[str, Any]:
    """Read the pages, and tell the peak of memory after each."""
    connector = connect(SYSTEM, settings, Path())
    peaks, accounts, token = [], 0, None
    while True:
        page = connector.read_page(token)
        accounts += len(page.accounts)
        token = page.next_token
        peaks.append((accounts, peak_kb()))
        if token is None:
            return {"accounts": accounts, "peaks": peaks}


def peak_kb() -> int:
    """Return the peak of this process's resident memory, in KiB; `getrusage` would tell that of its parent."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1])


if __name__ == "__main__":
    how = {"keep": keep, "drop": drop}[sys.argv[1]]
    print(json.dumps(how(Settings.model_validate_json(sys.stdin.read()))))

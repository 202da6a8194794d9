"""
What no test of any kind reaches, after `make test COVERAGE=1`: the sum, and the modules of which least is reached.

    python -m tests.least_covered

A figure to look at, not a gate: commands that run in a process of their own are not counted, and a line that was
reached may still go unasserted; `tests/mutation` asks about that.
"""

import io
import json
import sys
import tempfile
from contextlib import redirect_stdout
from pathlib import Path

from coverage import Coverage
from coverage.exceptions import NoDataError

ENOUGH = 90  # per cent of a module's lines and branches


def main() -> int:
    measured = Coverage(config_file="pyproject.toml")
    measured.load()
    with tempfile.TemporaryDirectory() as room, redirect_stdout(io.StringIO()):
        told = Path(room) / "coverage.json"
        try:
            measured.json_report(outfile=str(told), ignore_errors=True)  # templates are no Python
        except NoDataError:
            sys.stderr.write("Nothing was measured: run `make test COVERAGE=1` first.\n")
            return 64
        found = json.loads(told.read_text())
    totals = found["totals"]
    few = sorted(
        (of["summary"]["percent_covered"], path)
        for path, of in found["files"].items()
        if of["summary"]["percent_covered"] < ENOUGH
    )
    sys.stdout.write(
        f"Reached by tests: {totals['covered_lines']:,} of {totals['num_statements']:,} lines and "
        f"{totals['covered_branches']:,} of {totals['num_branches']:,} branches, {totals['percent_covered']:.1f} %\n"
        f"Modules below {ENOUGH} %: {len(few)} of {len(found['files'])}\n"
    )
    for share, path in few:
        sys.stdout.write(f"  {share:5.1f} %  {path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""`auditor audit`."""

import shutil
import sys
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from auditor.cli.console import WIDEST, print_text, write_bytes, write_stderr, write_stdout
from auditor.cli.progress import Stages
from auditor.config import load_config
from auditor.ledger.anew import Anew
from auditor.pipeline import Audited, Options, audit
from connectors.collect import utc_now
from connectors.errors import AuditorError
from policies.engine.outcomes import Severity
from reports import formats
from reports.safe import visible

CLOCKS_DIFFER = timedelta(minutes=10)
"""By how much the clock of whoever writes `--at` may be ahead."""


def run_audit(
    config: Path,
    *,
    at: datetime | None,
    fail_on: str,
    accepted: Mapping[str, str],
    anew: tuple[str, str] | None,
    time_confirmed: bool,
    store: Path | None,
    report: Path | None,
    output: str,
) -> int:
    """Audit, print the result in the format `output`, and return the exit code."""
    chosen = formats.find(output)
    if at is not None and at > utc_now() + CLOCKS_DIFFER:
        raise AuditorError(
            f"`--at {at:%Y-%m-%dT%H:%M:%SZ}` is in the future, and nobody has seen the systems then",
            hint="`auditor forecast` and `auditor plan` look ahead; an audit stored there would keep out all before it",
        )
    options = Options(
        at=at,
        accept_drops=accepted,
        fail_on=Severity(fail_on),
        anew=Anew(*anew) if anew else None,
        time_confirmed=time_confirmed,
    )
    result = audit(load_config(config, store=store, report=report), options, progress=Stages())
    if anew:
        write_stderr("a new history begins: what earlier audits and people had recorded is not in it")
    _print(chosen, result)
    return result.exit_code


def _print(chosen: formats.ReportFormat, result: Audited) -> None:
    on_terminal = sys.stdout is not None and sys.stdout.isatty()
    columns = min(shutil.get_terminal_size().columns, WIDEST)
    try:
        drawn = chosen.render(result.report, formats.Terminal(columns, on_terminal))
        if on_terminal and isinstance(drawn, bytes):
            raise AuditorError(
                f"`{chosen}` is no text for a terminal", hint=f"write it into a file: `> audit.{chosen}`"
            )
    except AuditorError as error:
        error.message = f"the audit is stored, and its report written; but {error.message}"
        raise
    if chosen.kind is formats.Shipped.TEXT:
        write_stdout(f"{drawn!s}\n")
        print_text([f"report: {result.path}"])
    elif isinstance(drawn, bytes):
        write_bytes(drawn)
    elif on_terminal:
        write_stdout(visible(drawn.replace("\r\n", "\n")))
    else:
        write_bytes(drawn.encode())  # a file has the letters that the format gave it, whatever the encoding here

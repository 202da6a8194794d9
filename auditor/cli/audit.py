"""`auditor audit`."""

import shutil
import sys
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import assert_never

from auditor.cli.console import WIDEST, print_text, write_stderr, write_stdout
from auditor.cli.formats import Format
from auditor.cli.progress import Stages
from auditor.config import load_config
from auditor.ledger.anew import Anew
from auditor.pipeline import Options, audit
from connectors.collect import utc_now
from connectors.errors import AuditorError
from policies.engine.outcomes import Severity
from reports import json_report, text

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
    output: Format,
) -> int:
    """Audit, print the result, and return the exit code."""
    if at is not None and at > utc_now() + CLOCKS_DIFFER:
        raise AuditorError(
            f"`--at {at:%Y-%m-%dT%H:%M:%SZ}` is in the future, and nobody has seen the systems then",
            hint="`auditor forecast` and `auditor plan` look ahead; an audit stored there would keep out all before it",
        )
    options = Options(
        at=at,
        accept_drops=accepted,
        fail_on=Severity(fail_on),
        report=report,
        anew=Anew(*anew) if anew else None,
        time_confirmed=time_confirmed,
    )
    result = audit(load_config(config, store=store), options, progress=Stages())
    if anew:
        write_stderr("a new history begins: what earlier audits and people had recorded is not in it")
    match output:
        case Format.TEXT:
            columns = min(shutil.get_terminal_size().columns, WIDEST)
            colour = sys.stdout is not None and sys.stdout.isatty()
            write_stdout(f"{text.render(result.report, width=columns, colour=colour)}\n")
            print_text([f"report: {result.path}"])
        case Format.JSON:
            write_stdout(json_report.render(result.report))
        case _:
            assert_never(output)
    return result.exit_code

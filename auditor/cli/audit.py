"""`auditor audit`."""

import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from rich.console import Console
from rich.status import Status

from auditor.cli.out import say
from auditor.config import load_config
from auditor.ledger.anew import Anew
from auditor.pipeline import Options, audit
from connectors.collect import utc_now
from connectors.errors import AuditorError
from policies.engine.outcomes import Severity
from reports import json_report, text

CLOCKS_DIFFER = timedelta(minutes=10)
"""By how much the clock of whoever writes `--at` may be ahead."""


class Spinner:
    """Shows on stderr where the audit is: a spinner on a terminal, one line a stage elsewhere."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._status: Status | None = None

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Show the stage while it lasts."""
        if not self._console.is_terminal:
            self._console.print(f"{name} …", highlight=False)
            yield
            return
        with self._console.status(f"{name} …") as self._status:
            yield
        self._status = None

    def reading(self, system: str, accounts: int) -> None:
        """Show how far a system was read."""
        if self._status is not None:
            self._status.update(f"read … {system}: {accounts:,} accounts")


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
    as_json: bool,
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
        store=store,
        report=report,
        anew=Anew(*anew) if anew else None,
        time_confirmed=time_confirmed,
    )
    result = audit(load_config(config), options, progress=Spinner())
    if anew:
        sys.stderr.write("a new history begins: what earlier audits and people had recorded is not in it\n")
    if as_json:
        say(json_report.render(result.report))
    else:
        width = min(shutil.get_terminal_size().columns, 120)
        colour = sys.stdout is not None and sys.stdout.isatty()
        say(f"{text.render(result.report, width=width, colour=colour)}\nreport: {result.path}\n")
    return result.exit_code

"""How checks look on a terminal: a tick or a cross, what was found, and what to do."""

from collections.abc import Sequence

from rich.text import Text

from auditor.cli.console import LABEL, folded, joined, print_lines, styled
from auditor.connecting.checks import Check, CheckState

MARKS = {CheckState.OK: "✓", CheckState.WARNING: "!", CheckState.FAILED: "✗", CheckState.SKIPPED: "–"}
STYLES = {
    CheckState.OK: "green",
    CheckState.WARNING: "yellow",
    CheckState.FAILED: "bold red",
    CheckState.SKIPPED: "dim",
}
HANG = " " * (LABEL + 3)


def print_check(check: Check) -> None:
    """Print one check."""
    print_lines(*_lines(check))


def _lines(check: Check) -> Sequence[Text]:
    style = STYLES[check.state]
    first, *more = folded(check.found)
    lines = [joined((f"{MARKS[check.state]} ", style), (f"{check.step:{LABEL}} ", "bold"), first)]
    lines += [styled(HANG + line) for line in more]
    if check.advice:
        lead = "→ what to do: "
        for number, line in enumerate(folded(lead + check.advice)):
            lines.append(styled(HANG + line if number == 0 else f"{HANG}  {line}", style=style))
    return lines


def print_diff(lines: Sequence[str]) -> None:
    """Print a unified diff."""
    styles = {"+": "green", "-": "red", "@": "cyan"}
    print_lines(*(styled(line, style=styles.get(line[:1], "")) for line in lines))

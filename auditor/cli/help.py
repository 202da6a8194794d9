"""The first page, `auditor --help`: told from the table of commands alone, so that it is there at once."""

import os
import textwrap

from auditor.cli.commands import COMMANDS, GROUPS

ABOUT = (
    "Keeps the controls of medical practices in step with their headcount of Virtual Medical Assistants.",
    (
        "Exit codes: 0 in step · 1 findings · 2 something could not be evaluated · 3 evidence does not verify · "
        "64 wrong usage or configuration."
    ),
)
OPTIONS = {
    "--version": "Show the version and exit.",
    "--install-completion": "Install completion for the current shell.",
    "--show-completion": "Show completion for the current shell, to copy it or customize the installation.",
    "--help": "Show this message and exit; after a command, what it takes, and an example.",
}
NARROWEST, WIDEST = 60, 100


def first_page() -> str:
    """Return the help of the whole program."""
    width = _width()
    summaries = {name: entry.summary for name, entry in COMMANDS.items() if " " not in name}
    lines = ["Usage: auditor [OPTIONS] COMMAND [ARGS]...", ""]
    for paragraph in ABOUT:
        lines += [*textwrap.wrap(paragraph, width, initial_indent="  ", subsequent_indent="  "), ""]
    lines += [*_section("Options", OPTIONS, width), "", *_section("Commands", summaries | GROUPS, width)]
    return "\n".join(lines) + "\n"


def _section(title: str, told: dict[str, str], width: int) -> list[str]:
    room = max(map(len, told)) + 4
    lines = [f"{title}:"]
    for name, text in told.items():
        lines += textwrap.wrap(
            text, width, initial_indent=f"  {name}".ljust(room), subsequent_indent=" " * room, break_on_hyphens=False
        )
    return lines


def _width() -> int:
    """Return how wide to print; `shutil` knows too, but takes as long to import as the whole page."""
    given = os.environ.get("COLUMNS", "")
    try:
        columns = int(given) if given.isdecimal() and int(given) else os.get_terminal_size().columns
    except OSError:
        columns = 80
    return max(NARROWEST, min(columns, WIDEST))

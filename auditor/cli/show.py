"""How checks look on a terminal, and in a file: a tick or a cross, what was found, and what to do."""

import shutil
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner as Wheel
from rich.text import Text

from auditor.cli.out import say
from auditor.connecting.checks import Check, CheckState
from auditor.connecting.trial import TrialProgress

MARKS = {CheckState.OK: "✓", CheckState.WARNING: "!", CheckState.FAILED: "✗", CheckState.SKIPPED: "–"}
STYLES = {
    CheckState.OK: "green",
    CheckState.WARNING: "yellow",
    CheckState.FAILED: "bold red",
    CheckState.SKIPPED: "dim",
}
LABEL = 13
"""How wide the name of a step is printed."""


def width() -> int:
    """Return how many letters fit on a line."""
    return max(60, min(shutil.get_terminal_size((100, 24)).columns, 120))


def show(*texts: Text | str) -> None:
    """Print lines to stdout, in colour only on a terminal."""
    console = Console(soft_wrap=True, highlight=False)
    with console.capture() as printed:
        for text in texts:
            console.print(text if isinstance(text, Text) else Text(clean(text)))
    say(printed.get())


def show_check(check: Check) -> None:
    """Print one check."""
    show(*_lines(check))


def _lines(check: Check) -> Sequence[Text]:
    style = STYLES[check.state]
    first, *more = folded(check.found)
    lines = [Text.assemble((f"{MARKS[check.state]} ", style), (f"{check.step:{LABEL}} ", "bold"), first)]
    lines += [Text(_hang() + line) for line in more]
    if check.advice:
        lead = "→ what to do: "
        for number, line in enumerate(folded(lead + check.advice)):
            lines.append(Text(_hang() + line if number == 0 else f"{_hang()}  {line}", style=style))
    return lines


def folded(text: str) -> list[str]:
    """Fold a text to what fits beside the name of a step."""
    room = width() - LABEL - 6
    lines = [line for part in clean(text).split("\n") for line in _fold(part, room)]
    return lines or [""]


def _fold(text: str, room: int) -> list[str]:
    return textwrap.wrap(text, room, break_long_words=False, break_on_hyphens=False) or [""]


def _hang() -> str:
    return " " * (LABEL + 3)


def clean(text: str) -> str:
    """Keep a hostile name from driving the terminal."""
    return "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text)


def show_diff(lines: Sequence[str]) -> None:
    """Print a unified diff."""
    styles = {"+": "green", "-": "red", "@": "cyan"}
    show(*(Text(clean(line), style=styles.get(line[:1], "")) for line in lines))


def as_data(checks: Sequence[Check]) -> list[dict[str, str]]:
    """Return checks for a machine."""
    return [{"step": c.step, "state": c.state.value, "found": c.found, "advice": c.advice} for c in checks]


class Spinner(TrialProgress):
    """Shows on stderr what is being tried, on a terminal only: what came of it is told on stdout."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._live: Live | None = None
        self._lead = ""

    @contextmanager
    def spinning(self, lead: str = "") -> Iterator[None]:
        """Spin while it lasts."""
        self._lead = lead
        if not self._console.is_terminal:
            yield
            return
        # Left to itself, it would print on stderr what is meant for stdout.
        options: dict[str, Any] = {
            "console": self._console,
            "transient": True,
            "redirect_stdout": False,
            "redirect_stderr": False,
        }
        with Live(Wheel("dots", f"{lead}…"), **options) as self._live:
            yield
        self._live = None

    @contextmanager
    def pausing(self) -> Iterator[None]:
        """Take the spinner away while something is printed."""
        if self._live is None:
            yield
            return
        self._live.stop()
        try:
            yield
        finally:
            self._live.start()

    def begin(self, step: str) -> None:
        """Show the step."""
        self._update(f"{step} …")

    def read(self, accounts: int) -> None:
        """Show how far the read is."""
        self._update(f"all pages … {accounts:,} accounts")

    def _update(self, text: str) -> None:
        if self._live is not None:
            self._live.update(Wheel("dots", self._lead + clean(text)))

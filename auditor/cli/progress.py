"""What is being done, on stderr: where a command is, and which step of a system is tried."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner as Wheel

from auditor.connecting.trial import TrialProgress
from reports.safe import visible_line


class _Turning:
    """A wheel with a text beside it, on a terminal only."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._live: Live | None = None
        self._lead = ""

    @contextmanager
    def _turning(self, text: str) -> Iterator[None]:
        # Left to itself, it would print on stderr what is meant for stdout.
        options: dict[str, Any] = {
            "console": self._console,
            "transient": True,
            "redirect_stdout": False,
            "redirect_stderr": False,
        }
        with Live(Wheel("dots", text), **options) as self._live:
            yield
        self._live = None

    def _update(self, text: str) -> None:
        if self._live is not None:
            self._live.update(Wheel("dots", self._lead + visible_line(text)))


class Stages(_Turning):
    """Shows where an audit is: a wheel on a terminal, one line a stage elsewhere."""

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Show the stage while it lasts."""
        if not self._console.is_terminal:
            self._console.print(f"{name} …", highlight=False)
            yield
            return
        with self._turning(f"{name} …"):
            yield

    def reading(self, system: str, accounts: int) -> None:
        """Show how far a system was read."""
        self._update(f"read … {system}: {accounts:,} accounts")


class Steps(_Turning, TrialProgress):
    """Shows what is being tried, on a terminal only: what came of it is told on stdout."""

    @contextmanager
    def spinning(self, lead: str = "") -> Iterator[None]:
        """Turn while it lasts."""
        self._lead = lead
        if not self._console.is_terminal:
            yield
            return
        with self._turning(f"{lead}…"):
            yield

    @contextmanager
    def pausing(self) -> Iterator[None]:
        """Take the wheel away while something is printed."""
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

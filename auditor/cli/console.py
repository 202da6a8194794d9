"""
Printing: results on stdout, all else on stderr, and nothing that comes from outside drives the terminal.

Neither a reader that went away nor a letter that a terminal lacks changes the exit code. What is text goes through
`print_text` or `print_lines`, which show hostile characters by their number (`reports.safe`); `write_stdout` is for
what is harmless already: JSON in ASCII, and what these two have made.
"""

import io
import os
import sys
import textwrap
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

from reports.safe import visible, visible_line

if TYPE_CHECKING:
    from rich.text import Text

NARROWEST, WIDEST = 60, 120
LABEL = 13
"""How wide the name of a step is printed."""


def prepare_streams() -> None:
    """Let a letter that the terminal's encoding lacks be replaced; by default it would end the command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def write_stdout(text: str) -> None:
    """Write a result to stdout, as it is."""
    _write(lambda: sys.stdout.write(text))


def write_bytes(result: bytes) -> None:
    """Write a result to stdout that is no text, or whose letters must not depend on the terminal's encoding."""
    if hasattr(sys.stdout, "buffer"):
        _write(lambda: sys.stdout.buffer.write(result))
    else:
        write_stdout(result.decode(errors="replace"))


def _write(write: Callable[[], object]) -> None:
    if sys.stdout is None:  # closed by the caller, who wants the exit code alone
        return
    try:
        sys.stdout.flush()
        write()
        sys.stdout.flush()
    except OSError as error:
        if not isinstance(error, BrokenPipeError):
            complain(f"the result cannot be printed: `{error.strerror}`")
        _discard_the_rest()


def complain(text: str) -> None:
    """Say on stderr what is wrong; more lines than one are ours."""
    write_stderr(f"auditor: {text}")


def write_stderr(text: str) -> None:
    """Say something beside the result."""
    if sys.stderr is not None:
        sys.stderr.write(f"{visible(text)}\n")


def print_text(lines: Iterable[str]) -> None:
    """Print lines as they are, and each stays a line, whatever is in it."""
    write_stdout("".join(f"{visible_line(line)}\n" for line in lines))


def styled(text: str, style: str = "") -> "Text":
    """Return a text in a style, harmless; rich itself would leave out some of what is hostile, and show the rest."""
    from rich.text import Text  # noqa: PLC0415 - what prints no colour does not pay for it

    return Text(visible(text), style=style)


def joined(*parts: str | tuple[str, str]) -> "Text":
    """Return one line of parts, some of them with a style of their own, each harmless."""
    whole = styled("")
    for part in parts:
        text, style = (part, "") if isinstance(part, str) else part
        whole.append(visible(text), style or None)
    return whole


def print_lines(*texts: "Text | str") -> None:
    """Print lines, in colour only on a terminal; what is not `styled` or `joined` is plain."""
    from rich.console import Console  # noqa: PLC0415 - what prints no colour does not pay for it

    console = Console(soft_wrap=True, highlight=False)
    with console.capture() as printed:
        for text in texts:
            console.print(styled(text) if isinstance(text, str) else text)
    write_stdout(printed.get())


def width() -> int:
    """Return how many letters fit on a line."""
    import shutil  # noqa: PLC0415 - it takes as long to import as the first page of the help

    return max(NARROWEST, min(shutil.get_terminal_size((100, 24)).columns, WIDEST))


def folded(text: str) -> list[str]:
    """Fold a text to what fits beside the name of a step."""
    room = width() - LABEL - 6
    lines = [line for part in visible(text).split("\n") for line in _fold(part, room)]
    return lines or [""]


def indented(text: str, lead: str, hang: str, *, margin: int) -> list[str]:
    """Fold a text, its first line after `lead`, the others after `hang`, and leave a margin at the right."""
    room = width() - margin
    return textwrap.wrap(visible(text), room, initial_indent=lead, subsequent_indent=hang, break_on_hyphens=False)


def _fold(text: str, room: int) -> list[str]:
    return textwrap.wrap(text, room, break_long_words=False, break_on_hyphens=False) or [""]


def _discard_the_rest() -> None:
    """Point stdout to nowhere, or the interpreter fails once more when it flushes at its end."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)

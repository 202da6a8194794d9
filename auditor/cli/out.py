"""Printing results: neither a reader that went away nor a letter that a terminal lacks changes the exit code."""

import io
import os
import sys
from contextlib import suppress


def prepare_streams() -> None:
    """Let a letter that the terminal's encoding lacks be replaced; by default it would end the command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def say(text: str) -> None:
    """Write a result to stdout."""
    if sys.stdout is None:  # closed by the caller, who wants the exit code alone
        return
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        if not isinstance(error, BrokenPipeError) and sys.stderr is not None:
            sys.stderr.write(f"auditor: the result cannot be printed: `{error.strerror}`\n")
        _discard_the_rest()


def _discard_the_rest() -> None:
    """Point stdout to nowhere, or the interpreter fails once more when it flushes at its end."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)

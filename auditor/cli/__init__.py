"""
The command line: results on stdout, progress and errors on stderr, and one place where errors are printed.

Exit codes: 0 in step; 1 findings at or above `--fail-on`; 2 something could not be evaluated; 3 evidence does not
verify; 64 wrong usage or configuration; 70 a fault in the program; 130 stopped by hand.
"""

import errno
import gc
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from auditor.cli.console import complain, prepare_streams, write_stdout
from auditor.exit_codes import FAULT, IN_STEP, INTERRUPTED, NOT_EVALUABLE, USAGE
from connectors.errors import AuditorError, SourceError

GARBAGE_AFTER = 50_000
"""How many new objects make Python look for garbage; almost all that a command makes is kept until it ends."""
NAME = "auditor"
COMPLETES = "_AUDITOR_COMPLETE"
"""A shell asks for completions: the words are in the environment, and there are no arguments."""

_LACKS = {
    errno.ENOSPC: "make room on the disk",
    errno.EDQUOT: "make room within the quota",
    errno.EMFILE: "let the auditor open more files (`ulimit -n`)",
    errno.ENFILE: "let the machine open more files",
    errno.ENOMEM: "give the auditor more memory",
    errno.EROFS: "use a folder that can be written",
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and exit with its code."""
    gc.set_threshold(GARBAGE_AFTER)
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    prepare_streams()
    try:
        if given in ([], ["--help"]) and COMPLETES not in os.environ:
            return _first_page(given)
        return _command(given)
    except AuditorError as error:
        complain(error.diagnostics())
        # Nothing is wrong with what a person wrote: a roster or a system could not be read.
        return NOT_EVALUABLE if isinstance(error, SourceError) else USAGE
    except KeyboardInterrupt:
        return _interrupted()
    except (MemoryError, OSError, ImportError) as error:
        return _short_of(error)
    except Exception as error:  # noqa: BLE001 - a traceback would exit with 1, which means findings, and may hold names
        return _fault(error)


def _first_page(given: Sequence[str]) -> int:
    """Print the help of the whole program, for which nothing else need be loaded."""
    from auditor.cli.help import first_page  # noqa: PLC0415 - the commands do not pay for it

    write_stdout(first_page())
    return IN_STEP if given else USAGE


def _short_of(error: Exception) -> int:
    """Say what the machine lacks, which is no fault of the program; memory may run out while a module is loaded."""
    why = str(error).casefold()
    if isinstance(error, MemoryError) or "cannot allocate memory" in why or "failed to map segment" in why:
        complain("there is too little memory\n  what to do: give the auditor more, and run again")
        return USAGE
    if isinstance(error, OSError) and error.errno in _LACKS:
        complain(f"the machine says: {error.strerror}\n  what to do: {_LACKS[error.errno]}, and run again")
        return USAGE
    return _fault(error)


def _fault(error: Exception) -> int:
    from traceback import extract_tb  # noqa: PLC0415 - only for who needs it

    place = extract_tb(error.__traceback__)[-1]
    complain(
        f"a fault in the program: {type(error).__name__} in {Path(place.filename).name}, line {place.lineno}"
        f"{''.join(f' ({note})' for note in getattr(error, '__notes__', ()))}\n"
        "  what to do: report this line; run again without what was changed last"
    )
    return FAULT


def _command(given: list[str]) -> int:
    # Imported late: the first page is there without it.
    from typer.exceptions import Abort, TyperException  # noqa: PLC0415

    from auditor.cli.app import build  # noqa: PLC0415

    try:
        code = build()(given, prog_name=NAME, standalone_mode=False)
    except TyperException as error:
        complain(
            f"{error.format_message()}\n"
            "  what to do: `auditor --help` shows the commands, and `--help` after one an example"
        )
        return USAGE
    except Abort:
        return _interrupted()
    return code if isinstance(code, int) else IN_STEP


def _interrupted() -> int:
    complain("stopped; an audit that was not stored yet is as if it had never begun")
    return INTERRUPTED

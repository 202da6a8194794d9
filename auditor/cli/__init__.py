"""
The command line: results on stdout, progress and errors on stderr, and one place where errors are printed.

Exit codes: 0 in step; 1 findings at or above `--fail-on`; 2 something could not be evaluated; 3 evidence does not
verify; 64 wrong usage or configuration; 70 a fault in the program; 130 stopped by hand.
"""

import errno
import gc
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from auditor.cli.one_question import NEEDED, one_question
from auditor.cli.out import prepare_streams
from auditor.exit_codes import FAULT, INTERRUPTED, NOT_EVALUABLE, USAGE
from connectors.errors import AuditorError, SourceError

GARBAGE_AFTER = 50_000
"""How many new objects make Python look for garbage; almost all that a command makes is kept until it ends."""


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
        asked = one_question(given)
        return _command(given) if asked is None else _answer(asked)
    except AuditorError as error:
        _complain(error.diagnostics())
        # Nothing is wrong with what a person wrote: a roster or a system could not be read.
        return NOT_EVALUABLE if isinstance(error, SourceError) else USAGE
    except KeyboardInterrupt:
        return _interrupted()
    except (MemoryError, OSError, ImportError) as error:
        return _short_of(error)
    except Exception as error:  # noqa: BLE001 - a traceback would exit with 1, which means findings, and may hold names
        return _fault(error)


def _short_of(error: Exception) -> int:
    """Say what the machine lacks, which is no fault of the program; memory may run out while a module is loaded."""
    why = str(error).casefold()
    if isinstance(error, MemoryError) or "cannot allocate memory" in why or "failed to map segment" in why:
        _complain("there is too little memory\n  what to do: give the auditor more, and run again")
        return USAGE
    if isinstance(error, OSError) and error.errno in _LACKS:
        _complain(f"the machine says: {error.strerror}\n  what to do: {_LACKS[error.errno]}, and run again")
        return USAGE
    return _fault(error)


def _fault(error: Exception) -> int:
    from traceback import extract_tb  # noqa: PLC0415 - only for who needs it

    place = extract_tb(error.__traceback__)[-1]
    _complain(
        f"a fault in the program: {type(error).__name__} in {Path(place.filename).name}, line {place.lineno}\n"
        "  what to do: report this line; run again without what was changed last"
    )
    return FAULT


def _command(given: list[str]) -> int:
    # Imported late: one question is answered without it.
    from typer.exceptions import Abort, TyperException  # noqa: PLC0415

    from auditor.cli.app import build  # noqa: PLC0415

    try:
        code = build()(given, standalone_mode=False)
    except TyperException as error:
        # Typer has already shown the help where there is nothing to complain about.
        message = error.format_message() if hasattr(error, "format_message") else str(error)
        if message:
            _complain(
                f"{message}\n  what to do: `auditor --help` shows the commands, and `--help` after one an example"
            )
        return USAGE
    except Abort:
        return _interrupted()
    return code if isinstance(code, int) else 0


def _answer(asked: Mapping[str, Sequence[str]]) -> int:
    from auditor.cli.explain_access import Asked, run_explain_access  # noqa: PLC0415 - other commands do not pay

    (principal,), (action,), (estate,) = (asked[name] for name in NEEDED)
    (resource,), (output,) = asked.get("--resource", ("",)), asked.get("--format", ("text",))
    question = Asked(principal, action, resource, Path(estate), asked.get("--context", ()))
    return run_explain_access(question, as_json=output == "json")


def _interrupted() -> int:
    _complain("stopped; an audit that was not stored yet is as if it had never begun")
    return INTERRUPTED


def _complain(text: str) -> None:
    printable = "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text)
    sys.stderr.write(f"auditor: {printable}\n")

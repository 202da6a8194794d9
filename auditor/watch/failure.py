"""Why no audit could be made, in words that may be sent to anybody: a file's name and line, never what stands there."""

from dataclasses import dataclass
from pathlib import Path

from auditor.exit_codes import FAULT, NOT_EVALUABLE, USAGE
from connectors.errors import AuditorError, InputError, SourceError


@dataclass(frozen=True, slots=True)
class Failure:
    """What is the matter, and what to do."""

    what: str
    hint: str
    code: int
    """The exit code that `auditor audit` has for it."""
    passes: bool
    """Whether it may pass by itself, without a change of the files."""
    same: str
    """Is the same for as long as the same thing is the matter: line numbers move while somebody edits."""


def failure_of(error: Exception) -> Failure:
    """Return what an error means; its own text may hold what a file holds, and is not repeated."""
    if isinstance(error, InputError):
        file, field = Path(error.file).name, f", `{error.field}`" if error.field else ""
        line = f", line {error.line}" if error.line is not None else ""
        what = f"`{file}`{line}{field}: cannot be used as it is"
        hint = "`auditor doctor` says what was found and what is expected; the next change is tried by itself."
        return Failure(what, hint, USAGE, passes=False, same=f"{file} {error.field}")
    if isinstance(error, SourceError):
        what = "the roster's server could not be read"
        hint = "It is tried again by itself; `auditor doctor` says why."
        return Failure(what, hint, NOT_EVALUABLE, passes=True, same="roster server")
    hint = "It is tried again by itself; `auditor audit` on the auditor's machine says why."
    if isinstance(error, AuditorError):
        return Failure("the audit was refused", hint, USAGE, passes=True, same="refused")
    kind = type(error).__name__
    return Failure(f"a fault in the program: {kind}", hint, FAULT, passes=True, same=f"fault {kind}")

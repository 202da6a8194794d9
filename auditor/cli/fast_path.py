"""
The shape of one question to a saved AWS account, read without the rest of the command line.

`auditor explain --principal … --action … --estate …` is what scripts ask many times. Read here, the whole process takes
16 times `python -c pass` (0.23 s of CPU where that takes 0.014 s); read as every other command is, 28 times (0.41 s),
which is over the 0.3 s that `benchmarks/aws.py` allows: most of the difference is the import of typer and of what that
imports. Whatever is not exactly a question, such as `--help` or a mistake, is left to the command line, which says what
is wrong.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from auditor.cli.formats import Format

NEEDED = ("--principal", "--action", "--estate")
KNOWN = frozenset([*NEEDED, "--resource", "--context", "--format"])


def one_question(arguments: Sequence[str]) -> Mapping[str, Sequence[str]] | None:
    """Return the options of a question, each with what was given for it; `None` for anything else."""
    names, values = arguments[1::2], arguments[2::2]
    if arguments[:1] != ["explain"] or len(names) != len(values) or not KNOWN.issuperset(names):
        return None
    given: dict[str, list[str]] = {}
    for name, value in zip(names, values, strict=True):
        given.setdefault(name, []).append(value)
    once = all(len(found) == 1 for name, found in given.items() if name != "--context")
    known = given.get("--format", [Format.TEXT])[0] in frozenset(Format)
    plain = not any(value.startswith("-") or not value for found in given.values() for value in found)
    return given if once and known and plain and given.keys() >= set(NEEDED) else None


def answer(asked: Mapping[str, Sequence[str]]) -> int:
    """Answer a question, and return the exit code."""
    from auditor.cli.explain_access import Asked, run_explain_access  # noqa: PLC0415 - other commands do not pay for it

    (principal,), (action,), (estate,) = (asked[name] for name in NEEDED)
    (resource,), (output,) = asked.get("--resource", ("",)), asked.get("--format", (Format.TEXT,))
    question = Asked(principal, action, resource, Path(estate), asked.get("--context", ()))
    return run_explain_access(question, output=Format(output))

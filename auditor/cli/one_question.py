"""
The shape of one question to a saved AWS account, read without the rest of the command line.

To build the commands takes longer than to answer: scripts that ask many questions would wait for it each time. Whatever
is not exactly a question, such as `--help` or a mistake, is left to the command line, which says what is wrong.
"""

from collections.abc import Mapping, Sequence

NEEDED = ("--principal", "--action", "--estate")
FORMATS = ("text", "json")
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
    known = given.get("--format", FORMATS)[0] in FORMATS
    plain = not any(value.startswith("-") or not value for found in given.values() for value in found)
    return given if once and known and plain and given.keys() >= set(NEEDED) else None

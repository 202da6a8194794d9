"""Reading the statements of one IAM policy document into sets of actions."""

import json
import re
from dataclasses import dataclass
from typing import Any

from policies.permissions.aws.actions import ActionIndex
from policies.permissions.aws.own import OWN_CREDENTIALS

MAX_DOCUMENT_CHARS = 2**20
"""The largest document that AWS itself publishes has 157,000 characters; customers may write 10,240 at most."""

MAX_PATTERNS = 20_000
"""More `Action` elements than any document that AWS accepts."""

VERSIONS = ("2012-10-17", "2008-10-17")
TOP_ELEMENTS = frozenset(["Version", "Id", "Statement"])
ELEMENTS = frozenset(["Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"])

_OWN_USER = re.compile(r"arn:aws[a-z-]*:iam::(\*|\d{12})?:(user|mfa)/([\w+=,.@*-]+/)*\$\{aws:username\}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Reading:
    """
    What one document says.

    `allowed` ignores `Resource` and `Condition`, so it is never too small. `denied` holds only what is denied without
    condition and everywhere, so it is never too large; it is empty for a document with a problem.
    """

    allowed: int
    denied: int = 0
    problem: str = ""


class _ProblemError(ValueError):
    """Why a document, or one statement, cannot be understood."""


def read_document(text: str, index: ActionIndex) -> Reading:
    """Read one document; whatever is not understood becomes `problem`, and the rest is still read."""
    try:
        document, statements = _statements(text)
    except _ProblemError as error:
        return Reading(0, problem=str(error))
    allowed = denied = patterns = 0
    problem = ""
    for number, statement in enumerate(statements, start=1):
        try:
            names, negated = _actions(statement)
            patterns += len(names)
            if patterns > MAX_PATTERNS:
                return Reading(allowed, problem=f"more than {MAX_PATTERNS} actions are named")
            if statement["Effect"] == "Deny":
                denied |= _denied(statement, names, negated, index)
                continue
            known, unknown = _expand(names, index)
            actions = index.everything() & ~known if negated else known
            if _only_own_user(document, statement):
                actions &= ~_expand(OWN_CREDENTIALS, index)[0]
            allowed |= actions
            # What `NotAction` excludes may be unknown: the rest is allowed either way.
            if unknown and not negated:
                raise _ProblemError(f"no action of AWS is known as {unknown}")
        except _ProblemError as error:
            problem = problem or f"statement {number}: {error}"
    return Reading(allowed, problem=problem) if problem else Reading(allowed, denied)


def _statements(text: str) -> tuple[dict[str, Any], list[Any]]:
    if len(text) > MAX_DOCUMENT_CHARS:
        raise _ProblemError("the document is larger than any that AWS accepts")
    try:
        document = json.loads(text, object_pairs_hook=_without_duplicates, parse_constant=_refuse_constant)
    except _ProblemError:
        raise
    except (ValueError, RecursionError):
        raise _ProblemError("the document is not JSON") from None
    if not isinstance(document, dict):
        raise _ProblemError("the document is not a JSON object")
    if document.keys() - TOP_ELEMENTS:
        raise _ProblemError(f"unknown element {_shown(min(document.keys() - TOP_ELEMENTS))}")
    if document.get("Version", VERSIONS[0]) not in VERSIONS:
        raise _ProblemError("unknown `Version`")
    statements = document.get("Statement")
    if isinstance(statements, dict):
        statements = [statements]
    if not isinstance(statements, list):
        raise _ProblemError("the document has no `Statement`")
    return document, statements


def _actions(statement: Any) -> tuple[tuple[str, ...], bool]:
    """Return what a statement names, and whether it means everything else (`NotAction`)."""
    if not isinstance(statement, dict):
        raise _ProblemError("it is not a JSON object")
    if statement.keys() - ELEMENTS:
        # `Principal` too: with it, this is a resource policy, and does not say what its holder may do.
        raise _ProblemError(f"unknown element {_shown(min(statement.keys() - ELEMENTS))}")
    if statement.get("Effect") not in ("Allow", "Deny"):
        raise _ProblemError("`Effect` is neither `Allow` nor `Deny`")
    if ("Action" in statement) == ("NotAction" in statement):
        raise _ProblemError("it needs `Action` or `NotAction`, and not both")
    negated = "NotAction" in statement
    names = statement["NotAction" if negated else "Action"]
    names = [names] if isinstance(names, str) else names
    if not (isinstance(names, list) and names and all(isinstance(name, str) for name in names)):
        raise _ProblemError("its actions are not a list of names")
    return tuple(dict.fromkeys(names)), negated


def _expand(names: tuple[str, ...], index: ActionIndex) -> tuple[int, str]:
    """Return the set of actions, and the first name that is unknown, for a message."""
    actions, unknown = 0, ""
    for name in names:
        found = index.expand(name)
        if found is None:
            unknown = unknown or _shown(name)
        else:
            actions |= found
    return actions, unknown


def _denied(statement: dict[str, Any], names: tuple[str, ...], negated: bool, index: ActionIndex) -> int:
    """Return what is denied always and everywhere; a denial with a condition or a resource may not apply."""
    resources = statement.get("Resource")
    if statement.get("Condition", {}) != {} or resources not in ("*", ["*"]):
        return 0
    known, unknown = _expand(names, index)
    if not negated:
        return known
    # `NotAction` with a name that is unknown may spare more than we know.
    return 0 if unknown else index.everything() & ~known


def _only_own_user(document: dict[str, Any], statement: dict[str, Any]) -> bool:
    """Whether a statement reaches only the IAM user who asks (policy variables need version 2012-10-17)."""
    resources = statement.get("Resource")
    resources = [resources] if isinstance(resources, str) else resources
    return (
        document.get("Version") == VERSIONS[0]
        and isinstance(resources, list)
        and bool(resources)
        and all(isinstance(r, str) and _OWN_USER.fullmatch(r) is not None for r in resources)
    )


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _ProblemError("an element stands twice")
    return found


def _refuse_constant(_: str) -> None:
    raise _ProblemError("the document is not JSON")


def _shown(text: str) -> str:
    """Show a hostile name safely and shortly."""
    return f"`{ascii(text)[1:-1][:60]}`"

"""
IAM policy documents as data.

What cannot be understood is kept as a problem, and makes every answer that it could change "depends", never "allows
nothing". Source: IAM User Guide, "IAM JSON policy elements reference".
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

MAX_CHARS = 2**20
"""The largest document that AWS itself publishes has 157,000 characters; customers may write 10,240 at most."""
MAX_STATEMENTS = 20_000
MAX_ITEMS = 20_000
VERSIONS = ("2012-10-17", "2008-10-17")
TOP_ELEMENTS = frozenset(["Version", "Id", "Statement"])
ELEMENTS = frozenset(
    ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"]
)

Condition = tuple[str, str, tuple[str, ...]]
"""Operator, key and values, as they are written."""


@dataclass(frozen=True, slots=True)
class PolicyStatement:
    """One statement. A statement with a `problem` cannot be understood whole."""

    name: str
    """Its `Sid`, or `statement 3`."""
    allows: bool
    actions: tuple[str, ...] = ()
    """Lower case."""
    not_action: bool = False
    resources: tuple[str, ...] | None = None
    """`None`: the element is missing, as in trust policies."""
    not_resource: bool = False
    principals: tuple[tuple[str, str], ...] | None = None
    """(kind, value) pairs, such as (`AWS`, `*`); `None` in policies of identities."""
    not_principal: bool = False
    conditions: tuple[Condition, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class PolicyDocument:
    """One policy document. With a `problem`, nothing is known of what it says."""

    name: str
    """The name or ARN of the policy, for people."""
    statements: tuple[PolicyStatement, ...] = ()
    variables: bool = True
    """Version 2012-10-17: `${…}` is a variable. In the older version, and without one, it is plain text."""
    problem: str = ""


class _ProblemError(ValueError):
    pass


@lru_cache(maxsize=8_192)
def parse_document(text: str, name: str) -> PolicyDocument:
    """Read one document; never raises: see `PolicyDocument.problem` and `PolicyStatement.problem`."""
    try:
        if len(text) > MAX_CHARS:
            raise _ProblemError("the document is larger than any that AWS accepts")
        data = json.loads(text, object_pairs_hook=_once, parse_constant=_refuse_constant)
        return _document(data, name)
    except _ProblemError as error:
        return PolicyDocument(name, problem=str(error))
    except (ValueError, RecursionError):
        return PolicyDocument(name, problem="the document is not JSON")


def _document(data: Any, name: str) -> PolicyDocument:
    if not isinstance(data, dict):
        raise _ProblemError("the document is not a JSON object")
    if unknown := data.keys() - TOP_ELEMENTS:
        raise _ProblemError(f"unknown element {shown(min(unknown))}")
    version = data.get("Version", VERSIONS[1])
    if version not in VERSIONS:
        raise _ProblemError("unknown `Version`")
    statements = data.get("Statement")
    if isinstance(statements, dict):
        statements = [statements]
    if not isinstance(statements, list):
        raise _ProblemError("the document has no `PolicyStatement`")
    if len(statements) > MAX_STATEMENTS:
        raise _ProblemError(f"more than {MAX_STATEMENTS} statements")
    read = tuple(_statement(statement, number) for number, statement in enumerate(statements, 1))
    return PolicyDocument(name, read, version == VERSIONS[0])


def _statement(data: Any, number: int) -> PolicyStatement:
    name, allows = f"statement {number}", True
    try:
        if not isinstance(data, dict):
            raise _ProblemError("it is not a JSON object")
        if isinstance(data.get("Sid"), str) and data["Sid"]:
            name = shown(data["Sid"])[1:-1]
        if data.get("Effect") not in ("Allow", "Deny"):
            raise _ProblemError("`Effect` is neither `Allow` nor `Deny`")
        allows = data["Effect"] == "Allow"
        if unknown := data.keys() - ELEMENTS:
            raise _ProblemError(f"unknown element {shown(min(unknown))}")
        actions, not_action = _either(data, "Action", required=True)
        resources, not_resource = _either(data, "Resource")
        return PolicyStatement(
            name,
            allows,
            actions=tuple(action.lower() if action.isascii() else _strange(action) for action in actions or ()),
            not_action=not_action,
            resources=resources,
            not_resource=not_resource,
            principals=_principals(data),
            not_principal="NotPrincipal" in data,
            conditions=_conditions(data.get("Condition", {})),
        )
    except _ProblemError as error:
        known = isinstance(data, dict) and data.get("Effect") == "Deny"
        return PolicyStatement(name, allows and not known, problem=str(error))


def _either(data: Mapping[str, Any], element: str, *, required: bool = False) -> tuple[tuple[str, ...] | None, bool]:
    """Return the list of `Action` or `NotAction`, and whether it was the latter."""
    negated = f"Not{element}" in data
    if negated and element in data:
        raise _ProblemError(f"it has both `{element}` and `Not{element}`")
    if not negated and element not in data:
        if required:
            raise _ProblemError(f"it has neither `{element}` nor `Not{element}`")
        return None, False
    return texts(data[f"Not{element}" if negated else element], f"`{element}`"), negated


def texts(value: Any, what: str) -> tuple[str, ...]:
    """Return a text or a list of texts as a tuple."""
    values = [value] if isinstance(value, str) else value
    if not (isinstance(values, list) and values and all(isinstance(item, str) for item in values)):
        raise _ProblemError(f"{what} is not a list of texts")
    if len(values) > MAX_ITEMS:
        raise _ProblemError(f"{what} has more than {MAX_ITEMS} items")
    return tuple(dict.fromkeys(values))


def _principals(data: Mapping[str, Any]) -> tuple[tuple[str, str], ...] | None:
    if "Principal" in data and "NotPrincipal" in data:
        raise _ProblemError("it has both `Principal` and `NotPrincipal`")
    named = data.get("Principal", data.get("NotPrincipal"))
    if named is None:
        if "Principal" in data or "NotPrincipal" in data:
            raise _ProblemError("`Principal` is not readable")
        return None
    if named == "*":
        return (("AWS", "*"),)
    if not isinstance(named, dict) or not named:
        raise _ProblemError("`Principal` is neither `*` nor an object")
    return tuple((kind, value) for kind, values in named.items() for value in texts(values, f"`{kind}`"))


def _conditions(data: Any) -> tuple[Condition, ...]:
    if not isinstance(data, dict) or not all(isinstance(keys, dict) for keys in data.values()):
        raise _ProblemError("`Condition` is not an object of objects")
    return tuple((operator, key, _values(values)) for operator, keys in data.items() for key, values in keys.items())


def _values(value: Any) -> tuple[str, ...]:
    """Return condition values as text; AWS accepts `true` and `5` for `"true"` and `"5"`."""
    values = value if isinstance(value, list) else [value]
    if len(values) > MAX_ITEMS:
        raise _ProblemError("a condition has too many values")
    found = []
    for item in values:
        if isinstance(item, bool):
            found.append("true" if item else "false")
        elif isinstance(item, (str, int, float)):
            found.append(str(item))
        else:
            raise _ProblemError("a condition has a value that is no text")
    return tuple(found)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _ProblemError("an element stands twice")
    return found


def _refuse_constant(_: str) -> None:
    raise _ProblemError("the document is not JSON")


def _strange(action: str) -> str:
    # A look-alike in another script is no action of AWS; to drop it would be to guess what was meant.
    raise _ProblemError(f"an action that is not ASCII: {shown(action)}")


def shown(text: str) -> str:
    """Show a hostile name safely and shortly."""
    return f"`{ascii(text)[1:-1][:60]}`"

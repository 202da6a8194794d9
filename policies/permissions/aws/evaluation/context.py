"""
Condition keys and policy variables: what is known of a request, what is missing from it, and what is not known.

Source: IAM User Guide, "IAM policy elements: Variables and tags", "AWS global condition context keys".
"""

import re
from collections.abc import Mapping
from enum import Enum

from policies.permissions.aws.evaluation.patterns import literal
from policies.permissions.aws.evaluation.request import PrincipalKind, Request

_VARIABLE = re.compile(r"\$\{([^{}]{1,512})\}")
_DEFAULT = re.compile(r"\s*([^,\s]+)\s*,\s*'([^']*)'\s*")
_SPECIAL = {"*": literal("*"), "?": literal("?"), "$": "$"}


class MissingValue(Enum):
    """A key without value."""

    ABSENT = "absent"
    """The request does not have it."""
    UNKNOWN = "unknown"
    """Nobody has said."""


Values = tuple[str, ...] | MissingValue


class Context:
    """The condition keys of one request; names of keys do not mind case, except those of tags behind the `/`."""

    def __init__(self, request: Request) -> None:
        self._closed = request.closed
        self._stated = {key.lower(): values for key, values in request.context.items()}
        self._known = {**_of_principal(request), **_of_resource(request), **self._stated}

    def get(self, key: str) -> Values:
        """Return the values of a key."""
        name = key.lower()
        if name in self._known:
            return self._known[name]
        if self._closed or name.startswith("aws:principaltag/"):
            return MissingValue.ABSENT
        return MissingValue.UNKNOWN

    def fill(self, text: str) -> str | MissingValue | None:
        """
        Put values in the place of variables, protected so that they are no wildcards.

        Returns `None` when a variable has no value, and `UNKNOWN` when its value is not known.
        """
        if "${" not in text:
            return text
        outcome: MissingValue | str | None = ""

        def value(match: re.Match[str]) -> str:
            nonlocal outcome
            name = match[1]
            if name in _SPECIAL:
                return _SPECIAL[name]
            default = _DEFAULT.fullmatch(name)
            found = self.get(default[1] if default else name)
            if found is MissingValue.UNKNOWN:
                outcome = MissingValue.UNKNOWN if outcome == "" else outcome
                return ""
            if isinstance(found, tuple) and len(found) == 1:
                return literal(found[0])
            if default and found is MissingValue.ABSENT:
                return literal(default[2])
            outcome = None
            return ""

        filled = _VARIABLE.sub(value, text)
        return filled if outcome == "" else outcome

    def unknown_in(self, text: str) -> frozenset[str]:
        """Return the names of the variables in a text whose values are not known."""
        names = (match[1].split(",")[0].strip() for match in _VARIABLE.finditer(text))
        return frozenset(name for name in names if name not in _SPECIAL and self.get(name) is MissingValue.UNKNOWN)


def _of_principal(request: Request) -> dict[str, Values]:
    who = request.principal
    known: dict[str, Values] = {f"aws:principaltag/{key.lower()}": (value,) for key, value in who.tags.items()}
    known["aws:principalisawsservice"] = ("true" if who.kind is PrincipalKind.SERVICE else "false",)
    if who.kind in (PrincipalKind.SERVICE, PrincipalKind.ANONYMOUS):
        return known
    known |= {
        "aws:principalarn": (who.arn,),
        "aws:principalaccount": (who.account,),
        "aws:principaltype": (who.kind.value,),
    }
    if who.kind is PrincipalKind.USER:
        known["aws:username"] = (who.name or who.arn.rpartition("/")[2],)
    elif not request.closed:
        known["aws:username"] = MissingValue.ABSENT
    if who.unique_id and who.kind is PrincipalKind.USER:
        known["aws:userid"] = (who.unique_id,)
    if request.organization.id:
        known["aws:principalorgid"] = (request.organization.id,)
        if request.organization.path:
            known["aws:principalorgpaths"] = (request.organization.path,)
    return known


def _of_resource(request: Request) -> dict[str, Values]:
    resource = request.resource
    known: dict[str, Values] = {f"aws:resourcetag/{key.lower()}": (value,) for key, value in resource.tags.items()}
    if resource.account and resource.arn != "*":
        known["aws:resourceaccount"] = (resource.account,)
        if resource.organization.id:
            known["aws:resourceorgid"] = (resource.organization.id,)
    return known


def of(stated: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Turn single values into the shape of `Request.context`."""
    return {key: (value,) for key, value in stated.items()}

"""
Condition operators: how one value of a request compares with one value of a policy.

Source: IAM User Guide, "IAM JSON policy elements: Condition operators".
"""

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from policies.permissions.aws.evaluation.patterns import matches, matches_arn, unprotect

Compare = Callable[[str, str], bool]
"""Takes the request's value, then the policy's."""

LONGEST_NUMBER = 64


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator without its prefix and suffix."""

    compare: Compare
    negated: bool = False
    takes_variables: bool = False


def _equals(found: str, wanted: str) -> bool:
    return found == unprotect(wanted)


def _equals_ignoring_case(found: str, wanted: str) -> bool:
    return found.casefold() == unprotect(wanted).casefold()


def _like(found: str, wanted: str) -> bool:
    return matches_protected(wanted, found)


def _arn(found: str, wanted: str) -> bool:
    return matches_arn(wanted.replace("\ue000", "*").replace("\ue001", "?"), found)


def matches_protected(pattern: str, text: str) -> bool:
    """Whether a text fits a pattern in which variables were filled (`patterns.literal`)."""
    if "\ue000" not in pattern and "\ue001" not in pattern:
        return matches(pattern, text)
    return matches(pattern, text.replace("*", "\ue000").replace("?", "\ue001"))


def _numbers(compare: Callable[[Decimal, Decimal], bool]) -> Compare:
    def numeric(found: str, wanted: str) -> bool:
        if max(len(found), len(wanted)) > LONGEST_NUMBER:
            return False
        try:
            left, right = Decimal(found), Decimal(wanted)
        except InvalidOperation:
            return False
        return left.is_finite() and right.is_finite() and compare(left, right)

    return numeric


def _dates(compare: Callable[[datetime, datetime], bool]) -> Compare:
    def dated(found: str, wanted: str) -> bool:
        left, right = _date(found), _date(wanted)
        return left is not None and right is not None and compare(left, right)

    return dated


def _date(text: str) -> datetime | None:
    """Read ISO 8601, or seconds since 1970."""
    try:
        if text.isdecimal() and len(text) > 4:
            return datetime.fromtimestamp(int(text[:18]), UTC)
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _bool(found: str, wanted: str) -> bool:
    return found.lower() == wanted.lower()


def _address(found: str, wanted: str) -> bool:
    try:
        return ipaddress.ip_address(found) in ipaddress.ip_network(wanted, strict=False)
    except ValueError:
        return False


OPERATORS = {
    "stringequals": Operator(_equals, takes_variables=True),
    "stringnotequals": Operator(_equals, negated=True, takes_variables=True),
    "stringequalsignorecase": Operator(_equals_ignoring_case, takes_variables=True),
    "stringnotequalsignorecase": Operator(_equals_ignoring_case, negated=True, takes_variables=True),
    "stringlike": Operator(_like, takes_variables=True),
    "stringnotlike": Operator(_like, negated=True, takes_variables=True),
    "numericequals": Operator(_numbers(lambda a, b: a == b)),
    "numericnotequals": Operator(_numbers(lambda a, b: a == b), negated=True),
    "numericlessthan": Operator(_numbers(lambda a, b: a < b)),
    "numericlessthanequals": Operator(_numbers(lambda a, b: a <= b)),
    "numericgreaterthan": Operator(_numbers(lambda a, b: a > b)),
    "numericgreaterthanequals": Operator(_numbers(lambda a, b: a >= b)),
    "dateequals": Operator(_dates(lambda a, b: a == b)),
    "datenotequals": Operator(_dates(lambda a, b: a == b), negated=True),
    "datelessthan": Operator(_dates(lambda a, b: a < b)),
    "datelessthanequals": Operator(_dates(lambda a, b: a <= b)),
    "dategreaterthan": Operator(_dates(lambda a, b: a > b)),
    "dategreaterthanequals": Operator(_dates(lambda a, b: a >= b)),
    "bool": Operator(_bool),
    "binaryequals": Operator(lambda a, b: a == b),
    "ipaddress": Operator(_address),
    "notipaddress": Operator(_address, negated=True),
    "arnequals": Operator(_arn, takes_variables=True),
    "arnlike": Operator(_arn, takes_variables=True),
    "arnnotequals": Operator(_arn, negated=True, takes_variables=True),
    "arnnotlike": Operator(_arn, negated=True, takes_variables=True),
}
"""By lower-case name."""

"""
The `Condition` element with three values: true, false, depends on keys that are not known.

Source: IAM User Guide, "IAM JSON policy elements: Condition operators", "Multivalued context keys".
"""

from collections.abc import Callable
from dataclasses import dataclass

from policies.permissions.aws.evaluation.context import Context, MissingValue
from policies.permissions.aws.evaluation.document import Condition, PolicyStatement
from policies.permissions.aws.evaluation.operators import OPERATORS, Compare
from policies.permissions.decision import FALSE, TRUE, Truth, all_of, depends

FOR_ALL, FOR_ANY, IF_EXISTS = "forallvalues:", "foranyvalue:", "ifexists"


@dataclass(frozen=True, slots=True)
class _Operator:
    compare: Compare
    negated: bool
    takes_variables: bool
    if_exists: bool
    quantifier: str


def condition_truth(statement: PolicyStatement, context: Context, *, variables: bool) -> Truth:
    """Whether all conditions of a statement hold; an operator that AWS does not know makes it `depends`."""
    return all_of(_one(condition, context, variables) for condition in statement.conditions)


def _one(condition: Condition, context: Context, variables: bool) -> Truth:
    name, key, wanted = condition
    if name.lower() in ("null", "nullifexists"):
        return _null(key, wanted, context)
    operator = _operator(name)
    if operator is None:
        return depends(f"unknown operator {ascii(name)[1:41]}")
    found = context.get(key)
    if found is MissingValue.UNKNOWN:
        return depends(key)
    if isinstance(found, MissingValue) or not found:
        return _without_value(operator)
    values, unknown = _wanted(operator, wanted, context, variables)
    holds = _holds(operator, found, values)
    if unknown and holds == operator.negated:
        # A value that holds a variable which nobody knows could still be the one that matches.
        return Truth(None, unknown)
    return TRUE if holds else FALSE


def _operator(name: str) -> _Operator | None:
    lower = name.lower()
    quantifier = next((q for q in (FOR_ALL, FOR_ANY) if lower.startswith(q)), "")
    lower = lower.removeprefix(quantifier)
    if_exists = lower.endswith(IF_EXISTS)
    found = OPERATORS.get(lower.removesuffix(IF_EXISTS))
    if found is None:
        return None
    return _Operator(found.compare, found.negated, found.takes_variables, if_exists, quantifier)


def _without_value(operator: _Operator) -> Truth:
    """A key that is missing: positive operators are false, negated ones true, with `…IfExists` all are true."""
    if operator.quantifier == FOR_ANY:
        # AWS documents "false" for the one and "true" for the other, and nothing for both together.
        return depends("ForAnyValue with IfExists on a missing key") if operator.if_exists else FALSE
    if operator.quantifier == FOR_ALL or operator.if_exists:
        return TRUE
    return TRUE if operator.negated else FALSE


def _wanted(
    operator: _Operator, wanted: tuple[str, ...], context: Context, variables: bool
) -> tuple[list[str], frozenset[str]]:
    """Return the values with their variables filled, and the keys of those that cannot be; one without value drops."""
    if not (variables and operator.takes_variables):
        return list(wanted), frozenset()
    values, unknown = [], frozenset[str]()
    for text in wanted:
        filled = context.fill(text)
        if isinstance(filled, str):
            values.append(filled)
        elif filled is MissingValue.UNKNOWN:
            unknown |= context.unknown_in(text)
    return values, unknown


def _holds(operator: _Operator, found: tuple[str, ...], wanted: list[str]) -> bool:
    def one(value: str) -> bool:
        return any(operator.compare(value, text) for text in wanted) != operator.negated

    quantify: Callable[..., bool] = all if operator.quantifier == FOR_ALL else any
    if not operator.quantifier and operator.negated:
        # Without a quantifier, "not equals" over several values means: none of them equals.
        quantify = all
    return quantify(one(value) for value in found)


def _null(key: str, wanted: tuple[str, ...], context: Context) -> Truth:
    found = context.get(key)
    if found is MissingValue.UNKNOWN:
        return depends(key)
    missing = isinstance(found, MissingValue) or not found
    return TRUE if any((text.lower() == "true") == missing for text in wanted if text) else FALSE

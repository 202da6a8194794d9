"""
The steps of AWS's documented order, by the names that AWS gives them, so that every answer says at which it fell.

Source: IAM User Guide, "How AWS enforcement code logic evaluates requests to allow or deny access" (the steps, in this
order), "Policy evaluation for requests within a single account", "Cross-account policy evaluation logic".
"""

from collections.abc import Iterable

DENY = "Deny evaluation"
ROOT = "Summary, the root user"
"""Stands before the steps: nothing is denied implicitly to the root user."""
STEPS = {
    "resource control policy": "Organizations RCPs",
    "service control policy": "Organizations SCPs",
    "resource": "Resource-based policies",
    "identity": "Identity-based policies",
    "boundary": "IAM permissions boundaries",
    "session": "Session policies",
}
"""The step of each layer, in the order in which AWS takes them after `DENY`."""
ORDER = "How AWS enforcement code logic evaluates requests to allow or deny access"
ONE_ACCOUNT = "Policy evaluation for requests within a single account"
TWO_ACCOUNTS = "Cross-account policy evaluation logic"


def steps_of(layers: Iterable[str]) -> tuple[str, ...]:
    """Return the steps of layers such as `service control policy, level 2`, each once, in AWS's order."""
    kinds = {layer.partition(",")[0] for layer in layers}
    return tuple(step for layer, step in STEPS.items() if layer in kinds)


def cited(steps: Iterable[str], *, same_account: bool) -> str:
    """Return the steps with the pages on which they stand."""
    page = ONE_ACCOUNT if same_account else TWO_ACCOUNTS
    return f"{' and '.join(steps)} (IAM User Guide, {ORDER}; {page})"

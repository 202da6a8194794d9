"""
The `Principal` and `NotPrincipal` elements of resource policies and trust policies.

Source: IAM User Guide, "AWS JSON policy elements: Principal", "… NotPrincipal".
"""

import re
from collections.abc import Iterable
from enum import IntEnum

from policies.permissions.aws.evaluation.document import PolicyStatement
from policies.permissions.aws.evaluation.request import Principal, PrincipalKind
from policies.permissions.decision import FALSE, TRUE, Truth, depends

_ACCOUNT = re.compile(r"(?:arn:aws[a-z-]*:iam::)?(\d{12})(?::root)?", re.ASCII)


KINDS = frozenset(["AWS", "Service", "Federated", "CanonicalUser"])
"""The kinds of principals that AWS documents."""
CANONICAL = "whose canonical user id it is that the policy names"
UNKNOWN_KIND = "who a principal is of a kind that AWS does not document"


class Named(IntEnum):
    """How a statement names who asks; the higher, the more it gives on its own."""

    NOT = 0
    ACCOUNT = 1
    """It names the account, which delegates: a policy of the identity must allow it too."""
    ROLE = 2
    """It names the role: boundary and session policy still limit it."""
    EVERYBODY = 3
    """It says `*`: the boundary does not limit it, a session policy does."""
    DIRECTLY = 4
    """It names the user or the session."""


def named(statement: PolicyStatement, principal: Principal) -> tuple[Named, Truth]:
    """How the statement names the principal, and whether that is certain."""
    if statement.principals is None:
        return Named.NOT, FALSE
    best = max((_names(kind, value, principal) for kind, value in statement.principals), default=Named.NOT)
    if best is Named.NOT and (unplaced := _unplaced(statement.principals, principal)):
        return Named.DIRECTLY, depends(*unplaced)
    if not statement.not_principal:
        return best, TRUE if best else FALSE
    return _not_principal(statement, principal, best)


def _unplaced(principals: Iterable[tuple[str, str]], principal: Principal) -> list[str]:
    """Say what would have to be known of who is named to tell whether it is who asks."""
    if principal.kind in (PrincipalKind.SERVICE, PrincipalKind.ANONYMOUS):
        return []
    kinds = {kind for kind, _ in principals}
    return [CANONICAL] * ("CanonicalUser" in kinds) + [UNKNOWN_KIND] * bool(kinds - KINDS)


def _not_principal(statement: PolicyStatement, principal: Principal, best: Named) -> tuple[Named, Truth]:
    if best is Named.NOT:
        return Named.DIRECTLY, TRUE
    if statement.allows:
        return Named.NOT, FALSE
    if best is Named.ACCOUNT:
        # In AWS's example the account stands beside one user, and "all principals except for" that user are denied.
        return Named.DIRECTLY, depends("NotPrincipal names the account of who asks, and not who asks")
    if best is Named.ROLE:
        # AWS's example names the session beside the role: who asks is the session.
        return Named.DIRECTLY, depends("NotPrincipal names the role, and not its session")
    # AWS may ask for the account first: who exempts a user must exempt the account too, or the denial may still hold.
    if principal.account and not any(is_account(value, principal.account) for _, value in statement.principals or ()):
        return Named.DIRECTLY, depends("NotPrincipal without the account of who is exempt")
    return Named.NOT, FALSE


def _names(kind: str, value: str, principal: Principal) -> Named:
    service = principal.kind is PrincipalKind.SERVICE
    if kind == "AWS" and value == "*":
        return Named.EVERYBODY
    if kind != "AWS" or service or principal.kind is PrincipalKind.ANONYMOUS:
        return Named.DIRECTLY if kind == "Service" and service and value == principal.arn else Named.NOT
    if is_account(value, principal.account):
        return Named.DIRECTLY if principal.kind is PrincipalKind.ROOT else Named.ACCOUNT
    if principal.session_arn and value == principal.session_arn:
        return Named.DIRECTLY
    if value == principal.arn or (principal.unique_id and value == principal.unique_id):
        return Named.ROLE if principal.kind is PrincipalKind.ROLE else Named.DIRECTLY
    return Named.NOT


def is_account(value: str, account: str) -> bool:
    """Whether a value of `Principal` names an account as such."""
    match = _ACCOUNT.fullmatch(value)
    return match is not None and match[1] == account

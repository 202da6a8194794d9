"""
Account access manager: people of Identity Center who hold a plain IAM role, with no permission set between.

Its entitlements are easy to miss: nothing of them shows in permission sets and their assignments.
Source: Account Access API Reference, ListApplications and ListEntitlements.
"""

from collections.abc import Sequence
from typing import Any

from connectors.cloud.aws.calls import Call, CallAccount
from connectors.cloud.aws.estate import Gap, Role
from connectors.cloud.aws.identity_center import IdentityCenter, assign
from connectors.cloud.aws.responses import ResponseSource, malformed, record, records, text

QUESTION = "account-access"
SERVICE = "account-access.amazonaws.com"
"""What a role trusts whose entitlements are kept there (AWS managed policies of account access manager)."""


def _call(operation: str, items: str, by: tuple[str, ...] = ()) -> Call:
    return Call("account-access", operation, QUESTION, by, items, "nextToken", place=CallAccount.ORGANIZATION)


APPLICATIONS = _call("ListApplications", "applications")
ENTITLEMENTS = _call("ListEntitlements", "entitlements", ("applicationArn",))
CALLS = (APPLICATIONS, ENTITLEMENTS)


def read_account_access(answers: ResponseSource, account: str, center: IdentityCenter) -> None:
    """Add who holds a role of the account through it; raises `Refused`."""
    for application in records(answers, APPLICATIONS):
        arn = text(APPLICATIONS, application, "applicationArn")
        wanted: dict[str, Any] = {"principalRole": {"account": account}}
        for found in records(answers, ENTITLEMENTS, applicationArn=arn, filter=wanted):
            held = record(ENTITLEMENTS, record(ENTITLEMENTS, found, "entitlement"), "principalRole")
            role = text(ENTITLEMENTS, held, "roleArn")
            if role.split(":")[4:5] != [account]:
                continue  # saved without the filter: of another account
            person = record(ENTITLEMENTS, record(ENTITLEMENTS, held, "principal"), "identityCenter")
            principal = _principal(person)
            if not assign(answers, center, principal, role, arn):
                center.gaps.append(Gap("orphan-entitlement", principal[1], f"{principal[0].lower()} of `{role}`"))


def waiting(roles: Sequence[Role]) -> list[Gap]:
    """Return the roles that people may hold through it, where nobody read who does."""
    return [Gap("entitlements-not-read", role.arn, f"it trusts `{SERVICE}`") for role in roles if SERVICE in role.trust]


def _principal(person: Any) -> tuple[str, str]:
    for kind, key in (("USER", "userId"), ("GROUP", "groupId")):
        if isinstance(person.get(key), str) and person[key]:
            return kind, person[key]
    raise malformed(ENTITLEMENTS, "principal")

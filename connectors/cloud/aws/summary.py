"""GetAccountSummary: how many users, groups and policies IAM itself says that it has."""

from collections.abc import Mapping
from typing import Any

from connectors.cloud.aws.authorization_details import AuthorizationDetails
from connectors.errors import SourceMalformed, SourceTruncated
from connectors.facts import Evidence

AGAIN = "read again; for a file: save the answer of `aws iam get-account-summary` again"


def check_counts(system: str, summary: Mapping[str, Any], details: AuthorizationDetails) -> tuple[int, tuple[Evidence]]:
    """
    Compare what was read with what IAM says it has; return the number of users that it says.

    The number of users is left to the core to compare. Raises `SourceTruncated` when groups, roles or policies differ.
    Source: IAM API Reference, GetAccountSummary (`Policies` counts the policies of the account itself).
    """
    counts = summary.get("SummaryMap")
    if not isinstance(counts, Mapping):
        raise SourceMalformed(f"`{system}` gave an account summary without `SummaryMap`", hint=AGAIN)
    stated = {name: counts.get(name) for name in ("Users", "Groups", "Policies")}
    for name, count in stated.items():
        if not isinstance(count, int) or isinstance(count, bool):
            raise SourceMalformed(f"`{system}` gave an account summary without a number of `{name}`", hint=AGAIN)
    stated["Roles"] = counts.get("Roles", details.roles)  # a summary that somebody cut down may lack them
    read = (("Groups", details.groups), ("Policies", details.local_policies), ("Roles", details.roles))
    for name, got in read:
        if stated[name] != got:
            raise SourceTruncated(
                f"`{system}` said it has {stated[name]} `{name}` but described {got}",
                hint="read again when nobody is changing them; export without `--filter`",
            )
    users = int(counts["Users"])
    text = (
        f"the account summary states {users} users, {details.groups} groups, {details.roles} roles, "
        f"{details.local_policies} policies"
    )
    return users, (Evidence("summary", text),)

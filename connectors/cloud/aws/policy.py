"""The exact policy that the auditor needs for what is chosen, from the tables of calls: read only, and nothing more."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from connectors.cloud.aws import buckets, iam, one_account
from connectors.cloud.aws import resources as _aws_resources
from connectors.cloud.aws.calls import Call, CallAccount
from connectors.cloud.aws.collect_estate import CALLS
from connectors.cloud.aws.scope import EstatePart, Phi
from connectors.cloud.aws.trail.lookup import LOOKUP, LOOKUP_ABOVE

Document = dict[str, Any]
WHEN = "AccessGovernanceWhen"
"""The statement that may be left out where nobody asks for the minute at which access ended."""

ONE = "AccessGovernanceOne"
"""The statement that may be left out where nobody asks for single users (`auditor check`)."""


def account_calls(parts: frozenset[EstatePart], place: CallAccount) -> tuple[Call, ...]:
    """Return the calls at one place, those to resources aside."""
    chosen = [*iam.CALLS, *(c for part in EstatePart if part in parts - {EstatePart.RESOURCES} for c in CALLS[part])]
    return tuple(dict.fromkeys(call for call in chosen if call.place is place))


def policies(parts: frozenset[EstatePart], phi: Phi | None, *, apart: bool) -> dict[CallAccount, Document]:
    """Return the policy of each place; `apart`: another role asks the organization, so it gets a policy of its own."""
    here = [
        _statement("AccessGovernanceAuditor", account_calls(parts, CallAccount.ACCOUNT)),
        _statement(WHEN, [LOOKUP]),
        _statement(ONE, one_account.CALLS),
    ]
    if EstatePart.RESOURCES in parts and phi is not None:
        here += _resources(phi)
    above = account_calls(parts, CallAccount.ORGANIZATION)
    if not above:
        return {CallAccount.ACCOUNT: document(here)}
    limits = [_statement("AccessGovernanceOrganization", above)]
    if not apart:
        return {CallAccount.ACCOUNT: document([*here, *limits])}
    if EstatePart.IDENTITY_CENTER in parts:
        limits.append(_statement(WHEN, [LOOKUP_ABOVE]))
    return {CallAccount.ACCOUNT: document(here), CallAccount.ORGANIZATION: document(limits)}


def document(statements: Sequence[Document]) -> Document:
    """Return a policy document."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def shown(policy: Document) -> str:
    """Return a document ready to paste."""
    return json.dumps(policy, indent=2)


def _statement(sid: str, calls: Iterable[Call], resource: str | list[str] = "*") -> Document:
    actions = sorted({call.action for call in calls})
    return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resource}


def _resources(phi: Phi) -> list[Document]:
    """Return the rights on what holds PHI: on those ARNs alone, unless tags decide which they are."""
    by_service: dict[str, list[str]] = {}
    for arn in phi.whole:
        by_service.setdefault(arn.split(":")[2], []).append(arn)
    wide = [_aws_resources.TAGGED]
    if phi.tags or "s3" in by_service:
        wide.append(buckets.ACCOUNT_BLOCK)
    if phi.tags:
        wide += (call for calls in _aws_resources.BY_SERVICE.values() for call in calls)
        return [_statement("AccessGovernanceResources", wide)]
    return [
        _statement("AccessGovernanceResources", wide),
        *(
            _statement(f"AccessGovernance{service.capitalize()}", calls, sorted(by_service[service]))
            for service, calls in _aws_resources.BY_SERVICE.items()
            if service in by_service
        ),
    ]

"""
The estate of an AWS account from saved answers, for a question about it rather than an audit.

It is read by what reads it for an audit, without the credential report and the counts that prove an audit complete: so
nothing may be concluded from what is missing. A file is the answer of `aws iam get-account-authorization-details`; a
folder holds `<service>.<Operation>.json`, as the connector saves them.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from connectors.cloud.aws.authorization_details import AuthorizationDetails
from connectors.cloud.aws.estate import AwsEstate, ResourceFacts
from connectors.cloud.aws.identities import identities_of
from connectors.cloud.aws.pages import saved_details
from connectors.cloud.aws.phi import ARN, bucket_of
from connectors.errors import InputError

DETAILS = "iam.GetAccountAuthorizationDetails.json"
NOT_THERE = ("organization", "identity-center", "resource-policies")
"""What the answer itself, without the folder, does not hold."""


def load_estate(path: Path, resources: Sequence[str] = ()) -> AwsEstate:
    """
    Load what was saved; of the named `resources`, their own policies too, where they were saved.

    Raises `InputError` for a file that cannot be used, `SourceTruncated` for a part of one.
    """
    folder = path.is_dir()
    file = path / DETAILS if folder else path
    details = AuthorizationDetails(file.name, None)
    saved_details(file, details)
    if details.account is None:
        raise InputError(file, "nothing in it says of which account it is", expected="a user or a role with its ARN")
    partition, account = details.account
    # A pattern, or what has no policy that could have been saved, is not looked for.
    asked = tuple(dict.fromkeys(resources))
    sought = [bucket_of(arn) for arn in asked if folder and re.fullmatch(ARN, arn)]
    if folder:
        estate = _of_folder(path, account, partition, details, sought)
    else:
        found = identities_of(details)
        unread = dict.fromkeys(NOT_THERE, "it is not in the file")
        estate = AwsEstate(account, partition, found.users, found.groups, found.roles, found.managed, unread=unread)
    others = (_unknown(account, arn) for arn in asked if bucket_of(arn) not in sought)
    return replace(estate, resources=(*estate.resources, *others))


def _unknown(account: str, arn: str) -> ResourceFacts:
    parts = arn.split(":")
    return ResourceFacts(arn, (parts[4] if len(parts) > 4 else "") or account, policy_read=False)


def _of_folder(
    folder: Path, account: str, partition: str, details: AuthorizationDetails, sought: Sequence[str]
) -> AwsEstate:
    """Return everything that gives or limits rights, as an audit reads it from the folder."""
    # Imported late: one question to one file does not pay for it.
    from connectors.cloud.aws.collect_estate import CollectionScope, collect_estate, not_asked  # noqa: PLC0415
    from connectors.cloud.aws.saved import SavedResponses  # noqa: PLC0415
    from connectors.cloud.aws.scope import Choice, EstatePart, Phi  # noqa: PLC0415

    parts = {EstatePart.ORGANIZATION, EstatePart.IDENTITY_CENTER, EstatePart.ACCOUNT_ACCESS}
    choice = Choice(people="all", phi=Phi(arns=tuple(sought)) if sought else None)
    if sought:
        parts.add(EstatePart.RESOURCES)
    scope = CollectionScope(account, partition, "us-east-1", choice, frozenset(parts))
    estate = collect_estate(SavedResponses(folder), scope, details, {}).estate
    skipped = {not_asked(part) for part in EstatePart}
    return replace(estate, unread={what: why for what, why in estate.unread.items() if why not in skipped})

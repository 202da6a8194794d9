"""
The estate of an AWS account from saved answers alone, quick enough for one question.

An audit reads the same files through the connector `aws-json`, with its proofs of completeness; here nothing is proven,
so nothing may be concluded from what is missing. A file is the answer of `aws iam get-account-authorization-details`; a
folder holds `<service>.<Operation>.json`, as the connector saves them.
Source: IAM API Reference, GetAccountAuthorizationDetails.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from connectors.cloud.aws.estate import AwsEstate, Group, Policy, ResourceFacts, Role, User
from connectors.cloud.aws.pages import LISTS, details_pages
from connectors.errors import InputError

if TYPE_CHECKING:
    from connectors.cloud.aws.saved import SavedAnswers

DETAILS = "iam.GetAccountAuthorizationDetails.json"
ACCOUNT = re.compile(r"arn:([^:]+):iam::(\d{12}):")


def load_estate(path: Path, resources: Sequence[str] = ()) -> AwsEstate:
    """
    Load what was saved; of the named `resources`, their own policies too, where they were saved.

    Raises `InputError` for a file that cannot be used, `SourceTruncated` for a part of one.
    """
    folder = path.is_dir()
    estate = _identities(path / DETAILS if folder else path)
    if folder:
        return _with_the_rest(estate, path, resources)
    unread = dict.fromkeys(("organization", "identity-center", "resource-policies"), "it is not in the file")
    return replace(estate, unread=unread, resources=tuple(_unknown(estate, arn) for arn in dict.fromkeys(resources)))


def _unknown(estate: AwsEstate, arn: str) -> ResourceFacts:
    parts = arn.split(":")
    return ResourceFacts(arn, (parts[4] if len(parts) > 4 else "") or estate.account, policy_read=False)


def _with_the_rest(estate: AwsEstate, folder: Path, resources: Sequence[str]) -> AwsEstate:
    # Imported late: one question to one file does not pay for it.
    from connectors.cloud.aws.calls import Refused  # noqa: PLC0415
    from connectors.cloud.aws.organization import read_organization  # noqa: PLC0415
    from connectors.cloud.aws.saved import SavedAnswers  # noqa: PLC0415

    answers, unread = SavedAnswers(folder), {}
    try:
        estate = replace(estate, organization=read_organization(answers, estate.account)[0])
    except Refused as refused:
        unread["organization"] = refused.message
    estate, more = _with_people(estate, answers)
    unread |= more
    for arn in dict.fromkeys(resources):
        facts, more = _resource(answers, estate, arn)
        estate = replace(estate, resources=(*estate.resources, *facts))
        unread |= more
    return replace(estate, unread=unread)


def _with_people(estate: AwsEstate, answers: "SavedAnswers") -> tuple[AwsEstate, dict[str, str]]:
    """Add who reaches the account through Identity Center: by permission sets, and by account access manager."""
    from connectors.cloud.aws import account_access, identity_center  # noqa: PLC0415
    from connectors.cloud.aws.calls import Refused  # noqa: PLC0415

    center, unread = identity_center.IdentityCenter(), {}
    try:
        center = identity_center.read_identity_center(answers, estate.account, estate.roles)
        account_access.read_account_access(answers, estate.account, center)
    except Refused as refused:
        unread[refused.call.question] = refused.message
    people = tuple(user for _, user in sorted(center.directory().items()))
    return replace(estate, directory=people, assignments=tuple(center.assignments)), center.unread | unread


def _resource(answers: "SavedAnswers", estate: AwsEstate, arn: str) -> tuple[Sequence[ResourceFacts], dict[str, str]]:
    """Return what was saved of one resource; nothing where its policy says that there is no such resource."""
    from connectors.cloud.aws.phi import ARN, Marked, bucket_of  # noqa: PLC0415
    from connectors.cloud.aws.resources import read_resources  # noqa: PLC0415

    if not re.fullmatch(ARN, arn):  # a pattern, or what has no policy that could have been saved
        return (_unknown(estate, arn),), {}
    found = read_resources(answers, estate.account, Marked((bucket_of(arn),)), "us-east-1")
    return found.facts, found.unread


def _identities(path: Path) -> AwsEstate:
    return _Shape(path).estate(details_pages(path))


class _Shape:
    """The shapes of the answer, checked where they are used."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def wrong(self, what: str, expected: str) -> InputError:
        """Return the error for a field that is not as documented."""
        return InputError(
            self._path, f"{what} is not as documented", expected=expected, hint="save it again; do not edit it"
        )

    def estate(self, pages: Iterable[Mapping[str, Any]]) -> AwsEstate:
        """Return the identities and policies of all pages."""
        lists: dict[str, list[Mapping[str, Any]]] = {name: [] for name in LISTS}
        for page in pages:
            for name in LISTS:
                lists[name] += self._records(page, name, required=True)
        users = tuple(sorted(map(self._user, lists["UserDetailList"]), key=lambda user: user.arn))
        groups = tuple(sorted(map(self._group, lists["GroupDetailList"]), key=lambda group: group.arn))
        roles = tuple(sorted(map(self._role, lists["RoleDetailList"]), key=lambda role: role.arn))
        arns = (*(u.arn for u in users), *(r.arn for r in roles), *(g.arn for g in groups))
        account = next(filter(None, map(ACCOUNT.match, arns)), None)
        if account is None:
            raise InputError(
                self._path, "nothing in it says of which account it is", expected="a user or a role with its ARN"
            )
        policies = map(self._policy, lists["Policies"])
        managed = {arn: text for arn, text in policies if text is not None}
        return AwsEstate(account[2], account[1], users, groups, roles, managed)

    def _user(self, record: Mapping[str, Any]) -> User:
        arn = self._text(record, "Arn")
        return User(
            arn=arn,
            id=self._text(record, "UserId"),
            name=self._text(record, "UserName"),
            groups=tuple(sorted(self._texts(record, "GroupList"))),
            inline=self._inline(record, arn, "UserPolicyList"),
            attached=self._attached(record),
            boundary=self._boundary(record),
            tags=self._tags(record),
        )

    def _group(self, record: Mapping[str, Any]) -> Group:
        arn = self._text(record, "Arn")
        inline = self._inline(record, arn, "GroupPolicyList")
        return Group(arn, self._text(record, "GroupName"), inline, self._attached(record))

    def _role(self, record: Mapping[str, Any]) -> Role:
        arn = self._text(record, "Arn")
        profiles = self._records(record, "InstanceProfileList")
        return Role(
            arn=arn,
            id=self._text(record, "RoleId"),
            name=self._text(record, "RoleName"),
            trust=document_text(record.get("AssumeRolePolicyDocument")),
            inline=self._inline(record, arn, "RolePolicyList"),
            attached=self._attached(record),
            boundary=self._boundary(record),
            tags=self._tags(record),
            service_linked=str(record.get("Path", "")).startswith("/aws-service-role/"),
            instance_profiles=tuple(sorted(self._text(profile, "Arn") for profile in profiles)),
        )

    def _policy(self, record: Mapping[str, Any]) -> tuple[str, str | None]:
        for version in self._records(record, "PolicyVersionList"):
            if version.get("IsDefaultVersion") or version.get("VersionId") == record.get("DefaultVersionId", ""):
                return self._text(record, "Arn"), document_text(version.get("Document"))
        return self._text(record, "Arn"), None

    def _inline(self, record: Mapping[str, Any], owner: str, key: str) -> tuple[Policy, ...]:
        found = (
            Policy(f"{owner}/policy/{self._text(policy, 'PolicyName')}", document_text(policy.get("PolicyDocument")))
            for policy in self._records(record, key)
        )
        return tuple(sorted(found, key=lambda policy: policy.name))

    def _attached(self, record: Mapping[str, Any]) -> tuple[str, ...]:
        return tuple(sorted(self._text(p, "PolicyArn") for p in self._records(record, "AttachedManagedPolicies")))

    def _boundary(self, record: Mapping[str, Any]) -> str | None:
        boundary = record.get("PermissionsBoundary")
        if boundary is None:
            return None
        if not isinstance(boundary, dict):
            raise self.wrong("`PermissionsBoundary`", "an object")
        return self._text(boundary, "PermissionsBoundaryArn")

    def _tags(self, record: Mapping[str, Any]) -> dict[str, str]:
        return {self._text(tag, "Key"): str(tag.get("Value", "")) for tag in self._records(record, "Tags")}

    def _records(self, record: Mapping[str, Any], key: str, *, required: bool = False) -> list[Mapping[str, Any]]:
        found = record.get(key, None if required else [])
        if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
            raise self.wrong(f"`{key}`", "a list of objects")
        return found

    def _texts(self, record: Mapping[str, Any], key: str) -> list[str]:
        found = record.get(key, [])
        if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
            raise self.wrong(f"`{key}`", "a list of texts")
        return found

    def _text(self, record: Mapping[str, Any], key: str) -> str:
        found = record.get(key)
        if not isinstance(found, str) or not found:
            raise self.wrong(f"`{key}`", "a text")
        return found


def document_text(document: Any) -> str:
    """Return a policy document as JSON text; raw answers of IAM hold it URL-encoded."""
    if not isinstance(document, str):
        return json.dumps(document)
    return document if document.lstrip().startswith("{") else unquote(document)

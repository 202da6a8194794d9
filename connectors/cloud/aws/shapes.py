"""
The shapes of GetAccountAuthorizationDetails, as far as they are used.

Source: IAM API Reference, UserDetail, GroupDetail, RoleDetail, ManagedPolicyDetail, PolicyDetail.
"""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_pascal

Name = Annotated[str, Field(min_length=1)]
"""What something is known by: boto3 gives an empty text where an answer has something else than text."""


class _Shape(BaseModel):
    model_config = ConfigDict(alias_generator=to_pascal, extra="ignore", frozen=True)


class Tag(_Shape):
    """A tag of a user or role."""

    key: str
    value: str


class PolicyDetail(_Shape):
    """A policy that stands inside one user, group or role."""

    policy_name: Name
    policy_document: Any = None


class AttachedPolicy(_Shape):
    """A managed policy that is attached."""

    policy_arn: Name
    policy_name: str | None = None


class AttachedPermissionsBoundary(_Shape):
    """The policy that limits a user or role."""

    permissions_boundary_arn: Name


class UserDetail(_Shape):
    """A user with all that it holds."""

    user_name: Name
    user_id: Name
    arn: Name
    create_date: datetime | None = None
    user_policy_list: tuple[PolicyDetail, ...] = ()
    group_list: tuple[Name, ...] = ()
    attached_managed_policies: tuple[AttachedPolicy, ...] = ()
    permissions_boundary: AttachedPermissionsBoundary | None = None
    tags: tuple[Tag, ...] = ()


class GroupDetail(_Shape):
    """A group with the policies that its members get."""

    group_name: Name
    arn: Name
    group_policy_list: tuple[PolicyDetail, ...] = ()
    attached_managed_policies: tuple[AttachedPolicy, ...] = ()


class InstanceProfile(_Shape):
    """What gives a role to a server."""

    arn: Name


class LastUsed(_Shape):
    """When a role was last taken."""

    last_used_date: datetime | None = None


class RoleDetail(_Shape):
    """A role with its trust and all that it holds."""

    role_name: Name
    role_id: Name
    arn: Name
    path: str = "/"
    create_date: datetime | None = None
    assume_role_policy_document: Any = None
    role_policy_list: tuple[PolicyDetail, ...] = ()
    attached_managed_policies: tuple[AttachedPolicy, ...] = ()
    permissions_boundary: AttachedPermissionsBoundary | None = None
    instance_profile_list: tuple[InstanceProfile, ...] = ()
    role_last_used: LastUsed | None = None
    tags: tuple[Tag, ...] = ()


class PolicyVersion(_Shape):
    """One version of a managed policy."""

    version_id: str = ""
    is_default_version: bool = False
    document: Any = None


class ManagedPolicyDetail(_Shape):
    """A managed policy with its versions."""

    arn: Name
    policy_name: str | None = None
    default_version_id: str | None = None
    policy_version_list: tuple[PolicyVersion, ...] = ()


class Details(_Shape):
    """One page of the answer."""

    user_detail_list: tuple[UserDetail, ...] = ()
    group_detail_list: tuple[GroupDetail, ...] = ()
    role_detail_list: tuple[RoleDetail, ...] = ()
    policies: tuple[ManagedPolicyDetail, ...] = ()

"""Users, groups, roles and managed policies of GetAccountAuthorizationDetails, as the estate holds them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from connectors.cloud.aws import estate as aws_estate
from connectors.cloud.aws import shapes
from connectors.cloud.aws.authorization_details import AuthorizationDetails, default_document, utc
from connectors.cloud.aws.documents import document_text
from connectors.cloud.aws.estate import AccessKey
from connectors.facts import NEVER, Never

if TYPE_CHECKING:
    from connectors.cloud.aws.credential_report import Row


@dataclass
class Identities:
    """What the identities of an account are, and what they hold."""

    users: tuple[aws_estate.User, ...] = ()
    groups: tuple[aws_estate.Group, ...] = ()
    roles: tuple[aws_estate.Role, ...] = ()
    managed: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What users sign in with, by name, as far as each was asked; it goes before the credential report."""

    keys: Mapping[str, tuple[AccessKey, ...]] = field(default_factory=dict)
    console: Mapping[str, bool] = field(default_factory=dict)
    mfa: Mapping[str, bool] = field(default_factory=dict)


def identities_of(details: AuthorizationDetails, credentials: Credentials | None = None) -> Identities:
    """Return everything, sorted; managed policies only where somebody holds one or is limited by one."""
    asked = credentials or Credentials()
    users = tuple(sorted((_user(details, user, asked) for user in details.users), key=lambda u: u.arn))
    groups = tuple(sorted((_group(group) for group in details.group_details), key=lambda g: g.arn))
    roles = tuple(sorted((_role(role) for role in details.role_details), key=lambda r: r.arn))
    holders: list[aws_estate.User | aws_estate.Group | aws_estate.Role] = [*users, *groups, *roles]
    limited: list[aws_estate.User | aws_estate.Role] = [*users, *roles]
    held = {arn for identity in holders for arn in identity.attached}
    held |= {identity.boundary for identity in limited if identity.boundary}
    managed = {
        policy.arn: document_text(default_document(policy))
        for policy in sorted(details.policies, key=lambda p: p.arn)
        if policy.arn in held and default_document(policy) is not None
    }
    return Identities(users, groups, roles, managed)


def _user(details: AuthorizationDetails, user: shapes.UserDetail, asked: Credentials) -> aws_estate.User:
    row = details.row(user)
    return aws_estate.User(
        arn=user.arn,
        id=user.user_id,
        name=user.user_name,
        groups=tuple(sorted(user.group_list)),
        inline=_inline(user.arn, user.user_policy_list),
        attached=_attached(user.attached_managed_policies),
        boundary=_boundary(user.permissions_boundary),
        tags=_tags(user.tags),
        created=utc(user.create_date),
        console=asked.console.get(user.user_name, row.password if row else None),
        last_sign_in=row.password_last_used if row else None,
        keys=asked.keys.get(user.user_name, _reported(row)),
        mfa=asked.mfa.get(user.user_name, row.mfa_active if row else details.known_mfa(user.arn)),
    )


def _reported(row: "Row | None") -> tuple[AccessKey, ...] | None:
    if row is None:
        return None
    return tuple(AccessKey(key.name, key.active, key.rotated, key.last_used) for key in row.keys)


def _group(group: shapes.GroupDetail) -> aws_estate.Group:
    return aws_estate.Group(
        arn=group.arn,
        name=group.group_name,
        inline=_inline(group.arn, group.group_policy_list),
        attached=_attached(group.attached_managed_policies),
    )


def _role(role: shapes.RoleDetail) -> aws_estate.Role:
    return aws_estate.Role(
        arn=role.arn,
        id=role.role_id,
        name=role.role_name,
        trust=document_text(role.assume_role_policy_document),
        inline=_inline(role.arn, role.role_policy_list),
        attached=_attached(role.attached_managed_policies),
        boundary=_boundary(role.permissions_boundary),
        tags=_tags(role.tags),
        created=utc(role.create_date),
        last_used=_last_used(role),
        service_linked=role.path.startswith("/aws-service-role/"),
        instance_profiles=tuple(sorted(profile.arn for profile in role.instance_profile_list)),
    )


def _last_used(role: shapes.RoleDetail) -> datetime | Never | None:
    """Return when; an empty answer says: not within the tracking period (IAM API Reference, RoleLastUsed)."""
    if role.role_last_used is None:
        return None
    return utc(role.role_last_used.last_used_date) or NEVER


def _inline(owner: str, policies: Iterable[shapes.PolicyDetail]) -> tuple[aws_estate.PolicyText, ...]:
    found = (
        aws_estate.PolicyText(f"{owner}/policy/{policy.policy_name}", document_text(policy.policy_document))
        for policy in policies
    )
    return tuple(sorted(found, key=lambda policy: policy.name))


def _attached(policies: Iterable[shapes.AttachedPolicy]) -> tuple[str, ...]:
    return tuple(sorted(policy.policy_arn for policy in policies))


def _boundary(boundary: shapes.AttachedPermissionsBoundary | None) -> str | None:
    return boundary.permissions_boundary_arn if boundary else None


def _tags(tags: Iterable[shapes.Tag]) -> dict[str, str]:
    return {tag.key: tag.value for tag in sorted(tags, key=lambda tag: tag.key)}
